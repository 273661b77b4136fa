"""The operator's policy as the functions know it: checked at synth, compiled to JSON, frozen.

Its tags are read as `autopilot.policy.tags` says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import Literal

Mode = Literal["enforce", "audit"]
AddressType = Literal["ipv4", "dualstack", "ipv6"]
BusyRouteTables = Literal["now", "window", "audit"]
GatewayService = Literal["s3", "dynamodb", "s3express"]
Retire = Literal["report", "when_unused", "now"]
RetireInterfaces = Literal["report", "now", "idle"]
RuleKind = Literal["allowed_principals", "account", "organization", "organizational_unit"]
Otherwise = Literal["hold", "reject"]
NoLongerAllowed = Literal["reject", "alert"]
PeerKind = Literal["account", "organization"]
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
class GracePolicy:
    """How long what is new waits for an endpoint of its own tool, and what does.

    `whom`: what CloudFormation makes and what bears one of `tags`, or everything.
    """

    seconds: int = 600
    whom: Literal["stacks", "everybody", "nobody"] = "stacks"
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class GatewayPolicy:
    """What the operator wants of gateway endpoints.

    `endpoint_policy` names a document in `Policy.endpoint_policies`; None means full access.
    """

    services: tuple[GatewayService, ...] = ("s3", "dynamodb")
    endpoint_policy: str | None = None
    busy_route_tables: BusyRouteTables = "audit"
    change_window: ChangeWindow | None = None
    grace: GracePolicy = field(default_factory=GracePolicy)


@dataclass(frozen=True)
class InterfaceProfile:
    """Interface endpoints that all VPCs with `vpc_tags` shall have, one for each of `services`.

    `services` are short names ("ecr.api") or full ones ("com.amazonaws.vpce.…", "aws.sagemaker.…").
    `service_regions` gives some of them a Region that their names don't hold.
    They stand in the subnets with `subnet_tags`, one a zone; empty: any subnet. `allow_from`: CIDR
    blocks that may reach the endpoints' `ports` (TCP), None: the VPC's own. `inbound_only`:
    where a service has gateway endpoints too, private DNS is for who asks through an inbound
    resolver; None: for new ones only, an endpoint that serves the VPC's own traffic goes on.
    `ip_address_type`: of the endpoints; `dualstack` where subnets and service have both families.
    """

    name: str
    services: tuple[str, ...]
    vpc_tags: Mapping[str, str]
    subnet_tags: Mapping[str, str] = field(default_factory=dict)
    private_dns: bool = True
    endpoint_policy: str | None = None
    allow_from: tuple[str, ...] | None = None
    ports: tuple[int, ...] = (443,)
    inbound_only: bool | None = None
    ip_address_type: AddressType = "ipv4"
    service_regions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class IdlePolicy:
    """When an interface endpoint, or a zone of it, counts as idle: no bytes for `after_days`.

    What bears one of `keep_tags`, or stands in a VPC that does, never counts as idle. `wait_days`:
    how long one that retires stands without private DNS before it is deleted.
    """

    after_days: int = 30
    wait_days: int = 7
    keep_tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PublishPolicy:
    """Which internal load balancers become endpoint services, for whom, and how they end.

    `load_balancer_tags` empty: none do. `private_dns_names` maps a load balancer's name to the
    private DNS name of its service. `retire`: when the service of a load balancer that is no longer
    to be published goes (`report`: never, ops are told; `when_unused`: once no connection is left).
    """

    load_balancer_tags: Mapping[str, str] = field(default_factory=dict)
    allowed_principals: tuple[str, ...] = ()
    supported_regions: tuple[str, ...] = ()
    private_dns_names: Mapping[str, str] = field(default_factory=dict)
    retire: Retire = "when_unused"


@dataclass(frozen=True)
class ServiceFilter:
    """Which endpoint services a rule is about: one of `ids`, or all that bear `tags`.

    Exactly one of the two is given.
    """

    ids: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Rule:
    """Names owners of endpoints; `value` is the account, organization or unit, None for the list.

    `allowed_principals` names whom the service's own permission list names (`*` names nobody).
    `services` None: the rule is about all of them.
    """

    kind: RuleKind
    value: str | None = None
    services: ServiceFilter | None = None

    def __str__(self) -> str:
        """As the policy file says it: "account 222222222222"."""
        words = self.kind.replace("_", " ")
        return words if self.value is None else f"{words} {self.value}"


@dataclass(frozen=True)
class ConnectionPolicy:
    """Whose connection requests are accepted, and what becomes of the others.

    `deny` beats `allow` and holds no rule of kind `allowed_principals`. `otherwise`: what happens
    to a request that nothing decides. `no_longer_allowed`: whether a live connection is cut
    (`reject`) or only reported (`alert`). A hold rejects after `hold_for_seconds`.
    """

    allow: tuple[Rule, ...] = (Rule("allowed_principals"),)
    deny: tuple[Rule, ...] = ()
    otherwise: Otherwise = "hold"
    no_longer_allowed: NoLongerAllowed = "reject"
    hold_for_seconds: int = 7 * 24 * 3600

    @property
    def rules(self) -> tuple[Rule, ...]:
        """All of them."""
        return (*self.allow, *self.deny)


@dataclass(frozen=True)
class OrganizationPolicy:
    """The organization that rules speak of; `read_by` is the role to ask as, None: our own."""

    id: str
    read_by: str | None = None


@dataclass(frozen=True)
class Peer:
    """An account or an organization that may read our zones, and whose zones we may read."""

    kind: PeerKind
    value: str


@dataclass(frozen=True)
class ZonePolicy:
    """When zones count as misaligned (`any`: only where none is shared), and what that means.

    `before_accepting`: `hold` has a misaligned request wait for a person.
    """

    require: Literal["all", "any"] = "all"
    before_accepting: Literal["warn", "hold"] = "warn"
    peers: tuple[Peer, ...] = ()


@dataclass(frozen=True)
class NotifyPolicy:
    """Who is told what: `owner_tag` is the key of the tag whose value says whose a thing is.

    "": nobody's. `owners`: addresses that hear only of what is an owner's, by owner.
    `chat_buttons`: whether the stack makes custom actions for a chat.
    """

    owner_tag: str = ""
    owners: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    chat_buttons: bool = False


@dataclass(frozen=True)
class Policy:
    """All that the functions need to know of `autopilot.yaml`.

    One of `skip_tags` opts a VPC or a route table out.
    `endpoint_policies` maps a name to the JSON text of an endpoint policy document.
    `retire_interfaces`: which of our interface endpoints go: none (`report`), those that no profile
    wants any more (`now`), or those that nobody uses, wanted or not (`idle`).
    """

    mode: Mode = "enforce"
    skip_tags: Mapping[str, str] = field(default_factory=dict)
    gateway_endpoints: GatewayPolicy = field(default_factory=GatewayPolicy)
    endpoint_policies: Mapping[str, str] = field(default_factory=dict)
    interface_endpoints: tuple[InterfaceProfile, ...] = ()
    retire_interfaces: RetireInterfaces = "report"
    idle: IdlePolicy = field(default_factory=IdlePolicy)
    endpoint_services: PublishPolicy = field(default_factory=PublishPolicy)
    connections: ConnectionPolicy = field(default_factory=ConnectionPolicy)
    organization: OrganizationPolicy | None = None
    zones: ZonePolicy = field(default_factory=ZonePolicy)
    notify: NotifyPolicy = field(default_factory=NotifyPolicy)

    def document(self, name: str | None) -> str | None:
        """The JSON text of the endpoint policy `name`; None for None (full access).

        Raises KeyError if no document bears that name: synth has checked that one does.
        """
        return None if name is None else self.endpoint_policies[name]
