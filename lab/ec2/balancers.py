"""Load balancers: moto's backend, told to look for subnets in the lab's networks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from moto.elbv2.models import ELBv2Backend

from .network import Network


@dataclass
class TargetGroup:
    """A target group. `settings` are the answer's members, `targets` is (id, port) -> zone."""

    arn: str
    settings: dict[str, Any]
    targets: dict[tuple[str, int], str | None] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    #: The request that made it, by which a repetition is known.
    asked: dict[str, Any] = field(default_factory=dict)


@dataclass
class Listener:
    """A listener of a network load balancer; it forwards to one target group."""

    arn: str
    balancer_arn: str
    protocol: str
    port: int
    target_group_arn: str


class Balancers(ELBv2Backend):  # type: ignore[misc]  # moto is untyped
    """One account's load balancers in one Region."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.groups_of_targets: dict[str, TargetGroup] = {}
        self.listening: dict[str, Listener] = {}
        #: ARN of a balancer, listener or target group -> its tags.
        self.labels: dict[str, dict[str, str]] = {}
        super().__init__(network.region_name, network.account_id)

    @property
    def ec2_backend(self) -> Any:
        """The account's network, where moto would ask its own."""
        return self.network


def is_active(balancer: Any, now: float) -> bool:
    """Whether AWS has set the balancer up."""
    return bool(balancer.active_from <= now)


def zones_for_services(balancer: Any, now: float) -> list[str]:
    """The ids of the balancer's zones that an endpoint service can have by now."""
    zones = (str(subnet.availability_zone_id) for subnet in balancer.subnets)
    return [zone for zone in zones if balancer.zones_from.get(zone, now) <= now]
