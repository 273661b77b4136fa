"""What a survey must show before it is believed."""

from __future__ import annotations

from typing import Any

import pytest
from autopilot.core.facts import Facts
from autopilot.core.outcome import Outcome
from autopilot.core.visible import gone, unseen

from tests.unit.builders import endpoint, facts, ours, outcome, planned, table, vpc

(ITEM,) = planned(facts(vpc(), table("rtb-1"), table("rtb-2"))).items
DONE = outcome(ITEM)
NETWORK = (vpc(), table("rtb-1"), table("rtb-2"))


@pytest.mark.parametrize(
    ("seen", "expect", "missing"),
    [
        (facts(vpc()), ("vpc-1",), ()),
        (facts(), ("vpc-1",), ("vpc-1",)),
        (facts(vpc(), table()), ("rtb-1",), ()),
        (facts(vpc()), ("rtb-1", "vpc-1"), ("rtb-1",)),
        (facts(endpoint("vpce-1")), ("vpce-1",), ()),
        (facts(), ("vpce-1",), ("vpce-1",)),
        (facts(), (gone("vpce-1"),), ()),
        (facts(endpoint("vpce-1", ["rtb-1"])), (gone("vpce-1"),), (gone("vpce-1"),)),
        (
            facts(endpoint("vpce-1", ["rtb-1"], state="deleting")),
            (gone("vpce-1"),),
            (gone("vpce-1"),),
        ),
        (facts(endpoint("vpce-1", state="deleted")), (gone("vpce-1"),), ()),
        (facts(), (), ()),
    ],
)
def test_waits_for_what_events_said(
    seen: Facts, expect: tuple[str, ...], missing: tuple[str, ...]
) -> None:
    assert unseen(seen, expect, ()) == missing


@pytest.mark.parametrize(
    ("seen", "done", "waits"),
    [
        (facts(*NETWORK, ours("vpce-9", ["rtb-1", "rtb-2"])), DONE, False),
        (facts(*NETWORK, ours("vpce-9", ["rtb-1"])), DONE, True),
        (facts(*NETWORK), DONE, True),
        (facts(*NETWORK, ours("vpce-9", state="deleting")), DONE, False),
        (facts(vpc(), table("rtb-1"), ours("vpce-9", ["rtb-1"])), DONE, False),
        (facts(vpc()), DONE, False),
        (facts(), DONE, False),
        (facts(*NETWORK), outcome(ITEM, result="stale"), False),
        (facts(*NETWORK), outcome(ITEM, result="failed"), False),
        (facts(*NETWORK), None, False),
    ],
    ids=[
        "endpoint and tables are there",
        "a table isn't there yet",
        "the endpoint isn't there yet",
        "somebody deletes the endpoint",
        "a table has been deleted meanwhile",
        "every table has been deleted meanwhile",
        "the VPC has been deleted meanwhile",
        "the change didn't fit",
        "the change failed",
        "the change has no outcome",
    ],
)
def test_waits_for_what_was_done(seen: Facts, done: Outcome | None, waits: bool) -> None:
    outcomes = [done] if done else []

    assert unseen(seen, [ITEM.id], outcomes) == ((ITEM.id,) if waits else ())


def test_goes_by_the_last_outcome() -> None:
    seen: Any = facts(*NETWORK, ours("vpce-9", ["rtb-1", "rtb-2"]))

    assert unseen(seen, [ITEM.id], [outcome(ITEM, result="stale"), DONE]) == ()
    assert unseen(facts(*NETWORK), [ITEM.id], [outcome(ITEM, result="stale"), DONE]) == (ITEM.id,)


def test_waits_for_nothing_when_told_so() -> None:
    assert unseen(facts(*NETWORK), (), [DONE]) == ()
