"""What ops read of interface endpoints."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from autopilot.policy.model import InterfaceProfile

from tests.lab.ec2.conftest import HERE, Provider, Side, side_of
from tests.lab.ec2.sdk import OWNER
from tests.stories.account import Account
from tests.stories.said import Says

LOGS = "com.amazonaws.us-east-1.logs"
PROFILE = InterfaceProfile("workloads", ("logs",), {"network": "private"})


@pytest.fixture
def premises(account: Account) -> Side:
    """A VPC that a profile wants an endpoint in, with a subnet in each of three zones."""
    made = side_of(account.sdk, OWNER)
    tags = {"Name": "payments", "network": "private"}
    tagged = [{"Key": key, "Value": value} for key, value in tags.items()]
    account.ec2.create_tags(Resources=[made.vpc], Tags=tagged)
    account.wants(interface_endpoints=(PROFILE,))
    return made


def look(account: Account, side: Side) -> dict[str, Any]:
    return account.run("interfaces", trigger="event", scope={"vpc_ids": [side.vpc]})


def ours(account: Account) -> str:
    tagged = [{"Name": "tag:endpoint-autopilot:owner", "Values": ["*"]}]
    (found,) = account.ec2.describe_vpc_endpoints(Filters=tagged)["VpcEndpoints"]
    return str(found["VpcEndpointId"])


def test_a_tagged_vpc_gets_its_endpoint(account: Account, premises: Side, says: Says) -> None:
    look(account, premises)

    says("InterfaceEndpointsChanged")


def test_a_service_that_is_not_offered(account: Account, premises: Side, says: Says) -> None:
    account.wants(interface_endpoints=(replace(PROFILE, services=("no-such-service",)),))

    look(account, premises)

    says("InterfaceNotPossible")


def test_others_endpoint_serves_as_well(account: Account, premises: Side, says: Says) -> None:
    premises.endpoint(LOGS, HERE)

    look(account, premises)

    says("ServedByOthers")


def test_private_dns_takes_what_the_vpc_does_not_have(
    account: Account, premises: Side, says: Says
) -> None:
    account.ec2.modify_vpc_attribute(VpcId=premises.vpc, EnableDnsHostnames={"Value": False})

    look(account, premises)

    says("PrivateDnsOff")


def test_what_no_profile_wants_any_more_is_for_a_person(
    account: Account, premises: Side, says: Says
) -> None:
    look(account, premises)
    account.forget_mails()
    account.wants(interface_endpoints=())

    account.sweep("interfaces")

    says("InterfaceUnwanted")


def test_an_endpoint_that_failed_is_for_a_person(
    account: Account, premises: Side, says: Says
) -> None:
    look(account, premises)
    account.forget_mails()
    broken = {"endpoint_id": ours(account), "code": "Broken", "message": "It broke."}
    account.lab.world({"fail": broken})

    account.sweep("interfaces")

    says("InterfaceEndpointFailed")


def test_what_could_not_be_done_is_told(account: Account, premises: Side, says: Says) -> None:
    account.lab.fault("CreateVpcEndpoint", error="InvalidParameter", message="no", times=99)

    look(account, premises)

    says("InterfaceChangeFailed")


def test_in_audit_mode_changes_are_announced(account: Account, premises: Side, says: Says) -> None:
    account.wants(mode="audit")

    look(account, premises)

    says("PlannedInterfaceChange")


@pytest.fixture
def orders(account: Account, premises: Side, provider: Provider) -> str:
    """The name of an own service that the premises shall reach."""
    service = provider.publish(AcceptanceRequired=False)
    provider.allow(service, f"arn:aws:iam::{OWNER}:root")
    name = str(service["ServiceName"])
    account.wants(interface_endpoints=(replace(PROFILE, services=(name,), private_dns=False),))
    return name


def test_somebody_elses_parameter_is_left_to_them(
    account: Account, premises: Side, orders: str, says: Says
) -> None:
    look(account, premises)
    account.forget_mails()
    ssm = account.sdk.client(service="ssm")
    for each in ssm.describe_parameters()["Parameters"]:
        ssm.remove_tags_from_resource(
            ResourceType="Parameter",
            ResourceId=each["Name"],
            TagKeys=["endpoint-autopilot:owner"],
        )
        ssm.put_parameter(Name=each["Name"], Value="elsewhere", Overwrite=True)

    account.sweep("interfaces")

    says("ParameterNotOurs")


def fill(premises: Side, endpoints: int) -> None:
    """Others have so many endpoints in the VPC."""
    for _ in range(endpoints):
        premises.endpoint("com.amazonaws.us-east-1.sqs", HERE, PrivateDnsEnabled=False)


def test_a_vpc_that_is_nearly_full_is_told_in_time(
    account: Account, premises: Side, says: Says
) -> None:
    fill(premises, 40)

    look(account, premises)

    says("InterfaceQuotaNear")


def test_what_a_full_vpc_leaves_undone_is_named(
    account: Account, premises: Side, says: Says
) -> None:
    fill(premises, 50)

    look(account, premises)

    says("InterfaceQuotaReached")
