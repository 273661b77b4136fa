"""What ops read of connections to endpoint services."""

from __future__ import annotations

from typing import Any

import pytest
from autopilot.policy.model import ConnectionPolicy, Rule

from tests.lab.ec2.conftest import ELSEWHERE, HERE, THERE, Provider, Side, side_of
from tests.lab.ec2.sdk import OTHER, OWNER
from tests.stories.account import Account
from tests.stories.said import Says

ALICE = f"arn:aws:sts::{OWNER}:assumed-role/NetworkTeam/alice"
NOBODY = ConnectionPolicy(allow=())


@pytest.fixture
def orders(account: Account, service: dict[str, Any]) -> str:
    """The id of a service that the consumer's account may ask, with notifications registered."""
    tags = [{"Key": "Name", "Value": "orders"}]
    account.ec2.create_tags(Resources=[service["ServiceId"]], Tags=tags)
    account.sweep("connections")
    account.forget_mails()
    return str(service["ServiceId"])


@pytest.fixture
def request_(service: dict[str, Any], orders: str, consumer: Side) -> str:
    """A request of the consumer: the id of its endpoint."""
    return str(consumer.endpoint(service["ServiceName"], HERE, THERE)["VpcEndpointId"])


def look(account: Account, service: str, **more: Any) -> dict[str, Any]:
    scope = {"service_ids": [service]}
    return account.run("connections", trigger="event", scope=scope, **more)


def test_who_is_named_and_admitted_is_accepted(
    account: Account, orders: str, request_: str, says: Says
) -> None:
    account.pass_time(20)

    look(account, orders)

    says("ConnectionAccepted")


def test_whom_deny_names_is_rejected(
    account: Account, orders: str, request_: str, says: Says
) -> None:
    account.wants(connections=ConnectionPolicy(deny=(Rule("account", OTHER),)))

    look(account, orders)

    says("ConnectionRejected")


def test_who_was_let_in_by_a_rule_goes_with_it(
    account: Account, orders: str, request_: str, says: Says
) -> None:
    look(account, orders)
    account.forget_mails()
    account.pass_time(3600)
    account.wants(connections=NOBODY)

    account.sweep("connections")

    says("ConnectionCut")


def test_whom_no_rule_decides_waits_for_a_person(
    account: Account, orders: str, request_: str, says: Says
) -> None:
    account.wants(connections=NOBODY)

    look(account, orders)

    says("ConnectionHeld")


def answer(account: Account, endpoint: str, how: str) -> None:
    said = {"endpoint_id": endpoint, "answer": how, "by": ALICE, "reason": "known to us"}
    account.invoke("answer_hold", said)


def test_a_persons_answer_is_carried_out(
    account: Account, orders: str, request_: str, says: Says
) -> None:
    account.wants(connections=NOBODY)
    look(account, orders)
    account.forget_mails()
    account.pass_time(3600)

    answer(account, request_, "accept")

    says("HoldAnswered")


def test_an_answer_that_comes_too_late_says_so(
    account: Account, orders: str, request_: str, consumer: Side, says: Says
) -> None:
    account.wants(connections=NOBODY)
    look(account, orders)
    account.forget_mails()
    consumer.sdk.delete_vpc_endpoints(VpcEndpointIds=[request_])
    account.pass_time(60)

    answer(account, request_, "accept")

    says("HoldAnswered-too-late")


def test_nobodys_answer_in_time_is_a_rejection(
    account: Account, orders: str, request_: str, says: Says
) -> None:
    account.wants(connections=NOBODY)
    look(account, orders)
    account.forget_mails()

    account.pass_time(7 * 86400)
    account.expire_holds()

    says("ConnectionRejected-expired")


def test_what_a_person_let_in_is_told_not_cut(
    account: Account, orders: str, request_: str, provider: Provider, says: Says
) -> None:
    provider.answer("accept", {"ServiceId": orders}, request_)
    account.wants(connections=NOBODY)

    account.sweep("connections")

    says("ConnectionNotAllowed")


def test_in_audit_mode_answers_are_announced(
    account: Account, orders: str, request_: str, says: Says
) -> None:
    account.wants(mode="audit")

    look(account, orders)

    says("PlannedAnswer")


def test_an_answer_that_failed_is_told(
    account: Account, orders: str, request_: str, says: Says
) -> None:
    words = "You are not authorized to perform this operation."
    operation = "AcceptVpcEndpointConnections"
    account.lab.fault(operation, error="UnauthorizedOperation", message=words, times=99)

    look(account, orders)

    says("AnswerFailed")


def test_notifications_that_could_not_be_registered(
    account: Account, service: dict[str, Any], says: Says
) -> None:
    operation = "CreateVpcEndpointConnectionNotification"
    words = "You are not authorized to perform this operation."
    account.lab.fault(operation, error="UnauthorizedOperation", message=words, times=99)

    account.sweep("connections")

    says("NotificationsNotRegistered")


def test_notifications_that_do_not_arrive_are_seen_by_the_sweeps(
    account: Account, service: dict[str, Any], orders: str, consumer: Side, says: Says
) -> None:
    for _ in range(2):
        account.forget_mails()
        consumer.endpoint(service["ServiceName"], HERE)
        account.sweep("connections")
        account.pass_time(86400)

    says("NotificationsNotArriving")


def test_zones_that_do_not_meet_are_told(
    account: Account, service: dict[str, Any], orders: str, says: Says
) -> None:
    account.wants(connections=ConnectionPolicy(allow=(Rule("account", OWNER),)))
    own = side_of(account.sdk, OWNER)
    tags = [{"Key": "Name", "Value": "payments"}]
    account.ec2.create_tags(Resources=[own.vpc], Tags=tags)
    own.endpoint(service["ServiceName"], HERE)

    look(account, orders, look=["zones"])

    says("ZonesMisaligned")


def test_a_refused_endpoint_gets_advice(
    account: Account, service: dict[str, Any], orders: str, says: Says
) -> None:
    own = side_of(account.sdk, OWNER)
    refused = {
        "vpc_id": own.vpc,
        "service_name": service["ServiceName"],
        "subnet_ids": [own.subnets[ELSEWHERE]],
        "by": ALICE,
        "error": "InvalidParameter: does not support the availability zone of the subnet",
        "at": account.now.isoformat(),
    }

    look(account, orders, advice=[refused])

    says("ZoneAdvice")
