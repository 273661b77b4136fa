"""Resources of the stack compared with what its template gave them: queues, alarms, rules, …"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from autopilot.notify.phrases import counted

from cli.checkup.model import AGAIN, Ailment, Seen, Shell
from cli.checkup.template import items, lost_of, statements

_SWEEP = ("sweep",)


def gone(seen: Seen, why: str) -> Ailment:
    """The ailment of a resource that isn't there any more."""
    kind = seen.type.split("::")[-1]
    return Ailment(
        "gone",
        seen.physical or seen.logical,
        f"The stack's {kind} {seen.logical} is gone.",
        why,
        AGAIN,
        "CloudFormation makes nothing anew that was deleted by hand: the stack has to be. The"
        " ledger stays, and endpoints stay in place.",
    )


def of_policy(subject: str, present: Any, wanted: Any, why: str, mend: str) -> Iterator[Ailment]:
    """What is wrong if a resource's policy has lost what lets somebody in, or denies more."""
    lost = [s for s in lost_of(present, statements(wanted)) if s["Effect"] == "Allow"]
    denied = [s for s in lost_of(wanted, statements(present)) if s["Effect"] == "Deny"]
    if not lost and not denied:
        return
    named = ", ".join(str(s.get("Sid") or _who(s)) for s in (lost or denied)[:3])
    what = f"doesn't let in {named} any more" if lost else f"denies more than it should: {named}"
    yield Ailment("resource-policy", subject, f"The policy of {subject} {what}.", why, (mend,))


def _who(statement: Mapping[str, Any]) -> str:
    principal = statement.get("Principal")
    return str(next(iter(principal.values())) if isinstance(principal, dict) else principal)


def of_dead_letters(
    seen: Seen, arn: str, waiting: int, source: str | None, shell: Shell
) -> Iterator[Ailment]:
    """What waits in a dead-letter queue; `source`: the queue that it belongs before, if any."""
    if not waiting:
        return
    read = shell.aws(
        "sqs", "receive-message", queue_url=seen.physical, message_attribute_names="All"
    )
    back = (
        shell.aws("sqs", "start-message-move-task", source_arn=arn, destination_arn=source)
        if source
        else shell.aws("sqs", "purge-queue", queue_url=seen.physical)
    )
    then = "send them back" if source else "throw them away"
    yield Ailment(
        "dead-letters",
        seen.physical,
        f"{counted(waiting, 'message')} {'waits' if waiting == 1 else 'wait'} in the dead-letter"
        f" queue {seen.logical}.",
        "Something couldn't be handled. Nothing is lost that the sweep wouldn't find.",
        (read, back, shell.autopilot(*_SWEEP)),
        f"Read why (ERROR_MESSAGE), mend that, then {then} and look at everything.",
    )


def of_alarm(
    seen: Seen, alarm: Mapping[str, Any], now: datetime, shell: Shell
) -> Iterator[Ailment]:
    """What is wrong with an alarm (CloudWatch DescribeAlarms), or what it says."""
    name = str(alarm["AlarmName"])
    if not alarm.get("ActionsEnabled", True):
        yield Ailment(
            "alarm-muted",
            name,
            f"The alarm {seen.logical} tells nobody: its actions are switched off.",
            "What it watches can fail unnoticed.",
            (shell.aws("cloudwatch", "enable-alarm-actions", alarm_names=name),),
        )
    lost = set(items(seen.properties.get("AlarmActions"))) - {*alarm.get("AlarmActions", ())}
    if lost:
        yield Ailment(
            "alarm-muted",
            name,
            f"The alarm {seen.logical} tells nobody: the ops topic isn't among its actions.",
            "What it watches can fail unnoticed.",
            (_put_alarm(alarm, sorted({*alarm.get("AlarmActions", ()), *map(str, lost)}), shell),),
        )
    yield from _state(seen, alarm, now, shell)


def _state(seen: Seen, alarm: Mapping[str, Any], now: datetime, shell: Shell) -> Iterator[Ailment]:
    name, state = str(alarm["AlarmName"]), alarm.get("StateValue")
    history = shell.aws("cloudwatch", "describe-alarm-history", alarm_name=name, max_records="5")
    if state == "ALARM":
        yield Ailment(
            "alarm-on",
            name,
            f"The alarm {seen.logical} is on.",
            str(alarm.get("AlarmDescription", "")),
            (history,),
            "Its description says what to do.",
        )
    # Judged missing data would be in order: this one was judged by nobody for hours.
    since = alarm.get("StateUpdatedTimestamp")
    judged = alarm.get("TreatMissingData") not in (None, "missing", "ignore")
    if state == "INSUFFICIENT_DATA" and judged and since and now - since > timedelta(hours=2):
        yield Ailment(
            "alarm-blind",
            name,
            f"The alarm {seen.logical} has had no data since {since:%Y-%m-%d %H:%M}.",
            "What it watches can fail unnoticed: is its metric's resource still there?",
            (history,),
        )


_ALARM = (
    *("AlarmName", "AlarmDescription", "ActionsEnabled", "OKActions", "InsufficientDataActions"),
    *("MetricName", "Namespace", "Statistic", "Dimensions", "Period", "EvaluationPeriods"),
    *("DatapointsToAlarm", "Threshold", "ComparisonOperator", "TreatMissingData"),
    *("ExtendedStatistic", "Unit", "Metrics"),
)


def _put_alarm(alarm: Mapping[str, Any], actions: Sequence[str], shell: Shell) -> str:
    """The command that writes an alarm as it is, with these actions."""
    given = {name: alarm[name] for name in _ALARM if alarm.get(name) not in (None, [], "")}
    document = json.dumps({**given, "AlarmActions": [*actions]})
    return shell.aws("cloudwatch", "put-metric-alarm", cli_input_json=document)


def of_mapping(seen: Seen, mapping: Mapping[str, Any], shell: Shell) -> Iterator[Ailment]:
    """What is wrong with how a queue feeds a function (Lambda GetEventSourceMapping)."""
    if str(mapping.get("State")) in ("Enabled", "Enabling", "Updating", "Creating"):
        return
    yield Ailment(
        "intake-off",
        seen.physical,
        f"Events aren't taken out of the queue: the mapping is {mapping.get('State')}.",
        "Events wait in the queue for days, and only sweeps find what they meant.",
        (shell.aws("lambda", "update-event-source-mapping", "--enabled", uuid=seen.physical),),
    )


def of_backups(seen: Seen, backups: Mapping[str, Any], shell: Shell) -> Iterator[Ailment]:
    """What is wrong if the ledger can't be restored (ContinuousBackupsDescription)."""
    recovery = backups.get("PointInTimeRecoveryDescription", {})
    if recovery.get("PointInTimeRecoveryStatus") == "ENABLED":
        return
    yield Ailment(
        "ledger-unprotected",
        seen.physical,
        "The ledger can't be restored: its point-in-time recovery is off.",
        "Whoever deletes rows by mistake deletes who was let in by which rule.",
        (
            shell.aws(
                *("dynamodb", "update-continuous-backups"),
                table_name=seen.physical,
                point_in_time_recovery_specification="PointInTimeRecoveryEnabled=true",
            ),
        ),
    )


def of_expiry(seen: Seen, expiry: Mapping[str, Any], shell: Shell) -> Iterator[Ailment]:
    """What is wrong if the ledger forgets nothing (TimeToLiveDescription)."""
    if expiry.get("TimeToLiveStatus") in ("ENABLED", "ENABLING"):
        return
    wanted: Any = seen.properties.get("TimeToLiveSpecification") or {}
    attribute = wanted.get("AttributeName", "expires_at")
    yield Ailment(
        "ledger-unprotected",
        seen.physical,
        "The ledger forgets nothing: rows that have expired aren't deleted.",
        "It grows, looks take longer and cost more.",
        (
            shell.aws(
                *("dynamodb", "update-time-to-live"),
                table_name=seen.physical,
                time_to_live_specification=f"Enabled=true,AttributeName={attribute}",
            ),
        ),
    )
