"""Fifty VPCs with twelve services each under AWS's throttle: how long it takes, in virtual time.

The state machine's own numbers (how many at once, when a retry comes) are read from its
definition; the lab's EC2 keeps the buckets by its clock, and this test lets the time pass.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator
from typing import Any

import apply_interface
import pytest
from autopilot.aws.errors import AwsError
from autopilot.policy.model import Policy

from infra.definitions import definition
from lab.ec2.aws_services import interface_services
from lab.ec2.throttle import SPECIAL
from tests.adapters.interface_machine import ACCOUNT, EXECUTION, Machine, machine, profile
from tests.lab.ec2 import conftest as lab
from tests.lab.ec2.sdk import Sdk

# pytest finds fixtures by their names.
sdk = lab.sdk

VPCS, SERVICES = 50, 12
MAP = definition("interfaces")["States"]["Carry out"]
RETRIES = MAP["ItemProcessor"]["States"]["Make one change"]["Retry"]
# Seconds: one call of a function, one look, and from the end of an execution to the next's look.
CALL, LOOK, BETWEEN = 0.3, 3.0, 5.0


def waits(error: str, tries: int, chance: random.Random) -> float:
    """How long Step Functions waits before the next try. Raises AssertionError if there is none."""
    for rule in RETRIES:
        if error in rule["ErrorEquals"]:
            assert tries <= rule["MaxAttempts"], f"{error} reaches ops after {tries} tries"
            longest = rule["IntervalSeconds"] * rule["BackoffRate"] ** (tries - 1)
            return chance.uniform(0, min(longest, rule.get("MaxDelaySeconds", longest)))
    raise AssertionError(f"{error} reaches ops")


def carry_out(one: Machine, items: list[Any], chance: random.Random) -> list[Any]:
    """What the Map does, its workers side by side in virtual time."""
    rest, outcomes = iter(items), []
    at = one.passed
    busy: list[tuple[float, int, Any, int]] = []
    for worker in range(MAP["MaxConcurrency"]):
        _next(busy, rest, at, worker)
    while busy:
        at, worker, item, tries = heapq.heappop(busy)
        one.wait(at - one.passed)
        try:
            outcomes.append(
                apply_interface.handler(
                    {"item": item, "execution": EXECUTION},
                    one.context,
                    policy=lambda: one.policy,
                )
            )
        except AwsError as error:
            again = at + CALL + waits(type(error).__name__, tries + 1, chance)
            heapq.heappush(busy, (again, worker, item, tries + 1))
        else:
            _next(busy, rest, at + CALL, worker)
    return outcomes


def _next(busy: Any, rest: Iterator[Any], at: float, worker: int) -> None:
    item = next(rest, None)
    if item is not None:
        heapq.heappush(busy, (at, worker, item, 0))


def run(one: Machine, chance: random.Random) -> int:
    """Executions until nothing is left; how many."""
    number = 0
    while True:
        number += 1
        outcomes: list[Any] = []
        looks = 1
        expect: list[str] = []
        while True:
            one.wait(LOOK)
            made = one._look({"trigger": "sweep", "round": looks}, expect, outcomes)
            if not made["items"]:
                break
            outcomes += carry_out(one, made["items"], chance)
            looks, expect = looks + 1, made["expect"]
        assert not [o for o in outcomes if o["result"] != "done"]
        if not made["more"]:
            return number
        one.wait(BETWEEN)


@pytest.fixture
def crowded(context: Any, sdk: Sdk, monkeypatch: pytest.MonkeyPatch) -> Machine:
    consumer = sdk.client(ACCOUNT)
    tags = [{"ResourceType": "vpc", "Tags": [{"Key": "network", "Value": "private"}]}]
    for _ in range(VPCS):
        vpc = consumer.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=tags)["Vpc"]["VpcId"]
        consumer.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
        consumer.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24", AvailabilityZoneId="use1-az1")
    found = interface_services("us-east-1").values()
    plain = [s.short for s in found if s.short not in ("s3", "dynamodb") and len(s.zone_ids) > 5]
    policy = Policy(interface_endpoints=(profile(*plain[:SERVICES]),))
    return machine(context, sdk, monkeypatch, policy)


def test_six_hundred_endpoints_come_as_fast_as_the_bucket_allows(
    crowded: Machine, sdk: Sdk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("ERROR")
    sdk.lab.world({"throttle": {"speed": 1}})
    began = crowded.passed

    executions = run(crowded, random.Random(6))

    wanted = VPCS * SERVICES
    least = SPECIAL["CreateVpcEndpoint"].least(wanted)
    took = crowded.passed - began
    made = sdk.client(ACCOUNT).describe_vpc_endpoints()["VpcEndpoints"]
    assert len({(e["VpcId"], e["ServiceName"]) for e in made}) == len(made) == wanted
    assert took <= 1.15 * least, f"{took:.0f} s, {took / least:.3f} times the least"
    assert executions <= 5
