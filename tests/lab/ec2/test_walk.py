"""Random walks of calls by two accounts: answers fit the models, both sides agree, all ends."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab.client import Lab, LabError

from .conftest import Provider, Side
from .sdk import OTHER, REGION

SEEDS, STEPS = range(8), 80
#: With these codes AWS says no to a call that makes sense, only not now.
REFUSALS = frozenset(
    {
        "DependencyViolation",
        "DuplicateSubnetsInSameZone",
        "ExistingVpcEndpointConnections",
        "InvalidParameter",
        "InvalidServiceName",
        "InvalidState",
        "OperationInProgress",
        "ResourceInUse",
        "RouteAlreadyExists",
    }
)
AMAZON = [f"com.amazonaws.{REGION}.{short}" for short in ("logs", "kms", "cognito-idp", "s3")]
PRINCIPALS = [f"arn:aws:iam::{OTHER}:root", "*", f"arn:aws:iam::{OTHER}:role/Deploy"]
EVENTS = ["Accept", "Connect", "Delete", "Reject"]


@dataclass
class Walk:
    """What a walk knows, and the steps that it takes."""

    chance: random.Random
    provider: Provider
    consumer: Side
    lab: Lab
    done: list[str] = field(default_factory=list)

    def some(self, things: list[Any]) -> Any:
        return self.chance.choice(things)

    @property
    def side(self) -> Side:
        return self.provider if self.chance.random() < 0.3 else self.consumer

    def services(self) -> list[dict[str, Any]]:
        describe = self.provider.sdk.describe_vpc_endpoint_service_configurations
        return list(describe()["ServiceConfigurations"])

    def endpoints(self, side: Side, kind: str = "Interface") -> list[dict[str, Any]]:
        only = [{"Name": "vpc-endpoint-type", "Values": [kind]}]
        found = side.sdk.describe_vpc_endpoints(Filters=only)["VpcEndpoints"]
        return [each for each in found if each["State"] != "deleted"]

    def step(self) -> None:
        action = self.some(ACTIONS)
        try:
            action(self)
        except ClientError as error:
            assert error.response["Error"]["Code"] in REFUSALS, (action.__name__, error)
            return
        self.done.append(action.__name__)


def publish(walk: Walk) -> None:
    name = walk.some([{}, {"PrivateDnsName": "orders.example.com"}])
    walk.provider.publish(AcceptanceRequired=walk.chance.random() < 0.7, **name)


def retire(walk: Walk) -> None:
    services = walk.services()
    if services:
        walk.provider.sdk.delete_vpc_endpoint_service_configurations(
            ServiceIds=[walk.some(services)["ServiceId"]]
        )


def permit(walk: Walk) -> None:
    services = walk.services()
    if services:
        how = walk.some(["AddAllowedPrincipals", "AddAllowedPrincipals", "RemoveAllowedPrincipals"])
        walk.provider.sdk.modify_vpc_endpoint_service_permissions(
            ServiceId=walk.some(services)["ServiceId"], **{how: [walk.some(PRINCIPALS)]}
        )


def change_service(walk: Walk) -> None:
    services = walk.services()
    if services:
        how = walk.some(
            [
                {},
                {"AcceptanceRequired": walk.chance.random() < 0.5},
                {"RemovePrivateDnsName": True},
                {"PrivateDnsName": "other.example.com"},
                {"AddSupportedRegions": ["us-west-2"]},
            ]
        )
        identifier = walk.some(services)["ServiceId"]
        walk.provider.sdk.modify_vpc_endpoint_service_configuration(ServiceId=identifier, **how)


def verify(walk: Walk) -> None:
    services = walk.services()
    if services:
        walk.provider.sdk.start_vpc_endpoint_service_private_dns_verification(
            ServiceId=walk.some(services)["ServiceId"]
        )


def move_balancer(walk: Walk) -> None:
    subnets = list(walk.provider.subnets.values())
    walk.provider.balancing.set_subnets(
        LoadBalancerArn=walk.provider.balancer,
        Subnets=walk.chance.sample(subnets, walk.chance.randint(1, 3)),
    )


def notify(walk: Walk) -> None:
    services = walk.services()
    if services:
        walk.provider.sdk.create_vpc_endpoint_connection_notification(
            ServiceId=walk.some(services)["ServiceId"],
            ConnectionNotificationArn=f"arn:aws:sns:{REGION}:111111111111:{walk.some(['a', 'b'])}",
            ConnectionEvents=walk.chance.sample(EVENTS, walk.chance.randint(1, 4)),
        )


def connect(walk: Walk) -> None:
    side, names = walk.side, [*AMAZON, *(each["ServiceName"] for each in walk.services())]
    zones = walk.chance.sample(list(side.subnets), walk.chance.randint(0, 3))
    more = walk.some([{}, {"PrivateDnsEnabled": True}, {"PrivateDnsEnabled": False}])
    side.endpoint(walk.some(names), *zones, **more)


def attach_gateway(walk: Walk) -> None:
    side = walk.side
    side.sdk.create_vpc_endpoint(VpcId=side.vpc, ServiceName=f"com.amazonaws.{REGION}.s3")


def change_endpoint(walk: Walk) -> None:
    side = walk.side
    endpoints = walk.endpoints(side)
    if endpoints:
        how = walk.some(
            [
                {"AddSubnetIds": [walk.some(list(side.subnets.values()))]},
                {"RemoveSubnetIds": [walk.some(list(side.subnets.values()))]},
                {"PrivateDnsEnabled": walk.chance.random() < 0.5},
                {"ResetPolicy": True},
            ]
        )
        side.sdk.modify_vpc_endpoint(VpcEndpointId=walk.some(endpoints)["VpcEndpointId"], **how)


def answer(walk: Walk) -> None:
    connections = walk.provider.connections()
    gone = {each["ServiceId"] for each in walk.services()}
    connections = [each for each in connections if each["ServiceId"] in gone]
    if connections:
        one = walk.some(connections)
        walk.provider.answer(walk.some(["accept", "reject"]), one, one["VpcEndpointId"])


def disconnect(walk: Walk) -> None:
    side = walk.side
    endpoints = walk.endpoints(side, walk.some(["Gateway", "Interface", "Interface"]))
    if endpoints:
        side.sdk.delete_vpc_endpoints(VpcEndpointIds=[walk.some(endpoints)["VpcEndpointId"]])


def look(walk: Walk) -> None:
    side = walk.side
    side.sdk.describe_vpc_endpoint_services(MaxResults=walk.chance.randint(1, 60))
    side.sdk.describe_network_interfaces()
    side.sdk.describe_vpc_endpoint_connection_notifications()
    for each in walk.services():
        walk.provider.sdk.describe_vpc_endpoint_service_permissions(ServiceId=each["ServiceId"])


def wait(walk: Walk) -> None:
    walk.lab.pass_time(walk.chance.uniform(0, 5))


def expire(walk: Walk) -> None:
    waiting = walk.provider.connections(vpc_endpoint_state=["pendingAcceptance"])
    if waiting:
        walk.lab.world({"expire": walk.some(waiting)["VpcEndpointId"]})


ACTIONS: list[Callable[[Walk], None]] = [
    publish,
    retire,
    permit,
    permit,
    change_service,
    verify,
    move_balancer,
    notify,
    connect,
    connect,
    connect,
    attach_gateway,
    change_endpoint,
    answer,
    answer,
    disconnect,
    look,
    wait,
    wait,
    expire,
]


def _both_sides_agree(walk: Walk) -> None:
    held = {
        each["VpcEndpointId"]: each["State"]
        for side in (walk.provider, walk.consumer)
        for each in walk.endpoints(side)
    }
    for each in walk.provider.connections():
        assert held.get(each["VpcEndpointId"], "deleted") == each["VpcEndpointState"]


def _interfaces_are_endpoints_or_balancers(walk: Walk) -> None:
    for side in (walk.provider, walk.consumer):
        shown = side.sdk.describe_network_interfaces()["NetworkInterfaces"]
        ids = {
            (each["NetworkInterfaceId"], each["SubnetId"])
            for each in shown
            if each["InterfaceType"] == "vpc_endpoint"
        }
        endpoints = walk.endpoints(side)
        assert ids == {
            pair
            for each in endpoints
            for pair in zip(each["NetworkInterfaceIds"], each["SubnetIds"], strict=True)
        }
        private = [
            each["DnsEntries"][-1]["DnsName"]
            for each in endpoints
            if each["PrivateDnsEnabled"] and each["DnsEntries"]
        ]
        assert len(private) == len(set(private))


def _end(walk: Walk) -> None:
    """Takes everything back in the order in which AWS lets it go."""
    walk.lab.pass_time(60)
    for side, kind in itertools.product((walk.provider, walk.consumer), ("Interface", "Gateway")):
        ids = [each["VpcEndpointId"] for each in walk.endpoints(side, kind)]
        if ids:
            assert not side.sdk.delete_vpc_endpoints(VpcEndpointIds=ids)["Unsuccessful"]
        walk.lab.pass_time(60)
    services = [each["ServiceId"] for each in walk.services()]
    if services:
        delete = walk.provider.sdk.delete_vpc_endpoint_service_configurations
        assert delete(ServiceIds=services)["Unsuccessful"] == []
    walk.provider.balancing.delete_load_balancer(LoadBalancerArn=walk.provider.balancer)
    for side in (walk.provider, walk.consumer):
        for subnet in side.subnets.values():
            side.sdk.delete_subnet(SubnetId=subnet)
        side.sdk.delete_vpc(VpcId=side.vpc)
        assert side.sdk.describe_network_interfaces()["NetworkInterfaces"] == []
        assert side.sdk.describe_tags()["Tags"] == []


@pytest.mark.parametrize("seed", SEEDS)
def test_a_walk_of_calls_keeps_both_sides_true_and_comes_to_an_end(
    provider: Provider, consumer: Side, lab: Lab, seed: int
) -> None:
    walk = Walk(random.Random(seed), provider, consumer, lab)
    lab.world({"settle_seconds": seed % 3})
    for _ in range(STEPS):
        walk.step()
        _both_sides_agree(walk)
        _interfaces_are_endpoints_or_balancers(walk)
    assert len(set(walk.done)) > 10
    _end(walk)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_walk_under_lag_answers_within_the_models(
    provider: Provider, consumer: Side, lab: Lab, seed: int
) -> None:
    walk = Walk(random.Random(seed), provider, consumer, lab)
    lab.world({"settle_seconds": 2, "lag_seconds": 4})
    missing = {f"Invalid{kind}.NotFound" for kind in ("VpcEndpointId", "VpcEndpointServiceId")}
    for _ in range(STEPS):
        try:
            walk.some(ACTIONS)(walk)
        except ClientError as error:
            assert error.response["Error"]["Code"] in REFUSALS | missing
        except LabError as error:
            assert "expire" in str(error)
    lab.world({"lag_seconds": 0})
    _both_sides_agree(walk)
    _end(walk)


@pytest.mark.parametrize("seed", range(3))
def test_a_walk_at_the_pace_of_aws_keeps_both_sides_true_and_comes_to_an_end(
    provider: Provider, consumer: Side, lab: Lab, seed: int
) -> None:
    walk = Walk(random.Random(seed), provider, consumer, lab)
    lab.seed(seed)
    lab.world({"world": "aws", "lag_seconds": 0})
    for _ in range(STEPS):
        try:
            walk.some(ACTIONS)(walk)
        except ClientError as error:
            assert error.response["Error"]["Code"] in REFUSALS | {"Unavailable"}
        lab.pass_time(walk.chance.choice([0, 0, 20, 200]))
        _both_sides_agree(walk)
    lab.world({"world": "quick"})
    lab.pass_time(3600)
    _end(walk)
