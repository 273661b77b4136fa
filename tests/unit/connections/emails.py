"""An email of each kind about connections, by the name of the file in `messages/` that holds it."""

from __future__ import annotations

from typing import Any

from autopilot.connections.facts import EXPIRY
from autopilot.connections.holds import HoldAnswer
from autopilot.connections.in_vain import NOT_PERMITTED, TOO_LATE
from autopilot.connections.messages import HOLD_ANSWERED
from autopilot.connections.messages_holds import HoldEnd
from autopilot.connections.plan import AnswerOutcome
from autopilot.connections.report import answered
from autopilot.connections.reported import by_verdict
from autopilot.connections.zones import Alignment
from autopilot.notify.finding import Finding
from autopilot.notify.notice import Notice

from tests.unit.connections.reports import (
    ALICE,
    ANSWERED,
    MACHINES,
    OWNER,
    answer,
    held,
    hold,
    hold_end,
    of_connection,
    why,
)
from tests.unit.notify.reports import about, finding, place

STRANGER = "333333333333"
DENIED = (
    "ec2:AcceptVpcEndpointConnections: UnauthorizedOperation: You are not authorized to perform"
    " this operation. User: arn:aws:sts::111111111111:assumed-role/Answer-1A2B/answer is not"
    " authorized to perform: ec2:AcceptVpcEndpointConnections on resource:"
    " arn:aws:ec2:us-east-1:111111111111:vpc-endpoint-service/vpce-svc-1 because no"
    " identity-based policy allows it"
)
PLACE = place(f"{MACHINES}Connections:connections-1")
ZONES: dict[str, Any] = {
    "shared": ["use1-az1", "use1-az2"],
    "lost": [],
    "would_serve": {"use1-az4": ["subnet-4", "subnet-5"]},
    "never": {"use1-az6": ["subnet-6"]},
}


def opened(*findings: Finding) -> Notice:
    return about("opened", findings, PLACE)


def answers(kind: str, *outcomes: AnswerOutcome, zones: Any = ()) -> Notice:
    (change,) = by_verdict(answered(outcomes), zones)
    assert change.kind == kind
    return change.notice(PLACE)


def ended(said: str, **given: Any) -> Notice:
    report = hold_end(said, answer("vpce-1"), **given)
    assert report.answer
    outcome = report.outcomes[0] if said != "closed" else None
    return HOLD_ANSWERED.done(HoldEnd(hold(), report.answer, outcome)).notice(PLACE)


def in_vain(why_not: str) -> Notice:
    said = HoldAnswer("accept", by=ALICE, reason="ticket 4711", at=ANSWERED)
    stale = answer("vpce-1", result="stale", error="StandsOtherwise", message=why_not)
    return HOLD_ANSWERED.done(HoldEnd(hold(), said, stale)).notice(PLACE)


CONNECTION_EMAILS = {
    "ConnectionAccepted-zones": answers(
        "ConnectionAccepted",
        answer("vpce-1", "vpce-2", "vpce-3"),
        zones=[
            Alignment("vpce-svc-1", "vpce-1", OWNER, "aligned", shared=("use1-az1",)),
            Alignment(
                "vpce-svc-1", "vpce-2", OWNER, "unknown", f"account {OWNER} isn't among zones.peers"
            ),
            Alignment(
                "vpce-svc-1", "vpce-3", OWNER, "not_applicable", "the endpoint is in us-west-2"
            ),
        ],
    ),
    "ConnectionAccepted": answers(
        "ConnectionAccepted",
        answer("vpce-1", "vpce-2"),
        answer(
            "vpce-3",
            service="vpce-svc-2",
            why=why(
                owner=STRANGER,
                rule="allowed principals",
                reason=f"a rule names {STRANGER}, the permission list admits it",
            ),
        ),
    ),
    "ConnectionRejected-expired": answers(
        "ConnectionRejected",
        answer(
            "vpce-1",
            verdict="reject",
            by=EXPIRY,
            why=why(reason="nobody answered within 7 days", rule=""),
        ),
    ),
    "ConnectionRejected-denied": answers(
        "ConnectionRejected",
        answer("vpce-1", verdict="reject", why=why(reason="deny names 222222222222")),
    ),
    "ConnectionCut": answers(
        "ConnectionCut",
        answer(
            "vpce-1",
            verdict="cut",
            why=why(
                reason="the permission list doesn't admit 222222222222 any more",
                rule="allowed principals",
            ),
        ),
    ),
    "ConnectionHeld": opened(
        held(created="2026-11-24T23:05:40.000Z", expires="2026-12-02T01:06:00.921905+02:00")
    ),
    "ConnectionHeld-digest": opened(
        held("vpce-svc-1/vpce-1"),
        held("vpce-svc-1/vpce-2", owner=STRANGER, reason=f"no rule names {STRANGER}"),
        held(
            "vpce-svc-2/vpce-3",
            reason="the service's permission list doesn't admit 222222222222",
            created="",
        ),
    ),
    "HoldAnswered-function": ended(
        "accept", by=ALICE, reason="ticket 4711, checked with the team", at=ANSWERED
    ),
    "HoldAnswered-console": ended(
        "closed",
        answered="reject",
        by="arn:aws:iam::111111111111:user/bob",
        reason="it was rejected in the console or by the CLI",
        at=ANSWERED,
    ),
    "HoldAnswered-overruled": in_vain(f"{NOT_PERMITTED} {OWNER}"),
    "HoldAnswered-too-late": in_vain(TOO_LATE),
    "ConnectionNotAllowed": opened(
        of_connection(
            "ConnectionNotAllowed",
            reason="no rule names 222222222222",
            rule="",
            accepted_by="",
        ),
        of_connection(
            "ConnectionNotAllowed",
            "vpce-svc-1/vpce-2",
            reason=f"{ALICE} accepted it; the permission list doesn't admit 222222222222 any more",
            rule="",
            accepted_by=ALICE,
        ),
    ),
    "PlannedAnswer": opened(
        of_connection(
            "PlannedAnswer",
            severity="info",
            action="accept",
            reason="a rule names 222222222222, the permission list admits it",
            rule="account 222222222222",
        ),
        of_connection(
            "PlannedAnswer",
            "vpce-svc-1/vpce-2",
            "info",
            owner=STRANGER,
            action="hold",
            reason=f"no rule names {STRANGER}",
            rule="",
        ),
    ),
    "AnswerFailed": opened(
        of_connection(
            "AnswerFailed",
            severity="failure",
            error="AccessDenied",
            message=DENIED,
            action="accept",
            reason="a rule names 222222222222",
        ),
        of_connection(
            "AnswerFailed",
            "vpce-svc-1/vpce-2",
            "failure",
            error="AccessDenied",
            message=DENIED,
            action="accept",
            reason="a rule names 222222222222",
        ),
    ),
    "NotificationsNotRegistered": opened(
        finding(
            "NotificationsNotRegistered",
            "vpce-svc-1",
            "failure",
            error="RefusedByAws",
            message="ec2:CreateVpcEndpointConnectionNotification: InvalidParameter: no such topic",
        )
    ),
    "NotificationsNotArriving": opened(
        finding("NotificationsNotArriving", "sweep", found_by_sweep=3, sweeps_in_a_row=2)
    ),
    "ZonesMisaligned-partial": opened(of_connection("ZonesMisaligned", status="partial", **ZONES)),
    "ZonesMisaligned-drifted": opened(
        of_connection(
            "ZonesMisaligned",
            status="none",
            shared=[],
            lost=["use1-az1"],
            would_serve={},
            never={},
        ),
        of_connection("ZonesMisaligned", "vpce-svc-1/vpce-2", status="partial", **ZONES),
    ),
    "ZoneAdvice": opened(
        finding(
            "ZoneAdvice",
            "vpc-1/com.amazonaws.vpce.us-east-1.vpce-svc-9",
            "info",
            by=ALICE,
            error="The VPC endpoint service com.amazonaws.vpce.us-east-1.vpce-svc-9 does not"
            " support the availability zone of the subnet: subnet-6.",
            at=ANSWERED,
            zone_ids=["use1-az1", "use1-az4"],
            refused=["subnet-6"],
            would_serve={"use1-az1": ["subnet-1"], "use1-az4": ["subnet-4", "subnet-5"]},
            never={"use1-az6": ["subnet-6"]},
            why="",
        )
    ),
    "ZoneAdvice-unknown": opened(
        finding(
            "ZoneAdvice",
            "vpc-1/com.amazonaws.vpce.us-east-1.vpce-svc-9",
            "info",
            by=ALICE,
            error="no",
            at=ANSWERED,
            zone_ids=[],
            refused=[],
            would_serve={},
            never={},
            why="ec2:DescribeVpcEndpointServices: no",
        )
    ),
    "Resolved-connections": about(
        "resolved", [held("vpce-svc-1/vpce-1"), held("vpce-svc-2/vpce-2")], PLACE
    ),
}
