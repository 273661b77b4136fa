"""Fifty VPCs that want twelve interface endpoints each, under AWS's throttle, deployed.

The bucket of CreateVpcEndpoint alone takes half an hour for them. So it is filled `SPEED` times as
fast as AWS's, and the workflow's waits are as many times as short; what else takes time (functions,
Step Functions) isn't, so the ratio is higher here than it would be there.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from demo import scenes
from demo.privatelink import network
from demo.rest import await_rest
from lab.client import Lab
from lab.ec2.aws_services import interface_services
from lab.ec2.throttle import SPECIAL

VPCS, SERVICES, SPEED = 50, 12, 5
WANTED = VPCS * SERVICES
ZONE = "use1-az1"
CREATE = "CreateVpcEndpoint"
TAG = {"Key": "network", "Value": "private"}
POLICY = """
gateway_endpoints: {{services: []}}
interface_endpoints:
  - {{name: all, vpcs: {{tags: {{network: private}}}}, services: [{}]}}
"""
ENV = {"SFN_WAIT_SCALE": str(1 / SPEED)}
OF_ALL = [{"Name": "vpc-endpoint-type", "Values": ["Interface"]}]
# Seconds that the lab may take at most.
LATEST = 1500


@dataclass(frozen=True)
class Filled:
    """What it took.

    `seconds` from the tag to the last endpoint, and the `least` that the bucket allows; calls that
    were `throttled`; notices of severity failure to ops; endpoints beyond one per service and VPC.
    """

    seconds: float
    least: float
    throttled: int
    failures: int
    doubles: int


def policy() -> str:
    """Twelve services in tagged VPCs."""
    offered = [s for s in interface_services("us-east-1").values() if ZONE in s.zone_ids]
    names = [s.short for s in offered if s.short not in ("s3", "dynamodb")][:SERVICES]
    return POLICY.format(", ".join(names))


def filled(lab: Lab, account: str) -> Filled:
    """Build the VPCs, tag them all at once, and wait for the last endpoint. Raises NotInTime."""
    ec2, ops = lab.client("ec2", account), lab.ops(account)
    vpcs = [network(lab, account, f"n{n}", [ZONE])[0] for n in range(VPCS)]
    for vpc in vpcs:
        ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    await_rest(lab, account)
    ops.read()
    lab.clear_calls()
    lab.world({"throttle": {"speed": SPEED}})
    began = time.monotonic()
    ec2.create_tags(Resources=vpcs, Tags=[TAG])
    made = scenes.wait_until(
        lambda: _available(ec2), lambda m: len(set(m)) == WANTED, "all", seconds=LATEST, every=1
    )
    took = time.monotonic() - began
    await_rest(lab, account)
    throttled = lab.calls(account=account, operation=CREATE, error="RequestLimitExceeded")
    failures = [m for m in ops.read() if m.body.get("severity") == "failure"]
    least = SPECIAL[CREATE].least(WANTED) / SPEED
    return Filled(took, least, len(throttled), len(failures), len(made) - len(set(made)))


def _available(ec2: Any) -> list[tuple[str, str]]:
    pages = ec2.get_paginator("describe_vpc_endpoints").paginate(Filters=OF_ALL)
    shown = [endpoint for page in pages for endpoint in page["VpcEndpoints"]]
    return [(e["VpcId"], e["ServiceName"]) for e in shown if e["State"] == "available"]
