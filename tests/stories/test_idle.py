"""What ops read of interface endpoints that nobody uses, until one is back."""

from __future__ import annotations

from typing import Any

import pytest
from autopilot.policy.model import IdlePolicy, InterfaceProfile

from tests.lab.ec2.conftest import HERE, Side, side_of
from tests.lab.ec2.sdk import OWNER
from tests.stories.account import Account
from tests.stories.said import Says

LOGS, DAY = "com.amazonaws.us-east-1.logs", 86_400
PROFILE = InterfaceProfile("workloads", ("logs",), {"network": "private"})


@pytest.fixture
def premises(account: Account) -> Side:
    """A VPC with an endpoint that is older than the window, and another one that is used."""
    made = side_of(account.sdk, OWNER)
    tags = {"Name": "payments", "network": "private"}
    tagged = [{"Key": key, "Value": value} for key, value in tags.items()]
    account.ec2.create_tags(Resources=[made.vpc], Tags=tagged)
    account.wants(interface_endpoints=(PROFILE,), retire_interfaces="idle", idle=IdlePolicy(30, 7))
    account.sweep("interfaces")
    account.forget_mails()
    account.pass_time(31 * DAY)
    others = side_of(account.sdk, OWNER)
    account.lab.traffic(others.endpoint(LOGS, HERE)["VpcEndpointId"], 5000)
    return made


def ours(account: Account) -> dict[str, Any]:
    tagged = [{"Name": "tag:endpoint-autopilot:owner", "Values": ["*"]}]
    found = account.ec2.describe_vpc_endpoints(Filters=tagged)["VpcEndpoints"]
    lives = [each for each in found if not each["State"].startswith("delet")]
    return dict(lives[0]) if lives else {}


def test_an_idle_endpoint_is_told_hidden_deleted_and_brought_back(
    account: Account, premises: Side, says: Says
) -> None:
    old = ours(account)
    account.sweep("interfaces")
    says("InterfaceIdle")
    assert ours(account)["PrivateDnsEnabled"]

    account.pass_time(6 * 3600)
    account.sweep("interfaces")
    says("InterfaceIdle-leaving")
    assert not ours(account)["PrivateDnsEnabled"]

    account.pass_time(7 * DAY - 60)
    account.sweep("interfaces")
    assert ours(account), "the wait isn't over"
    account.pass_time(120)
    account.sweep("interfaces")
    says("InterfaceRetired")
    assert not ours(account)

    account.sweep("interfaces")
    assert not ours(account), "it isn't made again"

    back = {"id": old["VpcEndpointId"], "by": "ann", "reason": "the yearly closing"}
    account.run("interfaces", trigger="person", restore=back)
    says("InterfaceEndpointsChanged-restored")
    made = ours(account)
    assert (made["State"], made["PrivateDnsEnabled"]) == ("available", True)
    assert sorted(made["SubnetIds"]) == sorted(old["SubnetIds"])
    account.sweep("interfaces")
    assert ours(account)["PrivateDnsEnabled"], "its time runs anew"


def test_traffic_ends_the_wait(account: Account, premises: Side, says: Says) -> None:
    account.sweep("interfaces")
    account.sweep("interfaces")
    assert not ours(account)["PrivateDnsEnabled"]
    account.forget_mails()

    account.pass_time(DAY)
    account.lab.traffic(ours(account)["VpcEndpointId"], 40)
    account.run("interfaces", trigger="event", scope={"vpc_ids": [premises.vpc]})
    assert not ours(account)["PrivateDnsEnabled"], "an event judges nothing"
    account.sweep("interfaces")

    says("InterfaceEndpointsChanged-used-again")
    assert ours(account)["PrivateDnsEnabled"]


def test_what_cloudwatch_does_not_say_takes_nothing_away_and_is_told(
    account: Account, premises: Side, says: Says
) -> None:
    account.lab.fault("GetMetricData", error="AccessDenied", message="not allowed", times=99)
    for _ in range(3):
        account.sweep("interfaces")
        account.pass_time(8 * DAY)

    says("InterfaceTrafficUnread")
    assert ours(account)["PrivateDnsEnabled"]


def test_who_brings_one_back_moves_no_other_on(account: Account, premises: Side) -> None:
    both = InterfaceProfile("workloads", ("logs", "kms"), {"network": "private"})
    account.wants(interface_endpoints=(both,))
    account.sweep("interfaces")
    account.pass_time(31 * DAY)
    others = side_of(account.sdk, OWNER)
    account.lab.traffic(others.endpoint(LOGS, HERE)["VpcEndpointId"], 5000)
    account.sweep("interfaces")  # logs is hidden, and ops are told that kms is idle

    back = {"id": f"{premises.vpc}/logs", "by": "ann", "reason": "month's end"}
    account.run("interfaces", trigger="person", scope={"vpc_ids": [premises.vpc]}, restore=back)
    found = account.ec2.describe_vpc_endpoints(
        Filters=[{"Name": "tag:endpoint-autopilot:owner", "Values": ["*"]}]
    )["VpcEndpoints"]
    assert {
        each["ServiceName"].rpartition(".")[2]: each["PrivateDnsEnabled"] for each in found
    } == {
        "logs": True,
        "kms": True,
    }


def test_what_was_left_alone_meanwhile_is_told_before_it_is_deleted(
    account: Account, premises: Side
) -> None:
    account.sweep("interfaces")
    account.sweep("interfaces")
    account.wants(skip_tags={"endpoint-autopilot": "off"})
    off = {"Key": "endpoint-autopilot", "Value": "off"}
    account.ec2.create_tags(Resources=[premises.vpc], Tags=[off])
    account.pass_time(8 * DAY)
    account.sweep("interfaces")
    account.forget_mails()

    account.ec2.delete_tags(Resources=[premises.vpc], Tags=[off])
    account.sweep("interfaces")
    assert ours(account), "ops were told that it is settled"
    assert "deleted from" in account.told("InterfaceIdle").text
    account.sweep("interfaces")
    assert not ours(account)
