"""Whether EventBridge hears of the calls that wake the automation: a trail has to log them.

"To record events with a detail-type value of AWS API Call via CloudTrail, you need a CloudTrail
trail with logging enabled" (EventBridge guide, "Events from AWS services"). That a trail's event
selectors decide, too, is believed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cli.checkup.model import Ailment, Shell
from cli.checkup.template import Template, items

_DETAIL = "AWS API Call via CloudTrail"
_COMES = (
    "CloudTrail's events are what wakes the automation: without them nothing is noticed before the"
    " next sweep, hours later."
)
_TESTS: Mapping[str, Callable[[str, tuple[str, ...]], bool]] = {
    "Equals": lambda value, wanted: value in wanted,
    "NotEquals": lambda value, wanted: value not in wanted,
    "StartsWith": lambda value, wanted: value.startswith(wanted),
    "NotStartsWith": lambda value, wanted: not value.startswith(wanted),
    "EndsWith": lambda value, wanted: value.endswith(wanted),
    "NotEndsWith": lambda value, wanted: not value.endswith(wanted),
}


@dataclass(frozen=True, order=True)
class Call:
    """A call that has to be told: `source` such as "ec2.amazonaws.com", `name` "CreateVpc"."""

    source: str
    name: str


@dataclass(frozen=True)
class Trail:
    """A trail that logs this Region, if it is on. `selectors`: AWS's, None if nobody may read them
    (a member account those of its organization's trail).
    """

    name: str
    arn: str
    home: str
    logging: bool
    organization: bool = False
    selectors: Sequence[Mapping[str, Any]] | None = None


def wanted(template: Template) -> frozenset[Call]:
    """The calls that the stack's rules listen to."""
    found = set()
    for rule in template.of("AWS::Events::Rule"):
        pattern: Any = rule.properties.get("EventPattern") or {}
        if _DETAIL in (pattern.get("detail-type") or ()):
            for source in pattern.get("source", ()):
                service = f"{source.removeprefix('aws.')}.amazonaws.com"
                names = pattern.get("detail", {}).get("eventName", ())
                found |= {Call(service, name) for name in names if isinstance(name, str)}
    return frozenset(found)


def ailments(
    trails: Sequence[Trail], calls: frozenset[Call], region: str, shell: Shell
) -> Iterator[Ailment]:
    """What is wrong with all trails of an account and Region together."""
    on = [trail for trail in trails if trail.logging]
    if not on:
        yield _stopped(trails[0], shell) if trails else _none(region, shell)
        return
    if any(trail.selectors is None for trail in on):
        return  # the organization's own trail, whose selectors its members don't see
    left = sorted(call for call in calls if not any(_logs(trail, call) for trail in on))
    if left:
        yield _leaves_out(on[0], left, shell)


def _none(region: str, shell: Shell) -> Ailment:
    name = "management-events"
    return Ailment(
        "no-trail",
        region,
        f"No CloudTrail trail logs what is called in {region}.",
        _COMES,
        (
            shell.aws(
                *("cloudtrail", "create-trail", "--is-multi-region-trail"),
                name=name,
                s3_bucket_name="BUCKET",
            ),
            shell.aws("cloudtrail", "start-logging", name=name),
        ),
        "BUCKET is a bucket whose policy lets CloudTrail write (CloudTrail guide, "
        '"Amazon S3 bucket policy for CloudTrail").',
    )


def _stopped(trail: Trail, shell: Shell) -> Ailment:
    return Ailment(
        "trail-stopped",
        trail.arn,
        f"The trail {trail.name} doesn't log, and no other one logs this Region.",
        _COMES,
        (shell.aws("cloudtrail", "start-logging", name=trail.arn, region=trail.home),),
        "It is your organization's: its management account has to." if trail.organization else "",
    )


def _leaves_out(trail: Trail, left: Sequence[Call], shell: Shell) -> Ailment:
    named = ", ".join(f"{call.name} ({call.source.split('.')[0]})" for call in left[:3])
    more = f" and {len(left) - 3} more calls" if len(left) > 3 else ""
    return Ailment(
        "trail-leaves-out",
        trail.arn,
        f"The trail {trail.name} leaves out {named}{more}, and no other one logs them.",
        _COMES,
        (_selecting(trail, shell),),
        "This keeps the trail's selectors and adds all management events that write.",
    )


def _selecting(trail: Trail, shell: Shell) -> str:
    """The command that adds management events to the selectors that are there."""
    selectors = [dict(each) for each in trail.selectors or ()]
    if any("FieldSelectors" in each for each in selectors):
        management = {"Field": "eventCategory", "Equals": ["Management"]}
        added = {"Name": "Management events", "FieldSelectors": [management]}
        given = {"advanced_event_selectors": json.dumps([*selectors, added])}
    else:
        first, *others = selectors or [{}]
        basic = {**first, "IncludeManagementEvents": True, "ReadWriteType": _widened(first)}
        given = {"event_selectors": json.dumps([basic, *others])}
    return shell.aws(
        "cloudtrail", "put-event-selectors", trail_name=trail.arn, **given, region=trail.home
    )


def _widened(selector: Mapping[str, Any]) -> str:
    kind = str(selector.get("ReadWriteType", "All"))
    return "All" if kind == "ReadOnly" else kind


def _logs(trail: Trail, call: Call) -> bool:
    return any(_selects(each, call) for each in trail.selectors or ())


def _selects(selector: Mapping[str, Any], call: Call) -> bool:
    if "FieldSelectors" in selector:
        return _matches(selector["FieldSelectors"], call)
    return (
        bool(selector.get("IncludeManagementEvents", True))
        and selector.get("ReadWriteType", "All") != "ReadOnly"
        and call.source not in items(selector.get("ExcludeManagementEventSources"))
    )


def _matches(fields: Iterable[Mapping[str, Any]], call: Call) -> bool:
    """Whether each field lets a call through; of a field that isn't known here, nothing is said."""
    event = {
        "eventCategory": "Management",
        "readOnly": "false",
        "eventSource": call.source,
        "eventName": call.name,
        "eventType": "AwsApiCall",
    }
    return all(
        test(event[field["Field"]], tuple(field[name]))
        for field in fields
        if field["Field"] in event
        for name, test in _TESTS.items()
        if field.get(name)
    )
