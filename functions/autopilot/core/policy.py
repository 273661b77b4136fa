"""The operator's policy as the functions know it: checked at synth, compiled to JSON, frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import Any, Literal

Mode = Literal["enforce", "audit"]
BusyRouteTables = Literal["now", "window", "audit"]
GatewayService = Literal["s3", "dynamodb", "s3express"]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class ChangeWindow:
    """When busy route tables may change; `end` before `start` means past midnight.

    `timezone` is an IANA name, `start` and `end` are wall-clock times in it.
    """

    days: tuple[Day, ...]
    start: time
    end: time
    timezone: str


@dataclass(frozen=True)
class GatewayPolicy:
    """What the operator wants of gateway endpoints.

    `endpoint_policy` names a document in `Policy.endpoint_policies`; None means full access.
    """

    services: tuple[GatewayService, ...] = ("s3", "dynamodb")
    endpoint_policy: str | None = None
    busy_route_tables: BusyRouteTables = "audit"
    change_window: ChangeWindow | None = None


@dataclass(frozen=True)
class Policy:
    """All that the functions need to know of `autopilot.yaml`.

    `skip_tags` maps a tag key to the value that opts a VPC or a route table out (`*`: any value).
    `endpoint_policies` maps a name to the JSON text of an endpoint policy document.
    """

    mode: Mode = "enforce"
    skip_tags: Mapping[str, str] = field(default_factory=dict)
    gateway_endpoints: GatewayPolicy = field(default_factory=GatewayPolicy)
    endpoint_policies: Mapping[str, str] = field(default_factory=dict)

    def document(self, name: str | None) -> str | None:
        """The JSON text of the endpoint policy `name`; None for None (full access).

        Raises KeyError if no document bears that name: synth has checked that one does.
        """
        return None if name is None else self.endpoint_policies[name]


def to_json(policy: Policy) -> dict[str, Any]:
    """The policy as plain JSON types, as it lies in the functions' bundle."""
    gateway = policy.gateway_endpoints
    window = gateway.change_window
    return {
        "mode": policy.mode,
        "skip_tags": dict(policy.skip_tags),
        "gateway_endpoints": {
            "services": list(gateway.services),
            "endpoint_policy": gateway.endpoint_policy,
            "busy_route_tables": gateway.busy_route_tables,
            "change_window": window
            and {
                "days": list(window.days),
                "start": window.start.isoformat("minutes"),
                "end": window.end.isoformat("minutes"),
                "timezone": window.timezone,
            },
        },
        "endpoint_policies": dict(policy.endpoint_policies),
    }


def from_json(data: Mapping[str, Any]) -> Policy:
    """Read back what `to_json` wrote. Raises KeyError or ValueError on anything else."""
    gateway = data["gateway_endpoints"]
    window = gateway["change_window"]
    return Policy(
        mode=data["mode"],
        skip_tags=dict(data["skip_tags"]),
        gateway_endpoints=GatewayPolicy(
            services=tuple(gateway["services"]),
            endpoint_policy=gateway["endpoint_policy"],
            busy_route_tables=gateway["busy_route_tables"],
            change_window=window
            and ChangeWindow(
                days=tuple(window["days"]),
                start=time.fromisoformat(window["start"]),
                end=time.fromisoformat(window["end"]),
                timezone=window["timezone"],
            ),
        ),
        endpoint_policies=dict(data["endpoint_policies"]),
    )
