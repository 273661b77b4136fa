"""Busy route tables: what is one, and what waits for what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time

import pytest
from autopilot.gateway.facts import Facts
from autopilot.policy.model import ChangeWindow

from tests.unit.gateway.builders import (
    endpoint,
    facts,
    ours,
    planned,
    policy,
    table,
    vpc,
    wanted_in,
)

WINDOW = ChangeWindow(("sat", "sun"), time(2), time(5), "Europe/Berlin")
SATURDAY_NIGHT = datetime(2026, 11, 28, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seen", "busy"),
    [
        (facts(vpc(), table(subnet_ids=("subnet-a",)), busy=["subnet-a"]), True),
        (facts(vpc(), table(subnet_ids=("subnet-a", "subnet-b")), busy=["subnet-b"]), True),
        (facts(vpc(), table(subnet_ids=("subnet-a",)), busy=["subnet-b"]), False),
        (facts(vpc(), table(), busy=["subnet-a"]), False),
        (facts(vpc(), table(main=True), busy=["subnet-a"]), True),
        (facts(vpc(), table(main=True)), False),
        (
            facts(
                vpc(),
                table(main=True),
                table("rtb-2", subnet_ids=("subnet-a",)),
                busy=["subnet-a"],
            ),
            False,
        ),
        (
            facts(
                vpc(),
                table(main=True),
                table("rtb-2", subnet_ids=("subnet-a",)),
                busy=["subnet-a", "subnet-b"],
            ),
            True,
        ),
        (facts(vpc(), table(main=True, subnet_ids=("subnet-a",)), busy=["subnet-a"]), True),
        (facts(vpc(), table(), busy_subnets={}), True),
    ],
    ids=[
        "an interface in its subnet",
        "an interface in one of its subnets",
        "an interface in another table's subnet",
        "no subnet at all",
        "main: an interface in a subnet that no table names",
        "main: no interface",
        "main: an interface only in a subnet that another table names",
        "main: one of each",
        "main: an interface in a subnet that it names itself",
        "nobody asked: better safe",
    ],
)
def test_tells_busy_from_quiet(seen: Facts, busy: bool) -> None:
    assert seen.is_busy(seen.route_tables[0]) is busy


BUSY = facts(vpc(), table("rtb-1", subnet_ids=("subnet-a",)), table("rtb-2"), busy=["subnet-a"])


def test_attaches_the_quiet_table_and_reports_the_busy_one() -> None:
    made = planned(BUSY, policy(busy_route_tables="audit"))

    assert [item.route_table_ids for item in made.items] == [("rtb-2",)]
    (finding,) = made.findings
    assert finding.id == "RouteTableBusy/vpc-1/s3"
    assert finding.severity == "action"
    assert finding.data == {"endpoint_id": None, "route_table_ids": ["rtb-1"], "until": None}
    assert made.left == {"busy": 1}


def test_names_the_endpoint_that_could_take_the_busy_table() -> None:
    seen = facts(*BUSY.vpcs, *BUSY.route_tables, ours("vpce-1", ["rtb-2"]), busy=["subnet-a"])

    (finding,) = planned(seen).findings

    assert finding.data["endpoint_id"] == "vpce-1"


def test_attaches_busy_tables_when_the_policy_says_now() -> None:
    made = planned(BUSY, policy(busy_route_tables="now"))

    assert [item.route_table_ids for item in made.items] == [("rtb-1", "rtb-2")]
    assert made.findings == ()


def test_waits_for_the_window_and_says_when_it_opens() -> None:
    made = planned(BUSY, policy(busy_route_tables="window", change_window=WINDOW))

    assert [item.route_table_ids for item in made.items] == [("rtb-2",)]
    (finding,) = made.findings
    assert finding.severity == "info"
    assert finding.data["until"] == "2026-11-28T01:00:00+00:00"


def test_attaches_busy_tables_while_the_window_is_open() -> None:
    wanted = policy(busy_route_tables="window", change_window=WINDOW)

    made = planned(BUSY, wanted, now=SATURDAY_NIGHT)

    assert [item.route_table_ids for item in made.items] == [("rtb-1", "rtb-2")]


def test_creates_nothing_for_busy_tables_alone() -> None:
    seen = facts(vpc(), table(subnet_ids=("subnet-a",)), busy=["subnet-a"])

    assert planned(seen).items == ()


def test_sets_the_policy_of_an_endpoint_whose_next_table_is_busy() -> None:
    seen = facts(
        vpc(),
        table("rtb-1"),
        table("rtb-2", subnet_ids=("subnet-a",)),
        ours("vpce-1", ["rtb-1"], policy="{}"),
        busy=["subnet-a"],
    )

    (item,) = planned(seen).items

    assert (item.route_table_ids, item.set_policy, item.cause) == ((), True, "policy-drift")


@pytest.mark.parametrize(
    ("seen", "asked"),
    [
        (lambda: facts(vpc("vpc-1"), table("rtb-1")), ("vpc-1",)),
        (lambda: facts(vpc("vpc-1"), table("rtb-1"), endpoint("vpce-1", ["rtb-1"])), ()),
        (lambda: facts(vpc("vpc-1", owner="333333333333"), table("rtb-1")), ()),
        (lambda: facts(vpc("vpc-1"), table("rtb-1", edge=True)), ()),
        (lambda: facts(vpc("vpc-1")), ()),
    ],
    ids=["a table misses", "all covered", "shared", "edge table", "no table"],
)
def test_asks_for_interfaces_only_where_they_decide(
    seen: Callable[[], Facts], asked: tuple[str, ...]
) -> None:
    wanted = policy(services=("s3",))
    assert wanted_in(seen(), wanted).vpcs_to_probe(wanted) == asked


def test_asks_for_no_interfaces_when_busy_tables_may_change_anyway() -> None:
    wanted = policy(busy_route_tables="now")
    assert wanted_in(facts(vpc(), table()), wanted).vpcs_to_probe(wanted) == ()
