"""Names of load balancers: what is one, and what comes of one that is taken."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from ..call import Call
from ..errors import AwsError

#: ELB API reference, CreateLoadBalancer.
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?")


def check(name: str, kind: str = "load balancer") -> None:
    """Refuses what is no name of a load balancer or a target group.

    Raises:
        AwsError: ValidationError (the model's rules; wordings believed).
    """
    for broken, text in (
        (len(name) > 32, "cannot be longer than '32' characters"),
        (
            kind == "load balancer" and name.startswith("internal-"),
            "cannot begin with 'internal-'",
        ),
        (name.startswith("-") or name.endswith("-"), "cannot begin or end with a hyphen(-)"),
        (
            not _NAME.fullmatch(name),
            "can only contain characters that are alphanumeric characters or hyphens(-)",
        ),
    ):
        if broken:
            noun = kind[0].upper() + kind[1:]
            raise AwsError("ValidationError", f"{noun} name '{name}' {text}")


def not_in_enum(value: str, member: str, allowed: Iterable[str]) -> AwsError:
    """What load balancing says of a value outside the model's enum."""
    name = member[0].lower() + member[1:]
    return AwsError(
        "ValidationError",
        f"1 validation error detected: Value '{value}' at '{name}' failed to satisfy constraint:"
        f" Member must satisfy enum value set: [{', '.join(allowed)}]",
    )


def terms(call: Call) -> dict[str, Any]:
    """What a request asks for besides its tags, whatever way it names the subnets."""
    subnets = [*call.get("Subnets", []), *(m["SubnetId"] for m in call.get("SubnetMappings", []))]
    return {
        "Subnets": sorted(subnets),
        "SecurityGroups": sorted(call.get("SecurityGroups", [])),
        "Scheme": call.get("Scheme"),
        "Type": call.get("Type", "application"),
        "IpAddressType": call.get("IpAddressType", "ipv4"),
    }


def taken(call: Call, held: Iterable[Any]) -> Any:
    """The balancer of this name if it was asked for in these terms, so that a call can be repeated;
    None if nobody bears the name (ELB API reference: "completes successfully without creating").

    Raises:
        AwsError: one of the name was asked for in other terms.
    """
    name = call.get("Name")
    for balancer in held:
        if balancer.name != name:
            continue
        if balancer.asked == terms(call):
            return balancer
        raise AwsError(
            "DuplicateLoadBalancerName",
            f"A load balancer with the same name '{name}' exists, but with different settings",
        )
    return None
