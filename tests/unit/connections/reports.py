"""Reports of the connections and hold workflows for the tests of what ops are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from autopilot.connections.facts import AUTOPILOT
from autopilot.connections.holds import Hold, HoldAnswer, HoldClosure
from autopilot.connections.messages_commands import by_service
from autopilot.connections.plan import (
    Answer,
    AnswerItem,
    AnswerOutcome,
    ConnectionPlan,
    Consumer,
    Registration,
    RegistrationOutcome,
    Why,
    ZoneCheck,
)
from autopilot.connections.report import ConnectionReport, HoldReport
from autopilot.connections.zones import ZonesReport
from autopilot.gateway.report import NetworkReport
from autopilot.notify.finding import Finding
from autopilot.reconcile.codec import encode
from autopilot.reconcile.report import Failure

from tests.unit.notify import reports
from tests.unit.notify.reports import NOW, finding

MACHINES = "arn:aws:states:us-east-1:111111111111:execution:"
ALICE = "arn:aws:sts::111111111111:assumed-role/Admin/alice"
OWNER = "222222222222"
NAME = "com.amazonaws.vpce.us-east-1."
ASKED = (NOW - timedelta(seconds=20)).isoformat()
ANSWERED = NOW.isoformat()
EXPIRES = (NOW + timedelta(days=7)).isoformat()


def why(**changes: Any) -> Why:
    given = {
        "reason": f"a rule names {OWNER}, the permission list admits it",
        "rule": f"account {OWNER}",
        "owner": OWNER,
        "created": ASKED,
    }
    return Why(**{**given, **changes})


def answer(
    *endpoints: str,
    verdict: Answer = "accept",
    service: str = "vpce-svc-1",
    result: Any = "done",
    **changes: Any,
) -> AnswerOutcome:
    reason = changes.pop("why", None) or why()
    item = AnswerItem(
        id=changes.pop("id", f"{service}/{verdict}/1"),
        service_id=service,
        service_name=NAME + service,
        verdict=verdict,
        endpoint_ids=() if result == "stale" else endpoints,
        reasons=dict.fromkeys(endpoints, reason),
    )
    stale = endpoints if result == "stale" else ()
    made = AnswerOutcome(item, result, stale=stale, by=AUTOPILOT, at=ANSWERED)
    return replace(made, **changes)


def not_answered(
    *endpoints: str, error: str = "AccessDenied", verdict: Answer = "accept", **changes: Any
) -> AnswerOutcome:
    message = f"ec2:{'Accept' if verdict == 'accept' else 'Reject'}VpcEndpointConnections: no"
    given = {"error": error, "message": message, "at": ""}
    return answer(*endpoints, verdict=verdict, result="failed", **{**given, **changes})


def hold(endpoint: str = "vpce-1", service: str = "vpce-svc-1", **changes: Any) -> Hold:
    given: dict[str, Any] = {
        "name": f"hold-{endpoint}-1",
        "endpoint_id": endpoint,
        "service_id": service,
        "service_name": NAME + service,
        "owner": OWNER,
        "reason": f"no rule names {OWNER}",
        "created": ASKED,
        "hold_for_seconds": 604_800,
    }
    return Hold(**{**given, **changes})


def held(subject: str = "vpce-svc-1/vpce-1", **data: Any) -> Finding:
    endpoint = subject.split("/")[1]
    given = {"hold": f"hold-{endpoint}-1", "expires": EXPIRES, "reason": f"no rule names {OWNER}"}
    return of_connection("ConnectionHeld", subject, **{**given, **data})


def of_connection(
    kind: Any, subject: str = "vpce-svc-1/vpce-1", severity: Any = "action", **data: Any
) -> Finding:
    service, endpoint = subject.split("/")
    given = {
        "service_id": service,
        "service_name": NAME + service,
        "endpoint_id": endpoint,
        "owner": OWNER,
        "created": ASKED,
    }
    return finding(kind, subject, severity, **{**given, **data})


def zone_checks(*subjects: str) -> tuple[ZoneCheck, ...]:
    """What a plan that has these connections compared bears, a check for each service."""
    return tuple(
        ZoneCheck(
            service,
            NAME + service,
            ("use1-az1", "use1-az2"),
            tuple(Consumer(endpoint, OWNER) for endpoint in endpoints),
        )
        for service, endpoints in by_service(subjects).items()
    )


def closure(endpoint: str = "vpce-1", answered: Any = "accept") -> HoldClosure:
    return HoldClosure(endpoint, "vpce-svc-1", answered, ALICE, "it was accepted by hand")


def connections(
    *outcomes: AnswerOutcome,
    findings: Sequence[Finding] = (),
    looked_at: Any = "all",
    trigger: Any = "event",
    name: str = "connections-1",
    failure: Failure | None = None,
    registered: Sequence[RegistrationOutcome] = (),
    register: Sequence[str] = (),
    zones: ZonesReport | None = None,
    compared: Sequence[str] = (),
    **plan: Any,
) -> ConnectionReport:
    planned = ConnectionPlan(
        zones=zone_checks(*compared),
        findings=tuple(findings),
        looked_at=looked_at,
        register=tuple(map(Registration, register)),
        **plan,
    )
    return ConnectionReport(
        f"{MACHINES}Connections:{name}",
        trigger,
        planned,
        outcomes,
        failure,
        registered=tuple(registered),
        zones=zones,
    )


def hold_end(
    answer: Any,
    *outcomes: AnswerOutcome,
    of: Hold | None = None,
    failure: Failure | None = None,
    **said: Any,
) -> HoldReport:
    of = of or hold()
    given = HoldAnswer(answer, **said) if answer else None
    return HoldReport(f"{MACHINES}Hold:{of.name}", of, given, outcomes, failure)


def payload(of: Any) -> dict[str, Any]:
    """The report as its workflow hands it over."""
    if isinstance(of, NetworkReport):
        return reports.payload(of)
    return {"workflow": of.workflow, "round": 2, **encode(of)}
