"""Endpoints with all that they hold on to, and security groups: what may have to be removed."""

from __future__ import annotations

from dataclasses import dataclass, field

from autopilot.reconcile.tags import Tags, owned_by
from autopilot.reconcile.visible import HasState


@dataclass(frozen=True)
class AttachedEndpoint(HasState):
    """An endpoint of any type, with all that it holds on to. `type`: Gateway, Interface, ...

    `service_name` is "" where the type has none (Resource, ServiceNetwork, Tunnel). `inbound_only`:
    it leaves the VPC's own traffic to the service to a gateway endpoint, which can't go before it.
    """

    id: str
    vpc_id: str
    service_name: str
    type: str = "Gateway"
    state: str = "available"
    requester_managed: bool = False
    table_ids: tuple[str, ...] = ()
    subnet_ids: tuple[str, ...] = ()
    group_ids: tuple[str, ...] = ()
    interface_ids: tuple[str, ...] = ()
    tags: Tags = field(default_factory=dict)
    inbound_only: bool = False

    def relies_on(self, other: AttachedEndpoint) -> bool:
        """Whether AWS lets `other` go only after this one."""
        here = (self.vpc_id, self.service_name) == (other.vpc_id, other.service_name)
        return self.inbound_only and other.type == "Gateway" and here

    def is_ours(self, owner: str) -> bool:
        """Whether the stack `owner` made it."""
        return owned_by(self.tags, owner) and not self.requester_managed


@dataclass(frozen=True)
class Group:
    """A security group."""

    id: str
    vpc_id: str
    name: str = ""
    tags: Tags = field(default_factory=dict)
