"""The planning handler: looks, waits until it can believe its eyes, asks no more than needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import plan_network
import pytest
from autopilot.aws.errors import NotVisibleYet
from autopilot.aws.step import logger
from autopilot.gateway.facts import Endpoint, Facts, RouteTable, Vpc
from autopilot.policy.model import GatewayPolicy, Policy
from autopilot.reconcile.quota import Limit
from autopilot.reconcile.scope import NetworkScope
from autopilot.reconcile.withdrawn import remember

from tests.unit.connections.builders import MemoryLedger

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
POLICY = Policy(gateway_endpoints=GatewayPolicy(services=("s3",)))
EXECUTION = "arn:aws:states:us-east-1:111111111111:execution:network:one"
SEEN = Facts(vpcs=(Vpc("vpc-1", "111111111111"),), route_tables=(RouteTable("rtb-1", "vpc-1"),))


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OWNER", "Stack")
    monkeypatch.setenv("ACCOUNT_ID", "111111111111")
    monkeypatch.setenv("LEDGER_TABLE", "ledger")


class Network:
    """A network that stands as `facts` says, with an interface in each of `occupied`."""

    def __init__(self, facts: Facts = SEEN, occupied: Iterable[str] = ()) -> None:
        self.facts = facts
        self.occupied = frozenset(occupied)
        self.scopes: list[NetworkScope] = []
        self.probed: list[tuple[str, ...]] = []

    def survey(self, scope: NetworkScope) -> Facts:
        self.scopes.append(scope)
        return self.facts

    def of_vpc(self, vpc_id: str) -> Facts:
        raise AssertionError(f"a plan surveys, it doesn't ask for {vpc_id} alone")

    def busy_subnets(self, vpc_ids: Iterable[str]) -> Mapping[str, frozenset[str]]:
        self.probed.append(tuple(vpc_ids))
        return dict.fromkeys(self.probed[-1], self.occupied)


class Quota:
    """A quota that counts how often it is asked for."""

    def __init__(self, limit: int = 20) -> None:
        self.limit = limit
        self.asked = 0

    def __call__(self) -> Limit:
        self.asked += 1
        return Limit(self.limit)


Plan = Callable[..., dict[str, Any]]


def remembering(away: Iterable[str]) -> MemoryLedger:
    """A ledger of what stepped aside a minute ago."""
    ledger, until = MemoryLedger(), (NOW + timedelta(minutes=14)).isoformat()
    noted = [remember(key, until, None, execution="x", now=NOW) for key in away]
    ledger.write([write for write in noted if write])
    return ledger


@pytest.fixture
def plan(context: Any) -> Plan:
    def plan(
        event: Mapping[str, Any],
        network: Network,
        policy: Policy = POLICY,
        limit: Callable[[], Limit] | None = None,
        away: frozenset[str] = frozenset(),
    ) -> dict[str, Any]:
        return plan_network.handler(
            event,
            context,
            planned=partial(plan_network.planned, network=network, limit=limit or Quota()),
            ledger=lambda: remembering(away),
            policy=lambda: policy,
            now=lambda: NOW,
        )

    return plan


def test_plans_for_the_scope_it_was_given(plan: Plan) -> None:
    network = Network()
    scope = {"vpc_ids": ["vpc-1"], "route_table_ids": ["rtb-9"], "endpoint_ids": []}

    made = plan({"trigger": "event", "scope": scope, "execution": EXECUTION}, network)

    assert network.scopes == [NetworkScope(vpc_ids=("vpc-1",), route_table_ids=("rtb-9",))]
    assert [item["id"] for item in made["items"]] == ["vpc-1/s3"]
    assert set(made) == {
        "items", "findings", "looked_at", "left", "more", "expect", "names", "owners",
        "quota", "again",
    }  # fmt: skip


def test_carries_the_names_of_what_it_is_about_and_of_nothing_else(plan: Plan) -> None:
    called = {"Name": " payments\n"}
    vpcs = tuple(replace(vpc, tags=called) for vpc in SEEN.vpcs)
    elsewhere = Vpc("vpc-9", "111111111111", tags={"Name": "idle"})

    made = plan({}, Network(replace(SEEN, vpcs=(*vpcs, elsewhere))))
    assert made["names"] == {"vpc-1": "payments"}
    assert plan({}, Network())["names"] == {}


def test_a_person_may_send_nothing(plan: Plan) -> None:
    network = Network()

    assert plan({}, network)["looked_at"] == "all"
    assert network.scopes == [NetworkScope(everything=True)]


def test_waits_until_what_was_created_is_visible(plan: Plan) -> None:
    network = Network()

    with pytest.raises(NotVisibleYet, match=r"vpc-2, rtb-9$"):
        plan({"expect": ["vpc-1", "vpc-2", "rtb-9"]}, network)
    assert network.probed == []


def test_takes_things_as_they_are_when_told_to_wait_for_nothing(plan: Plan) -> None:
    assert plan({"expect": []}, Network())["items"]


def test_waits_in_the_second_round_for_what_the_first_did(plan: Plan) -> None:
    first = plan({"execution": EXECUTION}, Network())
    (item,) = first["items"]
    outcome = {**item, "result": "done", "error": None, "message": None, "endpoint_id": "vpce-1"}
    second = {"round": 2, "outcomes": [outcome], "expect": first["expect"]}

    with pytest.raises(NotVisibleYet, match="vpc-1/s3"):
        plan(second, Network())

    there = Endpoint(
        "vpce-1", "vpc-1", item["service_name"], route_table_ids=tuple(item["route_table_ids"])
    )
    made = plan(second, Network(replace(SEEN, endpoints=(there,))))
    assert made["items"] == []


def test_leaves_what_stepped_aside_as_the_ledger_has_it_after_the_look(plan: Plan) -> None:
    made = plan({}, Network(), away=frozenset({"rtb-1/s3"}))
    assert made["items"] == []
    assert made["left"] == {"stepped aside": 1}


def test_asks_for_interfaces_only_where_a_table_misses(plan: Plan) -> None:
    network = Network(occupied=["subnet-a"])
    plan({}, network)
    assert network.probed == [("vpc-1",)]

    served = Endpoint("vpce-1", "vpc-1", "com.amazonaws.us-east-1.s3", route_table_ids=("rtb-1",))
    network = Network(replace(SEEN, endpoints=(served,)))
    plan({}, network)
    assert network.probed == []


def test_reports_a_busy_table(plan: Plan) -> None:
    seen = replace(SEEN, route_tables=(RouteTable("rtb-1", "vpc-1", main=True),))

    made = plan({}, Network(seen, occupied=["subnet-a"]))

    assert made["items"] == []
    assert [finding["id"] for finding in made["findings"]] == ["RouteTableBusy/vpc-1/s3"]


@pytest.mark.parametrize(("used", "asked"), [(14, 0), (15, 1)])
def test_asks_for_the_quota_only_when_it_can_matter(plan: Plan, used: int, asked: int) -> None:
    quota = Quota(100)
    others = tuple(Endpoint(f"vpce-{n}", f"vpc-{n}", "x") for n in range(used))

    made = plan({}, Network(replace(SEEN, endpoints=others)), limit=quota)

    assert quota.asked == asked
    assert made["quota"] == {"used": used, "limit": 100 if asked else 20}


def test_says_in_the_log_what_it_planned_and_why(
    plan: Plan, caplog: pytest.LogCaptureFixture
) -> None:
    made = plan({"execution": EXECUTION}, Network())

    assert caplog.messages == ["plan made"]
    assert vars(caplog.records[0])["items"] == {"vpc-1/s3": made["items"][0]["reason"]}
    assert logger.get_correlation_id() == EXECUTION


def test_names_what_the_environment_lacks(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OWNER")

    with pytest.raises(Exception, match=r"OWNER$"):
        plan({}, Network())
