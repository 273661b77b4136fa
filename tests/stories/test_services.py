"""What ops read of published services."""

from __future__ import annotations

from dataclasses import replace

import pytest
from autopilot.policy.model import PublishPolicy

from tests.lab.ec2.conftest import HERE, Provider, Side
from tests.lab.ec2.sdk import OTHER
from tests.stories.account import Account
from tests.stories.said import Says

CONSUMER = f"arn:aws:iam::{OTHER}:root"
POLICY = PublishPolicy({"publish": "yes"}, (CONSUMER,))


@pytest.fixture
def orders(account: Account, provider: Provider) -> Provider:
    """An internal load balancer that the policy wants published."""
    tags = [{"Key": "publish", "Value": "yes"}]
    provider.balancing.add_tags(ResourceArns=[provider.balancer], Tags=tags)
    account.wants(endpoint_services=POLICY)
    return provider


@pytest.fixture
def published(account: Account, orders: Provider) -> str:
    """The id of its service."""
    account.sweep("services")
    account.forget_mails()
    (service,) = account.ec2.describe_vpc_endpoint_service_configurations()["ServiceConfigurations"]
    return str(service["ServiceId"])


def test_a_tagged_load_balancer_is_published(
    account: Account, orders: Provider, says: Says
) -> None:
    account.run("services", trigger="event", scope={"load_balancer_arns": [orders.balancer]})

    says("ServicesPublished")


def test_a_service_follows_its_load_balancer(
    account: Account, orders: Provider, published: str, says: Says
) -> None:
    account.wants(endpoint_services=replace(POLICY, supported_regions=("us-west-2",)))

    account.sweep("services")

    says("ServicesChanged")


def test_a_permission_list_follows_the_policy(account: Account, published: str, says: Says) -> None:
    more = "arn:aws:iam::333333333333:root"
    account.wants(endpoint_services=replace(POLICY, allowed_principals=(more,)))

    account.sweep("services")

    says("PrincipalsChanged")


def test_a_service_goes_when_nobody_uses_it(
    account: Account, orders: Provider, published: str, says: Says
) -> None:
    orders.balancing.remove_tags(ResourceArns=[orders.balancer], TagKeys=["publish"])

    account.sweep("services")

    says("ServicesRetired")


def test_a_service_that_somebody_uses_stays(
    account: Account, orders: Provider, published: str, consumer: Side, says: Says
) -> None:
    consumer.endpoint(f"com.amazonaws.vpce.us-east-1.{published}", HERE)
    orders.balancing.remove_tags(ResourceArns=[orders.balancer], TagKeys=["publish"])

    account.sweep("services")

    says("ServiceUnwanted")


def test_what_others_have_published_is_theirs(
    account: Account, orders: Provider, says: Says
) -> None:
    orders.publish()

    account.sweep("services")

    says("AlreadyPublished")


def test_a_private_name_waits_for_its_record(
    account: Account, orders: Provider, published: str, says: Says
) -> None:
    names = {"orders": "orders.example.com"}
    account.lab.world({"private_dns_verifies": False})
    account.wants(endpoint_services=replace(POLICY, private_dns_names=names))
    account.sweep("services")

    says("PrivateNameNotVerified")


def test_in_audit_mode_changes_are_announced(
    account: Account, orders: Provider, says: Says
) -> None:
    account.wants(mode="audit")

    account.sweep("services")

    says("PlannedServiceChange")


def test_what_could_not_be_done_is_told(account: Account, orders: Provider, says: Says) -> None:
    words = "You have reached the limit on the number of VPC endpoint services."
    operation = "CreateVpcEndpointServiceConfiguration"
    account.lab.fault(operation, error="VpcEndpointServiceLimitExceeded", message=words, times=99)

    account.sweep("services")

    says("ServiceChangeFailed")


def test_events_that_do_not_arrive_are_seen_by_the_sweeps(
    account: Account, orders: Provider, says: Says
) -> None:
    for number in range(3):
        account.forget_mails()
        account.wants(
            endpoint_services=replace(
                POLICY, allowed_principals=(f"arn:aws:iam::{str(number + 2) * 12}:root",)
            )
        )
        account.sweep("services")
        account.pass_time(86400)

    says("ServiceEventsNotArriving")
