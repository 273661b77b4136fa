"""How long things take at AWS's own pace, in time that passes when it is told to."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab.client import Lab, LabError

from .conftest import ELSEWHERE, HERE, THERE, Net, Provider, Side
from .sdk import OTHER, S3, Sdk, code, refusal

LOGS = "com.amazonaws.us-east-1.logs"
STEP = 5.0


@pytest.fixture
def aws(sdk: Sdk) -> Lab:
    """AWS's pace, but for the lag, which would only blur what is measured."""
    sdk.lab.seed(7)
    sdk.lab.world({"world": "aws", "lag_seconds": 0})
    return sdk.lab


def seconds_until(lab: Lab, done: Any, most: float = 3600) -> float:
    passed = 0.0
    while not done():
        assert passed < most, "it never came"
        lab.pass_time(STEP)
        passed += STEP
    return passed


def test_an_interface_endpoint_takes_minutes_to_come_and_to_go(consumer: Side, aws: Lab) -> None:
    for _ in range(3):
        made = consumer.endpoint(LOGS, HERE)["VpcEndpointId"]
        assert 60 <= seconds_until(aws, lambda: consumer.states() == ["available"]) <= 180 + STEP
        consumer.sdk.delete_vpc_endpoints(VpcEndpointIds=[made])
        assert consumer.states() == ["deleting"]
        assert 60 <= seconds_until(aws, lambda: consumer.states() == ["deleted"]) <= 420 + STEP
        assert 60 <= seconds_until(aws, lambda: consumer.states() == []) <= 600 + STEP


def test_interfaces_linger_on_their_group_after_the_endpoint(consumer: Side, aws: Lab) -> None:
    sdk, seen = consumer.sdk, []
    for number in range(4):
        group = sdk.create_security_group(
            VpcId=consumer.vpc, GroupName=f"g{number}", Description="g"
        )["GroupId"]
        made = consumer.endpoint(LOGS, HERE, SecurityGroupIds=[group])["VpcEndpointId"]
        sdk.delete_vpc_endpoints(VpcEndpointIds=[made])
        seconds_until(aws, lambda made=made: consumer.shown(made)["State"] == "deleted")
        seen.append(code(sdk.delete_security_group, GroupId=group))
        aws.pass_time(60)
        assert sdk.describe_network_interfaces()["NetworkInterfaces"] == []
        aws.pass_time(600)
    assert "DependencyViolation" in seen


def test_a_private_name_is_free_once_its_endpoint_is_gone(consumer: Side, aws: Lab) -> None:
    made = consumer.endpoint(LOGS, HERE)["VpcEndpointId"]
    consumer.sdk.delete_vpc_endpoints(VpcEndpointIds=[made])
    create = consumer.sdk.create_vpc_endpoint
    asked = {"VpcId": consumer.vpc, "ServiceName": LOGS, "VpcEndpointType": "Interface"}
    assert code(create, **asked) == "InvalidParameter"
    seconds_until(aws, lambda: consumer.shown(made)["State"] == "deleted")
    assert create(**asked)["VpcEndpoint"]["PrivateDnsEnabled"]


def test_a_gateway_endpoint_takes_seconds(net: Net, aws: Lab) -> None:
    endpoint = net.endpoint(net.table)

    def state() -> str:
        (found,) = net.owner.describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"]
        return str(found["State"])

    assert state() == "pending"
    assert seconds_until(aws, lambda: state() == "available") <= 10 + STEP
    net.owner.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    assert state() == "deleting"
    assert seconds_until(aws, lambda: state() == "deleted") <= 20 + STEP


def test_the_provider_sees_the_same_pace(
    provider: Provider, consumer: Side, service: dict[str, Any], aws: Lab
) -> None:
    endpoint = consumer.endpoint(service["ServiceName"], HERE)["VpcEndpointId"]
    provider.answer("accept", service, endpoint)

    def state() -> str:
        (found,) = provider.connections()
        return str(found["VpcEndpointState"])

    assert 60 <= seconds_until(aws, lambda: state() == "available") <= 180 + STEP
    consumer.sdk.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    assert 60 <= seconds_until(aws, lambda: state() == "deleted") <= 420 + STEP
    assert 300 <= seconds_until(aws, lambda: not provider.connections()) <= 900 + STEP


def test_a_balancer_takes_minutes_and_stands_for_no_service_before(
    provider: Provider, aws: Lab
) -> None:
    arn = provider.balancing.create_load_balancer(
        Name="slow", Type="network", Scheme="internal", Subnets=[provider.subnets[HERE]]
    )["LoadBalancers"][0]["LoadBalancerArn"]

    def state() -> str:
        (found,) = provider.balancing.describe_load_balancers(LoadBalancerArns=[arn])[
            "LoadBalancers"
        ]
        return str(found["State"]["Code"])

    assert state() == "provisioning"
    create = provider.sdk.create_vpc_endpoint_service_configuration
    assert code(create, NetworkLoadBalancerArns=[arn]) == "InvalidParameter"
    assert 120 <= seconds_until(aws, lambda: state() == "active") <= 240 + STEP
    create(NetworkLoadBalancerArns=[arn])


def test_a_balancers_new_zone_counts_after_minutes(
    provider: Provider, service: dict[str, Any], aws: Lab
) -> None:
    subnets = [provider.subnets[zone] for zone in (HERE, THERE, ELSEWHERE)]
    provider.balancing.set_subnets(LoadBalancerArn=provider.balancer, Subnets=subnets)

    def taken() -> bool:
        sdk, named = provider.sdk, {"ServiceId": service["ServiceId"]}
        sdk.modify_vpc_endpoint_service_configuration(**named)
        (found,) = sdk.describe_vpc_endpoint_service_configurations(
            ServiceIds=[service["ServiceId"]]
        )["ServiceConfigurations"]
        return ELSEWHERE in found["AvailabilityZoneIds"]

    assert 60 <= seconds_until(aws, taken) <= 240 + STEP


def test_a_new_service_is_unavailable_for_a_while_and_says_it_is_available(
    provider: Provider, consumer: Side, aws: Lab
) -> None:
    made = provider.publish(AcceptanceRequired=False)
    provider.allow(made, OTHER)
    assert made["ServiceState"] == "Available"
    create = consumer.sdk.create_vpc_endpoint
    asked = {"VpcId": consumer.vpc, "ServiceName": made["ServiceName"]}
    asked |= {"VpcEndpointType": "Interface"}
    assert refusal(create, **asked) == (
        "Unavailable",
        "The service is unavailable. Please try again shortly.",
    )

    def ready() -> bool:
        try:
            return bool(create(**asked))
        except ClientError:
            return False

    assert 25 <= seconds_until(aws, ready) <= 180 + STEP


def test_speed_makes_it_so_many_times_as_fast(consumer: Side, lab: Lab) -> None:
    told = lab.world({"world": "aws", "speed": 60})
    assert (told["world"], told["speed"]) == ("aws", 60) and 0 < told["lag_seconds"] <= 3 / 60
    consumer.endpoint(LOGS, HERE)
    lab.pass_time(3.1)
    assert consumer.states() == ["available"]
    told = lab.world({"world": "quick"})
    assert (told["world"], told["lag_seconds"]) == ("quick", 0)


def test_the_seed_repeats_how_long_things_take(lab: Lab, net: Net) -> None:
    lags = []
    for _ in range(2):
        lab.seed(3)
        lags.append(lab.world({"world": "aws"})["lag_seconds"])
    assert lags[0] == lags[1] and net.vpc


@pytest.mark.parametrize("wrong", [{"world": "slow"}, {"speed": 0}, {"speed": True}])
def test_a_wrong_pace_is_said(lab: Lab, wrong: dict[str, object]) -> None:
    with pytest.raises(LabError, match=r"world|speed"):
        lab.world(wrong)


def test_a_table_is_free_once_the_endpoint_has_gone(net: Net, aws: Lab) -> None:
    endpoint = net.endpoint(net.table)
    net.owner.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    create = net.owner.create_vpc_endpoint
    asked = {"VpcId": net.vpc, "ServiceName": S3, "RouteTableIds": [net.table]}
    assert code(create, **asked) == "RouteAlreadyExists"
    aws.pass_time(20)
    create(**asked)
