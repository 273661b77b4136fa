"""What ops read where something of the automation goes: for others, or for good."""

from __future__ import annotations

from datetime import timedelta

import pytest
from autopilot.policy.model import GatewayPolicy, InterfaceProfile

from tests.lab.ec2.conftest import HERE, Net, Provider, Side, side_of
from tests.lab.ec2.sdk import OTHER, OWNER, S3
from tests.stories.account import Account
from tests.stories.said import Says

TERRAFORM = "arn:aws:sts::111111111111:assumed-role/Terraform/run"
S3_ONLY = GatewayPolicy(services=("s3",))


@pytest.fixture
def net(account: Account, net: Net) -> Net:
    """A VPC whose tables the automation serves."""
    tags = [{"Key": "Name", "Value": "payments"}]
    account.ec2.create_tags(Resources=[net.vpc], Tags=tags)
    account.wants(gateway_endpoints=S3_ONLY)
    account.sweep("network")
    account.forget_mails()
    return net


def demanded(account: Account, kind: str, id_: str, **more: str) -> None:
    """AWS has just refused somebody's call because of this."""
    demand = {"kind": kind, "id": id_, "by": TERRAFORM, "at": account.now.isoformat(), **more}
    account.run("withdraw", trigger="event", demands=[demand])


def test_a_route_makes_room_for_somebodys_own(account: Account, net: Net, says: Says) -> None:
    demanded(account, "route", net.table, service=S3)

    says("SteppedAside")


def test_a_route_that_was_left_in_vain_stays(account: Account, net: Net, says: Says) -> None:
    demanded(account, "route", net.table, service=S3)
    account.pass_time(timedelta(hours=3).total_seconds())
    account.sweep("network")
    account.forget_mails()

    demanded(account, "route", net.table, service=S3)

    says("RouteContested")


def test_in_audit_mode_nothing_steps_aside(account: Account, net: Net, says: Says) -> None:
    account.wants(mode="audit")

    demanded(account, "route", net.table, service=S3)

    says("WithdrawalPlanned")


def test_what_could_not_step_aside_is_told(account: Account, net: Net, says: Says) -> None:
    words = "You are not authorized to perform this operation."
    account.lab.fault("ModifyVpcEndpoint", error="UnauthorizedOperation", message=words, times=99)

    demanded(account, "route", net.table, service=S3)

    says("WithdrawalFailed")


def test_the_last_subnet_of_an_endpoint_that_serves_others(account: Account, says: Says) -> None:
    made = side_of(account.sdk, OWNER)
    tags = [{"Key": "Name", "Value": "payments"}, {"Key": "network", "Value": "private"}]
    account.ec2.create_tags(Resources=[made.vpc], Tags=tags)
    there, *others = made.subnets.values()
    for subnet in others[1:]:
        account.ec2.delete_subnet(SubnetId=subnet)
    account.ec2.create_tags(Resources=[there], Tags=[{"Key": "endpoints", "Value": "yes"}])
    where = {"endpoints": "yes"}
    profile = InterfaceProfile("workloads", ("logs",), {"network": "private"}, where)
    account.wants(interface_endpoints=(profile,))
    account.sweep("interfaces")
    account.forget_mails()
    account.ec2.create_network_interface(SubnetId=others[0])

    demanded(account, "subnet", there)

    says("StillServing")


def test_what_leaving_would_remove_is_listed(account: Account, net: Net, says: Says) -> None:
    account.run("uninstall")

    says("RetirementPlanned")


def test_who_leaves_is_told_what_went(account: Account, net: Net, says: Says) -> None:
    account.wants(mode="audit")

    account.run("uninstall", confirm=True)

    says("Retired")


def test_what_could_not_be_removed_is_told(account: Account, net: Net, says: Says) -> None:
    account.wants(mode="audit")
    words = "You are not authorized to perform this operation."
    account.lab.fault("DeleteVpcEndpoints", error="UnauthorizedOperation", message=words, times=99)

    account.run("uninstall", confirm=True)

    says("RetirementFailed")


def test_a_service_that_somebody_is_connected_to_stays(
    account: Account, provider: Provider, consumer: Side, says: Says
) -> None:
    ours = [{"Key": "endpoint-autopilot:owner", "Value": "EndpointAutopilot"}]
    service = provider.publish(AcceptanceRequired=False)
    account.ec2.create_tags(
        Resources=[service["ServiceId"]], Tags=[*ours, {"Key": "Name", "Value": "orders"}]
    )
    provider.allow(service, f"arn:aws:iam::{OTHER}:root")
    consumer.endpoint(service["ServiceName"], HERE)
    account.wants(mode="audit")

    account.run("uninstall", confirm=True)

    says("StillConnected")
