"""How interface endpoints and what they need stand: what one look saw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

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


@dataclass(frozen=True)
class Group:
    """One of our security groups; rules in the form of `autopilot.interfaces.groups.rule`."""

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
