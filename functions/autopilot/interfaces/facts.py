"""How interface endpoints and what they need stand: what one look saw, and what that shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from autopilot.interfaces.plan import InterfaceOutcome
from autopilot.reconcile.visible import HasState


@dataclass(frozen=True)
class DnsAttributes:
    """A VPC's enableDnsSupport and enableDnsHostnames."""

    support: bool
    hostnames: bool


@dataclass(frozen=True)
class Vpc:
    """A VPC. `cidrs`: its blocks that are associated, IPv4 and IPv6, whatever their order.

    `owner` is another account's if the VPC is shared with this one. `associations`: the ids under
    which its blocks are associated.
    """

    id: str
    owner: str
    state: str = "available"
    cidrs: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    associations: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Subnet:
    """A subnet; `zone_name` is the account's own name for `zone_id`.

    `free`: its free IPv4 addresses. `ipv4`, `ipv6`: whether it has a block of that family.
    """

    id: str
    vpc_id: str
    zone_id: str
    zone_name: str = ""
    state: str = "available"
    free: int = 1
    tags: Mapping[str, str] = field(default_factory=dict)
    ipv4: bool = True
    ipv6: bool = False


@dataclass(frozen=True)
class Endpoint(HasState):
    """An interface endpoint. `created` is an ISO instant, `policy` the document's JSON text.

    `dns_names`: its regional, zonal and private names, as the API lists them. `inbound_only`:
    whether private DNS is for inbound resolvers only, `address_type`: its IpAddressType; None where
    the API doesn't say.
    `service_region`: the Region of its service, "" where nothing says it.
    """

    id: str
    vpc_id: str
    service_name: str
    state: str = "available"
    created: str = ""
    subnet_ids: tuple[str, ...] = ()
    group_ids: tuple[str, ...] = ()
    private_dns: bool = False
    policy: str = ""
    dns_names: tuple[str, ...] = ()
    requester_managed: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)
    inbound_only: bool | None = None
    address_type: str | None = None
    service_region: str = ""


EGRESS: frozenset[str] = frozenset()
"""What our groups let out: nothing. An endpoint answers and starts nothing, and groups are
stateful: what answers a request that was let in goes out whatever the egress rules say (VPC guide,
"Security groups"). So the rule that AWS gives each new group, everything to everywhere, is taken
away."""


@dataclass(frozen=True)
class Group:
    """One of our security groups; a rule reads "tcp 443-443 10.0.0.0/16".

    Its last part is a CIDR block, a group or a prefix list; both ports are -1 where the protocol
    has none.
    """

    id: str
    vpc_id: str
    name: str
    ingress: frozenset[str] = frozenset()
    egress: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Offer:
    """A service as this account may use it.

    `zone_ids` None: any zone, as for a service of another Region. `region` is the service's own.
    `private_dns`: whether it has a private name, `verified` whether its owner has proven that.
    `gateway`: whether it comes as a gateway endpoint in our Region, too. `families`: of addresses.
    """

    name: str
    region: str
    zone_ids: frozenset[str] | None = None
    policy: bool = True
    acceptance: bool = False
    private_dns: bool = True
    verified: bool = True
    gateway: bool = False
    families: frozenset[str] = frozenset({"ipv4"})


@dataclass(frozen=True)
class Facts:
    """One look. `vpcs` and what is in them: as far as looked at. `groups`: our own.

    `endpoints`: all interface endpoints in these VPCs, anybody's. `offers`: the services that the
    policy names and that are offered to the account, by full name. `parameters`: values under our
    path, anybody's, by name; `foreign`: names of those that don't carry our tag, as far as asked.
    `counted_too`: by VPC how many endpoints of gateway load balancers its quota counts as well.
    `gateways`: VPC and service's name of each gateway endpoint that serves. `dns`: attributes of
    the VPCs where they decide something.
    `looked_at`: every VPC of the account in the Region, or these.
    """

    vpcs: tuple[Vpc, ...] = ()
    subnets: tuple[Subnet, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    groups: tuple[Group, ...] = ()
    offers: Mapping[str, Offer] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    foreign: frozenset[str] = frozenset()
    looked_at: Literal["all"] | tuple[str, ...] = "all"
    counted_too: Mapping[str, int] = field(default_factory=dict)
    gateways: frozenset[tuple[str, str]] = frozenset()
    dns: Mapping[str, DnsAttributes] = field(default_factory=dict)

    @property
    def counted(self) -> Counter[str]:
        """How many endpoints that its quota counts each VPC holds, anybody's.

        One being deleted still counts.
        """
        interfaces = Counter(e.vpc_id for e in self.endpoints if e.state.lower() != "deleted")
        return interfaces + Counter(self.counted_too)

    @cached_property
    def seen(self) -> frozenset[str]:
        """The ids of all that an event or an outcome may wait for; a VPC's blocks among them."""
        there: tuple[Any, ...] = (*self.vpcs, *self.subnets, *self.endpoints, *self.groups)
        return frozenset(each.id for each in there) | self._blocks

    @cached_property
    def serving(self) -> frozenset[str]:
        """Those of `seen` that serve, or soon will."""
        return frozenset(e.id for e in self.endpoints if e.lives) | self._blocks

    @property
    def _blocks(self) -> frozenset[str]:
        return frozenset(id_ for vpc in self.vpcs for id_ in vpc.associations)

    def shows(self, outcome: InterfaceOutcome) -> bool:
        """Whether it shows how an earlier change came out."""
        item = outcome.item
        if item.vpc_id not in self.seen or item.kind == "parameter":
            return True
        if outcome.result == "stale":
            return self._explains(outcome)
        if outcome.result == "failed" or item.action == "modify":
            return True
        made = item.action == "create"
        return item.resource_id in self.seen if made else item.resource_id not in self.serving

    def _explains(self, outcome: InterfaceOutcome) -> bool:
        """Whether it shows who was faster: else the same would be planned again.

        A token used with other parameters means that another execution made, or makes, the
        endpoint.
        """
        if outcome.error != "ParameterMismatch":
            return True
        there = self.endpoints_in(outcome.item.vpc_id)
        return any(e.lives and e.service_name == outcome.item.service_name for e in there)

    def subnets_of(self, vpc_id: str) -> tuple[Subnet, ...]:
        """The subnets of a VPC, by id."""
        return tuple(self._there.get((Subnet, vpc_id), ()))

    def endpoints_in(self, vpc_id: str) -> tuple[Endpoint, ...]:
        """The interface endpoints in a VPC, oldest first."""
        return tuple(self._there.get((Endpoint, vpc_id), ()))

    def groups_in(self, vpc_id: str) -> tuple[Group, ...]:
        """Our groups in the VPC, by name."""
        return tuple(self._there.get((Group, vpc_id), ()))

    @cached_property
    def _there(self) -> Mapping[tuple[type, str], list[Any]]:
        """Indexed once: fifty VPCs with a dozen services, each searching all, take seconds."""
        subnets = sorted(self.subnets, key=lambda subnet: subnet.id)
        endpoints = sorted(self.endpoints, key=lambda e: (e.created, e.id))
        groups = sorted(self.groups, key=lambda group: group.name)
        found: dict[tuple[type, str], list[Any]] = {}
        there: list[Any] = [*subnets, *endpoints, *groups]
        for each in there:
            found.setdefault((type(each), each.vpc_id), []).append(each)
        return found
