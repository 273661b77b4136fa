"""What a survey must show before it is believed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from autopilot.gateway.facts import Facts
from autopilot.gateway.plan import NetworkOutcome
from autopilot.reconcile import visible
from autopilot.reconcile.visible import gone

from tests.unit.gateway.builders import (
    DYNAMODB,
    endpoint,
    facts,
    ours,
    outcome,
    planned,
    table,
    vpc,
)


def unseen(
    seen: Facts, expect: Iterable[str], outcomes: Iterable[NetworkOutcome]
) -> tuple[str, ...]:
    """What a look at these facts would wait for."""
    shown = {"seen": seen.seen, "serving": seen.serving}
    return visible.unseen(expect, outcomes, **shown, shows=seen.shows)


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
        "the change failed",
        "the change has no outcome",
    ],
)
def test_waits_for_what_was_done(seen: Facts, done: NetworkOutcome | None, waits: bool) -> None:
    outcomes = [done] if done else []

    assert unseen(seen, [ITEM.id], outcomes) == ((ITEM.id,) if waits else ())


def refused(error: str, **changes: Any) -> NetworkOutcome:
    return outcome(ITEM, **{"result": "stale", "error": error, "endpoint_id": None, **changes})


TAKEN = refused("RouteAlreadyExists")
LOST = refused("NotFound")
MODIFY_LOST = refused("NotFound", endpoint_id="vpce-1")


@pytest.mark.parametrize(
    ("seen", "stale", "waits"),
    [
        (facts(*NETWORK), TAKEN, True),
        (facts(*NETWORK, endpoint("vpce-1", ["rtb-1"])), TAKEN, False),
        (facts(*NETWORK, endpoint("vpce-1", ["rtb-1"], service_name=DYNAMODB)), TAKEN, True),
        (facts(*NETWORK, endpoint("vpce-1", ["rtb-1"], state="deleting")), TAKEN, True),
        (facts(vpc()), TAKEN, False),
        (facts(*NETWORK), LOST, True),
        (facts(vpc(), table("rtb-1")), LOST, False),
        (facts(), LOST, False),
        (facts(*NETWORK, ours("vpce-1")), MODIFY_LOST, True),
        (facts(*NETWORK, ours("vpce-1", state="deleting")), MODIFY_LOST, False),
        (facts(*NETWORK), MODIFY_LOST, False),
        (facts(*NETWORK), refused("NotOurs"), False),
        (facts(*NETWORK), refused("ParameterMismatch"), False),
    ],
    ids=[
        "whoever took the route can't be seen yet",
        "whoever took the route is there",
        "an endpoint for another service explains nothing",
        "the endpoint that holds the route is still being deleted",
        "the tables are gone: nobody asks any more",
        "everything named is still to be seen",
        "a table is gone indeed",
        "the VPC is gone indeed",
        "the endpoint is still to be seen",
        "the endpoint is going indeed",
        "the endpoint is gone indeed",
        "somebody else's now",
        "an old token",
    ],
)
def test_waits_for_the_reason_why_a_change_did_not_fit(
    seen: Facts, stale: NetworkOutcome, waits: bool
) -> None:
    assert unseen(seen, [ITEM.id], [stale]) == ((ITEM.id,) if waits else ())


def test_goes_by_the_last_outcome() -> None:
    seen: Any = facts(*NETWORK, ours("vpce-9", ["rtb-1", "rtb-2"]))

    assert unseen(seen, [ITEM.id], [outcome(ITEM, result="stale"), DONE]) == ()
    assert unseen(facts(*NETWORK), [ITEM.id], [outcome(ITEM, result="stale"), DONE]) == (ITEM.id,)


def test_waits_for_nothing_when_told_so() -> None:
    assert unseen(facts(*NETWORK), (), [DONE]) == ()
