"""How the VPCs stand in which something was refused: what is ours there, and what isn't."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from autopilot.core.facts import Standing, standing_of
from autopilot.core.tags import Tags, owned_by


@dataclass(frozen=True)
class Held:
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

    @property
    def standing(self) -> Standing:
        """As `Endpoint.standing`."""
        return standing_of(self.state)

    def relies_on(self, other: Held) -> bool:
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


@dataclass(frozen=True)
class Interface:
    """A network interface."""

    id: str
    subnet_id: str
    group_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ground:
    """One VPC. `table_ids`: without the main one; `groups`: without the default one.

    Those go with the VPC; everything else must be gone before it.
    """

    vpc_id: str
    owner: str
    endpoints: tuple[Held, ...] = ()
    groups: tuple[Group, ...] = ()
    subnet_ids: tuple[str, ...] = ()
    table_ids: tuple[str, ...] = ()
    interfaces: tuple[Interface, ...] = ()

    def ours(self, owner: str) -> tuple[Held, ...]:
        """Our endpoints that aren't going yet; those that failed are in the way like others."""
        return tuple(e for e in self.endpoints if e.is_ours(owner) and e.standing != "going")

    def our_groups(self, owner: str) -> tuple[Group, ...]:
        """Our security groups."""
        return tuple(group for group in self.groups if owned_by(group.tags, owner))

    def going(self, owner: str) -> tuple[Held, ...]:
        """Our endpoints that are being deleted; until they are gone they hold on to things."""
        return tuple(e for e in self.endpoints if e.is_ours(owner) and e.standing == "going")

    def foreign_interfaces(self, owner: str) -> tuple[Interface, ...]:
        """The network interfaces that no endpoint of ours holds, one that is going included."""
        held = {i for e in self.endpoints if e.is_ours(owner) for i in e.interface_ids}
        return tuple(each for each in self.interfaces if each.id not in held)


@dataclass(frozen=True)
class Grounds:
    """The VPCs that demands lead to, by id, and where the demands' things are.

    `vpc_of`: the VPC of each subnet, group and table that is still there. `stacks`: the names of
    the CloudFormation stacks that made a VPC or table, by its id.
    """

    by_vpc: Mapping[str, Ground] = field(default_factory=dict)
    vpc_of: Mapping[str, str] = field(default_factory=dict)
    stacks: Mapping[str, str] = field(default_factory=dict)

    def stacks_of(self, *things: str) -> tuple[str, ...]:
        """The stacks that made these VPCs and tables."""
        return tuple(sorted({self.stacks[each] for each in things if each in self.stacks}))

    def of(self, thing: str) -> Ground | None:
        """Where a VPC, subnet, group or table is; None if it is gone."""
        return self.by_vpc.get(self.vpc_of.get(thing, thing))
