"""What an event says about published services: which load balancers and services to look at."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from autopilot.connections.request import ConnectionScope
from autopilot.reconcile.cloudtrail import Event, ids, members, omitted, required
from autopilot.reconcile.scope import MOST_IDS
from autopilot.reconcile.visible import gone, still_to_show

Detail = Mapping[str, Any]
_SERVICE = "vpce-svc"
# Endpoint services that we publish stand behind network load balancers only.
_NETWORK = re.compile(r"arn:[a-z-]+:elasticloadbalancing:[^:]*:\d*:loadbalancer/net/[\w/-]+")


@dataclass(frozen=True)
class PublishWakeup:
    """Where to look, and what the look must show (see `autopilot.services.visible`)."""

    scope: ConnectionScope
    expect: tuple[str, ...] = ()
    event_ids: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The execution's name: the same events start nothing twice, a new one starts something."""
        named = json.dumps([self.scope.to_json(), sorted(self.event_ids)])
        return f"services-{sha256(named.encode()).hexdigest()[:32]}"

    def document(self) -> dict[str, Any]:
        """The execution's input."""
        return {"trigger": "event", "scope": self.scope.to_json(), "expect": list(self.expect)}


def read(event: Event) -> PublishWakeup | None:
    """The wake-up in an event; None if it isn't for published services.

    Raises BadEvent, and nothing else, on whatever can't be read.
    """
    call = event.call
    if call is None or call.error:
        return None
    reader = _READERS.get((call.source, call.name))
    if reader and omitted(call.detail):
        reader = _anything
    wakeup = reader(call.detail) if reader else None
    return wakeup and replace(wakeup, event_ids=(call.id,))


def merge(wakeups: Iterable[PublishWakeup]) -> PublishWakeup:
    """One wake-up that covers all of them, whatever their order."""
    every = tuple(wakeups)
    scope = ConnectionScope()
    for wakeup in every:
        scope |= wakeup.scope
    return PublishWakeup(
        scope=scope,
        # Waiting is a courtesy: a very large batch waits for some of it, not for all.
        expect=still_to_show(e for wakeup in every for e in wakeup.expect)[:MOST_IDS],
        event_ids=tuple(sorted({id_ for wakeup in every for id_ in wakeup.event_ids})),
    )


def _anything(_: Detail) -> PublishWakeup:
    """The call is told without what it named."""
    return PublishWakeup(ConnectionScope(everything=True))


def _balancer(detail: Detail) -> PublishWakeup | None:
    arns = _arns(detail, "requestParameters")
    return PublishWakeup(_behind(arns)) if arns else None


def _balancer_created(detail: Detail) -> PublishWakeup | None:
    arns = _arns(detail, "responseElements")
    return PublishWakeup(_behind(arns), expect=arns) if arns else None


def _balancer_deleted(detail: Detail) -> PublishWakeup | None:
    arns = _arns(detail, "requestParameters")
    return PublishWakeup(_behind(arns), expect=tuple(map(gone, arns))) if arns else None


def _arns(detail: Detail, part: str) -> tuple[str, ...]:
    """The network load balancers that a part of the event names."""
    found = {
        value
        for name, value in members(detail.get(part))
        if name in ("loadbalancerarn", "resourcearns") and isinstance(value, str)
    }
    return tuple(sorted(arn for arn in found if _NETWORK.fullmatch(arn)))


def _behind(arns: tuple[str, ...]) -> ConnectionScope:
    return ConnectionScope() | ConnectionScope(load_balancer_arns=arns)


def _service(part: str) -> Callable[[Detail], PublishWakeup]:
    """A reader of a call that names the service in that part of the event."""

    def reader(detail: Detail) -> PublishWakeup:
        return PublishWakeup(_of(required(detail, part, "serviceid", _SERVICE)))

    return reader


def _deleted(detail: Detail) -> PublishWakeup:
    """A service that is gone no longer says which load balancer it stood for: look at all.

    The answer lists those that were not deleted.
    """
    named = required(detail, "requestParameters", "serviceid", _SERVICE)
    kept = ids(detail.get("responseElements"), "resourceid", _SERVICE)
    expect = tuple(gone(id_) for id_ in sorted(named - kept))
    return PublishWakeup(ConnectionScope(everything=True), expect=expect)


def _tagged(detail: Detail) -> PublishWakeup | None:
    """The owner tag says which services are ours."""
    services = ids(detail.get("requestParameters"), "resourceid", _SERVICE)
    return PublishWakeup(_of(services)) if services else None


def _of(services: Iterable[str]) -> ConnectionScope:
    return ConnectionScope() | ConnectionScope(service_ids=tuple(services))


_EC2, _ELB = "ec2.amazonaws.com", "elasticloadbalancing.amazonaws.com"
_READERS: dict[tuple[Any, str], Callable[[Detail], PublishWakeup | None]] = {
    (_ELB, "CreateLoadBalancer"): _balancer_created,
    (_ELB, "DeleteLoadBalancer"): _balancer_deleted,
    (_ELB, "SetSubnets"): _balancer,
    (_ELB, "AddTags"): _balancer,
    (_ELB, "RemoveTags"): _balancer,
    (_EC2, "CreateVpcEndpointServiceConfiguration"): _service("responseElements"),
    (_EC2, "ModifyVpcEndpointServiceConfiguration"): _service("requestParameters"),
    (_EC2, "DeleteVpcEndpointServiceConfigurations"): _deleted,
    (_EC2, "ModifyVpcEndpointServicePermissions"): _service("requestParameters"),
    (_EC2, "CreateTags"): _tagged,
    (_EC2, "DeleteTags"): _tagged,
}
