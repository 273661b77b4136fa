"""What one plan holds: calls in batches, holds to open and close, findings that fit."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from autopilot.connections.holds import (
    Hold,
    HoldRow,
    opened,
)
from autopilot.connections.items import MOST_ANSWERS, MOST_AT_ONCE, MOST_HOLDS
from autopilot.connections.plan import AnswerOutcome
from autopilot.reconcile.codec import encode

from tests.unit.connections.builders import (
    ALICE,
    ALLOWED,
    CONSUMER,
    ENDPOINT,
    EXECUTION,
    NOW,
    OTHER_SERVICE,
    SERVICE,
    STRANGER,
    account,
    connection,
    context,
    facts,
    memory,
    planned,
    root,
    service,
)


def many(count: int, **changes: Any) -> list[Any]:
    return [connection(f"vpce-{number:04x}", **changes) for number in range(count)]


def test_one_item_for_each_service_and_verdict() -> None:
    seen = facts(
        connection("vpce-01"),
        connection("vpce-02"),
        connection("vpce-03", service_id=OTHER_SERVICE),
        connection("vpce-04", owner=STRANGER),
        connection("vpce-05", owner=STRANGER, state="available"),
        listed=[root(), root(STRANGER)],
        memory={f"{SERVICE}/vpce-05": memory()},
    )

    made = planned(seen, context(ALLOWED, deny=[account(STRANGER)]))

    assert {item.id: item.endpoint_ids for item in made.items} == {
        f"{SERVICE}/accept/1": ("vpce-01", "vpce-02"),
        f"{OTHER_SERVICE}/accept/1": ("vpce-03",),
        f"{SERVICE}/reject/1": ("vpce-04",),
        f"{SERVICE}/cut/1": ("vpce-05",),
    }
    assert made.items[0].service_name.endswith(SERVICE)
    assert made.items[0].reasons["vpce-01"].created == "2026-11-24T11:59:50+00:00"
    assert made.expect == tuple(f"vpce-0{n}" for n in range(1, 6))


def test_long_batches_are_cut_and_a_long_plan_leaves_the_rest_to_another() -> None:
    seen = facts(*many(MOST_ANSWERS + 30), listed=[root()])

    made = planned(seen, context(ALLOWED))

    assert [len(item.endpoint_ids) for item in made.items] == [MOST_AT_ONCE, MOST_AT_ONCE]
    assert [item.id for item in made.items] == [f"{SERVICE}/accept/1", f"{SERVICE}/accept/2"]
    assert made.more == 30


def test_the_largest_plan_fits_into_a_state_with_its_outcomes() -> None:
    held = [connection(f"vpce-{n:017x}", owner=STRANGER) for n in range(500)]
    seen = facts(*many(300), *held, listed=[root()])
    made = planned(seen, context(ALLOWED))
    outcomes = [encode(AnswerOutcome(item, "done", at=NOW.isoformat())) for item in made.items]

    assert len(made.holds) == MOST_HOLDS
    assert len(made.findings) == 500 - made.left["findings too many at once"] > 100
    assert made.looked_at == (OTHER_SERVICE,), "what isn't told in full is not taken back"
    both = {"plan": encode(made), "outcomes": outcomes, "expect": list(made.expect)}
    assert len(json.dumps(both)) < 250_000


HOLD = Hold(f"hold-{ENDPOINT}-1", ENDPOINT, SERVICE, "name", CONSUMER, "no rule", "", 3600)


def row(state: Any = "open", **changes: Any) -> HoldRow:
    made = opened(HOLD, None, "token", EXECUTION, NOW)
    return replace(made, state=state, **changes)


OLD = (NOW - timedelta(minutes=20)).isoformat()


LONG_AGO = (NOW - timedelta(hours=3)).isoformat()


ALICES = {"answer": "accept", "by": ALICE, "at": NOW.isoformat()}


@pytest.mark.parametrize(
    ("known", "opens"),
    [
        (None, True),
        (row("opening"), False),
        (row("opening", opened_at=OLD), True),
        (row("open"), False),
        (row("open", opened_at=OLD), False),
        (row("open", opened_at=LONG_AGO), True),
        (row("answered", **ALICES), False),
        (row("answered", **{**ALICES, "at": OLD}), True),
        (row("closed"), True),
    ],
)
def test_a_request_is_held_once(known: Any, opens: bool) -> None:
    made = planned(facts(connection(), holds={ENDPOINT: known} if known else {}), context(ALLOWED))
    assert bool(made.holds) == opens


def test_a_hold_and_its_finding_say_what_ops_need() -> None:
    made = planned(facts(connection()), context(ALLOWED, hold_for_seconds=3600))

    (hold,), (finding,) = made.holds, made.findings
    assert hold == Hold(
        f"hold-{ENDPOINT}-{int(NOW.timestamp())}", ENDPOINT, SERVICE, service().name, CONSUMER,
        "the service's permission list doesn't admit 222222222222", connection().created, 3600,
    )  # fmt: skip
    assert (finding.id, finding.severity) == (f"ConnectionHeld/{SERVICE}/{ENDPOINT}", "action")
    assert finding.data["expires"] == "2026-11-24T13:00:00+00:00"
    assert finding.data["hold"] == hold.name


def test_the_finding_of_an_open_hold_does_not_change_from_look_to_look() -> None:
    known = {ENDPOINT: row(name="hold-x", opened_at=OLD)}
    one = planned(facts(connection(), holds=known), context(ALLOWED))
    other = planned(
        facts(connection(), holds=known), context(ALLOWED, now=NOW + timedelta(minutes=5))
    )
    assert one.findings == other.findings
    assert one.findings[0].data["hold"] == "hold-x"


@pytest.mark.parametrize(
    ("connections", "remembered", "answered_", "by"),
    [
        ([connection(state="available")], memory(by=ALICE), "accept", ALICE),
        ([connection(state="available")], None, "accept", ""),
        ([connection(state="available")], memory(), "policy", ""),
        ([connection(state="available")], memory(state="accepting"), "accept", ""),
        ([connection(state="rejected")], memory(state="rejected", by=ALICE), "reject", ALICE),
        ([connection(state="rejected")], memory(state="rejected"), "policy", ""),
        ([connection(state="rejected")], None, "reject", ""),
        ([connection(state="deleted")], None, "gone", ""),
        ([], None, "gone", ""),
    ],
)
def test_a_hold_that_became_needless_is_closed(
    connections: Any, remembered: Any, answered_: str, by: str
) -> None:
    known = {f"{SERVICE}/{ENDPOINT}": remembered} if remembered else {}
    seen = facts(*connections, listed=[root()], memory=known, holds={ENDPOINT: row()})

    (closure,) = planned(seen, context(ALLOWED)).close_holds

    assert (closure.answered, closure.by) == (answered_, by)
    assert closure.why


@pytest.mark.parametrize(
    "known",
    [row("closed"), row("answered", **ALICES), row("open", opened_at=LONG_AGO)],
)
def test_a_hold_that_is_over_is_not_closed_again(known: Any) -> None:
    assert planned(facts(holds={ENDPOINT: known}), context(ALLOWED)).close_holds == ()


def test_a_hold_stays_while_its_request_waits_or_was_not_looked_at() -> None:
    kept = facts(connection(), holds={ENDPOINT: row()})
    assert planned(kept, context(ALLOWED)).close_holds == ()
    elsewhere = facts(holds={ENDPOINT: row()}, looked_at=(OTHER_SERVICE,))
    assert planned(elsewhere, context(ALLOWED)).close_holds == ()
