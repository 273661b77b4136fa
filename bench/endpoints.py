"""One interface endpoint and one endpoint service: the automation against a script by hand."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from demo import scenes
from demo.privatelink import ZONES, network
from lab.client import Lab

CONSUMER = "222222222222"
LOGS = "com.amazonaws.us-east-1.logs"
EVERY = 0.05
CALM_SECONDS = 2
HELD = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
_numbers = itertools.count(1)  # a load balancer's name is its own in an account
WANTED, PUBLISHED = {"network": "private"}, {"endpoint-autopilot": "publish"}
POLICY = f"""
interface_endpoints:
  - {{name: all, vpcs: {{tags: {{network: private}}}}, services: [logs], private_dns: false}}
endpoint_services:
  publish_load_balancers: {{tags: {{endpoint-autopilot: publish}}}}
  allowed_principals: ["{CONSUMER}"]
"""


@dataclass(frozen=True)
class Made:
    """Seconds until the thing stands as wanted, and the EC2 calls of who made it."""

    seconds: float
    calls: int


@contextmanager
def policed(account: str) -> Iterator[Lab]:
    """A lab whose policy wants CloudWatch Logs in tagged VPCs and publishes tagged balancers."""
    with TemporaryDirectory() as folder:
        policy = Path(folder) / "policy.yaml"
        policy.write_text(POLICY)
        with Lab.start(accounts=(account,), policy=policy) as lab:
            yield lab


def interface_automated(lab: Lab, account: str) -> Made:
    """From the tag on a VPC of three subnets to an endpoint that is available in each."""
    vpc, subnets = network(lab, account, "automated", ZONES)
    ec2 = lab.client("ec2", account)
    return _left_alone(
        lab,
        account,
        lambda: ec2.create_tags(Resources=[vpc], Tags=_tags(WANTED)),
        lambda: _stands(ec2, vpc, len(subnets)),
    )


def interface_by_hand(lab: Lab, account: str) -> Made:
    """A script: a security group with its rule, the endpoint, and waiting."""
    vpc, subnets = network(lab, account, "by-hand", ZONES)
    ec2 = lab.client("ec2", account)

    def make() -> None:
        group = ec2.create_security_group(GroupName="by-hand", Description="443", VpcId=vpc)
        inside = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
        ranges = [{"CidrIp": ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["CidrBlock"]}]
        ec2.authorize_security_group_ingress(
            GroupId=group["GroupId"], IpPermissions=[{**inside, "IpRanges": ranges}]
        )
        ec2.create_vpc_endpoint(
            VpcId=vpc,
            VpcEndpointType="Interface",
            ServiceName=LOGS,
            SubnetIds=subnets,
            SecurityGroupIds=[group["GroupId"]],
            PrivateDnsEnabled=False,
        )

    return _by_hand(lab, account, make, lambda: _stands(ec2, vpc, len(subnets)))


def service_automated(lab: Lab, account: str) -> Made:
    """From the tag on an internal load balancer to a service that the consumer may ask for."""
    balancer = _balancer(lab, account, "automated")
    elb = lab.client("elbv2", account)
    return _left_alone(
        lab,
        account,
        lambda: elb.add_tags(ResourceArns=[balancer], Tags=_tags(PUBLISHED)),
        lambda: _listed(lab, account, balancer),
    )


def service_by_hand(lab: Lab, account: str) -> Made:
    """A script: the service, then its permission."""
    balancer = _balancer(lab, account, "by-hand")
    ec2 = lab.client("ec2", account)

    def make() -> None:
        made = ec2.create_vpc_endpoint_service_configuration(
            NetworkLoadBalancerArns=[balancer], AcceptanceRequired=True
        )
        ec2.modify_vpc_endpoint_service_permissions(
            ServiceId=made["ServiceConfiguration"]["ServiceId"],
            AddAllowedPrincipals=[f"arn:aws:iam::{CONSUMER}:root"],
        )

    return _by_hand(lab, account, make, lambda: _listed(lab, account, balancer))


def _left_alone(lab: Lab, account: str, ask: Callable[[], Any], good: Callable[[], bool]) -> Made:
    _await_rest(lab, account)  # the new VPC has kept the automation busy until now
    lab.clear_calls()
    began = time.monotonic()
    ask()
    scenes.wait_until(good, bool, "the automation has made it", every=EVERY)
    took = time.monotonic() - began
    _await_rest(lab, account)
    return Made(took, _calls(lab, account, ":role/"))


def _await_rest(lab: Lab, account: str) -> None:
    """Wait until no event waits and no workflow has run for two seconds."""
    states, sqs = lab.client("stepfunctions", account), lab.client("sqs", account)
    outputs = lab.outputs(account)
    machines = [arn for name, arn in outputs.items() if name.endswith("WorkflowArn")]
    calm_since = [time.monotonic()]

    def calm() -> bool:
        held = sqs.get_queue_attributes(QueueUrl=outputs["IntakeQueueUrl"], AttributeNames=HELD)
        running = (
            states.list_executions(stateMachineArn=machine, statusFilter="RUNNING")["executions"]
            for machine in machines
        )
        if any(map(int, held["Attributes"].values())) or any(running):
            calm_since[0] = time.monotonic()
        return time.monotonic() - calm_since[0] >= CALM_SECONDS

    scenes.wait_until(calm, bool, "the automation comes to rest", seconds=120, every=0.3)


def _by_hand(lab: Lab, account: str, make: Callable[[], None], good: Callable[[], bool]) -> Made:
    lab.clear_calls()
    began = time.monotonic()
    make()
    scenes.wait_until(good, bool, "it stands", every=EVERY)
    return Made(time.monotonic() - began, _calls(lab, account, ":root"))


def _calls(lab: Lab, account: str, whose: str) -> int:
    return len([c for c in lab.calls(account=account, service="ec2") if whose in c["principal"]])


def _stands(ec2: Any, vpc: str, subnets: int) -> bool:
    of = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "service-name", "Values": [LOGS]}]
    found = ec2.describe_vpc_endpoints(Filters=of)["VpcEndpoints"]
    return any(e["State"] == "available" and len(e["SubnetIds"]) == subnets for e in found)


def _listed(lab: Lab, account: str, balancer: str) -> bool:
    ec2 = lab.client("ec2", account)
    found = ec2.describe_vpc_endpoint_service_configurations()["ServiceConfigurations"]
    for service in found:
        if balancer in service["NetworkLoadBalancerArns"]:
            listed = ec2.describe_vpc_endpoint_service_permissions(ServiceId=service["ServiceId"])
            return bool(listed["AllowedPrincipals"])
    return False


def _balancer(lab: Lab, account: str, name: str) -> str:
    _, subnets = network(lab, account, name, ZONES)
    made = lab.client("elbv2", account).create_load_balancer(
        Name=f"{name}-{next(_numbers)}", Type="network", Scheme="internal", Subnets=subnets
    )
    return str(made["LoadBalancers"][0]["LoadBalancerArn"])


def _tags(given: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in given.items()]
