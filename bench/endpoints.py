"""One interface endpoint and one endpoint service: the automation against a script by hand."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from typing import Any

from bench.taken import Taken, by_roles, by_root
from demo import scenes
from demo.privatelink import ZONES, balancer, network
from demo.rest import await_rest
from lab.client import Lab

CONSUMER = "222222222222"
LOGS = "com.amazonaws.us-east-1.logs"
EVERY = 0.05
_numbers = itertools.count(1)  # a load balancer's name is its own in an account
WANTED, PUBLISHED = {"network": "private"}, {"endpoint-autopilot": "publish"}
# CloudWatch Logs in tagged VPCs; tagged balancers published.
POLICY = f"""
interface_endpoints:
  - {{name: all, vpcs: {{tags: {{network: private}}}}, services: [logs], private_dns: false}}
endpoint_services:
  publish_load_balancers: {{tags: {{endpoint-autopilot: publish}}}}
  allowed_principals: ["{CONSUMER}"]
"""


def interface_automated(lab: Lab, account: str) -> Taken:
    """From the tag on a VPC of three subnets to an endpoint that is available in each."""
    vpc, subnets = network(lab, account, "automated", ZONES)
    ec2 = lab.client("ec2", account)
    return _left_alone(
        lab,
        account,
        lambda: ec2.create_tags(Resources=[vpc], Tags=_tags(WANTED)),
        lambda: _stands(ec2, vpc, len(subnets)),
    )


def interface_by_hand(lab: Lab, account: str) -> Taken:
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


def service_automated(lab: Lab, account: str) -> Taken:
    """From the tag on an internal load balancer to a service that the consumer may ask for."""
    arn = balancer(lab, account, f"automated-{next(_numbers)}")
    elb = lab.client("elbv2", account)
    return _left_alone(
        lab,
        account,
        lambda: elb.add_tags(ResourceArns=[arn], Tags=_tags(PUBLISHED)),
        lambda: _listed(lab, account, arn),
    )


def service_by_hand(lab: Lab, account: str) -> Taken:
    """A script: the service, then its permission."""
    arn = balancer(lab, account, f"by-hand-{next(_numbers)}")
    ec2 = lab.client("ec2", account)

    def make() -> None:
        made = ec2.create_vpc_endpoint_service_configuration(
            NetworkLoadBalancerArns=[arn], AcceptanceRequired=True
        )
        ec2.modify_vpc_endpoint_service_permissions(
            ServiceId=made["ServiceConfiguration"]["ServiceId"],
            AddAllowedPrincipals=[f"arn:aws:iam::{CONSUMER}:root"],
        )

    return _by_hand(lab, account, make, lambda: _listed(lab, account, arn))


def _left_alone(lab: Lab, account: str, ask: Callable[[], Any], good: Callable[[], bool]) -> Taken:
    await_rest(lab, account)  # the new VPC has kept the automation busy until now
    lab.clear_calls()
    began = time.monotonic()
    ask()
    scenes.wait_until(good, bool, "the automation has made it", every=EVERY)
    took = time.monotonic() - began
    await_rest(lab, account)
    return Taken(took, by_roles(lab, account))


def _by_hand(lab: Lab, account: str, make: Callable[[], None], good: Callable[[], bool]) -> Taken:
    lab.clear_calls()
    began = time.monotonic()
    make()
    scenes.wait_until(good, bool, "it stands", every=EVERY)
    return Taken(time.monotonic() - began, by_root(lab, account))


def _stands(ec2: Any, vpc: str, subnets: int) -> bool:
    of = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "service-name", "Values": [LOGS]}]
    found = ec2.describe_vpc_endpoints(Filters=of)["VpcEndpoints"]
    return any(e["State"] == "available" and len(e["SubnetIds"]) == subnets for e in found)


def _listed(lab: Lab, account: str, arn: str) -> bool:
    ec2 = lab.client("ec2", account)
    found = ec2.describe_vpc_endpoint_service_configurations()["ServiceConfigurations"]
    for service in found:
        if arn in service["NetworkLoadBalancerArns"]:
            listed = ec2.describe_vpc_endpoint_service_permissions(ServiceId=service["ServiceId"])
            return bool(listed["AllowedPrincipals"])
    return False


def _tags(given: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in given.items()]
