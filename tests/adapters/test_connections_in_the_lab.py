"""The steps on a running lab's EC2: whole stories in AWS's own words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import answer_connections
import check_zones
import plan_connections
import pytest
import register_notifications
from autopilot.aws import connection_answers, notifications, pages, roles, zones
from autopilot.aws.step import identity
from autopilot.policy.model import ConnectionPolicy, Peer, Policy, Rule, ZonePolicy

from tests.lab.ec2 import conftest as lab
from tests.lab.ec2.conftest import ELSEWHERE, HERE, THERE, Provider, Side
from tests.lab.ec2.sdk import OTHER, OWNER, Sdk
from tests.unit.connections.builders import EXECUTION, MemoryLedger

# pytest finds fixtures by their names.
sdk, balancing, service = lab.sdk, lab.balancing, lab.service
provider, consumer, far = lab.provider, lab.consumer, lab.far

TOPIC = f"arn:aws:sns:us-east-1:{OWNER}:connections"
PEERS = ZonePolicy(peers=(Peer("account", OTHER),))


class Machine:
    """Does what the workflow does, with the policy of the moment."""

    def __init__(self, context: Any) -> None:
        self.context = context
        self.policy = Policy(zones=PEERS)
        self.ledger = MemoryLedger()

    def plan(self, **event: Any) -> dict[str, Any]:
        made: dict[str, Any] = plan_connections.handler(
            {"execution": EXECUTION, **event},
            self.context,
            ledger=lambda: self.ledger,
            policy=lambda: self.policy,
            now=lambda: datetime.now(UTC),
        )
        return made

    def run(self, **event: Any) -> dict[str, Any]:
        """The first plan; its answers are given and found settled."""
        first = plan = self.plan(**event)
        outcomes: list[Any] = []
        while plan["items"]:
            outcomes += [self._answer(item) for item in plan["items"]]
            more = {"outcomes": outcomes, "plan": plan, "expect": plan["expect"]}
            plan = self.plan(**event, round=2, **more)
        return first

    def _answer(self, item: Any) -> Any:
        return answer_connections.handler(
            {"item": item, "execution": EXECUTION},
            self.context,
            ledger=lambda: self.ledger,
            policy=lambda: self.policy,
        )

    def zones(self, plan: dict[str, Any], advice: Any = ()) -> dict[str, Any]:
        event = {"zones": plan["zones"], "advice": list(advice), "execution": EXECUTION}
        made: dict[str, Any] = check_zones.handler(event, self.context, policy=lambda: self.policy)
        return made


@pytest.fixture
def machine(context: Any, sdk: Sdk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    for module in (pages, connection_answers, notifications, zones):
        if hasattr(module, "client"):
            monkeypatch.setattr(module, "client", lambda service: sdk.client(OWNER))

    def acting_as(role: str, _: str) -> Any:
        assert role == f"arn:aws:iam::{OTHER}:role/EndpointAutopilotZoneReader-us-east-1"
        return sdk.client(OTHER)

    monkeypatch.setattr(zones, "acting_as", acting_as)
    monkeypatch.setenv("OWNER", "Stack")
    monkeypatch.setenv("ACCOUNT_ID", OWNER)
    monkeypatch.setenv("LEDGER_TABLE", "ledger")
    monkeypatch.setenv("CONNECTION_TOPIC_ARN", TOPIC)
    identity.cache_clear()
    roles._sessions.clear()
    yield Machine(context)
    identity.cache_clear()


def test_a_consumer_gets_in_and_is_cut(
    machine: Machine,
    sdk: Sdk,
    provider: Provider,
    consumer: Side,
    service: dict[str, Any],
) -> None:
    consumer.endpoint(service["ServiceName"], HERE, THERE)
    sdk.lab.clear_calls()

    machine.run(trigger="event", scope={"service_ids": [service["ServiceId"]]})

    assert len(sdk.lab.calls(account=OWNER)) == 8
    assert consumer.states() == ["available"]
    provider.sdk.modify_vpc_endpoint_service_permissions(
        ServiceId=service["ServiceId"],
        RemoveAllowedPrincipals=[f"arn:aws:iam::{OTHER}:root"],
    )
    machine.run(trigger="sweep")
    assert consumer.states() == ["rejected"]
    assert machine.run(trigger="sweep")["items"] == []


def connection(provider: Provider) -> dict[str, Any]:
    (found,) = provider.sdk.describe_vpc_endpoint_connections()["VpcEndpointConnections"]
    return dict(found)


def revoke(provider: Provider, service: dict[str, Any]) -> None:
    provider.sdk.modify_vpc_endpoint_service_permissions(
        ServiceId=service["ServiceId"],
        RemoveAllowedPrincipals=[f"arn:aws:iam::{OTHER}:root"],
    )


@pytest.mark.parametrize(("tags", "state"), [(True, "rejected"), (False, "available")])
def test_whom_a_rule_let_in_is_cut_though_the_ledger_is_lost_if_connections_take_tags(
    machine: Machine,
    sdk: Sdk,
    provider: Provider,
    consumer: Side,
    service: dict[str, Any],
    tags: bool,
    state: str,
) -> None:
    sdk.lab.world({"connection_tags": tags})
    consumer.endpoint(service["ServiceName"], HERE)
    machine.run()
    assert consumer.states() == ["available"], "a tag that is refused keeps nobody out"
    marked = {tag["Key"].rpartition(":")[2]: tag["Value"] for tag in connection(provider)["Tags"]}
    if tags:
        assert marked.pop("accepted-at")
        assert marked == {
            "owner": "Stack",
            "rule": "allowed principals",
            "accepted-by": "autopilot",
        }
    machine.ledger = MemoryLedger()
    revoke(provider, service)
    called = [{"Key": "Name", "Value": "orders"}]
    provider.sdk.create_tags(Resources=[service["ServiceId"]], Tags=called)
    plan = machine.run()
    assert consumer.states() == [state]
    reported = [f["kind"] for f in plan["findings"]]
    assert reported == ([] if tags else ["ConnectionNotAllowed"])
    assert plan["names"] == {service["ServiceId"]: "orders"}, "for what ops are told"


def test_a_persons_answer_takes_our_tags_away(
    machine: Machine,
    provider: Provider,
    consumer: Side,
    service: dict[str, Any],
) -> None:
    endpoint = consumer.endpoint(service["ServiceName"], HERE)["VpcEndpointId"]
    machine.run()
    provider.answer("reject", service, endpoint)
    machine.run()
    assert connection(provider)["Tags"] == [], "it is over"
    provider.answer("accept", service, endpoint)
    machine.ledger = MemoryLedger()
    revoke(provider, service)
    machine.run()
    assert consumer.states() == ["available"], "a person let it in"


@pytest.mark.parametrize("owner", ["Another", ""])
def test_others_tags_give_no_right_to_cut(
    machine: Machine,
    provider: Provider,
    consumer: Side,
    service: dict[str, Any],
    owner: str,
) -> None:
    endpoint = consumer.endpoint(service["ServiceName"], HERE)["VpcEndpointId"]
    provider.answer("accept", service, endpoint)
    tags = {"endpoint-autopilot:owner": owner, "endpoint-autopilot:accepted-by": "autopilot"}
    provider.sdk.create_tags(
        Resources=[connection(provider)["VpcEndpointConnectionId"]],
        Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
    )
    revoke(provider, service)
    machine.run()
    assert consumer.states() == ["available"]
    assert len(connection(provider)["Tags"]) == 2, "they stay"


def test_a_stranger_of_everybody_is_held_or_rejected(
    machine: Machine,
    provider: Provider,
    consumer: Side,
) -> None:
    service = provider.publish()
    provider.allow(service, "*")
    endpoint = consumer.endpoint(service["ServiceName"], HERE)["VpcEndpointId"]

    plan = machine.run()

    assert [hold["endpoint_id"] for hold in plan["holds"]] == [endpoint]
    assert consumer.states() == ["pendingAcceptance"]
    machine.policy = Policy(connections=ConnectionPolicy(otherwise="reject"))
    machine.run()
    assert consumer.states() == ["rejected"]


def test_zones_are_compared_across_accounts(
    machine: Machine,
    consumer: Side,
    service: dict[str, Any],
) -> None:
    consumer.endpoint(service["ServiceName"], HERE, THERE)

    (finding,) = machine.zones(machine.run())["findings"]

    assert finding["data"]["status"] == "partial"
    assert finding["data"]["never"] == {ELSEWHERE: [consumer.subnets[ELSEWHERE]]}
    assert finding["data"]["shared"] == [HERE, THERE]


def test_misaligned_zones_hold_where_the_policy_wants_that(
    machine: Machine,
    consumer: Side,
    service: dict[str, Any],
) -> None:
    consumer.endpoint(service["ServiceName"], HERE)
    machine.policy = Policy(zones=ZonePolicy(before_accepting="hold", peers=PEERS.peers))

    plan = machine.run()

    assert plan["items"] == []
    assert "its zones don't fit" in plan["holds"][0]["reason"]


def test_a_refused_endpoint_is_told_which_subnets_would_serve(
    machine: Machine,
    provider: Provider,
) -> None:
    service = provider.publish()
    provider.allow(service, f"arn:aws:iam::{OWNER}:root")
    advice = {
        "vpc_id": provider.vpc,
        "service_name": service["ServiceName"],
        "subnet_ids": [provider.subnets[ELSEWHERE]],
        "by": "somebody",
        "error": "no",
        "at": "2026-11-24T12:00:00Z",
    }

    (finding,) = machine.zones({"zones": []}, [advice])["findings"]

    assert finding["data"]["why"] == ""
    assert finding["data"]["refused"] == [provider.subnets[ELSEWHERE]]
    assert set(finding["data"]["would_serve"]) == {HERE, THERE}


def test_our_own_endpoint_needs_a_rule(
    machine: Machine,
    provider: Provider,
) -> None:
    service = provider.publish()
    provider.endpoint(service["ServiceName"], HERE)

    held = machine.plan()
    machine.policy = Policy(connections=ConnectionPolicy(allow=(Rule("account", OWNER),)))
    machine.run()

    assert len(held["holds"]) + len(held["items"]) <= 1
    assert provider.states() == ["available"]


def test_notifications_are_registered_once_and_again_when_they_are_gone(
    machine: Machine,
    context: Any,
    provider: Provider,
    service: dict[str, Any],
) -> None:
    def registered() -> Any:
        event = {"register": machine.plan()["register"], "execution": EXECUTION + str(rounds)}
        return register_notifications.handler(event, context)["registered"]

    rounds = 1
    assert [each["result"] for each in registered()] == ["done"]
    assert registered() == []
    listed = provider.sdk.describe_vpc_endpoint_connection_notifications
    (known,) = listed()["ConnectionNotificationSet"]
    assert sorted(known["ConnectionEvents"]) == ["Connect", "Delete"]
    provider.sdk.modify_vpc_endpoint_connection_notification(
        ConnectionNotificationId=known["ConnectionNotificationId"], ConnectionEvents=["Accept"]
    )
    assert [each["result"] for each in registered()] == ["done"]
    provider.sdk.delete_vpc_endpoint_connection_notifications(
        ConnectionNotificationIds=[known["ConnectionNotificationId"]]
    )
    rounds += 1
    assert [each["result"] for each in registered()] == ["done"]
    assert len(listed()["ConnectionNotificationSet"]) == 1


def test_a_consumer_in_another_region_is_beside_the_point(
    machine: Machine,
    provider: Provider,
    far: Side,
) -> None:
    service = provider.publish(SupportedRegions=["us-east-1", "us-west-2"])
    provider.allow(service, f"arn:aws:iam::{OTHER}:root")
    far.endpoint(service["ServiceName"], "usw2-az1", ServiceRegion="us-east-1")

    (alignment,) = machine.zones(machine.run())["alignments"]

    assert (alignment["status"], alignment["why"]) == (
        "not_applicable",
        "the endpoint is in us-west-2",
    )
