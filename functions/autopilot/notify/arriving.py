"""How ops are told that events don't arrive, and how they find out where they get lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from autopilot.notify.notice import Place, Step, Subject, Words
from autopilot.notify.phrases import command, counted


def checks(of: Iterable[tuple[str, str]], place: Place) -> tuple[Step, ...]:
    """Questions, each with the call that answers it; STACK in it stands for the stack's name."""
    return tuple(Step(question, command(place, _filled(call, place))) for question, call in of)


def _filled(call: str, place: Place) -> str:
    """A rule's name has 64 characters, of which a long name of its stack gets not all."""
    of_rules = call.replace("RULES", place.stack_name[:_PREFIX])
    return of_rules.replace("STACK", place.stack_name)


_PREFIX = 20
QUEUES = (
    (
        "Does the queue pile up? These are the stack's queues:",
        "cloudformation describe-stack-resources --stack-name STACK"
        " --query StackResources[?ResourceType=='AWS::SQS::Queue'].PhysicalResourceId"
        " --output text",
    ),
    (
        "This counts what waits in one. Put its URL in the place of QUEUE.",
        "sqs get-queue-attributes --queue-url QUEUE --attribute-names"
        " ApproximateNumberOfMessages ApproximateNumberOfMessagesNotVisible",
    ),
)
"""How to see whether events wait in the queue; for `checks`."""


def not_arriving(data: Mapping[str, Any], still: str, place: Place, of: str = "") -> Words:
    """How it reads that events don't arrive. `still`: what works all the same, `of`: of what."""
    healed = counted(int(data.get("found_by_sweep") or 0), "change")
    sweeps, whose = data.get("sweeps_in_a_row"), "" if of else "EC2's "
    return Words(
        title=f"Events{of} don't arrive: the sweep had to make {healed} in {place.region}",
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
        "events list-rules --name-prefix RULES --query Rules[].[Name,State] --output text",
    ),
    *QUEUES,
)
