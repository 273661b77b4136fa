"""Whether what is deployed is whole, and what this checkout would deploy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cli.checkup.model import DEPLOY, Ailment, Shell

if TYPE_CHECKING:
    from autopilot.policy.model import Policy

    from cli.deployed import Deployed

_NAMED = 3
_WHOLE = (
    "CREATE_COMPLETE",
    "UPDATE_COMPLETE",
    "IMPORT_COMPLETE",
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
)


def of_stack(stack: Mapping[str, Any], shell: Shell) -> Iterator[Ailment]:
    """What is wrong with the stack's state (CloudFormation DescribeStacks)."""
    name, status = str(stack["StackName"]), str(stack["StackStatus"])
    drift = (stack.get("DriftInformation") or {}).get("StackDriftStatus")
    if drift == "DRIFTED":
        yield Ailment(
            "stack-drifted",
            name,
            "CloudFormation found resources that somebody has changed by hand.",
            "What was changed isn't what was tested; the next deployment may put it back, or fail.",
            (shell.aws("cloudformation", "describe-stack-resource-drifts", stack_name=name),),
        )
    if status in _WHOLE:
        return
    busy = status.endswith("_IN_PROGRESS")
    yield _busy(name, status, shell) if busy else _failed(name, status, stack, shell)


def _busy(name: str, status: str, shell: Shell) -> Ailment:
    return Ailment(
        "stack-busy",
        name,
        f"The stack is being changed ({status}).",
        "What is found now may be over in a minute.",
        (shell.autopilot("doctor"),),
        "Look again when it is done.",
    )


def _failed(name: str, status: str, stack: Mapping[str, Any], shell: Shell) -> Ailment:
    return Ailment(
        "stack-failed",
        name,
        f"The last deployment failed: the stack is {status}.",
        "The version before runs, or a mixture of both.",
        _again(name, status, shell),
        f"CloudFormation's reason: {stack.get('StackStatusReason') or 'none given'}.",
    )


def _again(name: str, status: str, shell: Shell) -> tuple[str, ...]:
    if status == "UPDATE_ROLLBACK_FAILED":
        goes_on = shell.aws("cloudformation", "continue-update-rollback", stack_name=name)
        return (goes_on, DEPLOY)
    if status in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"):
        return ("npx cdk destroy", DEPLOY)
    return (DEPLOY,)


def of_version(deployed: Deployed, policy: Policy | None) -> Iterator[Ailment]:
    """How what runs differs from this checkout; `policy`: the checkout's, None if unknown."""
    if outdated := deployed.outdated:
        named = ", ".join(_some(outdated))
        yield Ailment(
            "stale-version",
            f"deployed {deployed.since}".strip(),
            f"The functions run another version than this checkout: {named}.",
            "This command line and what runs may see things differently.",
            (DEPLOY,),
            "If this checkout is the older one, update it instead.",
        )
    if policy is not None and deployed.runs(policy) is False:
        yield Ailment(
            "stale-policy",
            f"deployed {deployed.since}".strip(),
            "The deployed policy isn't the policy file of this checkout.",
            "What runs does what the deployed one says.",
            (DEPLOY,),
            "./autopilot plan --policy FILE says what the file would change.",
        )


def _some(paths: Sequence[str]) -> list[str]:
    more = len(paths) - _NAMED
    return [*paths[:_NAMED], *([f"and {more} more"] if more > 0 else [])]
