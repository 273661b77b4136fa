"""Who forbids it, and how to find out, when AWS denies the automation an action."""

from __future__ import annotations

import re
from collections.abc import Iterator

from autopilot.core.names import partition
from autopilot.core.notice import Place, Step
from autopilot.core.remembered import action_in
from autopilot.core.wording.phrases import command

# The ends of IAM's own sentences (IAM guide, "Troubleshoot access denied error messages").
_ABOVE = re.compile(r"(service|resource) control policy")
_BOUNDARY = re.compile(r"permissions boundary")
_ROLE = re.compile(r":assumed-role/([\w+=,.@-]+)/")


def denied(message: str, place: Place) -> Iterator[Step]:
    """What to do about an AccessDenied, whose `message` names the action and often the reason."""
    found = _ROLE.search(message)
    role = found.group(1) if found else "ROLE"
    action = action_in(message) or "the action"
    checks = (
        (_ABOVE, _organization(action, place)),
        (_BOUNDARY, _boundary(role, action, place)),
    )
    likely = [step for pattern, step in checks if pattern.search(message)]
    if likely:
        yield from likely
        return
    yield _own_policy(role, action, place)
    yield from (step for _, step in checks)


def _own_policy(role: str, action: str, place: Place) -> Step:
    arn = f"arn:{partition(place.region)}:iam::{place.account}:role/{role}"
    return Step(
        f"See whether the role's own policy still allows {action}. If somebody changed it, deploy"
        " the stack again.",
        command(place, "iam", "simulate-principal-policy", "--policy-source-arn", arn,
                "--action-names", action, "--query", "EvaluationResults[].EvalDecision"),
    )


def _boundary(role: str, action: str, place: Place) -> Step:
    return Step(
        f"See whether a permissions boundary on the role leaves out {action}:",
        command(place, "iam", "get-role", "--role-name", role,
                "--query", "Role.PermissionsBoundary"),
    )


def _organization(action: str, place: Place) -> Step:
    return Step(
        f"See whether a service control policy of the organization denies {action}. It takes the"
        " management account, or whoever administers the organization:",
        command(place, "organizations", "list-policies-for-target", "--target-id", place.account,
                "--filter", "SERVICE_CONTROL_POLICY"),
    )
