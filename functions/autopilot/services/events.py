"""What an event says about published services: which load balancers and services to look at."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from autopilot.reconcile.cloudtrail import EC2, ELB, REQUEST, RESPONSE, Call, Event
from autopilot.reconcile.scope import ALL_SERVICES, ServiceScope
from autopilot.reconcile.visible import gone
from autopilot.reconcile.wakeup import Readers, Wakeup, heard

_SERVICE = "vpce-svc"
# Endpoint services that the stack publishes stand behind network load balancers only.
_NETWORK = re.compile(r"arn:[a-z-]+:elasticloadbalancing:[^:]*:\d*:loadbalancer/net/[\w/-]+")


@dataclass(frozen=True)
class ServicesWakeup(Wakeup[ServiceScope]):
    """Where to look, and what the look must show."""

    workflow: ClassVar[str] = "services"


def read(event: Event) -> ServicesWakeup | None:
    """The wake-up in an event; None if it isn't about published services. Raises BadEvent."""
    return heard(event, _READERS, ServicesWakeup(ALL_SERVICES))


def _balancer(call: Call) -> ServicesWakeup | None:
    arns = _arns(call, REQUEST)
    return _behind(arns) if arns else None


def _balancer_created(call: Call) -> ServicesWakeup | None:
    arns = _arns(call, RESPONSE)
    return _behind(arns, *arns) if arns else None


def _balancer_deleted(call: Call) -> ServicesWakeup | None:
    arns = _arns(call, REQUEST)
    return _behind(arns, *map(gone, arns)) if arns else None


def _arns(call: Call, part: str) -> tuple[str, ...]:
    """The network load balancers that a part of the event names."""
    found = call.texts(part, "loadbalancerarn", "resourcearns")
    return tuple(sorted(arn for arn in found if _NETWORK.fullmatch(arn)))


def _behind(arns: tuple[str, ...], *expect: str) -> ServicesWakeup:
    return ServicesWakeup(ServiceScope.of(load_balancer_arns=arns), expect)


def _service(part: str) -> Callable[[Call], ServicesWakeup]:
    """A reader of a call that names the service in that part of the event."""

    def reader(call: Call) -> ServicesWakeup:
        named = call.required(part, "serviceid", _SERVICE)
        return ServicesWakeup(ServiceScope.of(service_ids=named))

    return reader


def _deleted(call: Call) -> ServicesWakeup:
    """A service that is gone no longer says which load balancer it stood for: look at all.

    The answer lists those that were not deleted.
    """
    named = call.required(REQUEST, "serviceid", _SERVICE)
    kept = call.ids(RESPONSE, "resourceid", _SERVICE)
    return ServicesWakeup(ALL_SERVICES, tuple(map(gone, sorted(named - kept))))


def _tagged(call: Call) -> ServicesWakeup | None:
    """The owner tag says which services are the stack's."""
    services = call.ids(REQUEST, "resourceid", _SERVICE)
    return ServicesWakeup(ServiceScope.of(service_ids=services)) if services else None


_READERS: Readers[ServicesWakeup] = {
    (ELB, "CreateLoadBalancer"): _balancer_created,
    (ELB, "DeleteLoadBalancer"): _balancer_deleted,
    (ELB, "SetSubnets"): _balancer,
    (ELB, "AddTags"): _balancer,
    (ELB, "RemoveTags"): _balancer,
    (EC2, "CreateVpcEndpointServiceConfiguration"): _service(RESPONSE),
    (EC2, "ModifyVpcEndpointServiceConfiguration"): _service(REQUEST),
    (EC2, "DeleteVpcEndpointServiceConfigurations"): _deleted,
    (EC2, "ModifyVpcEndpointServicePermissions"): _service(REQUEST),
    (EC2, "CreateTags"): _tagged,
    (EC2, "DeleteTags"): _tagged,
}
