"""What requests cost: EC2 calls of one, and of two hundred within a few seconds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from autopilot.policy.model import Policy, Rule, ServiceFilter

from tests.adapters.connection_world import Endpoint, World

SERVICE, OWNERS = "vpce-svc-0a", [f"{n:012}" for n in range(222222222222, 222222222242)]


@pytest.fixture
def world() -> Iterator[World]:
    made = World(Policy())
    made.listed[SERVICE] |= set(OWNERS)
    yield made
    made.close()


def run(world: World, execution: str) -> None:
    """What the workflow does on a notification that names the service."""
    event: dict[str, Any] = {"trigger": "event", "scope": {"service_ids": [SERVICE]}}
    plan = world.plan(execution, **event)
    outcomes: list[Any] = []
    number = 1
    while plan["items"]:
        outcomes += [world.answer(execution, item=item) for item in plan["items"]]
        number += 1
        plan = world.plan(
            execution, **event, round=number, outcomes=outcomes, plan=plan, expect=plan["expect"]
        )


def test_one_request_costs_seven_calls(world: World) -> None:
    world.endpoints["vpce-01"] = Endpoint(SERVICE, OWNERS[0])

    run(world, "one")

    assert world.endpoints["vpce-01"].state == "available"
    assert world.calls == [
        "services", "connections", "permissions",
        "connections", "permissions", "accept",
        "connections",
    ]  # fmt: skip


def test_rules_that_speak_of_tags_cost_one_more(world: World) -> None:
    rule = Rule("account", OWNERS[0], ServiceFilter(tags={"tier": "*"}))
    world.with_policy(allow=(rule, Rule("allowed_principals")))
    world.endpoints["vpce-01"] = Endpoint(SERVICE, OWNERS[0])

    run(world, "one")

    assert len(world.calls) == 8


def test_two_hundred_requests_in_four_executions_cost_less_than_thirty(world: World) -> None:
    for number in range(200):
        world.endpoints[f"vpce-{number:04x}"] = Endpoint(SERVICE, OWNERS[number % 20])
        if number % 50 == 49:
            run(world, f"execution-{number}")

    assert {endpoint.state for endpoint in world.endpoints.values()} == {"available"}
    assert len(world.calls) == 28


def test_two_hundred_requests_in_one_execution(world: World) -> None:
    for number in range(200):
        world.endpoints[f"vpce-{number:04x}"] = Endpoint(SERVICE, OWNERS[number % 20])

    run(world, "one")

    assert {endpoint.state for endpoint in world.endpoints.values()} == {"available"}
    assert len(world.calls) == 10


def test_a_look_that_finds_nothing_to_do_costs_three(world: World) -> None:
    world.endpoints["vpce-01"] = Endpoint(SERVICE, OWNERS[0])
    run(world, "one")
    world.calls.clear()

    run(world, "other")

    assert world.calls == ["services", "connections", "permissions"]
