"""How the VPCs stand in which something was refused: what is the stack's there, and what isn't."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from autopilot.reconcile.attached import AttachedEndpoint, Group
from autopilot.reconcile.tags import Tags, owned_by


@dataclass(frozen=True)
class Interface:
    """A network interface."""

    id: str
    subnet_id: str
    group_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class VpcContents:
    """One VPC. `table_ids`: without the main one; `groups`: without the default one.

    Those go with the VPC; everything else must be gone before it.
    """

    vpc_id: str
    owner: str
    endpoints: tuple[AttachedEndpoint, ...] = ()
    groups: tuple[Group, ...] = ()
    subnet_ids: tuple[str, ...] = ()
    table_ids: tuple[str, ...] = ()
    interfaces: tuple[Interface, ...] = ()

    def ours(self, owner: str) -> tuple[AttachedEndpoint, ...]:
        """The stack's endpoints that aren't going yet; failed ones are in the way like others."""
        return tuple(e for e in self.endpoints if e.is_ours(owner) and e.standing != "going")

    def our_groups(self, owner: str) -> tuple[Group, ...]:
        """The stack's security groups."""
        return tuple(group for group in self.groups if owned_by(group.tags, owner))

    def going(self, owner: str) -> tuple[AttachedEndpoint, ...]:
        """The stack's endpoints that are being deleted; until they are gone they hold on."""
        return tuple(e for e in self.endpoints if e.is_ours(owner) and e.standing == "going")

    def foreign_interfaces(self, owner: str) -> tuple[Interface, ...]:
        """The network interfaces that no endpoint of the stack holds, a going one included."""
        held = {i for e in self.endpoints if e.is_ours(owner) for i in e.interface_ids}
        return tuple(each for each in self.interfaces if each.id not in held)


@dataclass(frozen=True)
class Vpc:
    """A VPC as far as it is known whose it is."""

    id: str
    tags: Tags


@dataclass(frozen=True)
class NetworkContents:
    """The VPCs that demands lead to, by id, and where what is demanded is.

    `vpc_of`: the VPC of each subnet, group and table that is still there. `stacks`: the names of
    the CloudFormation stacks that made a VPC or table, by its id. `vpcs`: with their tags.
    """

    by_vpc: Mapping[str, VpcContents] = field(default_factory=dict)
    vpc_of: Mapping[str, str] = field(default_factory=dict)
    stacks: Mapping[str, str] = field(default_factory=dict)
    vpcs: tuple[Vpc, ...] = ()

    def stacks_of(self, *ids: str) -> tuple[str, ...]:
        """The stacks that made these VPCs and tables."""
        return tuple(sorted({self.stacks[each] for each in ids if each in self.stacks}))

    def of(self, id_: str) -> VpcContents | None:
        """Where a VPC, subnet, group or table is; None if it is gone."""
        return self.by_vpc.get(self.vpc_of.get(id_, id_))
