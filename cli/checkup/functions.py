"""Whether the functions run as they were deployed, and how the last executions ended."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cli.checkup.model import DEPLOY, Ailment, Seen, Shell
from cli.checkup.template import items, statements

# The CLI's option of each property whose change changes what a function does.
_OPTIONS = {"Handler": "handler", "Role": "role", "Runtime": "runtime"}
_NUMBERS = {"Timeout": "timeout", "MemorySize": "memory_size"}
_FINE = ("SUCCEEDED", "RUNNING", "ABORTED", "PENDING_REDRIVE")


def of_function(seen: Seen, answer: Mapping[str, Any], shell: Shell) -> Iterator[Ailment]:
    """What is wrong with a function (Lambda GetFunction)."""
    found: Mapping[str, Any] = answer["Configuration"]
    name = str(found["FunctionName"])
    if answer.get("Concurrency", {}).get("ReservedConcurrentExecutions") == 0:
        yield Ailment(
            "function-stopped",
            name,
            f"The function {seen.logical} may not run: no concurrency is reserved for it.",
            "Each of its calls is refused; the workflows that need it fail.",
            (shell.aws("lambda", "delete-function-concurrency", function_name=name),),
        )
    reason = _failed(found)
    if reason:
        yield Ailment(
            "function-failed",
            name,
            f"The function {seen.logical} can't run, or its last update failed: {reason}",
            "The workflows that need it fail.",
            (DEPLOY,),
        )
    changed = {**_changed(seen, found, {**_OPTIONS, **_NUMBERS}), **_environment(seen, found)}
    if changed:
        yield Ailment(
            "function-changed",
            name,
            f"The function {seen.logical} isn't set up as it was deployed: {', '.join(changed)}.",
            "What it does, or for how long, isn't what was tested.",
            (shell.aws("lambda", "update-function-configuration", function_name=name, **changed),),
        )


def _failed(found: Mapping[str, Any]) -> str:
    if found.get("State") == "Failed":
        return str(found.get("StateReason", "its state is Failed"))
    if found.get("LastUpdateStatus") == "Failed":
        return str(found.get("LastUpdateStatusReason", "no reason given"))
    return ""


def _changed(seen: Seen, found: Mapping[str, Any], options: Mapping[str, str]) -> dict[str, str]:
    return {
        option: str(seen.properties[name])
        for name, option in options.items()
        if seen.properties.get(name) is not None
        and str(found.get(name)) != str(seen.properties[name])
    }


def _environment(seen: Seen, found: Mapping[str, Any]) -> dict[str, str]:
    wanted: Any = seen.properties.get("Environment") or {}
    meant: Any = wanted.get("Variables") or {}
    present = found.get("Environment", {}).get("Variables", {})
    if None in meant.values() or meant == present:
        return {}
    return {"environment": json.dumps({"Variables": meant})}


def of_code(found: Sequence[tuple[Seen, Mapping[str, Any]]], shell: Shell) -> Iterator[Ailment]:
    """Functions whose code isn't that of most others: all share one bundle."""
    hashes = Counter(answer["Configuration"]["CodeSha256"] for _, answer in found)
    if len(hashes) < 2:
        return
    usual = hashes.most_common(1)[0][0]
    for seen, answer in found:
        code: Any = seen.properties.get("Code") or {}
        if answer["Configuration"]["CodeSha256"] == usual or not all(code.values()):
            continue
        name = str(answer["Configuration"]["FunctionName"])
        yield Ailment(
            "function-changed",
            name,
            f"The function {seen.logical} runs other code than the rest of the stack.",
            "What it does isn't what was tested.",
            (
                shell.aws(
                    *("lambda", "update-function-code"),
                    function_name=name,
                    s3_bucket=str(code["S3Bucket"]),
                    s3_key=str(code["S3Key"]),
                ),
            ),
        )


def of_permission(seen: Seen, policy: Any, shell: Shell) -> Iterator[Ailment]:
    """What is wrong if a function's policy doesn't let in whom it should (Lambda GetPolicy)."""
    wanted = seen.properties
    # Whom a fleet's hub asks by has no source: it is a role.
    source = str(wanted.get("SourceArn", ""))
    given = {
        "function_name": str(wanted["FunctionName"]),
        "action": str(wanted["Action"]),
        "principal": str(wanted["Principal"]),
        **({"source_arn": source} if source else {}),
    }
    for each in statements(policy):
        condition = json.dumps(each.get("Condition", {}))
        if source in condition and given["principal"] in json.dumps(each["Principal"]):
            return
    name = seen.logical[-60:]
    yield Ailment(
        "invoke-denied",
        given["function_name"],
        f"{given['principal']} may not run {given['function_name'].split(':')[-1]} any more.",
        "What it should be told is lost, or goes to the dead letters.",
        (shell.aws("lambda", "add-permission", statement_id=name, **given),),
    )


def of_logs(
    groups: Iterable[Seen], present: Mapping[str, int | None], shell: Shell
) -> Iterator[Ailment]:
    """Log groups that are gone; `present`: those there are, with their days."""
    for seen in groups:
        if seen.physical not in present:
            days: Any = seen.properties.get("RetentionInDays") or 90
            group = {"log_group_name": seen.physical}
            yield Ailment(
                "no-logs",
                seen.physical,
                f"The log group {seen.logical} is gone.",
                "What a function or workflow logs is lost: its role may not make the group.",
                (
                    shell.aws("logs", "create-log-group", **group),
                    shell.aws("logs", "put-retention-policy", **group, retention_in_days=str(days)),
                ),
            )


@dataclass(frozen=True)
class Machine:
    """A state machine. `executions`: the latest, newest first (ListExecutions).

    `pace`: the longest time between two sweeps, None if it isn't swept.
    """

    seen: Seen
    executions: Sequence[Mapping[str, Any]]
    pace: timedelta | None = None


def of_machine(
    machine: Machine, deployed: datetime, now: datetime, shell: Shell
) -> Iterator[Ailment]:
    """What is wrong with how a state machine's executions ended, or with their not beginning."""
    ended = next((e for e in machine.executions if e["status"] != "RUNNING"), None)
    if ended and ended["status"] not in _FINE:
        yield _ended(machine.seen, ended, shell)
    last = max([each["startDate"] for each in machine.executions] + [deployed])
    if machine.pace is not None and now - last > machine.pace + timedelta(hours=1):
        yield Ailment(
            "no-sweep",
            machine.seen.physical,
            f"{machine.seen.logical} hasn't been started since {last:%Y-%m-%d %H:%M} (UTC).",
            "Its schedule starts nothing: what events missed is never found.",
            (shell.autopilot("sweep"),),
            "The dead letters and the schedule's role say why.",
        )


def _ended(seen: Seen, ended: Mapping[str, Any], shell: Shell) -> Ailment:
    return Ailment(
        "execution-failed",
        str(ended["executionArn"]),
        f"The last execution of {seen.logical} ended as {ended['status']}.",
        "What it was to do is done by the next one, unless that fails too.",
        (
            shell.aws(
                *("stepfunctions", "get-execution-history", "--reverse-order"),
                execution_arn=str(ended["executionArn"]),
                max_items="5",
            ),
            shell.autopilot("sweep"),
        ),
        "Read why; once it is mended, have everything looked at.",
    )


def swept(machine: Seen, schedules: Iterable[tuple[Seen, timedelta | None]]) -> timedelta | None:
    """How often a state machine is swept, by the template's schedules."""
    for seen, pace in schedules:
        target: Any = seen.properties.get("Target") or {}
        if machine.physical in items(target.get("Arn")):
            return pace
    return None
