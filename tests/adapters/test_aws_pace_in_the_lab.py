"""The interfaces workflow's steps at AWS's own pace, in time that passes when it is told to."""

from __future__ import annotations

from typing import Any

import pytest
from autopilot.notify.ledger import Key, Row
from autopilot.policy.model import Policy

from tests.adapters.interface_machine import TAGS, Machine, Stage, machine, profile
from tests.lab.ec2 import conftest as lab
from tests.lab.ec2.conftest import Provider, Side
from tests.lab.ec2.sdk import OTHER, Sdk

# pytest finds fixtures by their names.
sdk, balancing = lab.sdk, lab.balancing
provider, consumer = lab.provider, lab.consumer

MINUTE = 60


@pytest.fixture
def stage(
    context: Any, sdk: Sdk, consumer: Side, monkeypatch: pytest.MonkeyPatch, request: Any
) -> Stage:
    consumer.sdk.create_tags(Resources=[consumer.vpc], Tags=TAGS)
    made = machine(context, sdk, monkeypatch, Policy(interface_endpoints=(profile(),)))
    sdk.lab.seed(getattr(request, "param", 1))
    sdk.lab.world({"world": "aws"})
    return Stage(consumer, made)


def states(stage: Stage) -> list[str]:
    return sorted(each["State"] for each in stage.endpoints())


def until(stage: Stage, wanted: list[str]) -> None:
    for _ in range(60):
        if states(stage) == wanted:
            return
        stage.machine.wait(10)
    raise AssertionError(f"{states(stage)}, not {wanted}")


def watched(machine: Machine, stage: Stage) -> list[float]:
    """From now on, time passes in steps; when no endpoint was there any more."""
    gone: list[float] = []
    wait = machine.wait

    def step_by_step(seconds: float) -> None:
        while seconds > 0:
            wait(min(seconds, 5))
            seconds -= 5
            if not gone and not stage.endpoints():
                gone.append(machine.passed)

    machine.wait = step_by_step  # type: ignore[method-assign]  # a watch on this machine only
    return gone


@pytest.mark.parametrize("stage", range(4), indirect=True)
def test_what_is_deleted_by_mistake_is_back_within_minutes_of_its_end(stage: Stage) -> None:
    stage.machine.run()
    until(stage, ["available"])
    lost = stage.endpoint()["VpcEndpointId"]
    stage.sdk.delete_vpc_endpoints(VpcEndpointIds=[lost])
    gone = watched(stage.machine, stage)

    stage.machine.run("event", {"vpc_ids": [stage.side.vpc]}, expect=[f"gone/{lost}"])

    assert stage.endpoint()["VpcEndpointId"] != lost
    assert stage.endpoint()["PrivateDnsEnabled"], "its name was free again"
    assert stage.machine.passed - gone[0] < 2 * MINUTE
    assert stage.machine.kinds() == []


def test_a_look_in_audit_mode_waits_for_nothing(stage: Stage) -> None:
    stage.machine.run()
    until(stage, ["available"])
    stage.sdk.delete_vpc_endpoints(VpcEndpointIds=[stage.endpoint()["VpcEndpointId"]])
    stage.machine.policy = Policy(interface_endpoints=(profile(),), mode="audit")
    before = stage.machine.passed
    stage.machine.run("event")
    assert stage.machine.passed - before < MINUTE


@pytest.mark.parametrize("stage", range(4), indirect=True)
def test_groups_go_when_the_last_interface_has_gone_and_nobody_is_alarmed(stage: Stage) -> None:
    stage.machine.run()
    until(stage, ["available"])
    stage.machine.policy = Policy(interface_endpoints=(), retire_interfaces="now")
    stage.machine.run()
    (finding,) = stage.machine.last["findings"]
    key = Key("finding", finding["id"])
    stage.machine.ledger.table[key] = Row(key, 2, True, "one", "2026-11-25T00:00:00+00:00")

    outcomes = stage.machine.run()

    stage.machine.wait(4)
    assert not stage.endpoints() and not stage.groups()
    assert "failed" not in [o["result"] for o in outcomes] and stage.machine.kinds() == []


def test_a_service_that_was_just_made_is_asked_until_it_is_ready(
    stage: Stage, provider: Provider, sdk: Sdk
) -> None:
    sdk.lab.pass_time(5 * MINUTE)
    offered = provider.publish(AcceptanceRequired=False)
    provider.allow(offered, OTHER)
    stage.machine.wait(4)
    stage.machine.policy = Policy(interface_endpoints=(profile(offered["ServiceName"]),))

    outcomes = stage.machine.run()

    assert "failed" not in [o["result"] for o in outcomes]
    assert states(stage) == ["available"] and stage.machine.store.values


def zombie(stage: Stage, **more: Any) -> str:
    """A second one of our endpoints for the same service, as an answer that is lost may leave."""
    ours = stage.endpoint()
    tags = {"ResourceType": "vpc-endpoint", "Tags": ours["Tags"]}
    asked = {
        "VpcId": stage.side.vpc,
        "ServiceName": ours["ServiceName"],
        "VpcEndpointType": "Interface",
        "SubnetIds": ours["SubnetIds"],
        "SecurityGroupIds": [group["GroupId"] for group in ours["Groups"]],
        "PrivateDnsEnabled": False,
    }
    made = stage.sdk.create_vpc_endpoint(**asked, TagSpecifications=[tags], **more)
    return str(made["VpcEndpoint"]["VpcEndpointId"])


def test_of_two_of_ours_one_stays_and_the_other_goes_once_both_stand(stage: Stage) -> None:
    stage.machine.run()
    until(stage, ["available"])
    serving, other = stage.endpoint()["VpcEndpointId"], zombie(stage)
    until(stage, ["available", "pending"])
    assert stage.machine.run() == [], "which one will serve shows when both stand"

    until(stage, ["available", "available"])
    (outcome,) = stage.machine.run()

    assert (outcome["thing"], outcome["cause"], outcome["result"]) == (other, "duplicate", "done")
    stage.machine.wait(600)
    assert stage.endpoint()["VpcEndpointId"] == serving
    assert stage.machine.kinds() == []


def test_the_last_of_ours_is_never_taken_for_a_zombie(stage: Stage) -> None:
    stage.machine.run()
    until(stage, ["available"])
    serving, other = stage.endpoint()["VpcEndpointId"], zombie(stage)
    until(stage, ["available", "available"])
    real = stage.machine._apply

    def somebody_was_faster(item: Any) -> Any:
        if item["cause"] == "duplicate":
            stage.sdk.delete_vpc_endpoints(VpcEndpointIds=[serving])
            stage.machine.wait(4)
        return real(item)

    stage.machine._apply = somebody_was_faster  # type: ignore[method-assign]  # this one only
    stage.machine.run()
    stage.machine.wait(600)
    assert stage.endpoint()["VpcEndpointId"] == other


def test_an_endpoint_that_is_there_in_part_serves(stage: Stage, sdk: Sdk) -> None:
    stage.machine.run()
    until(stage, ["available"])
    sdk.lab.world({"partial": stage.endpoint()["VpcEndpointId"]})
    stage.machine.wait(4)
    assert states(stage) == ["partial"]
    assert stage.machine.run() == []
