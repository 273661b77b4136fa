"""A hub over spokes, deployed for real: the demo's chapters, and what they don't tell."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from demo import privatelink, scenes
from demo.fleet import chapters
from demo.fleet.chapters import await_
from demo.fleet.world import HUB, REGIONS, World, organized
from lab.client import Lab

# By the policy's rule; and by a rule that only the candidate of a plan has.
LET_IN, PLANNED = "500000000001", "500000000002"
ONLY_YAML = shutil.ignore_patterns("cdk.out", "asset*", ".cache", "cache")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("operator")
    with Lab.start(deploy=False) as lab:
        made = organized(lab, folder, 0, 1, hub_inside=True)
        chapters.one_deployment(made)
        yield made


def test_a_new_account_is_served_without_a_hand(world: World) -> None:
    chapters.a_new_account(world)


def test_a_held_request_is_approved_in_the_hub_and_accepted_in_the_spoke(world: World) -> None:
    chapters.a_request_is_answered(world)


def test_an_overlay_reaches_its_unit_by_waves(world: World) -> None:
    chapters.an_overlay_by_waves(world)


def test_a_silent_spoke_is_told(world: World) -> None:
    chapters.a_spoke_falls_silent(world)


def test_the_hubs_dashboard_shows_every_account(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chapters, "FOLDER", tmp_path)
    saved = chapters.the_dashboard(world)
    assert all(file.stat().st_size > 10_000 for file in saved.files)


def test_out_of_the_hubs_reach_a_spoke_works_and_tells_it_all_once_later(world: World) -> None:
    account, region = world.accounts["workloads"][0], REGIONS[1]
    events, bus = world.client("events"), world.outputs()["HubBusArn"].rpartition("/")[2]
    policy = events.describe_event_bus(Name=bus)["Policy"]
    events.remove_permission(EventBusName=bus, RemoveAllPermissions=True)
    try:
        ec2 = world.client("ec2", account, region)
        network = scenes.build_network(ec2, "out-of-reach", tables=1)
        await_(
            lambda: scenes.look(ec2, network.vpc_id),
            lambda seen: seen.serves(network.all_tables),
            "the VPC is served",
        )
        await_(lambda: undelivered(world, account, region), bool, "the news waits in the spoke")
        assert network.vpc_id not in history(world, account)
    finally:
        events.put_permission(EventBusName=bus, Policy=policy)
    for _ in range(2):  # the second finds nothing left
        beats(world, account, region)
    told = await_(
        lambda: history(world, account), lambda text: network.vpc_id in text, "the hub hears of it"
    )
    entries = [each for each in json.loads(told)["entries"] if network.vpc_id in json.dumps(each)]
    said = [(each["spoke"], each["kind"]) for each in entries]
    assert said == [(f"{account}/{region}", "GatewayEndpointsChanged")]
    assert not undelivered(world, account, region)


def test_a_plan_asks_each_spoke_and_changes_nothing(world: World, tmp_path: Path) -> None:
    provider = world.accounts["workloads"][0]
    service = privatelink.publish(world.lab, provider, "planned")
    service.allow(PLANNED)
    endpoint = privatelink.connect(service, PLANNED)
    shutil.copytree(world.folder, tmp_path, dirs_exist_ok=True, ignore=ONLY_YAML)
    candidate = replace(world, folder=tmp_path)
    policy, rule = candidate.read("autopilot.yaml"), f'{{account: "{LET_IN}"}}'
    candidate.write("autopilot.yaml", policy.replace(rule, f'{rule}, {{account: "{PLANNED}"}}'))
    said = candidate.autopilot("--fleet", "plan", "--account", provider, code=2)
    assert "workloads" in said and f"accept {endpoint} of {PLANNED}" in said, said
    why = json.loads(world.autopilot("--fleet", "why", endpoint, "--account", provider,
                                     "--in", REGIONS[0], "--json"))  # fmt: skip
    assert (why["spoke"], why["known"]) == (f"{provider}/{REGIONS[0]}", True)
    assert endpoint in json.dumps(why["view"])
    assert service.states()[endpoint] == "pendingAcceptance"


def test_the_hubs_own_account_is_a_spoke_as_well(world: World) -> None:
    """In the canary unit: two stacks in one account and Region, one of which tells the other."""
    assert HUB in world.accounts["canary"]
    ec2 = world.client("ec2", HUB)
    network = scenes.build_network(ec2, "beside-the-hub", tables=1)
    told = await_(
        lambda: history(world, HUB), lambda text: network.vpc_id in text, "the hub hears itself"
    )
    entries = [each for each in json.loads(told)["entries"] if network.vpc_id in json.dumps(each)]
    assert {each["spoke"] for each in entries} == {f"{HUB}/{REGIONS[0]}"}
    status = json.loads(world.autopilot("status", "--json"))
    assert status["place"]["stack"] == "EndpointAutopilot", "not the hub's stack, but the spoke's"
    assert network.vpc_id in json.dumps(status)


def test_an_account_that_moves_between_units_keeps_who_it_let_in(world: World) -> None:
    # To the canaries: another story has them audit, and whoever audits lets nobody in.
    account = world.organization.add("workloads")
    await_(lambda: spoken(world, account), lambda found: len(found) == 2, "it is served")
    before = stack_of(world, account)
    service = privatelink.publish(world.lab, account, "kept")
    service.allow(LET_IN)
    endpoint = privatelink.connect(service, LET_IN)
    await_(service.states, lambda s: s.get(endpoint) == "available", "a rule lets one in")
    world.organization.move(account, "canary")
    world.accounts["canary"].append(account)
    await_(lambda: stack_of(world, account), lambda now: now != before, "it has another stack")
    (stack,) = await_(
        lambda: stacks(world, account), lambda found: len(found) == 1, "and the old one is gone"
    )
    assert stack == stack_of(world, account)
    assert service.states()[endpoint] == "available"
    remembered = [row for row in ledger(world, account, stack) if endpoint in row["sk"]["S"]]
    assert [row["pk"]["S"] for row in remembered] == ["connection"]


def history(world: World, account: str) -> str:
    return world.autopilot("--fleet", "history", "--account", account, "--json")


def spoken(world: World, account: str) -> list[str]:
    return [spoke for spoke in chapters.running(world) if spoke.startswith(account)]


def stack_of(world: World, account: str) -> str:
    row = chapters.hub_row(world, "spoke", f"{account}/{REGIONS[0]}")
    return str(json.loads(row["heartbeat"]["S"])["stack"])


def stacks(world: World, account: str) -> list[str]:
    found = world.client("cloudformation", account).list_stacks()["StackSummaries"]
    return [s["StackName"] for s in found if s["StackStatus"] != "DELETE_COMPLETE"]


def resource(world: World, account: str, region: str, stack: str, name: str) -> str:
    pages = (
        world.client("cloudformation", account, region)
        .get_paginator("list_stack_resources")
        .paginate(StackName=stack)
    )
    (found,) = (
        each["PhysicalResourceId"]
        for page in pages
        for each in page["StackResourceSummaries"]
        if each["LogicalResourceId"].startswith(name)
        and each["ResourceType"] in ("AWS::SQS::Queue", "AWS::DynamoDB::Table")
    )
    return str(found)


def own_stack(world: World, account: str, region: str) -> str:
    (stack,) = world.client("cloudformation", account, region).describe_stacks()["Stacks"]
    return str(stack["StackName"])


def undelivered(world: World, account: str, region: str) -> int:
    stack = own_stack(world, account, region)
    queue = resource(world, account, region, stack, "UpwardQueuesHubUndelivered")
    asked = ["ApproximateNumberOfMessages"]
    found = world.client("sqs", account, region).get_queue_attributes(
        QueueUrl=queue, AttributeNames=asked
    )
    return int(found["Attributes"][asked[0]])


def beats(world: World, account: str, region: str) -> None:
    """Starts the hourly heartbeat, as its schedule does."""
    names = [
        each["FunctionName"]
        for page in world.client("lambda", account, region)
        .get_paginator("list_functions")
        .paginate()
        for each in page["Functions"]
        if each["Handler"] == "heartbeat.handler"
    ]
    (name,) = names
    payload = json.dumps({"trigger": "hourly"}).encode()
    answer = world.client("lambda", account, region).invoke(FunctionName=name, Payload=payload)
    assert "FunctionError" not in answer, answer["Payload"].read()


def ledger(world: World, account: str, stack: str) -> list[dict[str, Any]]:
    table = resource(world, account, REGIONS[0], stack, "LedgerTable")
    rows: list[dict[str, Any]] = world.client("dynamodb", account).scan(TableName=table)["Items"]
    return rows
