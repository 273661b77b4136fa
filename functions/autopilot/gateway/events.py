"""What an event says about where to look; several events of a batch as one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from autopilot.gateway.plan import EVERYTHING, NetworkScope
from autopilot.reconcile.cloudtrail import (
    Event,
    by_cloudformation,
    ids,
    members,
    omitted,
    only,
    required,
)
from autopilot.reconcile.scope import MOST_IDS
from autopilot.reconcile.visible import gone, still_to_show

Detail = Mapping[str, Any]


@dataclass(frozen=True)
class Wakeup:
    """Where to look, and what the look must show to be believed (see `autopilot.gateway.visible`).

    `inside` maps tables and endpoints to their VPC, as far as the events tell. `made_by_stacks`:
    VPCs and tables that CloudFormation called for, whose tags may not say so yet.
    """

    scope: NetworkScope
    expect: tuple[str, ...] = ()
    event_ids: tuple[str, ...] = ()
    inside: Mapping[str, str] = field(default_factory=dict)
    made_by_stacks: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The execution's name: the same events start nothing twice, a new one starts something."""
        named = json.dumps([self.scope.to_json(), sorted(self.event_ids)])
        return f"network-{sha256(named.encode()).hexdigest()[:32]}"

    def document(self) -> dict[str, Any]:
        """The execution's input."""
        made = {"made_by_stacks": list(self.made_by_stacks)} if self.made_by_stacks else {}
        look = {"scope": self.scope.to_json(), "expect": list(self.expect)}
        return {"trigger": "event", **look, **made}


def read(event: Event) -> Wakeup | None:
    """The wake-up in an event; None if it isn't for us.

    Raises BadEvent, and nothing else, on whatever can't be read.
    """
    call = event.call
    if call is None or call.source != "ec2.amazonaws.com" or call.error:
        return None
    reader = _READERS.get(call.name)
    if reader and omitted(call.detail):
        reader = _anything
    wakeup = reader(call.detail) if reader else None
    made = _made(wakeup) if wakeup and by_cloudformation(call.detail) else ()
    return wakeup and replace(wakeup, event_ids=(call.id,), made_by_stacks=made)


def _made(wakeup: Wakeup) -> tuple[str, ...]:
    named = {*wakeup.expect, *wakeup.scope.route_table_ids}
    return tuple(sorted(i for i in named if i.startswith(("vpc-", "rtb-"))))


def merge(wakeups: Iterable[Wakeup]) -> Wakeup:
    """One wake-up that covers all of them, whatever their order.

    A table or endpoint whose VPC one of the events names is looked for in that VPC.
    """
    every = tuple(wakeups)
    scope = NetworkScope()
    inside: dict[str, str] = {}
    for wakeup in every:
        scope |= wakeup.scope
        inside.update(wakeup.inside)
    return Wakeup(
        scope=_folded(scope, inside),
        # Waiting is a courtesy: a very large batch waits for some of its ids, not for all.
        expect=still_to_show(i for wakeup in every for i in wakeup.expect)[:MOST_IDS],
        event_ids=tuple(sorted({i for wakeup in every for i in wakeup.event_ids})),
        inside=inside,
        made_by_stacks=tuple(sorted({i for w in every for i in w.made_by_stacks})[:MOST_IDS]),
    )


def _folded(scope: NetworkScope, inside: Mapping[str, str]) -> NetworkScope:
    named = (*scope.route_table_ids, *scope.endpoint_ids)
    without = NetworkScope(
        scope.everything,
        scope.vpc_ids,
        tuple(i for i in scope.route_table_ids if i not in inside),
        tuple(i for i in scope.endpoint_ids if i not in inside),
    )
    return without | NetworkScope(vpc_ids=tuple(sorted({inside[i] for i in named if i in inside})))


def _vpc_created(detail: Detail) -> Wakeup:
    vpc_ids = tuple(sorted(required(detail, "responseElements", "vpcid", "vpc")))
    return Wakeup(NetworkScope(vpc_ids=vpc_ids), expect=vpc_ids)


def _table_created(detail: Detail) -> Wakeup:
    table = only(detail, "responseElements", "routetableid", "rtb")
    vpc = only(detail, "responseElements", "vpcid", "vpc")
    return Wakeup(NetworkScope(vpc_ids=(vpc,)), expect=(table,), inside={table: vpc})


def _table_associated(detail: Detail) -> Wakeup:
    tables = required(detail, "requestParameters", "routetableid", "rtb")
    return Wakeup(NetworkScope(route_table_ids=tuple(sorted(tables))))


def _anything(_: Detail) -> Wakeup:
    """The call names only an association, or is told without what it named: which VPC?"""
    return Wakeup(EVERYTHING)


def _endpoint_created(detail: Detail) -> Wakeup | None:
    if not _is_gateway(detail):
        return None
    endpoint = only(detail, "responseElements", "vpcendpointid", "vpce")
    vpc = only(detail, "responseElements", "vpcid", "vpc")
    return Wakeup(NetworkScope(vpc_ids=(vpc,)), expect=(endpoint,), inside={endpoint: vpc})


def _is_gateway(detail: Detail) -> bool:
    """CreateVpcEndpoint makes a gateway endpoint unless told otherwise (EC2 API reference)."""
    types = {
        value
        for part in ("requestParameters", "responseElements")
        for name, value in members(detail.get(part))
        if name == "vpcendpointtype"
    }
    return types <= {"Gateway"}


def _endpoint_modified(detail: Detail) -> Wakeup:
    endpoints = required(detail, "requestParameters", "vpcendpointid", "vpce")
    return Wakeup(NetworkScope(endpoint_ids=tuple(sorted(endpoints))))


def _endpoints_deleted(detail: Detail) -> Wakeup:
    """A deleted endpoint can't be asked for its VPC; the answer lists those not deleted."""
    endpoints = required(detail, "requestParameters", "vpcendpointid", "vpce")
    kept = ids(detail.get("responseElements"), "resourceid", "vpce")
    return Wakeup(EVERYTHING, expect=tuple(gone(i) for i in sorted(endpoints - kept)))


def _tagged(detail: Detail) -> Wakeup | None:
    vpcs = ids(detail.get("requestParameters"), "resourceid", "vpc")
    tables = ids(detail.get("requestParameters"), "resourceid", "rtb")
    if not vpcs and not tables:
        return None
    return Wakeup(NetworkScope(vpc_ids=tuple(sorted(vpcs)), route_table_ids=tuple(sorted(tables))))


_READERS: dict[str, Callable[[Detail], Wakeup | None]] = {
    "CreateVpc": _vpc_created,
    "CreateDefaultVpc": _vpc_created,
    "CreateRouteTable": _table_created,
    "AssociateRouteTable": _table_associated,
    "ReplaceRouteTableAssociation": _table_associated,
    "DisassociateRouteTable": _anything,
    "CreateVpcEndpoint": _endpoint_created,
    "ModifyVpcEndpoint": _endpoint_modified,
    "DeleteVpcEndpoints": _endpoints_deleted,
    "CreateTags": _tagged,
    "DeleteTags": _tagged,
}
