"""What the function that answers a hub may do: read what the plans and the dashboard read."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatch
from typing import Any

from autopilot.notify.history import about

from tests.infra.synthesis import Synthesis, resolved

READERS = ("PlanNetwork", "PlanInterfaces", "PlanServices", "PlanConnections", "Show")
# What every function has: logs, traces, the queue for what can't be handled.
HOUSEKEEPING = ("logs:", "xray:", "sqs:SendMessage")
READS = ("Describe", "Get", "List", "Query", "PartiQLSelect")


def statements(made: Synthesis, function: str) -> Iterator[Any]:
    for name, policy in made.of_type("AWS::IAM::Policy").items():
        if f"Functions{function}Role" in name:
            yield from resolved(policy)["PolicyDocument"]["Statement"]


def listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def may(made: Synthesis, function: str) -> set[tuple[str, str]]:
    """Each action with each resource."""
    return {
        (action, resource)
        for each in statements(made, function)
        for action in listed(each["Action"])
        for resource in listed(each["Resource"])
        if not action.startswith(HOUSEKEEPING)
    }


def rows(made: Synthesis, function: str, action: str) -> set[str]:
    """The partitions of the ledger with which it may do that."""
    return {
        key
        for each in statements(made, function)
        if f"dynamodb:{action}" in listed(each["Action"])
        for operator in each["Condition"].values()
        for keys in operator.values()
        for key in listed(keys)
    }


def is_read(action: str) -> bool:
    return action.partition(":")[2].startswith(READS)


def test_it_may_read_all_that_the_plans_and_the_dashboard_do(spoke: Synthesis) -> None:
    wanted = {
        (action, resource)
        for reader in READERS
        for action, resource in may(spoke, reader)
        if is_read(action)
    }
    assert wanted, "the roles are found"
    assert wanted - may(spoke, "LookAhead") == set()


def test_it_may_write_nothing_anywhere(spoke: Synthesis) -> None:
    assert [each for each in may(spoke, "LookAhead") if not is_read(each[0])] == []


def test_it_reads_of_the_ledger_what_the_plans_and_the_dashboard_do(spoke: Synthesis) -> None:
    for action in ("Query", "PartiQLSelect"):
        wanted = {key for reader in READERS for key in rows(spoke, reader, action)}
        assert wanted and wanted <= rows(spoke, "LookAhead", action)


def test_it_reads_the_history_of_one_thing(spoke: Synthesis) -> None:
    read = rows(spoke, "LookAhead", "Query")
    assert [pattern for pattern in read if fnmatch(about("vpce-1"), pattern)] == ["about/*"]


def test_a_stack_of_no_fleet_has_no_such_function(stack: Synthesis) -> None:
    names = stack.of_type("AWS::Lambda::Function")
    assert [name for name in names if "LookAhead" in name] == []
