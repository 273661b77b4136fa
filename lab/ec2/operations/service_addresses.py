"""IP address types that endpoint services support."""

from __future__ import annotations

from ..call import Call
from ..errors import invalid_parameter
from ..privatelink import Service


def checked(call: Call, arns: list[str], wanted: list[str]) -> list[str]:
    """The address types of a service: IPv6 takes balancers that have both (PrivateLink guide).

    Raises:
        AwsError: there is no such type, or a balancer has IPv4 only.
    """
    held = call.world.balancers.get((call.caller.account, call.caller.region))
    for each in wanted:
        if each not in ("ipv4", "ipv6"):
            raise invalid_parameter(f"The IP address type {each} is not valid.")
    kinds = {b.ip_address_type for arn in arns if held and (b := held.load_balancers.get(arn))}
    if "ipv6" in wanted and kinds - {"dualstack"}:
        raise invalid_parameter("The IP address type ipv6 requires dualstack load balancers.")
    return list(dict.fromkeys(wanted))


def changed(call: Call, service: Service, arns: list[str]) -> list[str]:
    """The address types of a service that a call changes.

    Raises:
        AwsError: as `checked`, and where none is left.
    """
    gone = call.get("RemoveSupportedIpAddressTypes", [])
    kept = [each for each in service.address_types if each not in gone]
    wanted = [*kept, *call.get("AddSupportedIpAddressTypes", [])]
    if not wanted:
        raise invalid_parameter("A service must support at least one IP address type.")
    return checked(call, arns, wanted)
