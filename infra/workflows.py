"""The workflows, and the functions that start them."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Stack

from infra.definitions import NAMES
from infra.function import Function
from infra.workflow import Workflow

# Workflow, the function that starts it, and the variable that tells this one the machine's ARN.
STARTED = (
    ("network", "intake", "STATE_MACHINE_ARN"),
    ("connections", "intake", "CONNECTIONS_MACHINE_ARN"),
    ("services", "intake", "SERVICES_MACHINE_ARN"),
    ("withdraw", "intake", "WITHDRAW_MACHINE_ARN"),
    ("hold", "sync_holds", "HOLD_MACHINE_ARN"),
)
# Only where the policy wants interface endpoints.
STARTED_IF_WANTED = ("interfaces", "intake", "INTERFACES_MACHINE_ARN")


def make_workflows(
    stack: Stack, functions: Mapping[str, Function], *, interfaces: bool
) -> Mapping[str, Workflow]:
    """Make them in the stack, by their names; the functions are known by their modules."""
    made = dict[str, Workflow]()
    for name in NAMES:
        made[name] = Workflow(stack, name, functions=functions, others=made)
    for name, starter, variable in (*STARTED, *([STARTED_IF_WANTED] if interfaces else [])):
        made[name].started_by(functions[starter], variable)
    return made
