"""How ops are told that the automation itself is in trouble."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autopilot.notify.denied import denied
from autopilot.notify.error_explanations import explanation
from autopilot.notify.finding import Finding
from autopilot.notify.notice import Notice, Place, Step, Subject
from autopilot.notify.phrases import (
    QUEUES,
    checks,
    counted,
    last_events,
    listed,
    quoted,
    title,
    try_again,
)


def workflow_failed(findings: Sequence[Finding], place: Place) -> Notice:
    """The workflow broke off."""
    states = [finding.subject.partition("/")[2] for finding in findings]
    data = findings[0].data
    workflow = data.get("workflow")
    return Notice(
        kind="WorkflowFailed",
        change="opened",
        severity="failure",
        title=title(f'The {workflow} workflow failed at "{listed(states)}": {data.get("error")}'),
        what=(
            f'The {workflow} workflow broke off in the state "{listed(states)}".',
            _left_behind(str(workflow)),
        ),
        why=(explanation(data.get("error")), quoted(data.get("cause"))),
        subjects=tuple(
            Subject(f.subject, str(f.data.get("error")), dict(f.data)) for f in findings
        ),
        steps=(*_remedy(findings[0], place), _once_more(str(workflow), place)),
    )


def _left_behind(workflow: str) -> str:
    missing = {"withdraw": "next refused call", "uninstall": "next run"}.get(workflow, "next sweep")
    return f"What it had changed until then stands. What is missing is missing until the {missing}."


def _once_more(workflow: str, place: Place) -> Step:
    match workflow:
        case "withdraw":
            return Step("Whoever was refused tries again, and that starts it again by itself.")
        case "uninstall":
            return Step("Run it again: `make retire`. What is gone stays gone.")
        case _:
            return try_again(place)


def _remedy(finding: Finding, place: Place) -> Iterator[Step]:
    if finding.data.get("error") == "AccessDenied":
        yield from denied(str(finding.data.get("cause") or ""), place)
    if place.execution:
        yield Step("See the last events of the execution:", last_events(place))


def events_not_arriving(findings: Sequence[Finding], place: Place) -> Notice:
    """Sweeps keep healing what events should have announced."""
    return _not_arriving(
        findings[0], "New VPCs still get their endpoints, but only when a sweep comes by.", place
    )


def service_events_not_arriving(findings: Sequence[Finding], place: Place) -> Notice:
    """The same of load balancers and endpoint services."""
    return _not_arriving(
        findings[0],
        "Load balancers are still published, but only when a sweep comes by.",
        place,
        " of load balancers and endpoint services",
    )


def _not_arriving(finding: Finding, still: str, place: Place, of: str = "") -> Notice:
    data = finding.data
    healed = counted(int(data.get("found_by_sweep") or 0), "change")
    sweeps, whose = data.get("sweeps_in_a_row"), "" if of else "EC2's "
    return Notice(
        kind=finding.kind,
        change="opened",
        severity="action",
        title=title(f"Events{of} don't arrive: the sweep had to make {healed} in {place.region}"),
        what=(
            f"{sweeps} sweeps in a row found things that no event had announced. The last one had"
            f" to make {healed}.",
            still,
        ),
        why=(
            f"The automation is woken by {whose}calls in CloudTrail, through"
            " EventBridge and a queue. Somewhere on that way the events get lost.",
        ),
        subjects=(Subject(place.region, f"{healed} found by the sweep", dict(data)),),
        steps=checks(_WAY_OF_AN_EVENT, place),
    )


# What to check, in the order in which an event passes it; STACK stands for the stack's name.
_WAY_OF_AN_EVENT = (
    (
        "Is there a trail? One of them must cover this Region.",
        "cloudtrail describe-trails --query trailList[].[TrailARN,IsMultiRegionTrail,HomeRegion]"
        " --output text",
    ),
    (
        "Is it logging? Put the trail's ARN in the place of TRAIL.",
        "cloudtrail get-trail-status --name TRAIL --query IsLogging",
    ),
    (
        "Does it log management events, write events among them? Look for IncludeManagementEvents,"
        " or for eventCategory Management.",
        "cloudtrail get-event-selectors --trail-name TRAIL",
    ),
    (
        "Are the stack's rules there and enabled?",
        "events list-rules --name-prefix STACK --query Rules[].[Name,State] --output text",
    ),
    *QUEUES,
)
