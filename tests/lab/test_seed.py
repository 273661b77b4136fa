"""The same seed and the same calls make the same history; another seed makes another one."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab.client import Lab, LabError

ONE, TWO = "111111111111", "222222222222"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")
#: SDKs make up a token for calls that take one.
TOKEN = re.compile(r"(?<=lientToken\": \")[0-9a-f-]{36}")
BADLY = {"loss": 0.3, "duplicates": 0.3, "shuffle": 0.5}


@dataclass(frozen=True)
class History:
    """What was called and what was delivered, without the times."""

    calls: str
    events: tuple[str, ...]


def history(lab: Lab) -> History:
    lab.delivery(**BADLY)
    queues = {account: _listen(lab, account) for account in (ONE, TWO)}
    _script(lab)
    lab.wait_for_deliveries()
    events = [event for account, queue in queues.items() for event in _read(lab, account, queue)]
    return History(_timeless(json.dumps(lab.calls())), tuple(sorted(events)))


def _timeless(told: str) -> str:
    return TOKEN.sub("", TIME.sub("T", told))


def _script(lab: Lab) -> None:
    """Two accounts build, connect, fail and take down, one call after another."""
    vpcs = [_network(lab, account) for account in (ONE, TWO)]
    ours, theirs = lab.client("ec2", ONE), lab.client("ec2", TWO)
    for number in range(5):
        table = ours.create_route_table(VpcId=vpcs[0][0])["RouteTable"]["RouteTableId"]
        ours.create_tags(Resources=[table], Tags=[{"Key": "number", "Value": str(number)}])
    ours.create_vpc_endpoint(VpcId=vpcs[0][0], ServiceName="com.amazonaws.us-east-1.s3")
    with pytest.raises(ClientError, match="InvalidServiceName"):
        ours.create_vpc_endpoint(VpcId=vpcs[0][0], ServiceName="com.amazonaws.us-east-1.s4")
    balancer = lab.client("elbv2", ONE).create_load_balancer(
        Name="shop", Type="network", Scheme="internal", Subnets=[vpcs[0][1]]
    )["LoadBalancers"][0]["LoadBalancerArn"]
    service = ours.create_vpc_endpoint_service_configuration(NetworkLoadBalancerArns=[balancer])[
        "ServiceConfiguration"
    ]
    ours.modify_vpc_endpoint_service_permissions(
        ServiceId=service["ServiceId"], AddAllowedPrincipals=[f"arn:aws:iam::{TWO}:root"]
    )
    endpoint = theirs.create_vpc_endpoint(
        VpcId=vpcs[1][0],
        VpcEndpointType="Interface",
        ServiceName=service["ServiceName"],
        SubnetIds=[vpcs[1][1]],
    )["VpcEndpoint"]["VpcEndpointId"]
    named = {"ServiceId": service["ServiceId"], "VpcEndpointIds": [endpoint]}
    assert ours.accept_vpc_endpoint_connections(**named)["Unsuccessful"] == []
    ours.describe_vpc_endpoint_connections()
    theirs.describe_network_interfaces()


def _network(lab: Lab, account: str) -> tuple[str, str]:
    ec2 = lab.client("ec2", account)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24", AvailabilityZoneId="use1-az1")
    return vpc, subnet["Subnet"]["SubnetId"]


def _listen(lab: Lab, account: str) -> str:
    queue = str(lab.client("sqs", account).create_queue(QueueName="all")["QueueUrl"])
    events = lab.client("events", account)
    arn = f"arn:aws:sqs:us-east-1:{account}:all"
    lab.client("sqs", account).set_queue_attributes(
        QueueUrl=queue, Attributes={"Policy": json.dumps(_policy(arn))}
    )
    events.put_rule(Name="all", EventPattern=json.dumps({"source": [{"prefix": "aws."}]}))
    events.put_targets(Rule="all", Targets=[{"Id": "all", "Arn": arn}])
    return queue


def _policy(arn: str) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def _read(lab: Lab, account: str, queue: str) -> list[str]:
    sqs, bodies = lab.client("sqs", account), list[str]()
    while got := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        bodies += [_timeless(json.dumps(json.loads(message["Body"]))) for message in got]
    return bodies


def _of_seed(seed: int) -> History:
    with Lab.start(deploy=False, env={"LAB_SEED": str(seed)}) as lab:
        return history(lab)


def test_the_same_seed_makes_the_same_history_and_another_another() -> None:
    first, again, other = _of_seed(11), _of_seed(11), _of_seed(12)
    assert len(json.loads(first.calls)) == 23
    assert json.loads(again.calls) == json.loads(first.calls)
    assert again.events == first.events
    assert 5 < len(first.events) < 50
    assert other.calls != first.calls
    assert not set(other.events) & set(first.events)
    assert _shape(other) != _shape(first), "other events were lost and doubled"


def _shape(told: History) -> list[str]:
    return sorted(json.loads(event)["detail"]["eventName"] for event in told.events)


def test_a_seed_planted_later_begins_anew(lab: Lab) -> None:
    ec2 = lab.client("ec2")
    ec2.describe_vpcs()  # the account's default VPC is there before the seed
    made = []
    for seed in (5, 5, 6):
        lab.seed(seed)
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        made.append(vpc)
        assert lab._ask("GET", "delivery")["seed"] == seed
        assert lab.delivery()["seed"] == seed
        assert lab.delivery(seed=1)["seed"] == 1
        ec2.delete_vpc(VpcId=vpc)
    assert made[0] == made[1] != made[2]


def test_refuses_a_seed_that_is_none(lab: Lab) -> None:
    with pytest.raises(LabError, match=r"seed: 1\.5 given, should be a whole number"):
        lab.seed(1.5)  # type: ignore[arg-type]  # a mistake on purpose
    with pytest.raises(LabError, match="seed: missing"):
        lab._ask("POST", "seed", {})
