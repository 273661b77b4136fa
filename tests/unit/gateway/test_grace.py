"""What is new waits for an endpoint of its own tool, once, and not for ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from autopilot.gateway import grace
from autopilot.gateway.desired import desired_in
from autopilot.gateway.facts import Endpoint, Facts, RouteTable, Vpc
from autopilot.gateway.plan import NextLook
from autopilot.notify.ledger import Row
from autopilot.policy.model import GatewayPolicy, GracePolicy, Policy
from autopilot.reconcile.codec import encode
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.withdrawn import stack_key

STACK = StackIdentity("Stack", "111111111111", "us-east-1")
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
SHOP = {"aws:cloudformation:stack-name": "shop"}
S3, DYNAMODB = "com.amazonaws.us-east-1.s3", "com.amazonaws.us-east-1.dynamodb"
TEN, HOUR = timedelta(minutes=10), timedelta(hours=1)


def policy(**how: object) -> Policy:
    return Policy(gateway_endpoints=GatewayPolicy(grace=GracePolicy(**how)))  # type: ignore[arg-type]  # a test's shorthand


def facts(
    vpc: dict[str, str] | None = None, table: dict[str, str] | None = None, **more: object
) -> Facts:
    known = Facts(
        (Vpc("vpc-1", STACK.account, tags=vpc or {}),),
        (RouteTable("rtb-1", "vpc-1", tags=table or {}), RouteTable("rtb-2", "vpc-1")),
    )
    return replace(known, **more)  # type: ignore[arg-type]  # a test's shorthand


def theirs(service: str, *tables: str) -> Endpoint:
    return Endpoint("vpce-9", "vpc-1", service, route_table_ids=tables)


TERRAFORM = policy(tags={"managed-by": "terraform"})


@pytest.mark.parametrize(
    ("seen", "under", "made", "expected"),
    [
        (facts(SHOP), policy(), (), {"rtb-1": TEN, "rtb-2": TEN}),
        (facts(None, SHOP), policy(), (), {"rtb-1": TEN}),
        (facts(), policy(), (), {}),
        (facts(), policy(), ("vpc-1",), {"rtb-1": TEN, "rtb-2": TEN}),
        (facts(), policy(), ("rtb-2",), {"rtb-2": TEN}),
        (facts(), policy(whom="everybody"), (), {"rtb-1": TEN, "rtb-2": TEN}),
        (facts(SHOP), policy(whom="nobody"), ("vpc-1",), {}),
        (facts({"managed-by": "terraform"}), TERRAFORM, (), {"rtb-1": TEN, "rtb-2": TEN}),
        (facts({"managed-by": "hand"}), TERRAFORM, (), {}),
        (facts(SHOP), policy(seconds=60), (), dict.fromkeys(("rtb-1", "rtb-2"), HOUR / 60)),
        # Another service is still to come: the table waits for that.
        (
            facts(SHOP, endpoints=(theirs(S3, "rtb-1", "rtb-2"),)),
            policy(),
            (),
            {"rtb-1": TEN, "rtb-2": TEN},
        ),
        # Both are there: what they don't serve needs no waiting any more.
        (
            facts(SHOP, endpoints=(theirs(S3, "rtb-1"), theirs(DYNAMODB, "rtb-1"))),
            policy(),
            (),
            {},
        ),
        # Our route made the stack fail before: an hour, even where nobody waits.
        (
            facts(SHOP, withdrawn=frozenset({stack_key("shop")})),
            policy(whom="nobody"),
            (),
            {"rtb-1": HOUR, "rtb-2": HOUR},
        ),
        (facts(SHOP, withdrawn=frozenset({stack_key("other")})), policy(whom="nobody"), (), {}),
    ],
)
def test_who_gets_a_grace(
    seen: Facts, under: Policy, made: tuple[str, ...], expected: dict[str, timedelta]
) -> None:
    desired = desired_in(seen, under, STACK)
    assert dict(grace.candidates(desired, seen, under, STACK, made)) == expected


def seen_first(execution: str = "one", at: datetime = NOW) -> tuple[Row, ...]:
    made = grace.waits({"rtb-1": TEN}, (), execution=execution, now=at)
    return tuple(write.row for write in made.writes if write.row)


def test_the_look_that_sees_a_table_first_waits_and_wakes_for_it() -> None:
    made = grace.waits({"rtb-1": TEN}, (), execution="one", now=NOW)
    assert made.until == {"rtb-1": NOW + TEN}
    assert [write.replaces for write in made.writes] == [None]
    again = grace.again(made, facts(), NOW)
    where = {"vpc_ids": ["vpc-1"], "route_table_ids": [], "endpoint_ids": []}
    assert encode(again) == {"seconds": 605, "scope": where, "expect": ["rtb-1"]}
    assert encode(NextLook()) == {"seconds": 0, "scope": "all", "expect": []}


def test_a_retry_of_the_same_look_wakes_too_and_starts_no_new_wait() -> None:
    later = NOW + timedelta(minutes=1)
    made = grace.waits({"rtb-1": TEN}, seen_first("one"), execution="one", now=later)
    assert (made.writes, made.until) == ((), {"rtb-1": NOW + TEN})
    assert grace.again(made, facts(), later).seconds == 545


def test_other_looks_wait_and_leave_the_waking_to_the_first() -> None:
    made = grace.waits({"rtb-1": TEN}, seen_first("one"), execution="two", now=NOW)
    assert (made.until, made.writes) == ({"rtb-1": NOW + TEN}, ())
    assert grace.again(made, facts(), NOW) == NextLook()


def test_a_grace_is_over_once_and_for_all() -> None:
    """A table that loses its route later gets it back at once."""
    for later in (TEN, timedelta(days=80)):
        made = grace.waits({"rtb-1": TEN}, seen_first(), execution="two", now=NOW + later)
        assert (made.until, made.writes) == ({}, ())
    (row,) = seen_first()
    assert row.expires_at and row.expires_at > (NOW + timedelta(days=80)).timestamp()


def test_tables_in_grace_want_nothing_until_somebody_elses_endpoint_ends_it() -> None:
    waiting = {"rtb-1", "rtb-2"}
    desired = desired_in(facts(SHOP), policy(), STACK).without(waiting)
    assert [endpoint.missing for endpoint in desired.endpoints] == [(), ()]
    assert desired.left["in grace"] == 4

    served = facts(SHOP, endpoints=(theirs(S3, "rtb-1"),))
    s3, dynamodb = desired_in(served, policy(), STACK).without(waiting).endpoints
    assert [table.id for table in s3.missing] == ["rtb-2"]
    assert dynamodb.missing == ()
