"""Further looks of one execution: what comes again, what is given up, how it ends."""

from __future__ import annotations

from typing import Any

import pytest
from autopilot.gateway.facts import Facts
from autopilot.gateway.plan import NetworkOutcome, NetworkPlan, NetworkRequest

from tests.unit.gateway.builders import endpoint, facts, outcome, planned, policy, table, vpc

SEEN = facts(vpc(), table())
(ITEM,) = planned(SEEN).items
STALE = outcome(ITEM, result="stale", error="RouteAlreadyExists", message="ec2:… already")
FAILED = outcome(ITEM, result="failed", error="AccessDenied", message="ec2:… no")


def look(number: int, *outcomes: NetworkOutcome, seen: Facts = SEEN, **changes: Any) -> NetworkPlan:
    return planned(seen, request=NetworkRequest(round_number=number, outcomes=outcomes, **changes))


@pytest.mark.parametrize("number", [2, 3, 4])
def test_plans_again_what_came_out_stale(number: int) -> None:
    assert look(number, STALE).items == (ITEM,)


def test_plans_a_stale_change_as_things_stand_now() -> None:
    seen = facts(vpc(), table("rtb-1"), table("rtb-2"), endpoint("vpce-1", ["rtb-1"]))

    (item,) = look(2, STALE, seen=seen).items

    assert (item.id, item.route_table_ids) == ("vpc-1/s3", ("rtb-2",))


@pytest.mark.parametrize("number", [2, 3, 4, 5])
def test_never_plans_again_what_failed(number: int) -> None:
    made = look(number, FAILED)

    assert made.items == ()
    assert made.left == {"tried already": 1}


def test_never_plans_again_what_failed_after_it_was_stale() -> None:
    assert look(3, STALE, FAILED).items == ()


@pytest.mark.parametrize("number", [2, 3])
def test_leaves_what_came_up_meanwhile_to_its_own_event(number: int) -> None:
    assert look(number).items == ()
    assert look(number).more == 0


def test_one_done_does_not_make_what_came_up_meanwhile_a_rest() -> None:
    seen = facts(vpc(), table(), vpc("vpc-2"), table("rtb-2", "vpc-2"), endpoint("v", ["rtb-1"]))

    made = look(2, outcome(ITEM), seen=seen)

    assert (made.items, made.more) == ((), 0)


def test_gives_up_after_the_fourth_round_and_tells_ops() -> None:
    made = look(5, STALE)

    assert made.items == ()
    (finding,) = made.findings
    assert finding.id == "ChangeFailed/vpc-1/s3"
    assert finding.severity == "failure"
    assert finding.data["error"] == "RouteAlreadyExists"
    assert finding.data["message"] == "ec2:… already"


def test_tells_nothing_of_a_stale_change_that_nobody_needs_any_more() -> None:
    seen = facts(vpc(), table(), endpoint("vpce-1", ["rtb-1"]))

    for number in (2, 5):
        assert look(number, STALE, seen=seen).items == ()
        assert look(number, STALE, seen=seen).findings == ()


def test_repeats_findings_in_each_round() -> None:
    seen = facts(vpc(), table(subnet_ids=("subnet-a",)), busy=["subnet-a"])

    assert look(1, seen=seen).findings == look(2, seen=seen).findings != ()


def test_expects_next_time_what_it_plans_and_what_it_expected() -> None:
    assert look(1, expect=("vpc-1",)).expect == ("vpc-1", "vpc-1/s3")
    assert look(2, STALE, expect=("vpc-1/s3",)).expect == ("vpc-1/s3",)


MANY = facts(
    *(vpc(f"vpc-{n:03x}") for n in range(250)),
    *(table(f"rtb-{n:03x}", f"vpc-{n:03x}") for n in range(250)),
    # one more table each, so that modifies are wanted, which no quota limits
    *(
        endpoint(
            f"vpce-{n:03x}",
            vpc_id=f"vpc-{n:03x}",
            tags={"endpoint-autopilot:owner": "EndpointAutopilot"},
        )
        for n in range(250)
    ),
)


def test_plans_two_hundred_changes_and_counts_the_rest() -> None:
    made = look(1, seen=MANY)

    assert len(made.items) == 200
    assert made.more == 50


def test_still_counts_the_rest_once_the_first_are_done() -> None:
    first = look(1, seen=MANY).items
    outcomes = [outcome(item) for item in first]

    made = look(2, *outcomes, seen=MANY)

    assert made.items == ()
    assert made.more == 50


def test_starts_no_chain_when_nothing_could_be_done() -> None:
    first = look(1, seen=MANY).items
    outcomes = [outcome(item, result="failed", error="AccessDenied") for item in first]

    assert look(2, *outcomes, seen=MANY).more == 0


def test_carries_nothing_out_in_audit_mode_but_says_what_it_would() -> None:
    made = planned(SEEN, policy("audit"))

    assert made.items == ()
    assert made.more == 0
    assert made.left == {"audit mode": 1}
    (finding,) = made.findings
    assert finding.id == "PlannedChange/vpc-1/s3"
    assert finding.severity == "info"
    assert finding.data == {
        "action": "create",
        "endpoint_id": None,
        "route_table_ids": ["rtb-1"],
        "set_policy": True,
        "reason": ITEM.reason,
    }


def test_audit_mode_says_which_tables_are_busy_too() -> None:
    seen = facts(vpc(), table("rtb-1"), table("rtb-2", subnet_ids=("subnet-a",)), busy=["subnet-a"])

    kinds = {finding.kind: finding for finding in planned(seen, policy("audit")).findings}

    assert kinds["PlannedChange"].data["route_table_ids"] == ["rtb-1"]
    assert kinds["RouteTableBusy"].data["route_table_ids"] == ["rtb-2"]
