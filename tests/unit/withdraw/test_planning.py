"""Which of our resources give way to whom: tables of situations, and what must never happen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from autopilot.policy.model import Policy
from autopilot.reconcile.attached import AttachedEndpoint, Group
from autopilot.reconcile.codec import decode, encode
from autopilot.reconcile.removal import Removal, RemovalOutcome
from autopilot.reconcile.rounds import LAST_ROUND
from autopilot.reconcile.withdrawn import remember, still_away
from autopilot.withdraw.events import Demand
from autopilot.withdraw.facts import Interface, NetworkContents, VpcContents
from autopilot.withdraw.plan import NetworkLook, WithdrawalPlan, WithdrawalRequest
from autopilot.withdraw.planning import MOST_ITEMS, plan
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.withdraw.builders import (
    ALICE,
    NOW,
    OURS,
    S3,
    US,
    contents,
    demand,
    gateway,
    gone,
    interface,
    network,
    removal,
)

DYNAMODB = "com.amazonaws.us-east-1.dynamodb"
ENFORCE = Policy()
WORKLOAD = Interface("eni-1", "subnet-a")
ELSEWHERE = Interface("eni-2", "subnet-z")


def planned(
    of: VpcContents,
    *demands: Demand,
    policy: Policy = ENFORCE,
    now: datetime = NOW,
    **more: Any,
) -> WithdrawalPlan:
    inside = [each.id for each in demands if each.kind != "vpc"]
    return plan(WithdrawalRequest(demands=demands, **more), network(of, *inside), policy, US, now)


def deeds(made: WithdrawalPlan) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(item.action, item.resource_id, item.parts) for item in made.items]


OF_VPC = demand("vpc", "vpc-1")


def test_everything_of_ours_leaves_a_vpc_that_nobody_lives_in() -> None:
    made = planned(contents(gateway("vpce-1"), gateway("vpce-2", service_name=DYNAMODB)), OF_VPC)
    assert deeds(made) == [("delete endpoint", "vpce-1", ()), ("delete endpoint", "vpce-2", ())]
    for item in made.items:
        assert item.remember == ("vpc-1",)
        assert item.until == "2026-11-20T11:16:00+00:00"
        assert item.by == ALICE
    assert made.again == NetworkLook(3605, ("vpc-1",))


def test_our_groups_leave_it_once_our_endpoints_are_gone() -> None:
    with_endpoint = contents(gateway("vpce-1"), groups=(OURS,))
    assert deeds(planned(with_endpoint, OF_VPC)) == [("delete endpoint", "vpce-1", ())]
    going = contents(gateway("vpce-1", state="deleting"), groups=(OURS,))
    made = planned(going, OF_VPC)
    assert made.items == ()
    assert made.waiting == ("vpce-1",)
    assert planned(replace(going, groups=()), OF_VPC).waiting == ("vpce-1",)
    assert deeds(planned(contents(groups=(OURS,)), OF_VPC)) == [("delete group", "sg-ours", ())]


@pytest.mark.parametrize(
    ("what", "left"),
    [
        ({"subnet_ids": ("subnet-a",)}, "others are in the way too"),
        ({"table_ids": ("rtb-2",)}, "others are in the way too"),
        ({"others": (WORKLOAD,)}, "others are in the way too"),
        ({"groups": (OURS, Group("sg-1", "vpc-1"))}, "others are in the way too"),
        ({"owner": "222222222222"}, "shared by another account"),
    ],
)
def test_a_vpc_that_somebody_may_live_in_keeps_its_routes(what: dict[str, Any], left: str) -> None:
    made = planned(contents(gateway("vpce-1"), **what), OF_VPC)
    assert made.items == ()
    assert made.left == {left: 1}
    assert made.again == NetworkLook()


@pytest.mark.parametrize(
    "theirs",
    [
        {"tags": {}},
        {"tags": {"endpoint-autopilot:owner": "AnotherStack"}},
        {"requester_managed": True},
    ],
)
def test_what_is_not_ours_is_never_touched_and_keeps_the_vpc(theirs: dict[str, Any]) -> None:
    made = planned(contents(gateway("vpce-1"), gateway("vpce-9", **theirs)), OF_VPC)
    assert made.items == ()
    assert made.left == {"others are in the way too": 1}
    alone = planned(contents(gateway("vpce-9", **theirs)), OF_VPC)
    assert alone.left == {"nothing to remove there": 1}


def test_a_vpc_that_is_gone_already_asks_for_nothing() -> None:
    made = plan(WithdrawalRequest(demands=(OF_VPC,)), NetworkContents(), Policy(), US, NOW)
    assert made.left == {"gone already": 1}


def test_an_endpoint_leaves_a_subnet_where_only_it_lives() -> None:
    endpoint = interface("vpce-5", "subnet-a", "subnet-b")
    made = planned(contents(endpoint, others=(ELSEWHERE,)), demand("subnet", "subnet-a"))
    assert deeds(made) == [("leave subnets", "vpce-5", ("subnet-a",))]
    assert made.items[0].remember == ("subnet-a",)
    assert not made.items[0].whole, "others in the VPC use what is left of it"


def test_an_endpoint_keeps_a_subnet_that_others_live_in() -> None:
    endpoint = interface("vpce-5", "subnet-a", "subnet-b")
    made = planned(contents(endpoint, others=(WORKLOAD,)), demand("subnet", "subnet-a"))
    assert made.items == ()
    assert made.left == {"others are in the way too": 1}


def test_an_endpoint_keeps_its_last_subnet_while_others_live_in_the_vpc() -> None:
    made = planned(
        contents(interface("vpce-5", "subnet-a"), others=(ELSEWHERE,)), demand("subnet", "subnet-a")
    )
    assert made.items == ()
    (finding,) = made.findings
    assert finding.id == "StillServing/vpc-1/vpce-5"
    assert finding.severity == "action"
    assert finding.data["others"] == 1


def test_others_endpoints_live_in_the_vpc_like_anybody() -> None:
    theirs = interface("vpce-9", "subnet-z", tags={})
    made = planned(contents(interface("vpce-5", "subnet-a"), theirs), demand("subnet", "subnet-a"))
    assert made.items == ()
    assert [finding.id for finding in made.findings] == ["StillServing/vpc-1/vpce-5"]


def test_two_subnets_at_once_cannot_take_an_endpoint_that_serves_others() -> None:
    endpoint = interface("vpce-5", "subnet-a", "subnet-b")
    both = (demand("subnet", "subnet-a"), demand("subnet", "subnet-b"))
    assert planned(contents(endpoint, others=(ELSEWHERE,)), *both).items == ()
    (item,) = planned(contents(endpoint), *both).items
    assert (item.action, item.parts, item.whole) == (
        "leave subnets",
        ("subnet-a", "subnet-b"),
        True,
    )
    assert item.remember == ("subnet-a", "subnet-b")


def test_an_endpoint_that_failed_serves_nobody_and_leaves_its_last_subnet() -> None:
    broken = interface("vpce-5", "subnet-a", state="failed")
    made = planned(contents(broken, others=(ELSEWHERE,)), demand("subnet", "subnet-a"))
    assert deeds(made) == [("leave subnets", "vpce-5", ("subnet-a",))]


def test_what_is_going_is_left_to_go_and_nobody_told_before_it_is_gone() -> None:
    going = interface("vpce-5", "subnet-a", state="deleting")
    made = planned(contents(going), demand("subnet", "subnet-a"))
    assert made.items == ()
    assert made.waiting == ("vpce-5",)
    assert planned(contents(going), demand("subnet", "subnet-b")).waiting == ()
    beside = planned(contents(going, interface("vpce-6", "subnet-a")), demand("subnet", "subnet-a"))
    assert deeds(beside) == [("leave subnets", "vpce-6", ("subnet-a",))]
    assert beside.waiting == ("vpce-5",)


def test_somebody_elses_group_leaves_an_endpoint_that_keeps_another() -> None:
    endpoint = interface("vpce-5", "subnet-a", group_ids=("sg-ours", "sg-1"))
    made = planned(
        contents(endpoint, groups=(OURS, Group("sg-1", "vpc-1"))), demand("group", "sg-1")
    )
    assert deeds(made) == [("drop groups", "vpce-5", ("sg-1",))]
    assert made.items[0].remember == ()
    assert made.again == NetworkLook()


@pytest.mark.parametrize(
    ("of", "left"),
    [
        (contents(interface("vpce-5", "subnet-a"), groups=(OURS,)), "our own group"),
        (
            contents(interface("vpce-5", "subnet-a", group_ids=("sg-ours",))),
            "nothing to remove there",
        ),
        (
            contents(
                interface("vpce-5", "subnet-a", group_ids=("sg-ours", "sg-x")),
                others=(Interface("eni-1", "subnet-z", ("sg-ours",)),),
            ),
            "others are in the way too",
        ),
    ],
)
def test_groups_that_stay(of: VpcContents, left: str) -> None:
    made = planned(of, demand("group", "sg-ours"))
    assert made.items == ()
    assert made.left == {left: 1}


def route(table: str = "rtb-1", **more: Any) -> Demand:
    return demand("route", table, **{"service": S3, **more})


def test_our_route_leaves_a_table_that_somebody_serves_himself() -> None:
    of = contents(
        gateway("vpce-1", "rtb-1", "rtb-2"), gateway("vpce-2", "rtb-1", service_name=DYNAMODB)
    )
    made = planned(of, route())
    assert deeds(made) == [("leave tables", "vpce-1", ("rtb-1",))]
    (item,) = made.items
    assert item.remember == ("rtb-1/s3",)
    assert item.until == "2026-11-20T10:31:00+00:00"
    assert made.again == NetworkLook(905, ("vpc-1",))


def test_the_stack_that_was_refused_is_remembered_by_its_name() -> None:
    """Deployed anew, it has other ids."""
    of = network(contents(gateway("vpce-1", "rtb-1")), "rtb-1")
    of = replace(of, stacks={"vpc-1": "shop", "rtb-1": "shop-tables", "rtb-2": "others"})
    (item,) = plan(WithdrawalRequest(demands=(route(),)), of, Policy(), US, NOW).items
    assert item.remember == ("rtb-1/s3", "stack/shop", "stack/shop-tables")

    for key, days in (("rtb-1/s3", 0), ("stack/shop", 89)):
        write = remember(key, item.until, None, execution="one", now=NOW)
        assert write and write.row
        later = NOW + timedelta(days=days)
        assert still_away([write.row], later) == {key}
        assert still_away([write.row], later + timedelta(days=2)) == frozenset()
        # Known longer than it stays away: see `left_in_vain`.
        over = later + timedelta(days=89)
        assert write.row.expires_at and write.row.expires_at > over.timestamp()


def test_the_service_of_a_changed_endpoint_is_read_from_it() -> None:
    theirs = gateway("vpce-9", "rtb-2", tags={}, service_name=DYNAMODB)
    of = contents(
        gateway("vpce-1", "rtb-1"), gateway("vpce-2", "rtb-1", service_name=DYNAMODB), theirs
    )
    made = planned(of, route(service="", endpoint_id="vpce-9"))
    assert deeds(made) == [("leave tables", "vpce-2", ("rtb-1",))]


@pytest.mark.parametrize(
    "of",
    [
        contents(gateway("vpce-1", "rtb-2")),
        contents(gateway("vpce-1", "rtb-1", tags={})),
        contents(gateway("vpce-1", "rtb-1", state="deleting")),
        contents(gateway("vpce-1", "rtb-1", service_name=DYNAMODB)),
        contents(),
    ],
)
def test_a_route_that_is_not_ours_stays(of: VpcContents) -> None:
    made = planned(of, route())
    assert made.items == ()
    assert made.left == {"nothing to remove there": 1}


def test_tables_of_one_endpoint_leave_in_one_call() -> None:
    made = planned(contents(gateway("vpce-1", "rtb-1", "rtb-2")), route("rtb-2"), route("rtb-1"))
    assert deeds(made) == [("leave tables", "vpce-1", ("rtb-1", "rtb-2"))]
    assert made.items[0].remember == ("rtb-1/s3", "rtb-2/s3")


def test_a_route_that_was_left_in_vain_stays_and_ops_decide() -> None:
    of = contents(gateway("vpce-1", "rtb-1", "rtb-2"))
    asked = WithdrawalRequest(demands=(route("rtb-1"), route("rtb-2")))
    inside = network(of, "rtb-1", "rtb-2")
    made = plan(asked, inside, ENFORCE, US, NOW, frozenset({"rtb-1/s3", "vpc-1"}))
    assert deeds(made) == [("leave tables", "vpce-1", ("rtb-2",))]
    assert made.left == {"left in vain before": 1}
    (finding,) = made.findings
    assert finding.id == "RouteContested/vpc-1/vpce-1/rtb-1"
    assert finding.data["parts"] == ["rtb-1"]


@pytest.mark.parametrize(
    ("what", "minutes"), [(route(), 16), (OF_VPC, 61), (demand("subnet", "subnet-a"), 61)]
)
def test_an_old_refusal_is_no_news(what: Demand, minutes: int) -> None:
    of = contents(gateway("vpce-1", "rtb-1"))
    made = planned(
        of, what, now=datetime(2026, 11, 20, 10, 15, 30, tzinfo=UTC) + timedelta(minutes=minutes)
    )
    assert made.items == ()
    assert made.left == {"an old refusal": 1}


def test_audit_mode_tells_and_changes_nothing() -> None:
    made = planned(contents(gateway("vpce-1")), OF_VPC, policy=Policy(mode="audit"))
    assert made.items == ()
    assert made.waiting == ()
    assert [finding.id for finding in made.findings] == ["WithdrawalPlanned/vpc-1/vpce-1"]
    assert made.left == {"audit mode": 1}
    assert made.again == NetworkLook()


ITEM = removal()


@pytest.mark.parametrize(
    ("result", "again", "waiting"),
    [("done", 0, ("vpce-1/delete endpoint",)), ("failed", 0, ()), ("stale", 1, ())],
)
def test_a_second_look_repeats_only_what_no_longer_fitted(
    result: Any, again: int, waiting: tuple[str, ...]
) -> None:
    outcome = RemovalOutcome(ITEM, result, error=None if result == "done" else "NotOurs")
    made = planned(contents(gateway("vpce-1")), OF_VPC, outcomes=(outcome,), round_number=2)
    assert len(made.items) == again
    assert made.waiting == waiting
    assert made.again.vpc_ids == ("vpc-1",)


def test_rounds_end() -> None:
    stale = RemovalOutcome(ITEM, "stale", error="NotOurs", message="no")
    over = planned(
        contents(gateway("vpce-1")), OF_VPC, outcomes=(stale,), round_number=LAST_ROUND + 1
    )
    assert over.items == ()
    assert over.left == {"tried already": 1}


def test_the_table_that_waits_is_looked_at_first() -> None:
    outcomes = (
        gone(removal()),
        gone(removal("leave tables", "vpce-2", until="2026-11-20T10:31:00+00:00")),
    )
    assert planned(contents(), OF_VPC, outcomes=outcomes, round_number=2).again.seconds == 905


def test_more_than_fits_waits_for_the_next_refusal() -> None:
    many = contents(*(gateway(f"vpce-{n}") for n in range(MOST_ITEMS + 3)))
    made = planned(many, OF_VPC)
    assert len(made.items) == MOST_ITEMS
    assert made.left == {"too many at once": 3}


def test_a_plan_survives_json() -> None:
    of = contents(interface("vpce-5", "subnet-a"), gateway("vpce-1", "rtb-1"), others=(ELSEWHERE,))
    made = planned(of, demand("subnet", "subnet-a"), route())
    assert made.items
    assert made.findings
    assert decode(WithdrawalPlan, encode(made)) == made
    outcome = RemovalOutcome(made.items[0], "failed", error="Throttled", message="slow")
    request = WithdrawalRequest(
        demands=(route(),), round_number=2, outcomes=(outcome,), patient=False, execution="arn"
    )
    read = decode(
        WithdrawalRequest,
        {
            "demands": [vars(route())],
            "round": 2,
            "outcomes": [encode(outcome)],
            "patient": False,
            "execution": "arn",
        },
    )
    assert read == request
    assert decode(Removal, encode(ITEM)) == ITEM


# Anything may stand in a VPC, and anybody may ask for anything.
SUBNETS, TABLES = ("subnet-a", "subnet-b", "subnet-c"), ("rtb-1", "rtb-2")
some = st.sampled_from
GATEWAYS = st.builds(
    lambda n, tables, service, mine, state: gateway(
        f"vpce-{n}", *sorted(tables), service_name=service, tags=mine, state=state
    ),
    st.integers(1, 3),
    st.sets(some(TABLES)),
    some([S3, DYNAMODB]),
    some([{"endpoint-autopilot:owner": US.owner}, {}]),
    some(["available", "deleting", "failed", "pending"]),
)
INTERFACES = st.builds(
    lambda n, subnets, groups, mine, state: interface(
        f"vpce-{n}", *sorted(subnets), group_ids=tuple(sorted(groups)), tags=mine, state=state
    ),
    st.integers(4, 6),
    st.sets(some(SUBNETS), min_size=1),
    st.sets(some(["sg-ours", "sg-1"]), min_size=1),
    some([{"endpoint-autopilot:owner": US.owner}, {}]),
    some(["available", "deleting", "failed", "pending"]),
)


def _ground(
    endpoints: list[AttachedEndpoint], others: set[str], groups: set[str], bare: bool
) -> VpcContents:
    unique = {each.id: each for each in endpoints}.values()
    known = {"sg-ours": OURS, "sg-1": Group("sg-1", "vpc-1")}
    return contents(
        *unique,
        others=tuple(Interface(f"eni-{subnet}", subnet) for subnet in sorted(others)),
        groups=tuple(known[name] for name in sorted(groups)),
        subnet_ids=() if bare else SUBNETS,
        table_ids=() if bare else TABLES,
    )


GROUNDS = st.builds(
    _ground,
    st.lists(GATEWAYS | INTERFACES, max_size=5),
    st.sets(some(SUBNETS)),
    st.sets(some(["sg-ours", "sg-1"])),
    st.booleans(),
)
DEMANDS = st.lists(
    st.one_of(
        st.just(OF_VPC),
        st.builds(lambda s: demand("subnet", s), some(SUBNETS)),
        st.builds(lambda g: demand("group", g), some(["sg-ours", "sg-1"])),
        st.builds(lambda t, s: route(t, service=s), some(TABLES), some([S3, DYNAMODB])),
    ),
    max_size=4,
)


@given(GROUNDS, DEMANDS)
def test_nothing_of_others_goes_and_nothing_that_serves_somebody(
    of: VpcContents, demands: list[Demand]
) -> None:
    ours = {e.id: e for e in of.endpoints if e.is_ours(US.owner)}
    foreign = of.foreign_interfaces(US.owner)
    asked = {(d.kind, d.id) for d in demands}
    for item in planned(of, *demands).items:
        assert item.resource_id in ours or item.resource_id == OURS.id
        if item.action in ("delete endpoint", "delete group"):
            assert ("vpc", "vpc-1") in asked
            assert not (of.subnet_ids or foreign)
        if item.action == "leave subnets":
            endpoint = ours[item.resource_id]
            assert all(("subnet", subnet) in asked for subnet in item.parts)
            assert not {i.subnet_id for i in foreign} & {*item.parts}
            if endpoint.lives and foreign:
                assert {*endpoint.subnet_ids} - {*item.parts}, "it goes on serving"
                assert not item.whole
        if item.action == "leave tables":
            assert all(("route", table) in asked for table in item.parts)
            assert {*item.parts} <= {*ours[item.resource_id].table_ids}


@given(GROUNDS, DEMANDS, st.randoms())
def test_the_order_of_demands_is_irrelevant(
    of: VpcContents, demands: list[Demand], random: Any
) -> None:
    shuffled = random.sample(demands, len(demands))
    one, other = planned(of, *demands), planned(of, *shuffled)
    assert one.items == other.items
    assert one.left == other.left


def _after(of: VpcContents, items: tuple[Removal, ...]) -> VpcContents:
    """The VPC once all of `items` were carried out."""
    endpoints = {e.id: e for e in of.endpoints}
    for item in items:
        if item.action == "delete group":
            of = replace(of, groups=tuple(g for g in of.groups if g.id != item.resource_id))
            continue
        old = endpoints.pop(item.resource_id, None)
        if old is None or item.action == "delete endpoint":
            continue
        parts = {*item.parts}
        kept = replace(
            old,
            table_ids=tuple(t for t in old.table_ids if t not in parts),
            subnet_ids=tuple(s for s in old.subnet_ids if s not in parts),
            group_ids=tuple(g for g in old.group_ids if g not in parts),
        )
        whole = item.action == "leave tables" and not kept.table_ids
        if not whole and (kept.subnet_ids or item.action != "leave subnets"):
            endpoints[item.resource_id] = kept
    return replace(of, endpoints=tuple(endpoints.values()))


@given(GROUNDS, DEMANDS)
def test_three_rounds_leave_nothing_more_to_do(of: VpcContents, demands: list[Demand]) -> None:
    for _ in range(3):
        of = _after(of, planned(of, *demands).items)
    assert planned(of, *demands).items == ()
