"""How subnets reach S3 and DynamoDB: what the plan would do with their tables, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from autopilot.gateway.desired import Look, desired_in
from autopilot.gateway.facts import Facts
from autopilot.gateway.grace import FIRST_SEEN
from autopilot.gateway.messages import CHANGE_FAILED, QUOTA_NEAR, QUOTA_REACHED
from autopilot.gateway.plan import NextLook
from autopilot.gateway.planning import draft
from autopilot.interfaces.facts import Facts as InterfaceFacts
from autopilot.interfaces.facts import Subnet
from autopilot.policy.model import ChangeWindow, Policy
from autopilot.reconcile.withdrawn import WITHDRAWN
from autopilot.view.model import SubnetView
from autopilot.view.overview import overview
from hypothesis import given

from tests.unit.gateway.builders import (
    NOW,
    OTHERS,
    STACK,
    endpoint,
    facts,
    ours,
    policy,
    table,
    vpc,
)
from tests.unit.gateway.networks import moments, networks, policies
from tests.unit.view.builders import line, row, seen, told

NAT = {"way_out": "nat-1"}
WINDOW = ChangeWindow(("sat",), time(2), time(5), "UTC")
SKIP = {"endpoint-autopilot": "off"}
LATER = (NOW + timedelta(minutes=8)).isoformat()


def subnets(*ids: str, **changes: Any) -> InterfaceFacts:
    made = (Subnet(each, "vpc-1", "use1-az1", tags={"Name": f"{each} <b>"}) for each in ids)
    return InterfaceFacts(subnets=tuple(replace(each, **changes) for each in made))


def one(*things: Any, busy: Any = (), wanted: Policy | None = None, **more: Any) -> SubnetView:
    """Of a VPC with the table rtb-1, which subnet-1 uses, whatever else there is."""
    used = table(subnet_ids=("subnet-1",), **{**NAT, **more.pop("of_table", {})})
    own = more.pop("of_vpc", {})
    network = facts(vpc(**own), used, *things, busy=busy, **more.pop("network", {}))
    return line(seen(network, more.pop("interfaces", subnets("subnet-1")), wanted=wanted, **more))


def test_a_route_to_an_endpoint_is_private() -> None:
    found = one(ours("vpce-1", ["rtb-1"]))
    assert (found.reach, found.endpoint_id) == ("private", "vpce-1")
    assert found.reason == "rtb-1 has its route to vpce-1"
    assert (found.name, found.zone_id, found.route_table_id) == (
        "subnet-1 <b>",
        "use1-az1",
        "rtb-1",
    )


def test_somebody_elses_endpoint_serves_as_well() -> None:
    found = one(endpoint("vpce-7", ["rtb-1"]))
    assert (found.reach, found.reason) == (
        "private",
        "rtb-1 has its route to vpce-7, somebody else's",
    )


def test_ipv6_beside_it_is_said_to_take_no_endpoint() -> None:
    found = one(ours("vpce-1", ["rtb-1"]), interfaces=subnets("subnet-1", ipv6=True))
    assert found.reach == "private"
    assert found.reason.endswith("; traffic by IPv6 takes no endpoint")


@pytest.mark.parametrize("there", [[], [ours("vpce-1", ["rtb-1"])]])
def test_an_ipv6_only_subnet_is_served_by_none_of_ours(there: list[Any]) -> None:
    found = one(*there, interfaces=subnets("subnet-1", ipv4=False, ipv6=True))
    assert found.reach == "not private"
    assert "IPv6-only" in found.reason


def test_an_ipv6_only_subnet_of_a_vpc_that_is_left_alone_is_left_alone() -> None:
    only = subnets("subnet-1", ipv4=False, ipv6=True)
    found = one(of_vpc={"tags": SKIP}, wanted=policy(skip_tags=SKIP), interfaces=only)
    assert found.reach == "left alone"


def test_an_ipv6_only_subnet_is_served_by_a_dualstack_endpoint() -> None:
    there = endpoint("vpce-7", ["rtb-1"], address_type="dualstack")
    found = one(there, interfaces=subnets("subnet-1", ipv4=False, ipv6=True))
    assert (found.reach, found.endpoint_id) == ("private", "vpce-7")


def test_what_the_next_look_serves_waits() -> None:
    found = one()
    assert found.reach == "waiting"
    assert found.reason == (
        "rtb-1 has no route to S3 yet; the next look gives it one; meanwhile traffic goes by nat-1"
    )


def test_without_a_default_route_there_is_no_other_way() -> None:
    found = one(of_table={"way_out": ""})
    assert found.reason.endswith("; its table has no default route")


def test_audit_mode_gives_nothing() -> None:
    found = one(wanted=policy("audit"))
    assert found.reach == "not private"
    assert "the mode is audit" in found.reason


def test_a_change_that_failed_isnt_called_waiting() -> None:
    failed = CHANGE_FAILED.about("vpc-1/s3", {"error": "AccessDenied", "message": "no"})
    found = one(rows=[told(failed)])
    assert found.reach == "not private"
    assert "the change failed (AccessDenied)" in found.reason


@pytest.mark.parametrize(
    ("rows", "limit"),
    [
        ([told(QUOTA_REACHED.about(STACK.region, {"limit": 20, "left_undone": []}))], None),
        ([told(QUOTA_NEAR.about(STACK.region, {"limit": 20}))], None),
        ([], 20),
    ],
    ids=["ops know that it is reached", "ops know that it is near", "asked for"],
)
def test_what_the_quota_leaves_undone_isnt_called_waiting(rows: Any, limit: int | None) -> None:
    elsewhere = [endpoint(f"vpce-e{n}", vpc_id="vpc-e") for n in range(20)]
    found = one(*elsewhere, rows=rows, limit=limit)
    assert found.reach == "not private"
    assert "the quota of 20 gateway endpoints is used up" in found.reason
    assert one(*elsewhere[1:], rows=rows, limit=limit).reach == "waiting", "there is room for one"
    there = (*elsewhere, ours("vpce-1", ["rtb-0"]))
    assert one(*there, rows=rows, limit=limit).reach == "waiting", "no endpoint is made"


def test_a_busy_table_waits_for_the_window() -> None:
    wanted = policy(busy_route_tables="window", change_window=WINDOW)
    found = one(busy=["subnet-1"], wanted=wanted)
    assert found.reach == "waiting"
    assert "it gets its route 2026-11-28 02:00 UTC" in found.reason


def test_without_a_window_a_busy_table_needs_a_decision() -> None:
    found = one(busy=["subnet-1"])
    assert found.reach == "not private"
    assert "waits for your decision" in found.reason


def test_what_somebody_takes_away_again_and_again_is_left() -> None:
    found = one(network={"contested": frozenset({"rtb-1/s3"})})
    assert found.reach == "not private"
    assert "took the route away 3 times" in found.reason


def test_what_is_new_waits_for_its_own_tool() -> None:
    found = one(in_grace=["rtb-1"], rows=[row(FIRST_SEEN, "rtb-1", until=LATER)])
    assert found.reach == "waiting"
    assert "its own tool may bring an endpoint; it is served from 2026-11-24 12:08" in found.reason


def test_in_audit_mode_the_end_of_grace_serves_nothing() -> None:
    there = [row(FIRST_SEEN, "rtb-1", until=LATER)]
    found = one(in_grace=["rtb-1"], rows=there, wanted=policy("audit"))
    assert found.reach == "not private"
    assert "; the mode is audit, else it would be served from 2026-11-24 12:08" in found.reason


@pytest.mark.parametrize("key", ["vpc-1", "rtb-1/s3"])
def test_where_we_stepped_aside_it_waits(key: str) -> None:
    found = one(network={"withdrawn": frozenset({key})}, rows=[row(WITHDRAWN, key, until=LATER)])
    assert found.reach == "waiting"
    assert "stepped aside" in found.reason
    assert "from 2026-11-24 12:08 UTC on" in found.reason


def test_our_endpoint_that_failed_has_to_be_deleted() -> None:
    found = one(ours("vpce-1", state="failed"))
    assert (found.reach, found.endpoint_id) == ("not private", "vpce-1")
    assert "vpce-1 of the automation's has failed: delete it" in found.reason


@pytest.mark.parametrize(
    ("of_vpc", "of_table", "said"),
    [
        ({"tags": SKIP}, {}, "the VPC bears a tag of vpcs.skip_tags"),
        ({"owner": OTHERS}, {}, f"the VPC is shared by account {OTHERS}"),
        ({"state": "deleting"}, {}, "the VPC is being deleted"),
        ({}, {"tags": SKIP}, "rtb-1 bears a tag of vpcs.skip_tags"),
        ({}, {"edge": True}, "rtb-1 is a gateway's table"),
    ],
)
def test_what_the_policy_leaves_alone_is_said_to_be(
    of_vpc: dict[str, Any], of_table: dict[str, Any], said: str
) -> None:
    found = one(of_vpc=of_vpc, of_table=of_table, wanted=policy(skip_tags=SKIP))
    assert found.reach == "left alone"
    assert said in found.reason


def test_what_is_left_alone_may_be_served_all_the_same() -> None:
    found = one(ours("vpce-1", ["rtb-1"]), of_vpc={"tags": SKIP}, wanted=policy(skip_tags=SKIP))
    assert found.reach == "private"


def test_a_subnet_that_no_table_names_uses_the_main_one() -> None:
    network = facts(vpc(), table("rtb-m", main=True), ours("vpce-1", ["rtb-m"]))
    found = line(seen(network, subnets("subnet-1")))
    assert (found.reach, found.route_table_id) == ("private", "rtb-m")


def test_a_vpc_of_somebody_else_whose_tables_cant_be_seen_is_left_alone() -> None:
    found = line(seen(facts(vpc(owner=OTHERS)), subnets("subnet-1")))
    assert found.reach == "left alone"


def test_where_no_table_shows_nobody_knows() -> None:
    assert line(seen(facts(vpc()), subnets("subnet-1"))).reach == "unknown"


@pytest.mark.parametrize(
    "source",
    ["route tables", "VPC endpoints", "network interfaces", "the ledger"],
)
def test_what_cant_be_read_is_unknown_never_fine(source: str) -> None:
    found = one(unread={source: "ec2:DescribeX: denied"})
    assert found.reach == "unknown"
    assert "denied" in found.reason


def test_without_subnets_each_service_is_unknown() -> None:
    things = seen(facts(vpc(), table()), unread={"subnets": "denied"})
    (shown,) = overview(things).vpcs
    assert [(each.subnet_id, each.reach) for each in shown.subnets] == [("", "unknown")]
    assert shown.worst == "unknown"
    assert [each.what for each in overview(things).unknown_in("vpcs")] == ["subnets"]
    assert overview(things).unknown_in("services") == ()


def test_the_worst_vpc_comes_first() -> None:
    things = [
        (vpc(f"vpc-{n}"), table(f"rtb-{n}", f"vpc-{n}", subnet_ids=(f"subnet-{n}",)))
        for n in (1, 2, 3)
    ]
    network = facts(
        *(each for pair in things for each in pair),
        ours("vpce-1", ["rtb-1"]),
        busy=["subnet-3"],
    )
    lines = tuple(Subnet(f"subnet-{n}", f"vpc-{n}", "use1-az1") for n in (1, 2, 3))
    shown = overview(seen(network, InterfaceFacts(subnets=lines))).vpcs
    assert [(each.id, each.worst) for each in shown] == [
        ("vpc-3", "not private"),
        ("vpc-2", "waiting"),
        ("vpc-1", "private"),
    ]


def lines_of(network: Facts, wanted: Policy, now: datetime) -> Iterator[SubnetView]:
    """Of the subnets that tables name, and in each VPC of one that uses the main table."""
    named = [(t.vpc_id, n) for t in network.route_tables for n in t.subnet_ids]
    every = (*named, *((each.id, "subnet-main") for each in network.vpcs))
    subnets = tuple(Subnet(id_, vpc_id, "use1-az1") for vpc_id, id_ in every)
    things = seen(network, InterfaceFacts(subnets=subnets), wanted=wanted, now=now)
    return (found for each in overview(things).vpcs for found in each.subnets)


@given(networks(), policies, moments)
def test_what_the_plan_gives_a_route_waits_for_it(
    network: Facts, wanted: Policy, now: datetime
) -> None:
    look = Look(network, desired_in(network, wanted, STACK), NextLook())
    made = draft(look, wanted, now, frozenset())
    items = (*made.modifies, *made.creates)
    given_routes = {(id_, item.service) for item in items for id_ in item.route_table_ids}

    for found in lines_of(network, wanted, now):
        if (found.route_table_id, found.service) in given_routes:
            assert found.reach == "waiting"
        elif found.reach == "waiting":
            assert "busy" in found.reason and wanted.gateway_endpoints.change_window


@given(networks(), policies, moments)
def test_what_the_plan_leaves_alone_for_good_never_waits(
    network: Facts, wanted: Policy, now: datetime
) -> None:
    alone = {v.id for v in network.vpcs if v.owner != STACK.account or v.state == "deleting"}
    alone |= {v.id for v in network.vpcs if wanted.skip_tags and v.tags == SKIP}
    left = {t.id for t in network.route_tables if t.edge or t.vpc_id in alone}
    left |= {t.id for t in network.route_tables if wanted.skip_tags and t.tags == SKIP}

    for found in lines_of(network, wanted, now):
        if found.route_table_id in left:
            assert found.reach in ("private", "left alone")


@given(networks(), policies, moments)
def test_private_is_only_what_a_living_endpoint_serves(
    network: Facts, wanted: Policy, now: datetime
) -> None:
    living = {e.id: e for e in network.endpoints if e.lives}

    for found in lines_of(network, wanted, now):
        serves = found.route_table_id in getattr(
            living.get(found.endpoint_id), "route_table_ids", ()
        )
        assert (found.reach == "private") == serves
