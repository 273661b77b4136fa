"""Calls of others that AWS refused, perhaps because the stack is in their way."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Literal, Self

from autopilot.reconcile.cloudtrail import EC2, REQUEST, Call, Event
from autopilot.reconcile.codec import encode

DemandKind = Literal["vpc", "subnet", "group", "route"]
# Failures write "Client." before EC2's code (public CloudTrail data sets).
_IN_USE = "DependencyViolation"
# Seen under InvalidParameter too, where only the words tell (`autopilot.aws.errors`).
_TAKEN = "RouteAlreadyExists"
_ROUTE = "already has a route"


@dataclass(frozen=True, order=True)
class Demand:
    """What somebody wants to be rid of: a VPC, a subnet, a group, or our route in a table.

    `by` is the caller's ARN, `at` the ISO time of the call. Of a route either `service`, the full
    name, is given, or `endpoint_id`: theirs, which is for the same service.
    """

    kind: DemandKind
    id: str
    by: str
    at: str
    service: str = ""
    endpoint_id: str = ""


@dataclass(frozen=True)
class WithdrawalWakeup:
    """What several refused calls ask for."""

    demands: tuple[Demand, ...]
    event_ids: tuple[str, ...]

    @property
    def name(self) -> str:
        """The execution's name: the same events start nothing twice, a new one starts something."""
        named = json.dumps(sorted(self.event_ids))
        return f"withdraw-{sha256(named.encode()).hexdigest()[:32]}"

    def document(self) -> dict[str, Any]:
        """The execution's input."""
        return {"trigger": "event", "demands": encode(self.demands)}

    def __or__(self, other: Self) -> Self:
        """What both ask for; of equal demands the latest counts: a tool that retries asks often."""
        every = sorted({*self.demands, *other.demands}, key=lambda demand: (demand.at, demand))
        latest = {(d.kind, d.id, d.service, d.endpoint_id): d for d in every}
        events = {*self.event_ids, *other.event_ids}
        return replace(
            self, demands=tuple(sorted(latest.values())), event_ids=tuple(sorted(events))
        )

    def complete(self) -> Self:
        """Itself, each demand once."""
        return self | self


def read(event: Event) -> WithdrawalWakeup | None:
    """The wake-up in an event; None if no removal could help that call. Raises BadEvent."""
    call = event.call
    if call is None or call.source != EC2:
        return None
    reader = _reader(call)
    demands = tuple(sorted(reader(call))) if reader else ()
    return WithdrawalWakeup(demands, (call.id,)) if demands else None


def _reader(call: Call) -> Callable[[Call], Iterable[Demand]] | None:
    """Who reads a refusal: its code decides; words only where one code says many things."""
    said = call.words
    if call.code == _IN_USE:
        return _DELETIONS.get(call.name)
    if call.code == _TAKEN or (call.error and _ROUTE in said):
        return _ROUTES.get(call.name)
    return None


def _deletion(kind: DemandKind, member: str, prefix: str) -> Callable[[Call], Iterable[Demand]]:
    """A reader of a refused deletion.

    What the request names by name only, or is told without, the refusal's words may name; else
    there is nothing to go by.
    """

    def reader(call: Call) -> Iterable[Demand]:
        named = call.ids(REQUEST, member, prefix)
        found = named or call.ids_said(prefix)
        return [Demand(kind, each, call.by, call.at) for each in found]

    return reader


def _created(call: Call) -> Iterable[Demand]:
    """An endpoint of theirs that was to have these tables; AWS names only the first in its way."""
    if call.omitted:
        return []
    return _routes(call, "routetableid", service=call.service_named)


def _modified(call: Call) -> Iterable[Demand]:
    if call.omitted:
        return []
    endpoint = call.only(REQUEST, "vpcendpointid", "vpce")
    return _routes(call, "addroutetableid", endpoint_id=endpoint)


def _routes(call: Call, member: str, **of: str) -> Iterable[Demand]:
    tables = call.ids(REQUEST, member, "rtb")
    tables |= call.ids_said("rtb")
    return [Demand("route", each, call.by, call.at, **of) for each in tables]


_DELETIONS = {
    "DeleteVpc": _deletion("vpc", "vpcid", "vpc"),
    "DeleteSubnet": _deletion("subnet", "subnetid", "subnet"),
    "DeleteSecurityGroup": _deletion("group", "groupid", "sg"),
}
_ROUTES = {"CreateVpcEndpoint": _created, "ModifyVpcEndpoint": _modified}
