"""What the workflow asks of a look: where, and what it must show."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from autopilot.connections.plan import AnswerItem, AnswerOutcome, ConnectionPlan
from autopilot.connections.request import (
    HoldsRequest,
    LookRequest,
    RegisterRequest,
)
from autopilot.reconcile.codec import decode, encode
from autopilot.reconcile.scope import ServiceScope

from tests.unit.connections.builders import (
    ALICE,
    ALLOWED,
    ENDPOINT,
    EXECUTION,
    SERVICE,
    connection,
    context,
    facts,
    planned,
    root,
)

HERE = ServiceScope(service_ids=(SERVICE,))


def through_json(data: Any) -> Any:
    return json.loads(json.dumps(data))


def outcome(verdict: Any, done: Any = (), stale: Any = (), **changes: Any) -> AnswerOutcome:
    item = AnswerItem(f"{SERVICE}/{verdict}/1", SERVICE, "name", verdict, tuple(done), {})
    made = AnswerOutcome(item, "done" if done else "stale", stale=tuple(stale))
    return replace(made, **changes)


def further(*outcomes: AnswerOutcome, **changes: Any) -> LookRequest:
    request = LookRequest(
        round_number=2, outcomes=outcomes, before=ConnectionPlan(more=7, looked_at="all")
    )
    return replace(request, **changes)


@pytest.mark.parametrize(
    ("made", "state", "missing"),
    [
        (outcome("accept", [ENDPOINT]), "pendingAcceptance", True),
        (outcome("accept", [ENDPOINT]), "pending", False),
        (outcome("accept", [ENDPOINT]), "rejected", False),
        (outcome("reject", [ENDPOINT]), "pendingAcceptance", True),
        (outcome("reject", [ENDPOINT]), "rejected", False),
        (outcome("cut", [ENDPOINT]), "available", True),
        (outcome("cut", [ENDPOINT]), "rejected", False),
        (outcome("accept", stale=[ENDPOINT], error="Unsuccessful"), "pendingAcceptance", True),
        (outcome("accept", stale=[ENDPOINT], error="StandsOtherwise"), "pendingAcceptance", False),
        (outcome("accept", [ENDPOINT], result="failed"), "pendingAcceptance", False),
        (outcome("accept", ["vpce-99"]), "pendingAcceptance", False),
    ],
)
def test_what_was_answered_must_show(made: Any, state: str, missing: bool) -> None:
    request = further(made, expect=(ENDPOINT,))
    assert request.unsettled([connection(state=state)]) == ((ENDPOINT,) if missing else ())
    assert replace(request, expect=()).unsettled([connection(state=state)]) == ()
    assert request.services_answered == (SERVICE,)


def test_the_last_answer_counts() -> None:
    first, last = outcome("accept", [ENDPOINT]), outcome("cut", [ENDPOINT])
    request = further(first, last, expect=(ENDPOINT,))
    assert request.unsettled([connection(state="available")]) == (ENDPOINT,)


def test_a_request_may_be_empty_or_in_full() -> None:
    assert decode(LookRequest, {}) == LookRequest()
    made = planned(facts(connection(), listed=[root()]), context(ALLOWED))
    full = {
        "trigger": "event",
        "scope": HERE.to_json(),
        "look": ["zones"],
        "answers": [
            {"endpoint_id": ENDPOINT, "service_id": SERVICE, "verdict": "accept", "by": ALICE,
             "at": "2026-11-24T12:00:00Z"}
        ],
        "expect": [ENDPOINT],
        "round": 2,
        "outcomes": [encode(outcome("accept", [ENDPOINT]))],
        "plan": encode(made),
        "execution": EXECUTION,
    }  # fmt: skip
    read = decode(LookRequest, through_json(full))
    assert (read.scope, read.before, read.round_number) == (HERE, made, 2)
    assert read.looks_at("zones")
    assert not read.looks_at("notifications")
    with pytest.raises(ValueError, match="trigger"):
        decode(LookRequest, {"trigger": "cron"})


@pytest.mark.parametrize(
    ("kind", "data", "missing"),
    [
        (HoldsRequest, {"close_holds": []}, "holds"),
        (HoldsRequest, {"holds": []}, "close_holds"),
        (RegisterRequest, {"execution": "arn"}, "register"),
    ],
)
def test_a_step_that_is_told_nothing_fails_and_does_not_do_nothing(
    kind: Any, data: dict[str, Any], missing: str
) -> None:
    with pytest.raises(KeyError, match=f"'{missing}'"):
        decode(kind, data)
