"""The changes that a plan holds: to a security group, to an endpoint, to parameters."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from hashlib import sha256
from typing import Any, ClassVar, Literal

from autopilot.policy.model import AddressType

Kind = Literal["group", "endpoint", "parameter"]
Action = Literal["create", "modify", "delete"]
Cause = Literal[
    "new-vpc",  # an event said that the VPC was created
    "missing",  # there is none of ours: never was, or somebody deleted it
    "drift",  # ours is there and differs from what the policy wants
    "unwanted",  # no profile wants it any more
    "duplicate",  # there are two of ours; the older one stays
    "follows",  # it follows the endpoint, which is there or gone
]


@dataclass(frozen=True)
class GroupItem:
    """A change to the group of a profile in a VPC; `id` is "vpc-1/group/workloads".

    `ingress`: all that it shall let in; it lets nothing out (see `rules`).
    """

    kind: ClassVar[Kind] = "group"
    id: str
    action: Action
    vpc_id: str
    profile: str
    name: str
    group_id: str | None
    ingress: tuple[str, ...]
    cause: Cause
    reason: str

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> GroupItem:
        """Read what `to_json` wrote. Raises KeyError if a key lacks."""
        return GroupItem(**_fields(data, GroupItem, ("ingress",)))


@dataclass(frozen=True)
class EndpointItem:
    """A change to an endpoint; `id` is "vpc-1/logs" (of a further one: "vpc-1/logs/vpce-2").

    `service` is the label of `service_name`; `service_region` None: our own. `private_dns` None:
    leave it as it is. `inbound_only`: whether it is for inbound resolvers only; None: the service
    knows no such choice. `endpoint_policy` names the document to write (None: full access) if
    `set_policy`. `ip_address_type` None: leave it as it is. A creation has `group_ids` and
    `add_subnet_ids`, and bears `token`.
    """

    kind: ClassVar[Kind] = "endpoint"
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

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> EndpointItem:
        """Read what `to_json` wrote. Raises KeyError if a key lacks."""
        lists = ("add_subnet_ids", "remove_subnet_ids", "group_ids")
        return EndpointItem(**_fields(data, EndpointItem, lists))


@dataclass(frozen=True)
class ParameterItem:
    """A change to the parameters of an endpoint; `id` is "vpc-1/vpce-svc-1/dns".

    `put`: what shall stand where, `delete`: the names of those that shall go.
    """

    kind: ClassVar[Kind] = "parameter"
    id: str
    action: Action
    vpc_id: str
    endpoint_id: str | None
    cause: Cause
    reason: str
    put: Mapping[str, str] = field(default_factory=dict)
    delete: tuple[str, ...] = ()

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> ParameterItem:
        """Read what `to_json` wrote. Raises KeyError if a key lacks."""
        return ParameterItem(**_fields(data, ParameterItem, ("delete",)))


Item = GroupItem | EndpointItem | ParameterItem
_READERS: Mapping[str, Callable[[Mapping[str, Any]], Item]] = {
    "group": GroupItem.from_json,
    "endpoint": EndpointItem.from_json,
    "parameter": ParameterItem.from_json,
}


def to_json(item: Item) -> dict[str, Any]:
    """As plain JSON types, with the kind."""
    plain = {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(item).items()}
    return {"kind": item.kind, **plain}


def from_json(data: Mapping[str, Any]) -> Item:
    """Read what `to_json` wrote. Raises KeyError if a key lacks, or for an unknown kind."""
    return _READERS[data["kind"]](data)


def content(item: Item) -> str:
    """Equal for items that ask for the same, 16 characters: the token and the words don't count."""
    asked = {k: v for k, v in to_json(item).items() if k not in ("token", "reason", "cause")}
    return sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]


def _fields(data: Mapping[str, Any], kind: type[Item], lists: tuple[str, ...]) -> dict[str, Any]:
    found = {field.name: data[field.name] for field in fields(kind)}
    return {name: tuple(v) if name in lists else v for name, v in found.items()}
