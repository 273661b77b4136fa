"""PrivateLink between two accounts of a running lab, with notifications on a topic."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from lab.client import Lab, wait_until

OWNER, OTHER, REGION = "111111111111", "222222222222", "us-east-1"
BOTH = {
    "ArnLike": {"aws:SourceArn": f"arn:aws:ec2:{REGION}:{OWNER}:vpc-endpoint-service/*"},
    "StringEquals": {"aws:SourceAccount": OWNER},
}

# What CDK's enforce_ssl adds; AWS's services pass it.
TLS_ONLY = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "sns:Publish",
    "Resource": "*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


def _soon(check: Callable[[], Any]) -> Any:
    """What a check finds within ten seconds."""
    return wait_until(lambda: check() or None, 10, "nothing was found")


@dataclass
class Scene:
    """A provider with a service and a topic, a queue behind the topic, a consumer with a VPC."""

    lab: Lab
    service: dict[str, Any]
    topic: str
    queue: str
    vpc: str
    subnet: str

    def connect(self) -> str:
        made = self.lab.client("ec2", OTHER).create_vpc_endpoint(
            VpcId=self.vpc,
            VpcEndpointType="Interface",
            ServiceName=self.service["ServiceName"],
            SubnetIds=[self.subnet],
        )
        return str(made["VpcEndpoint"]["VpcEndpointId"])

    def state(self, endpoint: str) -> str:
        shown = self.lab.client("ec2").describe_vpc_endpoint_connections(
            Filters=[{"Name": "vpc-endpoint-id", "Values": [endpoint]}]
        )
        return str(shown["VpcEndpointConnections"][0]["VpcEndpointState"])

    def answer(self, how: str, endpoint: str) -> None:
        call = getattr(self.lab.client("ec2"), f"{how}_vpc_endpoint_connections")
        named = {"ServiceId": self.service["ServiceId"], "VpcEndpointIds": [endpoint]}
        assert call(**named)["Unsuccessful"] == []

    def heard(self) -> list[dict[str, Any]]:
        sqs = self.lab.client("sqs")
        found = sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10)
        return [json.loads(json.loads(m["Body"])["Message"]) for m in found.get("Messages", [])]

    def allow(self, statement: dict[str, Any]) -> None:
        statement = {"Effect": "Allow", "Action": "sns:Publish", "Resource": "*", **statement}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement, TLS_ONLY]})
        self.lab.client("sns").set_topic_attributes(
            TopicArn=self.topic, AttributeName="Policy", AttributeValue=policy
        )


def _network(lab: Lab, account: str) -> tuple[str, str]:
    ec2 = lab.client("ec2", account)
    vpc = ec2.create_vpc(CidrBlock="10.50.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.50.1.0/24", AvailabilityZoneId="use1-az1")[
        "Subnet"
    ]["SubnetId"]
    return vpc, subnet


@pytest.fixture
def scene(lab: Lab, request: pytest.FixtureRequest) -> Scene:
    _, subnet = _network(lab, OWNER)
    name = f"t{abs(hash(request.node.name)) % 10**9}"
    balancer = lab.client("elbv2").create_load_balancer(
        Name=name, Type="network", Scheme="internal", Subnets=[subnet]
    )["LoadBalancers"][0]["LoadBalancerArn"]
    ec2 = lab.client("ec2")
    service = ec2.create_vpc_endpoint_service_configuration(NetworkLoadBalancerArns=[balancer])[
        "ServiceConfiguration"
    ]
    ec2.modify_vpc_endpoint_service_permissions(
        ServiceId=service["ServiceId"], AddAllowedPrincipals=[f"arn:aws:iam::{OTHER}:root"]
    )
    topic = lab.client("sns").create_topic(Name=name)["TopicArn"]
    queue = lab.client("sqs").create_queue(QueueName=name)["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:{OWNER}:{name}"
    admit = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    lab.client("sqs").set_queue_attributes(
        QueueUrl=queue, Attributes={"Policy": json.dumps({"Statement": [admit]})}
    )
    lab.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    ec2.create_vpc_endpoint_connection_notification(
        ServiceId=service["ServiceId"],
        ConnectionNotificationArn=topic,
        ConnectionEvents=["Accept", "Connect", "Delete", "Reject"],
    )
    return Scene(lab, service, topic, queue, *_network(lab, OTHER))


PRIVATELINK = {"Principal": {"Service": "vpce.amazonaws.com"}}


def test_two_accounts_connect_and_part_and_the_topic_hears_of_it(scene: Scene) -> None:
    scene.allow({**PRIVATELINK, "Condition": BOTH})
    endpoint = scene.connect()
    assert scene.state(endpoint) == "pendingAcceptance"
    told = _soon(scene.heard)
    assert told == [
        {
            "vpcEndpointServiceId": scene.service["ServiceId"],
            "vpcEndpointId": endpoint,
            "event": "Connect",
        }
    ]
    scene.answer("accept", endpoint)
    assert _soon(scene.heard)[0]["event"] == "Accept"
    _soon(lambda: scene.state(endpoint) == "available")
    scene.answer("reject", endpoint)
    assert scene.state(endpoint) == "rejected"
    assert _soon(scene.heard)[0]["event"] == "Reject"


@pytest.mark.parametrize(
    "statement",
    [
        {"Principal": {"Service": "events.amazonaws.com"}},
        {"Principal": {"AWS": f"arn:aws:iam::{OWNER}:root"}},
        {**PRIVATELINK, "Action": "sns:Subscribe"},
        {
            **PRIVATELINK,
            "Condition": {"StringEquals": {"aws:SourceAccount": OTHER}},
        },
        {
            **PRIVATELINK,
            "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:ec2:*:*:vpc-endpoint/*"}},
        },
    ],
)
def test_a_topic_that_does_not_let_privatelink_in_hears_nothing(
    scene: Scene, statement: dict[str, Any]
) -> None:
    scene.allow(statement)
    endpoint = scene.connect()
    assert _refused(scene, endpoint)["why"] == (
        "the topic's policy does not let vpce.amazonaws.com publish"
    )
    assert scene.heard() == []


def test_a_topic_with_its_first_policy_hears_nothing(scene: Scene) -> None:
    assert "policy" in _refused(scene, scene.connect())["why"]


@pytest.mark.parametrize("lets", [True, False])
def test_an_encrypted_topic_needs_a_key_that_lets_privatelink_in(scene: Scene, lets: bool) -> None:
    scene.allow(PRIVATELINK)
    statement = {
        "Effect": "Allow",
        "Action": ["kms:GenerateDataKey*", "kms:Decrypt"] if lets else "kms:Decrypt",
        "Resource": "*",
        **PRIVATELINK,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    key = scene.lab.client("kms").create_key(Policy=policy)["KeyMetadata"]["KeyId"]
    _encrypt(scene, key)
    endpoint = scene.connect()
    if lets:
        assert _soon(scene.heard)[0]["vpcEndpointId"] == endpoint
    else:
        assert "kms:GenerateDataKey" in _refused(scene, endpoint)["why"]


def test_a_topic_under_a_key_of_amazons_hears_nothing(scene: Scene) -> None:
    scene.allow(PRIVATELINK)
    _encrypt(scene, "alias/aws/sns")
    assert "customer-managed" in _refused(scene, scene.connect())["why"]


def _encrypt(scene: Scene, key: str) -> None:
    scene.lab.client("sns").set_topic_attributes(
        TopicArn=scene.topic, AttributeName="KmsMasterKeyId", AttributeValue=key
    )


def _refused(scene: Scene, endpoint: str) -> dict[str, Any]:
    def found() -> list[dict[str, Any]]:
        refused = scene.lab.delivery()["refused"]
        return [each for each in refused if endpoint in each["message"]]

    return dict(_soon(found)[0])


def _connected(scene: Scene, count: int) -> list[str]:
    scene.allow(PRIVATELINK)
    return [scene.connect() for _ in range(count)]


def _all(scene: Scene, count: int) -> Callable[[], list[str] | None]:
    heard: list[str] = []

    def check() -> list[str] | None:
        heard.extend(each["vpcEndpointId"] for each in scene.heard())
        return heard if len(heard) >= count else None

    return check


def test_notifications_are_disturbed_for_themselves(scene: Scene) -> None:
    state = scene.lab.delivery(seed=7, notifications={"duplicates": 2})
    assert (state["duplicates"], state["notifications"]["duplicates"]) == (0, 2)
    assert state["notifications"]["seed"] == 7
    made = _connected(scene, 2)
    assert sorted(_soon(_all(scene, 6))) == sorted(made * 3)
    scene.lab.delivery(notifications={"loss": 1})
    _connected(scene, 1)
    scene.lab.delivery(loss=1)
    (last,) = _connected(scene, 1)
    assert _soon(_all(scene, 1)) == [last]


def test_a_wrong_delivery_of_notifications_is_named(lab: Lab) -> None:
    with pytest.raises(Exception, match="notifications"):
        lab.delivery(notifications={"loss": 2})


def test_an_organizations_accounts_are_let_in_by_its_id_and_its_units(
    scene: Scene,
) -> None:
    lab = scene.lab
    organizations = lab.client("organizations")
    organization = organizations.describe_organization()["Organization"]
    root = organizations.list_roots()["Roots"][0]["Id"]
    unit = organizations.create_organizational_unit(ParentId=root, Name="teams")
    unit = unit["OrganizationalUnit"]
    made = organizations.create_account(Email="a@example.com", AccountName="a")
    member = made["CreateAccountStatus"]["AccountId"]
    ec2, name = lab.client("ec2", member), scene.service["ServiceName"]

    def seen() -> bool:
        return name in ec2.describe_vpc_endpoint_services()["ServiceNames"]

    def allow(arn: str) -> None:
        lab.client("ec2").modify_vpc_endpoint_service_permissions(
            ServiceId=scene.service["ServiceId"], AddAllowedPrincipals=[arn]
        )

    assert not seen()
    allow(unit["Arn"])
    assert not seen()
    organizations.move_account(
        AccountId=member, SourceParentId=root, DestinationParentId=unit["Id"]
    )
    assert seen()
    organizations.move_account(
        AccountId=member, SourceParentId=unit["Id"], DestinationParentId=root
    )
    assert not seen()
    allow(organization["Arn"])
    assert seen()
