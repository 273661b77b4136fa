"""Load balancers with listeners, target groups, attributes and tags."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import HERE, Provider, Side
from .sdk import Sdk, code, refusal


@pytest.fixture
def group(provider: Provider) -> str:
    made = provider.balancing.create_target_group(
        Name="orders", Protocol="TCP", Port=443, VpcId=provider.vpc, TargetType="ip"
    )
    return str(made["TargetGroups"][0]["TargetGroupArn"])


def _forward(group: str) -> list[dict[str, Any]]:
    return [{"Type": "forward", "TargetGroupArn": group}]


def _listen(provider: Provider, group: str, port: int = 443, **more: Any) -> str:
    asked = {"Protocol": "TCP", "Port": port, "DefaultActions": _forward(group), **more}
    made = provider.balancing.create_listener(LoadBalancerArn=provider.balancer, **asked)
    return str(made["Listeners"][0]["ListenerArn"])


def test_a_balancer_says_its_scheme_type_and_zones(provider: Provider) -> None:
    (shown,) = provider.balancing.describe_load_balancers()["LoadBalancers"]
    assert (shown["Scheme"], shown["Type"], shown["VpcId"]) == ("internal", "network", provider.vpc)
    zones = provider.sdk.describe_availability_zones()["AvailabilityZones"]
    names = {zone["ZoneName"]: zone["ZoneId"] for zone in zones}
    stands = {names[each["ZoneName"]]: each["SubnetId"] for each in shown["AvailabilityZones"]}
    assert stands == {zone: provider.subnets[zone] for zone in stands}
    assert shown["AvailabilityZones"][0]["LoadBalancerAddresses"] == []


def test_a_balancer_made_again_is_the_same_one(provider: Provider) -> None:
    create, subnets = provider.balancing.create_load_balancer, [*provider.subnets.values()]
    asked = {"Name": "twice", "Type": "network", "Scheme": "internal", "Subnets": subnets[:2]}
    first = create(**asked)["LoadBalancers"][0]["LoadBalancerArn"]
    again = {**asked, "Subnets": list(reversed(subnets[:2])), "Tags": [{"Key": "a", "Value": "b"}]}
    assert create(**again)["LoadBalancers"][0]["LoadBalancerArn"] == first
    for other in ({"Subnets": subnets}, {"Type": "application"}):
        assert refusal(create, **{**asked, **other}) == (
            "DuplicateLoadBalancerName",
            "A load balancer with the same name 'twice' exists, but with different settings",
        )
    assert len(provider.balancing.describe_load_balancers()["LoadBalancers"]) == 2


@pytest.mark.parametrize("name", ["x" * 33, "-x", "x-", "internal-x", "a_b", "größe", "a b"])
def test_a_wrong_balancer_name_is_refused(provider: Provider, name: str) -> None:
    asked = {"Type": "network", "Scheme": "internal", "Subnets": [provider.subnets[HERE]]}
    create = provider.balancing.create_load_balancer
    assert code(create, Name=name, **asked) == "ValidationError"


def test_balancers_are_found_by_arn_or_name_and_a_wrong_one_fails(provider: Provider) -> None:
    describe, missing = provider.balancing.describe_load_balancers, "LoadBalancerNotFound"
    assert code(describe, LoadBalancerArns=[provider.balancer, "arn:other"]) == missing
    assert code(describe, Names=["orders", "other"]) == missing
    both = {"Names": ["orders"], "LoadBalancerArns": [provider.balancer]}
    assert code(describe, **both) == "ValidationError"
    assert len(describe(Names=["orders"])["LoadBalancers"]) == 1


def test_a_target_group_made_again_is_the_same_one(provider: Provider, group: str) -> None:
    create = provider.balancing.create_target_group
    asked = {"Name": "orders", "Protocol": "TCP", "Port": 443, "VpcId": provider.vpc}
    again = create(**asked, TargetType="ip")["TargetGroups"][0]["TargetGroupArn"]
    assert again == group
    assert code(create, **asked) == "DuplicateTargetGroupName"


def test_an_internet_facing_balancer_needs_an_internet_gateway(provider: Provider) -> None:
    create = provider.balancing.create_load_balancer
    asked = {"Name": "public", "Type": "network", "Subnets": [provider.subnets[HERE]]}
    assert refusal(create, **asked) == (
        "InvalidSubnet",
        f"VPC {provider.vpc} has no internet gateway",
    )
    gateway = provider.sdk.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    provider.sdk.attach_internet_gateway(InternetGatewayId=gateway, VpcId=provider.vpc)
    (made,) = create(**asked)["LoadBalancers"]
    assert (made["Scheme"], made["State"]["Code"]) == ("internet-facing", "provisioning")


def test_a_listener_forwards_to_a_group(provider: Provider, group: str) -> None:
    arn = _listen(provider, group)
    (shown,) = provider.balancing.describe_listeners(LoadBalancerArn=provider.balancer)["Listeners"]
    assert shown["ListenerArn"] == arn
    assert shown["DefaultActions"][0]["TargetGroupArn"] == group
    groups = provider.balancing.describe_target_groups(LoadBalancerArn=provider.balancer)
    assert [each["TargetGroupArn"] for each in groups["TargetGroups"]] == [group]
    assert code(provider.balancing.delete_target_group, TargetGroupArn=group) == "ResourceInUse"
    provider.balancing.delete_listener(ListenerArn=arn)
    provider.balancing.delete_target_group(TargetGroupArn=group)
    provider.balancing.delete_target_group(TargetGroupArn=group)
    assert provider.balancing.describe_target_groups()["TargetGroups"] == []


def test_a_deleted_balancer_takes_its_listeners(provider: Provider, group: str) -> None:
    arn = _listen(provider, group)
    provider.balancing.delete_load_balancer(LoadBalancerArn=provider.balancer)
    assert code(provider.balancing.describe_listeners, ListenerArns=[arn]) == "ListenerNotFound"
    provider.balancing.delete_target_group(TargetGroupArn=group)


@pytest.mark.parametrize(
    ("wrong", "refused"),
    [
        ({"Protocol": "UDP"}, "InvalidConfigurationRequest"),
        ({"Protocol": "HTTP"}, "ValidationError"),
        ({"DefaultActions": [{"Type": "redirect"}]}, "ValidationError"),
        ({"DefaultActions": _forward("arn:aws:x")}, "TargetGroupNotFound"),
        ({"Port": 443}, "DuplicateListener"),
    ],
)
def test_a_wrong_listener_is_refused(
    provider: Provider, group: str, wrong: dict[str, Any], refused: str
) -> None:
    _listen(provider, group)
    asked = {"Protocol": "TCP", "Port": 80, "DefaultActions": _forward(group), **wrong}
    create = provider.balancing.create_listener
    assert code(create, LoadBalancerArn=provider.balancer, **asked) == refused


def test_a_listener_and_its_group_share_a_vpc(provider: Provider) -> None:
    other = provider.sdk.create_vpc(CidrBlock="10.90.0.0/16")["Vpc"]["VpcId"]
    group = provider.balancing.create_target_group(Name="far", Protocol="TCP", Port=1, VpcId=other)[
        "TargetGroups"
    ][0]["TargetGroupArn"]
    create = provider.balancing.create_listener
    asked = {"Protocol": "TCP", "Port": 80, "DefaultActions": _forward(group)}
    assert code(create, LoadBalancerArn=provider.balancer, **asked) == (
        "InvalidConfigurationRequest"
    )


@pytest.mark.parametrize(
    ("wrong", "refused"),
    [
        ({"Name": "-bad"}, "ValidationError"),
        ({"Name": "orders"}, "DuplicateTargetGroupName"),
        ({"Protocol": "HTTP"}, "ValidationError"),
        ({"TargetType": "lambda"}, "ValidationError"),
        ({"VpcId": "vpc-0123456789abcdef0"}, "InvalidVpcID.NotFound"),
        ({"Tags": [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]}, "DuplicateTagKeys"),
    ],
)
def test_a_wrong_target_group_is_refused(
    provider: Provider, group: str, wrong: dict[str, Any], refused: str
) -> None:
    asked = {"Name": "more", "Protocol": "TCP", "Port": 1, "VpcId": provider.vpc, **wrong}
    assert code(provider.balancing.create_target_group, **asked) == refused


def test_targets_are_healthy_once_somebody_listens(provider: Provider, group: str) -> None:
    targets = {"TargetGroupArn": group, "Targets": [{"Id": "10.30.0.9"}]}
    provider.balancing.register_targets(**targets)

    def states() -> list[str]:
        health = provider.balancing.describe_target_health(TargetGroupArn=group)
        return [each["TargetHealth"]["State"] for each in health["TargetHealthDescriptions"]]

    assert states() == ["unused"]
    _listen(provider, group)
    assert states() == ["healthy"]
    provider.balancing.deregister_targets(**targets)
    assert states() == []


def test_attributes_are_set_and_protection_protects(provider: Provider) -> None:
    of = {"LoadBalancerArn": provider.balancer}

    def value(key: str) -> str:
        held = provider.balancing.describe_load_balancer_attributes(**of)["Attributes"]
        return str({each["Key"]: each["Value"] for each in held}[key])

    def put(key: str, value: str) -> None:
        wanted = [{"Key": key, "Value": value}]
        provider.balancing.modify_load_balancer_attributes(**of, Attributes=wanted)

    cross, protected = "load_balancing.cross_zone.enabled", "deletion_protection.enabled"
    assert (value(cross), value(protected)) == ("false", "false")
    put(cross, "true")
    put(protected, "true")
    assert (value(cross), value(protected)) == ("true", "true")
    assert code(provider.balancing.delete_load_balancer, **of) == "OperationNotPermitted"
    put(protected, "false")
    wrong = [{"Key": "colour", "Value": "red"}]
    modify = provider.balancing.modify_load_balancer_attributes
    assert code(modify, **of, Attributes=wrong) == "InvalidConfigurationRequest"
    provider.balancing.delete_load_balancer(**of)


def test_tags_are_added_described_and_removed(provider: Provider, group: str) -> None:
    arns = [provider.balancer, group]
    provider.balancing.add_tags(ResourceArns=arns, Tags=[{"Key": "a", "Value": "1"}])
    provider.balancing.add_tags(
        ResourceArns=[group], Tags=[{"Key": "a", "Value": "2"}, {"Key": "b"}]
    )

    def tags() -> list[dict[str, str]]:
        described = provider.balancing.describe_tags(ResourceArns=arns)["TagDescriptions"]
        assert [each["ResourceArn"] for each in described] == arns
        return [{tag["Key"]: tag["Value"] for tag in each["Tags"]} for each in described]

    assert tags() == [{"a": "1"}, {"a": "2", "b": ""}]
    provider.balancing.remove_tags(ResourceArns=arns, TagKeys=["a", "zzz"])
    assert tags() == [{}, {"b": ""}]
    described = provider.balancing.describe_tags
    assert code(described, ResourceArns=[group + "x"]) == "TargetGroupNotFound"
    assert code(described, ResourceArns=[provider.balancer + "x"]) == "LoadBalancerNotFound"
    too_many = [provider.balancer] * 21
    assert code(described, ResourceArns=too_many) == "ValidationError"


@pytest.mark.parametrize("key", ["aws:x", "AWS:x"])
def test_a_wrong_tag_is_refused(provider: Provider, key: str) -> None:
    add = provider.balancing.add_tags
    wrong = [{"Key": key, "Value": "v"}]
    assert code(add, ResourceArns=[provider.balancer], Tags=wrong) == "ValidationError"


def test_balancers_come_in_pages(provider: Provider) -> None:
    for number in range(3):
        provider.balancing.create_load_balancer(
            Name=f"more{number}",
            Type="network",
            Scheme="internal",
            Subnets=[provider.subnets[HERE]],
        )
    describe = provider.balancing.describe_load_balancers
    first = describe(PageSize=3)
    rest = describe(PageSize=3, Marker=first["NextMarker"])
    assert len(first["LoadBalancers"]) == 3
    assert len(rest["LoadBalancers"]) == 1
    assert "NextMarker" not in rest


def test_subnets_are_mapped_by_their_id_only(provider: Provider) -> None:
    create = provider.balancing.create_load_balancer
    mapping = {"SubnetId": provider.subnets[HERE], "PrivateIPv4Address": "10.30.0.9"}
    asked = {"Name": "x", "Type": "network", "Scheme": "internal"}
    assert code(create, SubnetMappings=[mapping], **asked) == "UnsupportedOperation"
    create(SubnetMappings=[{"SubnetId": provider.subnets[HERE]}], **asked)


def test_another_account_sees_none_of_it(
    consumer: Side, provider: Provider, group: str, sdk: Sdk
) -> None:
    theirs = sdk.client(consumer.account, service="elbv2")
    assert theirs.describe_load_balancers()["LoadBalancers"] == []
    assert theirs.describe_target_groups()["TargetGroups"] == []
    assert code(theirs.describe_tags, ResourceArns=[group]) == "TargetGroupNotFound"
