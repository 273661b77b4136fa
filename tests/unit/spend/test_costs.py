"""Costs by service, zone and VPC; savings; what isn't known and what isn't counted twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from autopilot.connections.facts import Connection, ConnectionFacts, Service
from autopilot.policy.model import Policy, PublishPolicy
from autopilot.reconcile.codec import encode
from autopilot.reconcile.identity import StackIdentity
from autopilot.spend.costs import costs
from autopilot.spend.facts import Facts, Measured
from autopilot.spend.model import Costs, Saving
from autopilot.spend.prices import GB
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.spend.builders import (
    HOUR,
    MONTH,
    NOW,
    OURS,
    START,
    US,
    by_nat,
    endpoint,
    facts,
    gateway,
    idle,
    services,
    table,
)

ZONE = HOUR * MONTH
"""Micro-USD of an endpoint in a zone, a month."""
ARN = "arn:aws:elasticloadbalancing:us-east-1:111111111111:loadbalancer/net/orders/50dc"


def only(found: Costs, kind: str) -> Saving:
    (saving,) = [each for each in found.savings if each.kind == kind]
    return saving


def kinds(found: Costs) -> list[str]:
    return [each.kind for each in found.savings]


def test_hours_are_paid_for_by_endpoint_and_zone() -> None:
    found = costs(facts(endpoint("vpce-1"), endpoint("vpce-2", "sqs", "a", vpc_id="vpc-2")))

    assert (found.endpoints, found.zones, found.hours_micro_usd) == (2, 4, 4 * ZONE)
    assert [(x.id, x.zones, x.hours_micro_usd) for x in found.by_service] == [
        ("logs", 3, 3 * ZONE),
        ("sqs", 1, ZONE),
    ]
    assert [(x.id, x.name, x.zones) for x in found.by_vpc] == [
        ("vpc-1", "shop", 3),
        ("vpc-2", "", 1),
    ]
    assert [(x.id, x.endpoints) for x in found.by_zone] == [
        ("use1-az1", 2),
        ("use1-az2", 1),
        ("use1-az3", 1),
    ]


@pytest.mark.parametrize(
    ("state", "paid"),
    [
        ("available", True),
        ("pendingAcceptance", True),
        ("Rejected", True),
        ("Deleting", False),
        ("failed", False),
    ],
)
def test_an_endpoint_is_paid_for_whatever_its_service_thinks_of_it(state: str, paid: bool) -> None:
    assert costs(facts(endpoint("vpce-1", state=state))).endpoints == paid


def test_the_windows_bytes_are_those_of_a_month() -> None:
    seen = facts(endpoint("vpce-1"), measured=Measured(START, {"vpce-1": 14 * 24 * GB}))
    found = costs(seen)
    assert found.bytes == 730 * GB
    assert found.data_micro_usd == 730 * 10_000
    assert found.by_service[0].micro_usd == 3 * ZONE + 730 * 10_000


def test_an_endpoint_younger_than_the_window_is_taken_by_its_own_hours() -> None:
    young = endpoint("vpce-1", created=(NOW - timedelta(hours=10)).isoformat())
    new = endpoint("vpce-2", created=(NOW - timedelta(minutes=10)).isoformat())
    found = costs(facts(young, new, measured=Measured(START, {"vpce-1": GB, "vpce-2": GB})))
    assert found.bytes == 73 * GB
    assert "The data of 1 endpoint isn't in it: nothing was measured." in found.notes


@given(st.lists(st.integers(0, 6 * 2**50), min_size=1, max_size=6))
def test_the_parts_of_the_data_are_what_all_of_it_costs(sizes: list[int]) -> None:
    made = [endpoint(f"vpce-{n}", f"s{n}", "a") for n, _ in enumerate(sizes)]
    bytes_ = {f"vpce-{n}": size for n, size in enumerate(sizes)}
    found = costs(facts(*made, measured=Measured(START, bytes_)))
    parts = [line.data_micro_usd or 0 for line in found.by_service]
    assert sum(parts) == found.data_micro_usd
    assert min(parts) >= 0


def test_of_a_region_without_prices_nothing_is_guessed() -> None:
    stack = StackIdentity(US.owner, US.account, "mars-east-1")
    found = costs(facts(endpoint("vpce-1"), stack=stack, unused=(idle("vpce-1"),)))

    assert not found.known
    assert found.prices.startswith("Price unknown for mars-east-1")
    assert (found.hours_micro_usd, found.data_micro_usd, found.saves_micro_usd) == (None,) * 3
    assert found.by_service[0].zones == 3
    assert only(found, "idle endpoint").micro_usd is None


def test_an_idle_endpoint_is_priced_and_the_policys_way_is_named_for_our_own() -> None:
    found = costs(facts(endpoint("vpce-1", tags={**OURS, "Name": "old"}), unused=(idle("vpce-1"),)))
    saving = only(found, "idle endpoint")

    assert (saving.micro_usd, saving.sure, saving.name) == (3 * ZONE, True, "old")
    assert "no bytes in 14 days" in saving.reason
    assert "`retire: idle`" in saving.do
    assert saving.command == ""
    assert found.saves_micro_usd == 3 * ZONE


def test_where_idle_ones_go_by_themselves_it_is_said_how_to_bring_them_back() -> None:
    policy = Policy(retire_interfaces="idle")
    saving = only(
        costs(facts(endpoint("vpce-1", tags=OURS), unused=(idle("vpce-1"),), policy=policy)),
        "idle endpoint",
    )
    assert saving.do.startswith("The automation's own: `retire: idle` takes it away")


def test_of_somebody_elses_idle_endpoint_the_harmless_step_is_named() -> None:
    saving = only(costs(facts(endpoint("vpce-1"), unused=(idle("vpce-1"),))), "idle endpoint")
    assert saving.command == (
        "aws ec2 modify-vpc-endpoint --vpc-endpoint-id vpce-1 --no-private-dns-enabled"
        " --region us-east-1"
    )


def test_of_one_whose_private_dns_is_off_already_there_is_nothing_to_turn_off() -> None:
    found = costs(facts(endpoint("vpce-1", private_dns=False), unused=(idle("vpce-1"),)))
    saving = only(found, "idle endpoint")
    assert saving.command == ""
    assert "its private DNS is off already: ask them" in saving.do
    assert "turn" not in saving.do


def test_an_idle_zone_is_one_zone_of_the_price() -> None:
    seen = facts(endpoint("vpce-1"), unused=(idle("vpce-1", "subnet-vpc-1-b"),))
    saving = only(costs(seen), "idle zone")

    assert saving.micro_usd == ZONE
    assert saving.subject == "vpce-1/subnet-vpc-1-b"
    assert "use1-az2" in saving.reason
    assert "--remove-subnet-ids subnet-vpc-1-b" in saving.command


def test_two_endpoints_for_one_service_in_a_vpc_save_the_zones_paid_for_twice() -> None:
    seen = facts(
        endpoint("vpce-1", zones="ab"),
        endpoint("vpce-2", zones="bc"),
        endpoint("vpce-3", zones="ab", vpc_id="vpc-2"),
    )
    saving = only(costs(seen), "duplicate")

    assert (saving.micro_usd, saving.sure) == (ZONE, False)
    assert (saving.subject, saving.ids) == ("vpc-1/logs", ("vpce-1", "vpce-2"))


@pytest.mark.parametrize(
    "other",
    [
        endpoint("vpce-2", zones="c"),
        endpoint("vpce-2", "sqs"),
        endpoint("vpce-2", vpc_id="vpc-2"),
        endpoint("vpce-2", service_region="eu-west-1"),
    ],
    ids=["no zone in common", "another service", "another VPC", "another Region"],
)
def test_what_shares_no_zone_service_or_vpc_is_no_duplicate(other: Any) -> None:
    assert "duplicate" not in kinds(costs(facts(endpoint("vpce-1", zones="ab"), other)))


def test_zones_that_are_not_known_make_no_duplicate() -> None:
    seen = facts(endpoint("vpce-1"), endpoint("vpce-2"))
    blind = replace(seen, interfaces=replace(seen.interfaces, subnets=()), unread={"subnets": "no"})
    assert kinds(costs(blind)) == []
    assert costs(blind).hours_micro_usd == 6 * ZONE


def test_an_idle_endpoint_is_no_duplicate_too() -> None:
    found = costs(facts(endpoint("vpce-1"), endpoint("vpce-2"), unused=(idle("vpce-2"),)))
    assert kinds(found) == ["idle endpoint"]
    assert found.may_save_micro_usd == 0


def test_an_interface_endpoint_for_s3_may_be_one_too_many() -> None:
    seen = facts(endpoint("vpce-1", "s3", "ab"), measured=Measured(START, {"vpce-1": 336 * GB}))
    saving = only(costs(seen), "gateway endpoint would do")

    assert (saving.micro_usd, saving.sure) == (2 * ZONE + 730 * 10_000, False)
    assert "the VPC has none yet" in saving.reason
    assert "nobody on premises" in saving.do


@pytest.mark.parametrize(
    "made",
    [
        endpoint("vpce-1", "s3", inbound_only=True),
        endpoint("vpce-1", "s3", service_region="us-west-2"),
        endpoint("vpce-1", "s3tables"),
    ],
    ids=["for inbound resolvers", "of another Region", "another service"],
)
def test_where_a_gateway_endpoint_would_not_do_nothing_is_said(made: Any) -> None:
    assert kinds(costs(facts(made))) == []


def test_nat_traffic_is_at_most_what_a_missing_gateway_endpoint_would_take() -> None:
    seen = by_nat(
        table("rtb-1"), table("rtb-2", "igw-1"), gateways=(gateway("s3", "rtb-1"),), nat_1=336
    )
    saving = only(costs(seen), "NAT traffic")

    assert (saving.micro_usd, saving.sure) == (730 * 45_000, False)
    assert "336.0 GB in 14 days, 730.0 GB a month" in saving.reason
    assert "have no route to DynamoDB" in saving.reason
    assert "S3" not in saving.reason


@pytest.mark.parametrize(
    "seen",
    [
        by_nat(
            table("rtb-1"),
            gateways=(gateway("s3", "rtb-1"), gateway("dynamodb", "rtb-1")),
            nat_1=9,
        ),
        by_nat(table("rtb-1", "igw-1"), nat_1=9),
        by_nat(table("rtb-1")),
        replace(by_nat(table("rtb-1"), nat_1=9), unread={"VPC endpoints": "no"}),
    ],
    ids=["both are there", "no NAT", "not measured", "endpoints not read"],
)
def test_no_nat_traffic_is_told_without_a_gap_and_a_measure(seen: Facts) -> None:
    assert kinds(costs(seen)) == []


def test_a_nat_gateway_of_two_vpcs_is_told_once() -> None:
    seen = by_nat(table("rtb-1"), table("rtb-2", vpc_id="vpc-2"), nat_1=9)
    assert only(costs(seen), "NAT traffic").subject == "vpc-1"


def test_a_service_without_connections_costs_its_load_balancers() -> None:
    used, unused = Service("vpce-svc-1"), Service("vpce-svc-2", load_balancer_arns=(ARN,))
    there = (
        Connection("vpce-1", "vpce-svc-1", "222222222222", "pendingAcceptance"),
        Connection("vpce-2", "vpce-svc-2", "222222222222", "rejected"),
    )
    saving = only(costs(services(used, unused, connections=there)), "unused service")

    assert (saving.subject, saving.sure) == ("vpce-svc-2", False)
    assert saving.micro_usd == 22_500 * MONTH
    assert "1 load balancer behind it may serve others" in saving.reason


def test_connections_that_cannot_be_read_make_no_service_unused() -> None:
    seen = facts(
        connections=ConnectionFacts(services=(Service("vpce-svc-1"),)),
        unread={"connections": "no"},
    )
    found = costs(seen)
    assert kinds(found) == []
    assert found.unread == {"connections": "no"}


def test_what_is_not_in_the_amounts_is_said() -> None:
    seen = facts(
        endpoint("vpce-1", service_region="eu-west-1"),
        endpoint("vpce-2", requester_managed=True, vpc_id="vpc-2"),
        policy=Policy(endpoint_services=PublishPolicy(supported_regions=("eu-west-1",))),
    )
    seen = replace(seen, interfaces=replace(seen.interfaces, counted_too={"vpc-1": 2}))
    assert costs(seen).notes == (
        "2 endpoints of Gateway Load Balancers beside it: 14.60 USD a month for their hours, their"
        " data not counted.",
        "What data costs between Regions isn't in it: 1 endpoint to services of other Regions.",
        "1 endpoint made by AWS services in your name: some of them are in that service's price.",
        "What it costs to offer services in other Regions isn't in it.",
    )


def test_the_order_of_the_facts_does_not_matter_and_all_of_it_is_json() -> None:
    made = [endpoint("vpce-1", "s3"), endpoint("vpce-2"), endpoint("vpce-3")]
    one = costs(facts(*made, unused=(idle("vpce-3"),)))
    other = costs(facts(*reversed(made), unused=(idle("vpce-3"),)))
    assert encode(one) == encode(other)
