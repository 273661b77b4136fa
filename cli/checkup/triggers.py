"""Whether rules and schedules still do what the template had them do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from cli.checkup.model import Ailment, Seen, Shell

_EVENTS = "What it listens to is noticed at the next sweep only, or never."
_SWEEPS = "What events missed is never found."
_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
# What UpdateSchedule takes; whatever isn't sent is put back to its default (Scheduler API).
_SCHEDULE = (
    *("Name", "GroupName", "ScheduleExpression", "ScheduleExpressionTimezone", "Description"),
    *("FlexibleTimeWindow", "StartDate", "EndDate", "KmsKeyArn"),
)


def of_rule(
    seen: Seen, rule: Mapping[str, Any], targets: Sequence[Mapping[str, Any]], shell: Shell
) -> Iterator[Ailment]:
    """What is wrong with a rule (EventBridge DescribeRule, ListTargetsByRule)."""
    name = str(rule["Name"])
    if rule.get("State") == "DISABLED":
        yield Ailment(
            "rule-disabled",
            name,
            f"The rule {seen.logical} is switched off.",
            _EVENTS,
            (shell.aws("events", "enable-rule", name=name),),
        )
    if _changed(seen, rule):
        yield Ailment(
            "rule-changed",
            name,
            f"The rule {seen.logical} listens to something else than it was deployed to.",
            _EVENTS,
            (_put_rule(seen, name, shell),),
        )
    yield from _targets(seen, name, targets, shell)


def _changed(seen: Seen, rule: Mapping[str, Any]) -> bool:
    wanted = seen.properties.get("EventPattern")
    if wanted is None or not _whole(wanted):
        return bool(rule.get("ScheduleExpression")) and (
            rule["ScheduleExpression"] != seen.properties.get("ScheduleExpression")
        )
    return bool(json.loads(rule.get("EventPattern") or "null") != wanted)


def _whole(value: Any) -> bool:
    """Whether nothing in it couldn't be worked out."""
    if isinstance(value, Mapping):
        return all(_whole(each) for each in value.values())
    return all(_whole(each) for each in value) if isinstance(value, list) else value is not None


def _put_rule(seen: Seen, name: str, shell: Shell) -> str:
    wanted, given = seen.properties, {"description": str(seen.properties.get("Description", ""))}
    if wanted.get("EventPattern"):
        given["event_pattern"] = json.dumps(wanted["EventPattern"])
    else:
        given["schedule_expression"] = str(wanted["ScheduleExpression"])
    return shell.aws("events", "put-rule", name=name, **given)


def _targets(
    seen: Seen, name: str, targets: Sequence[Mapping[str, Any]], shell: Shell
) -> Iterator[Ailment]:
    wanted: Any = seen.properties.get("Targets") or []
    present = {(each["Id"], each["Arn"], each.get("Input")) for each in targets}
    lost = [t for t in wanted if (t["Id"], t["Arn"], t.get("Input")) not in present]
    if lost:
        yield Ailment(
            "rule-changed",
            name,
            f"The rule {seen.logical} leads nowhere: its target is gone or another one.",
            _EVENTS,
            (shell.aws("events", "put-targets", rule=name, targets=json.dumps(lost)),),
        )


def of_schedule(seen: Seen, schedule: Mapping[str, Any], shell: Shell) -> Iterator[Ailment]:
    """What is wrong with a schedule (Scheduler GetSchedule)."""
    name = str(schedule["Name"])
    if schedule.get("State") != "ENABLED":
        yield Ailment(
            "schedule-disabled",
            name,
            f"The schedule {seen.logical} is switched off.",
            _SWEEPS,
            (_update(schedule, {}, shell),),
        )
    wanted: Any = seen.properties.get("Target") or {}
    present = schedule.get("Target", {})
    parts = ("Arn", "RoleArn", "Input", "DeadLetterConfig")
    meant = {part: wanted[part] for part in parts if wanted.get(part) is not None}
    times = ("ScheduleExpression", "ScheduleExpressionTimezone")
    pace_ = {name: seen.properties[name] for name in times if seen.properties.get(name)}
    if any(_zone(schedule.get(name)) != _zone(value) for name, value in pace_.items()) or any(
        present.get(part) != value for part, value in meant.items()
    ):
        yield Ailment(
            "schedule-changed",
            name,
            f"The schedule {seen.logical} starts something else, or at another pace.",
            _SWEEPS,
            (_update(schedule, {**pace_, "Target": wanted}, shell),),
        )


def _zone(value: Any) -> Any:
    """One name for UTC, which the CDK calls Etc/UTC and others UTC; anything else as it is."""
    return "UTC" if value == "Etc/UTC" else value


def _update(schedule: Mapping[str, Any], changed: Mapping[str, Any], shell: Shell) -> str:
    """The command that writes a schedule as it is, switched on, with these changes."""
    same = {name: schedule[name] for name in _SCHEDULE if schedule.get(name)}
    given = {**same, "Target": schedule.get("Target"), **changed, "State": "ENABLED"}
    document = json.dumps(given, default=str)
    return shell.aws("scheduler", "update-schedule", cli_input_json=document)


def pace(seen: Seen) -> timedelta | None:
    """The longest time from one run of a schedule to the next, its window included."""
    found = _RATE.fullmatch(str(seen.properties.get("ScheduleExpression")))
    if found is None:
        return None
    window: Any = seen.properties.get("FlexibleTimeWindow") or {}
    late = timedelta(minutes=int(window.get("MaximumWindowInMinutes", 0)))
    return timedelta(**{f"{found[2]}s": int(found[1])}) + late
