"""AWS's example answers, shipped with its CLI: the adapters read them, the lab answers alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from autopilot.aws import (
    connection_answers,
    connections,
    endpoint_services,
    gateway_endpoints,
    interface_endpoints,
    interface_facts,
    interface_survey,
    network,
    notifications,
    owned_resources,
    published_services,
    removals,
    vpc_contents,
    zones,
)
from autopilot.connections.plan import Registration
from autopilot.gateway.plan import Item
from autopilot.interfaces.plan import EndpointItem
from autopilot.policy.model import Policy
from autopilot.reconcile.identity import StackIdentity
from autopilot.reconcile.removal import Removal
from autopilot.reconcile.scope import WHOLE_NETWORK, InterfaceScope, ServiceScope
from autopilot.reconcile.tags import OWNER_TAG
from autopilot.services.plan import ServiceItem
from autopilot.withdraw.events import Demand
from botocore import xform_name

from infra.operations import OPERATIONS
from tests.adapters.aws_examples import FOLDER, Example, examples, lacks, of
from tests.adapters.canned import answering
from tests.lab.ec2 import conftest as lab
from tests.lab.ec2.conftest import HERE, Net, Provider, Side
from tests.lab.ec2.pieces import LATTICE
from tests.lab.ec2.pieces import TOPIC as NOTIFIED
from tests.lab.ec2.sdk import DYNAMODB, OTHER, S3

# pytest finds fixtures by their names.
sdk, balancing, owner, net = lab.sdk, lab.balancing, lab.owner, lab.net
provider, consumer, inspection = lab.provider, lab.consumer, lab.inspection

OWNER = "EndpointAutopilot"
US = StackIdentity(OWNER, "123456789012", "us-east-1")
TAGS = [{"Key": OWNER_TAG, "Value": OWNER}]
SERVICE, ENDPOINT, TOPIC = "vpce-svc-1", "vpce-1", "arn:aws:sns:us-east-1:123456789012:topic"
SSM = "com.amazonaws.us-east-1.ssm"
BALANCER = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/nlb-vpce/e9"
EVERY_SERVICE, EVERY_VPC = ServiceScope(everything=True), InterfaceScope(everything=True)
# What is read right before a change.
OURS = {
    "DescribeVpcEndpoints": {
        "VpcEndpoints": [
            {
                "VpcEndpointId": ENDPOINT,
                "VpcId": "vpc-1",
                "VpcEndpointType": "Gateway",
                "ServiceName": S3,
                "State": "available",
                "RouteTableIds": ["rtb-1", "rtb-2"],
                "Tags": TAGS,
            }
        ]
    },
    "DescribeVpcEndpointServiceConfigurations": {
        "ServiceConfigurations": [{"ServiceId": SERVICE, "Tags": TAGS}]
    },
}


def table_item() -> Item:
    return Item(
        id="vpc-1/s3",
        action="create",
        vpc_id="vpc-1",
        service="s3",
        service_name=S3,
        endpoint_id=ENDPOINT,
        route_table_ids=("rtb-1",),
        set_policy=True,
        reason="",
        cause="new-vpc",
    )


def endpoint_item() -> EndpointItem:
    more: dict[str, Any] = {"add_subnet_ids": ("subnet-1",), "group_ids": ("sg-1",)}
    named = ("vpc-1", "workloads", "logs", "com.amazonaws.us-east-1.logs", ENDPOINT)
    return EndpointItem("vpc-1/logs", "create", *named, "missing", "", token="t", **more)


def service_item() -> ServiceItem:
    return ServiceItem("x", "publish", BALANCER, SERVICE, principals=("*",))


def removal_item(action: Any = "delete endpoint") -> Removal:
    return Removal(action, ENDPOINT, ("rtb-1",), whole=True)


def of_any_type() -> Any:
    """What stands in VPCs in which somebody was refused something."""
    demand = Demand("vpc", "vpc-1", "arn:aws:iam::123456789012:root", "2026-11-30T00:00:00Z")
    found = vpc_contents.survey([demand], OWNER).by_vpc.values()
    return [endpoint for vpc in found for endpoint in vpc.endpoints]


# By operation: the adapters that read its answer.
ADAPTERS: Mapping[str, tuple[Callable[[], Any], ...]] = {
    "AcceptVpcEndpointConnections": (lambda: connection_answers.accept(SERVICE, [ENDPOINT]),),
    "RejectVpcEndpointConnections": (lambda: connection_answers.reject(SERVICE, [ENDPOINT]),),
    "CreateVpcEndpointConnectionNotification": (
        lambda: notifications.register(Registration(SERVICE), TOPIC, "execution"),
    ),
    "ModifyVpcEndpointConnectionNotification": (
        lambda: notifications.register(Registration(SERVICE, "vpce-nfn-1"), TOPIC, "execution"),
    ),
    "CreateVpcEndpoint": (
        lambda: gateway_endpoints.create(table_item(), OWNER, None, "execution"),
        lambda: interface_endpoints.create(endpoint_item(), OWNER, None),
    ),
    "ModifyVpcEndpoint": (
        lambda: gateway_endpoints.modify(table_item(), OWNER, None),
        lambda: interface_endpoints.modify(endpoint_item(), OWNER, None),
        lambda: removals.endpoint(removal_item("leave tables"), OWNER),
    ),
    "DeleteVpcEndpoints": (
        lambda: interface_endpoints.delete(endpoint_item(), OWNER),
        lambda: removals.endpoint(removal_item(), OWNER),
    ),
    "CreateVpcEndpointServiceConfiguration": (
        lambda: published_services.publish(service_item(), OWNER, "execution"),
    ),
    "ModifyVpcEndpointServiceConfiguration": (
        lambda: published_services.change(service_item(), OWNER),
    ),
    "ModifyVpcEndpointServicePermissions": (
        lambda: published_services.allow(service_item(), OWNER),
        lambda: published_services.revoke(service_item(), OWNER),
    ),
    "DeleteVpcEndpointServiceConfigurations": (
        lambda: published_services.unpublish(service_item(), OWNER),
        lambda: removals.service(Removal("delete service", SERVICE), OWNER),
    ),
    "DescribeVpcEndpointConnectionNotifications": (
        lambda: connections.survey(EVERY_SERVICE, notifications=True).notifications,
    ),
    "DescribeVpcEndpointConnections": (
        lambda: [*connections.connections("all")],
        lambda: endpoint_services.connected([SERVICE]),
        lambda: owned_resources._service(SERVICE),
    ),
    "DescribeVpcEndpointServiceConfigurations": (
        lambda: [*connections.services(None)],
        lambda: [*endpoint_services.services()],
        lambda: owned_resources.survey(OWNER).services,
    ),
    "DescribeVpcEndpointServicePermissions": (
        lambda: [*connections.permissions(SERVICE)],
        lambda: endpoint_services.principals([SERVICE]),
    ),
    "DescribeVpcEndpointServices": (
        lambda: interface_facts.offered({SSM: ["us-east-1"]}, "us-east-1"),
        lambda: zones.zone_ids_of(S3),
    ),
    "DescribeVpcEndpoints": (
        lambda: network.survey(WHOLE_NETWORK).endpoints,
        lambda: interface_survey.survey(EVERY_VPC, Policy(), US).endpoints,
        lambda: zones.consumer_sides({US.account: [ENDPOINT]}, US),
        lambda: owned_resources.survey(OWNER).endpoints,
        of_any_type,
    ),
}
CALLED = [each for each in examples() if each.operation in OPERATIONS["ec2"]]
# Examples of what we never ask for.
UNUSED = {
    "DeleteVpcEndpointConnectionNotifications",  # they go with their service
    "DescribeVpcEndpointAssociations",  # of VPC Lattice's endpoints
}


def vpcs_of(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The VPCs in which the endpoints of an answer stand."""
    ids = {each["VpcId"] for each in answer.get("VpcEndpoints", ())}
    vpcs = [{"VpcId": each, "OwnerId": US.account, "State": "available"} for each in sorted(ids)]
    return {"DescribeVpcs": {"Vpcs": vpcs}}


def read(example: Example, answer: Mapping[str, Any], patch: pytest.MonkeyPatch) -> list[Any]:
    """What the adapters make of an answer."""
    found = []
    for adapter in ADAPTERS[example.operation]:
        canned = answering(patch, {**OURS, **vpcs_of(answer), example.operation: answer})
        found.append(adapter())
        assert xform_name(example.operation) in canned.called
    return found


def grown(value: Any) -> Any:
    """With members, and elements of lists, that nobody has seen yet."""
    if isinstance(value, Mapping):
        return {**{name: grown(each) for name, each in value.items()}, "BrandNew": [{"New": 1}]}
    return [grown(each) for each in value] if isinstance(value, list) else value


def test_every_example_of_endpoints_is_read() -> None:
    assert len([*FOLDER.glob("*vpc-endpoint*.rst")]) >= 21
    assert {each.operation for each in examples()} == ADAPTERS.keys() | UNUSED
    assert ADAPTERS.keys() <= {*OPERATIONS["ec2"]}
    assert not UNUSED & {*OPERATIONS["ec2"]}


@pytest.mark.parametrize("example", CALLED, ids=str)
def test_adapters_read_the_example_and_whatever_is_added_to_it(
    example: Example, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = read(example, example.answer, monkeypatch)
    assert read(example, grown(example.answer), monkeypatch) == plain


def test_what_examples_say_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    (connections,) = of("DescribeVpcEndpointConnections")
    ((asking,), *_) = read(connections, connections.answer, monkeypatch)
    assert (asking.stage, asking.owner) == ("asking", "123456789012")
    (services,) = of("DescribeVpcEndpointServiceConfigurations")
    (known, published, _) = read(services, services.answer, monkeypatch)
    assert [each.interface for each in known] == [False, True]
    assert [each.private_name and each.private_name.verified for each in published] == [None, False]
    (permissions,) = of("DescribeVpcEndpointServicePermissions")
    ((entry,), counted) = read(permissions, permissions.answer, monkeypatch)
    assert entry.for_endpoints  # it bears no type of permission
    assert counted == {SERVICE: {"arn:aws:iam::123456789012:root"}}


def test_endpoints_of_every_type_stand_beside_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that the examples make, and one of a new type, whatever AWS's filters let through."""
    made = [dict(each.answer["VpcEndpoint"]) for each in of("CreateVpcEndpoint")]
    new = {"VpcEndpointId": "vpce-9", "VpcId": "vpc-9", "VpcEndpointType": "New", "State": "Odd"}
    (listed,) = of("DescribeVpcEndpoints")
    described = {"VpcEndpoints": [*listed.answer["VpcEndpoints"], *made, new]}
    tables, interfaces, _, _, every = read(listed, described, monkeypatch)
    kinds = "Interface Gateway GatewayLoadBalancer Resource ServiceNetwork New"
    assert {each.type for each in every} == {*kinds.split()}
    assert len(every) == len(described["VpcEndpoints"])
    assert {each.service_name for each in tables} == {S3, DYNAMODB}
    assert len(interfaces) == 2


ELB = "com.amazonaws.us-east-1.elasticloadbalancing"
TAGGED = [{"ResourceType": "vpc-endpoint", "Tags": [{"Key": "service", "Value": "ELB"}]}]
TOLD = {"ConnectionNotificationArn": NOTIFIED, "ConnectionEvents": ["Accept", "Connect"]}


class Scene:
    """The calls of the examples, made in the lab; `answers` by operation."""

    def __init__(self, provider: Provider, consumer: Side, inspection: str, net: Net) -> None:
        self.answers: dict[str, list[Any]] = {}
        self._provider, self._consumer, self._net = provider, consumer, net
        service = self._serve()
        self._make_endpoints(inspection)
        self._connect(service)
        self._look(service)
        self._end(service)

    def _call(self, operation: str, **request: Any) -> Any:
        answer = getattr(self._provider.sdk, xform_name(operation))(**request)
        answer.pop("ResponseMetadata")
        self.answers.setdefault(operation, []).append(answer)
        return answer

    def _serve(self) -> dict[str, Any]:
        arns = [self._provider.balancer]
        made = self._call(
            "CreateVpcEndpointServiceConfiguration",
            NetworkLoadBalancerArns=arns,
            AcceptanceRequired=True,
        )["ServiceConfiguration"]
        self._serve_inspection()
        named = {"ServiceId": made["ServiceId"]}
        change = "ModifyVpcEndpointServiceConfiguration"
        self._call(change, **named, PrivateDnsName="orders.example.com")
        principals = [f"arn:aws:iam::{OTHER}:root"]
        change = "ModifyVpcEndpointServicePermissions"
        self._call(change, **named, AddAllowedPrincipals=principals)
        create = "CreateVpcEndpointConnectionNotification"
        told = self._call(create, **named, **TOLD)["ConnectionNotification"]
        modify = "ModifyVpcEndpointConnectionNotification"
        told_by = {"ConnectionNotificationId": told["ConnectionNotificationId"]}
        self._call(modify, **told_by, ConnectionEvents=["Accept", "Reject"])
        return dict(made)

    def _serve_inspection(self) -> None:
        made = self._provider.balancing.create_load_balancer(
            Name="another", Type="gateway", Subnets=[self._provider.subnets[HERE]]
        )
        arns = [made["LoadBalancers"][0]["LoadBalancerArn"]]
        create = "CreateVpcEndpointServiceConfiguration"
        self._call(create, GatewayLoadBalancerArns=arns, AcceptanceRequired=False)

    def _make_endpoints(self, inspection: str) -> None:
        create, place = "CreateVpcEndpoint", {"VpcId": self._provider.vpc}
        table = self._net.table
        gateway = {"VpcId": self._net.vpc, "RouteTableIds": [table]}
        made = self._call(create, ServiceName=S3, **gateway)["VpcEndpoint"]
        self._call(create, ServiceName=DYNAMODB, **gateway)
        subnet = {**place, "SubnetIds": [self._provider.subnets[HERE]]}
        changed = {"VpcEndpointId": made["VpcEndpointId"], "ResetPolicy": True}
        self._call("ModifyVpcEndpoint", **changed)
        wanted: dict[str, dict[str, Any]] = {
            "Interface": {"ServiceName": ELB, "TagSpecifications": TAGGED},
            "GatewayLoadBalancer": {"ServiceName": inspection},
            **LATTICE,
        }
        for kind, more in wanted.items():
            made = self._call(create, VpcEndpointType=kind, **subnet, **more)["VpcEndpoint"]
            if kind == "Interface":
                topic = {**TOLD, "VpcEndpointId": made["VpcEndpointId"]}
                self._call("CreateVpcEndpointConnectionNotification", **topic)

    def _connect(self, service: Mapping[str, Any]) -> None:
        ids = [
            self._consumer.endpoint(service["ServiceName"], HERE)["VpcEndpointId"] for _ in range(2)
        ]
        self._call("DescribeVpcEndpointConnections")
        for operation, id_ in zip(("Accept", "Reject"), ids, strict=True):
            named = {"ServiceId": service["ServiceId"], "VpcEndpointIds": [id_]}
            self._call(f"{operation}VpcEndpointConnections", **named)

    def _look(self, service: Mapping[str, Any]) -> None:
        self._call("DescribeVpcEndpoints")
        self._call("DescribeVpcEndpointServices")
        self._call("DescribeVpcEndpointServiceConfigurations")
        self._call("DescribeVpcEndpointConnectionNotifications")
        self._call("DescribeVpcEndpointServicePermissions", ServiceId=service["ServiceId"])

    def _end(self, service: Mapping[str, Any]) -> None:
        told = self.answers["CreateVpcEndpointConnectionNotification"]
        ids = [each["ConnectionNotification"]["ConnectionNotificationId"] for each in told]
        self._call("DeleteVpcEndpointConnectionNotifications", ConnectionNotificationIds=ids)
        for each in self.answers["CreateVpcEndpoint"]:
            self._call("DeleteVpcEndpoints", VpcEndpointIds=[each["VpcEndpoint"]["VpcEndpointId"]])
        self._consumer.sdk.delete_vpc_endpoints(
            VpcEndpointIds=[
                each["VpcEndpointId"]
                for each in self._consumer.sdk.describe_vpc_endpoints()["VpcEndpoints"]
            ]
        )
        ids = [service["ServiceId"]]
        self._call("DeleteVpcEndpointServiceConfigurations", ServiceIds=ids)


# Of VPC Lattice's associations the lab knows nothing, and nobody asks.
NOT_IN_THE_LAB = {"DescribeVpcEndpointAssociations"}


def test_the_lab_answers_with_the_members_of_each_example(
    provider: Provider, consumer: Side, inspection: str, net: Net
) -> None:
    answers = Scene(provider, consumer, inspection, net).answers
    expected = [each for each in examples() if each.operation not in NOT_IN_THE_LAB]
    assert answers.keys() == {each.operation for each in expected}
    missing = {str(each): nearest(each, answers[each.operation]) for each in expected}
    assert {name: found for name, found in missing.items() if found} == {}


def nearest(example: Example, answers: list[Any]) -> list[str]:
    """What is missing from the best of the answers."""
    return min((lacks(example.answer, each) for each in answers), key=len)


def test_an_answer_that_drops_a_member_is_seen() -> None:
    (listed,) = of("DescribeVpcEndpoints")
    assert not lacks(listed.answer, listed.answer)
    for number, endpoint in enumerate(listed.answer["VpcEndpoints"]):
        for name in endpoint:
            planted = [*listed.answer["VpcEndpoints"]]
            planted[number] = {key: value for key, value in endpoint.items() if key != name}
            assert lacks(listed.answer, {"VpcEndpoints": planted}), name
            planted[number] = {**endpoint, name: object()}
            assert lacks(listed.answer, {"VpcEndpoints": planted}), name
