"""Who forbids it, and how to find out, when AWS denies the automation an action."""

from __future__ import annotations

import re
from collections.abc import Iterator

from autopilot.notify.notice import Place, Step
from autopilot.notify.phrases import command
from autopilot.notify.remembered import action_in

# The ends of IAM's own sentences (IAM guide, "Troubleshoot access denied error messages").
_ABOVE = re.compile(r"(service|resource) control policy")
_BOUNDARY = re.compile(r"permissions boundary")
_ROLE = re.compile(r":assumed-role/([\w+=,.@-]+)/")


def denied(message: str, place: Place) -> Iterator[Step]:
    """What to do about an AccessDenied, whose `message` names the action and often the reason."""
    action = action_in(message) or "the action"
    found = _ROLE.search(message)
    above = _organization(action, place)
    boundary = _boundary(found.group(1) if found else None, action, place)
    if _ABOVE.search(message):
        yield above
    elif _BOUNDARY.search(message):
        yield boundary
    else:
        yield from _own_policy(action, place)
        yield boundary
        yield above


def _own_policy(action: str, place: Place) -> Iterator[Step]:
    yield Step(
        f"Has somebody changed the role, so that it no longer allows {action}? Start a comparison"
        " of the stack with what stands:",
        command(place, f"cloudformation detect-stack-drift --stack-name {place.stack}"),
    )
    yield Step(
        "A minute later, list what differs. If it is the role or its policy, deploy the stack"
        " again.",
        command(
            place,
            f"cloudformation describe-stack-resource-drifts --stack-name {place.stack}"
            " --stack-resource-drift-status-filters MODIFIED DELETED",
        ),
    )


def _boundary(role: str | None, action: str, place: Place) -> Step:
    ask = "" if role else " Put the name of the function's role in the place of ROLE."
    return Step(
        f"Does a permissions boundary on the role leave out {action}?{ask}",
        command(
            place, f"iam get-role --role-name {role or 'ROLE'} --query Role.PermissionsBoundary"
        ),
    )


def _organization(action: str, place: Place) -> Step:
    return Step(
        f"Does a service control policy of the organization deny {action}? Whoever administers"
        " the organization can see and allow it:",
        command(
            place,
            f"organizations list-policies-for-target --target-id {place.account}"
            " --filter SERVICE_CONTROL_POLICY",
        ),
    )
