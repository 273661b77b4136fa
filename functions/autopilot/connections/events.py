"""What events say about connections: which services to look at, what a person answered."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final, Literal, Self

from autopilot.connections.calls import Advice, Look, PersonsAnswer
from autopilot.reconcile import cloudtrail
from autopilot.reconcile.codec import encode
from autopilot.reconcile.scope import ALL_SERVICES, ServiceScope
from autopilot.reconcile.wakeup import Readers, Wakeup, heard

DETAIL_TYPE: Final = "Endpoint Connection Notification"
# More ids than any one notification can be about: somebody's nonsense, and no event may swell.
_MOST_IDS = 100
_SERVICE_ID = re.compile(r"\bvpce-svc-[0-9a-f]+\b")
_ENDPOINT_ID = re.compile(r"\bvpce-[0-9a-f]+\b")

# aws-sdk-go-v2 #1024: InvalidParameter, and only the words tell.
_ZONE_ERROR = "does not support the availability zone"
_SERVICE = "vpce-svc"
_BALANCER = re.compile(r"arn:[a-z-]+:elasticloadbalancing:[^:]*:\d*:loadbalancer/(net|gwy)/[\w/-]+")


@dataclass(frozen=True)
class ConnectionWakeup(Wakeup[ServiceScope]):
    """Where to look and what else to look at; what people answered; what to explain to whom."""

    workflow: ClassVar[str] = "connections"
    look: frozenset[Look] = frozenset()
    answers: tuple[PersonsAnswer, ...] = ()
    advice: tuple[Advice, ...] = ()

    def document(self) -> dict[str, Any]:
        """The execution's input."""
        more = {"look": self.look, "answers": self.answers, "advice": self.advice}
        return {**super().document(), **encode(more)}

    def __or__(self, other: Self) -> Self:
        """What both of them say."""
        return replace(
            super().__or__(other),
            look=self.look | other.look,
            answers=tuple(sorted({*self.answers, *other.answers}, key=_in_order)),
            advice=tuple(sorted({*self.advice, *other.advice}, key=repr)),
        )


def read(event: cloudtrail.Event) -> ConnectionWakeup | None:
    """The wake-up in an event; None if it isn't for connections.

    Raises BadEvent, and nothing else, on whatever can't be read.
    """
    if event.kind == DETAIL_TYPE:
        return _notified(event.document, event.document.get("detail"))
    if event.call and _is_about_zones(event.call):
        return replace(_refused(event.call), event_ids=(event.call.id,))
    return heard(event, _READERS, ConnectionWakeup(ALL_SERVICES))


def _in_order(answer: PersonsAnswer) -> tuple[str, str]:
    return answer.at, repr(answer)


def _is_about_zones(call: cloudtrail.Call) -> bool:
    """Whether a subnet's zone was refused; who asked can't be advised if it isn't told for what."""
    told = call.words if call.error else ""
    refused = call.name == "CreateVpcEndpoint" and _ZONE_ERROR in told
    return refused and not call.omitted


def _notified(event: Mapping[str, Any], detail: Any) -> ConnectionWakeup:
    """A notification that names no service, or not ours to read: look at all."""
    said = detail if isinstance(detail, Mapping) else {}
    services = cloudtrail.ids({"serviceid": said.get("service_ids")}, "serviceid", _SERVICE)
    scope = ServiceScope.of(service_ids=services) if services else ALL_SERVICES
    event_id = said.get("message_id") or cloudtrail.text(event, "id", "")
    return ConnectionWakeup(scope, event_ids=(str(event_id),))


def notification_in(record: Mapping[str, Any]) -> dict[str, Any]:
    """What an SNS record says, whatever it is: the ids in it, and the message's own.

    Nobody knows the body's form, so it counts as a mere hint where to look; no id: look at all.
    """
    sns = record.get("Sns")
    message = sns if isinstance(sns, Mapping) else {}
    said = f"{message.get('Subject')}\n{message.get('Message')}"
    return {
        "service_ids": _found(_SERVICE_ID, said),
        "endpoint_ids": _found(_ENDPOINT_ID, said),
        "message_id": str(message.get("MessageId") or ""),
    }


def _found(pattern: re.Pattern[str], said: str) -> list[str]:
    """The ids; none if there are absurdly many."""
    found = sorted(set(pattern.findall(said)))
    return found if len(found) <= _MOST_IDS else []


def _service(part: str, *look: Look) -> Callable[[cloudtrail.Call], ConnectionWakeup]:
    """A reader of a call that names the service in that part of the event."""

    def reader(call: cloudtrail.Call) -> ConnectionWakeup:
        services = call.required(part, "serviceid", _SERVICE)
        return _looking(services, *look)

    return reader


def _notification_made(call: cloudtrail.Call) -> ConnectionWakeup | None:
    """Consumers register notifications on their endpoints: those are not ours."""
    services = call.ids(cloudtrail.REQUEST, "serviceid", _SERVICE)
    return _looking(services, "notifications") if services else None


def _anything(_: cloudtrail.Call) -> ConnectionWakeup:
    """The call names only a notification: whose?"""
    return ConnectionWakeup(ALL_SERVICES)


def _answered(
    verdict: Literal["accept", "reject"],
) -> Callable[[cloudtrail.Call], ConnectionWakeup | None]:
    """A reader of an answer by a person; the response lists what it didn't reach."""

    def reader(call: cloudtrail.Call) -> ConnectionWakeup | None:
        (service, *others) = sorted(call.required(cloudtrail.REQUEST, "serviceid", _SERVICE))
        if others:
            raise cloudtrail.BadEvent("detail.requestParameters", "names more than one service")
        named = call.ids(cloudtrail.REQUEST, "vpcendpointid", "vpce")
        missed = call.ids(cloudtrail.RESPONSE, "resourceid", "vpce")
        if not named:
            return None
        by, at = call.by, call.at
        answers = (PersonsAnswer(i, service, verdict, by, at) for i in sorted(named - missed))
        return replace(_looking({service}), answers=tuple(answers))

    return reader


def _subnets_set(call: cloudtrail.Call) -> ConnectionWakeup | None:
    """Endpoint services stand behind network and gateway load balancers only."""
    arns = call.texts(cloudtrail.REQUEST, "loadbalancerarn")
    chosen = [arn for arn in arns if _BALANCER.fullmatch(arn)]
    if not chosen:
        return None
    scope = ServiceScope.of(load_balancer_arns=chosen)
    return ConnectionWakeup(scope, look=frozenset({"zones"}))


def _tagged(call: cloudtrail.Call) -> ConnectionWakeup | None:
    """Rules may speak of services by their tags."""
    services = call.ids(cloudtrail.REQUEST, "resourceid", _SERVICE)
    return _looking(services) if services else None


def _refused(call: cloudtrail.Call) -> ConnectionWakeup:
    """A CreateVpcEndpoint in this account whose subnets the service can't serve."""
    advice = Advice(
        vpc_id=call.only(cloudtrail.REQUEST, "vpcid", "vpc"),
        service_name=call.service_named,
        subnet_ids=tuple(sorted(call.ids(cloudtrail.REQUEST, "subnetid", "subnet"))),
        by=call.by,
        error=call.words,
        at=call.at,
    )
    return ConnectionWakeup(ServiceScope(), advice=(advice,))


def _looking(services: Iterable[str], *look: Look) -> ConnectionWakeup:
    return ConnectionWakeup(ServiceScope.of(service_ids=services), look=frozenset(look))


_READERS: Readers[ConnectionWakeup] = {
    (cloudtrail.EC2, "CreateVpcEndpointServiceConfiguration"): _service(
        cloudtrail.RESPONSE, "notifications"
    ),
    (cloudtrail.EC2, "ModifyVpcEndpointServiceConfiguration"): _service(
        cloudtrail.REQUEST, "zones"
    ),
    (cloudtrail.EC2, "DeleteVpcEndpointServiceConfigurations"): _service(cloudtrail.REQUEST),
    (cloudtrail.EC2, "ModifyVpcEndpointServicePermissions"): _service(cloudtrail.REQUEST),
    (cloudtrail.EC2, "CreateVpcEndpointConnectionNotification"): _notification_made,
    (cloudtrail.EC2, "ModifyVpcEndpointConnectionNotification"): _anything,
    (cloudtrail.EC2, "DeleteVpcEndpointConnectionNotifications"): _anything,
    (cloudtrail.EC2, "AcceptVpcEndpointConnections"): _answered("accept"),
    (cloudtrail.EC2, "RejectVpcEndpointConnections"): _answered("reject"),
    (cloudtrail.EC2, "CreateTags"): _tagged,
    (cloudtrail.EC2, "DeleteTags"): _tagged,
    (cloudtrail.ELB, "SetSubnets"): _subnets_set,
}
