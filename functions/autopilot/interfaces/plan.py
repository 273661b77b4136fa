"""Request and plan: which changes to groups, endpoints and parameters, and what became of each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Literal

from autopilot.interfaces.restore import Restore
from autopilot.policy.model import AddressType
from autopilot.reconcile.codec import FLAT, decode, encode, named, prepared
from autopilot.reconcile.outcome import Outcome
from autopilot.reconcile.plan import Plan
from autopilot.reconcile.request import Request
from autopilot.reconcile.scope import ALL_INTERFACES, InterfaceScope

ROOT = "/endpoint-autopilot"
"""Where the parameters with DNS names lie."""

Kind = Literal["group", "endpoint", "parameter"]
Action = Literal["create", "modify", "delete"]
Cause = Literal[
    "new-vpc",  # an event said that the VPC was created
    "missing",  # we have none there: never had, or somebody deleted it
    "drift",  # it is there and differs from what the policy wants
    "unwanted",  # no profile wants it any more
    "duplicate",  # we have two; the older one stays
    "idle",  # nobody uses it
    "restored",  # a person wants back what was retired
    "follows",  # it follows the endpoint, which is there or gone
]
Left = Literal[
    # VPCs
    "shared by another account",
    "VPC opted out by tag",
    "VPC being deleted",
    "withdrawn",  # somebody is deleting it: we have stepped aside
    # endpoints
    "as wanted",
    "not available yet",
    "waiting for one to be gone",
    "served by others",
    "our endpoint failed",
    "not possible",
    "not wanted, reported",
    "retiring",
    "retired",  # idle and deleted
    "IPv6 not served",  # the VPC has it; counted beside one of the others
    # changes
    "quota reached",
    "audit mode",
    "tried already",
    "too many findings at once",
]


class _Asked:
    """What an item of any kind asks for."""

    @property
    def content(self) -> str:
        """Equal for those that ask for the same, 16 characters: token and words don't count."""
        asked = {k: v for k, v in encode(self).items() if k not in ("token", "reason", "cause")}
        return sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]

    @property
    def resource_id(self) -> str | None:
        """The id of the endpoint or group that it is about; None while it isn't there."""
        kind = "group" if isinstance(self, GroupItem) else "endpoint"
        found: str | None = getattr(self, f"{kind}_id")
        return found


@dataclass(frozen=True)
class GroupItem(_Asked):
    """A change to the group of a profile in a VPC; `id` is "vpc-1/group/workloads".

    `ingress`: all that it shall let in; it lets nothing out (see `facts.EGRESS`).
    """

    kind: Literal["group"] = field(default="group", init=False)
    id: str
    action: Action
    vpc_id: str
    profile: str
    name: str
    group_id: str | None
    ingress: tuple[str, ...]
    cause: Cause
    reason: str


@dataclass(frozen=True)
class EndpointItem(_Asked):
    """A change to an endpoint; `id` is "vpc-1/logs" (of a duplicate: "vpc-1/logs/vpce-2").

    `service` is the label of `service_name`; `service_region` None: the stack's own. `private_dns`
    None: leave it as it is. `inbound_only`: whether it is for inbound resolvers only; None: the
    service knows no such choice. `endpoint_policy` names the document to write (None: full access)
    if `set_policy`. `ip_address_type` None: leave it as it is. A creation has `group_ids` and
    `add_subnet_ids`, and bears `token`.
    """

    kind: Literal["endpoint"] = field(default="endpoint", init=False)
    id: str
    action: Action
    vpc_id: str
    profile: str
    service: str
    service_name: str
    endpoint_id: str | None
    cause: Cause
    reason: str
    service_region: str | None = None
    add_subnet_ids: tuple[str, ...] = ()
    remove_subnet_ids: tuple[str, ...] = ()
    group_ids: tuple[str, ...] = ()
    private_dns: bool | None = None
    inbound_only: bool | None = None
    ip_address_type: AddressType | None = None
    endpoint_policy: str | None = None
    set_policy: bool = False
    token: str = ""


@dataclass(frozen=True)
class ParameterItem(_Asked):
    """A change to the parameters of an endpoint; `id` is "vpc-1/vpce-svc-1/dns".

    `put`: what shall stand where, `delete`: the names of those that shall go.
    """

    kind: Literal["parameter"] = field(default="parameter", init=False)
    id: str
    action: Action
    vpc_id: str
    endpoint_id: str | None
    cause: Cause
    reason: str
    put: Mapping[str, str] = field(default_factory=dict)
    delete: tuple[str, ...] = ()


Item = GroupItem | EndpointItem | ParameterItem


@dataclass(frozen=True)
class Tried:
    """An item as its outcome keeps it: short, since all of an execution share one state."""

    id: str
    kind: Kind
    action: Action
    vpc_id: str
    profile: str
    service_name: str
    resource_id: str | None = field(metadata=named("thing"))
    content: str
    cause: Cause
    reason: str


def _short(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a `Tried` is read from; the workflow gives the item itself if that failed."""
    if "content" in data:
        return data
    hint: Any = Item
    item: Item = decode(hint, data)
    short: Mapping[str, Any] = encode(_tried(item, item.resource_id))
    return short


@dataclass(frozen=True)
class InterfaceOutcome(Outcome[Tried]):
    """One change after it was tried."""

    item: Tried = field(metadata={**FLAT, **prepared(_short)})

    @property
    def told(self) -> dict[str, Any]:
        """What a finding says of a change that failed."""
        return {
            "what": self.item.kind,
            "action": self.item.action,
            "thing": self.item.resource_id,
            "service_name": self.item.service_name,
            "error": self.error,
            "message": self.message,
            "reason": self.item.reason,
        }


def done(item: Item, resource_id: str | None) -> InterfaceOutcome:
    """The outcome of `item`, carried out on that endpoint or group."""
    return InterfaceOutcome(_tried(item, resource_id), "done")


def stale(item: Item, error: str, message: str) -> InterfaceOutcome:
    """The outcome of `item`, which no longer fits: `error` names why, `message` says it."""
    return InterfaceOutcome(_tried(item, item.resource_id), "stale", error, message)


def failed(item: Item, error: str, message: str | None) -> InterfaceOutcome:
    """The outcome of `item`, which could not be carried out."""
    return InterfaceOutcome(_tried(item, item.resource_id), "failed", error, message)


def _tried(item: Item, resource_id: str | None) -> Tried:
    return Tried(
        id=item.id,
        kind=item.kind,
        action=item.action,
        vpc_id=item.vpc_id,
        profile=getattr(item, "profile", ""),
        service_name=getattr(item, "service_name", ""),
        resource_id=resource_id,
        content=item.content,
        cause=item.cause,
        reason=item.reason,
    )


@dataclass(frozen=True, kw_only=True)
class InterfaceRequest(Request[InterfaceScope, InterfaceOutcome]):
    """One look at interface endpoints, anywhere unless a scope is given.

    `waits`: how often it has waited for what is under way. `restore`: what a person wants back.
    """

    scope: InterfaceScope = ALL_INTERFACES
    waits: int = 0
    restore: Restore | None = None

    @property
    def looks(self) -> int:
        """How many looks this is, those after a wait included."""
        return self.round_number + self.waits


@dataclass(frozen=True)
class InterfacePlan(Plan[Item, Left]):
    """`look_again`: after how many seconds to look at what is under way; 0: there is no need.

    Findings are about "vpc-1/logs", or about a VPC where it is its quota (see `messages`).
    """

    look_again: int = 0
