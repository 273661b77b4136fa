"""The workflows, and the functions that start them."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Stack

from infra.definitions import NAMES
from infra.function import Function
from infra.workflow import Workflow

# The functions that start workflows. Intake starts the interfaces, too, if the policy wants any.
STARTERS = {
    "network": "intake",
    "connections": "intake",
    "services": "intake",
    "withdraw": "intake",
    "hold": "sync_holds",
}


def make_workflows(
    stack: Stack, functions: Mapping[str, Function], *, interfaces: bool, called: str
) -> Mapping[str, Workflow]:
    """Make them in the stack, by their names; the functions are known by their modules.

    `called`: what CloudFormation calls the stack.
    """
    made = dict[str, Workflow]()
    for name in NAMES:
        made[name] = Workflow(stack, name, functions=functions, others=made, called=called)
    starters = {**STARTERS, "interfaces": "intake"} if interfaces else STARTERS
    for name, starter in starters.items():
        made[name].started_by(functions[starter])
    return made
