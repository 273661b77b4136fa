"""Plans and outcomes survive the workflow."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from autopilot.connections.holds import (
    Hold,
    HoldRow,
    opened,
)
from autopilot.connections.plan import AnswerOutcome, ConnectionPlan
from autopilot.reconcile.codec import decode, encode

from tests.unit.connections.builders import (
    ALLOWED,
    CONSUMER,
    ENDPOINT,
    EXECUTION,
    NOW,
    SERVICE,
    STRANGER,
    connection,
    context,
    facts,
    planned,
    root,
)


def through_json(data: Any) -> Any:
    return json.loads(json.dumps(data))


HOLD = Hold(f"hold-{ENDPOINT}-1", ENDPOINT, SERVICE, "name", CONSUMER, "no rule", "", 3600)


def row(state: Any = "open", **changes: Any) -> HoldRow:
    made = opened(HOLD, None, "token", EXECUTION, NOW)
    return replace(made, state=state, **changes)


def test_a_plan() -> None:
    seen = facts(
        connection("vpce-01"),
        connection("vpce-02", owner=STRANGER),
        listed=[root()],
        notifications=(),
        holds={"vpce-09": replace(row(), endpoint_id="vpce-09")},
    )
    made = planned(seen, context(ALLOWED))
    assert all((made.items, made.register, made.holds, made.close_holds, made.zones))
    assert decode(ConnectionPlan, through_json(encode(made))) == made


def test_an_outcome_that_the_workflow_made_of_a_failure() -> None:
    (item,) = planned(facts(connection(), listed=[root()]), context(ALLOWED)).items
    failed = {**encode(item), "result": "failed", "error": "AccessDenied", "message": "no"}
    read = decode(AnswerOutcome, through_json(failed))
    assert (read.result, read.item.endpoint_ids, read.stale) == ("failed", (ENDPOINT,), ())
    assert decode(AnswerOutcome, through_json(encode(read))) == read
