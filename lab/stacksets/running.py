"""Runs a StackSet's operations one at a time: Region by Region, so many accounts at once."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from datetime import UTC, datetime

from lab.stacksets import deploying, organization, places
from lab.stacksets.model import LOCK, Operation, Outcome, StackSet

_EXCEEDED = "Cancelled since failure tolerance has exceeded"
_STOPPED = "Cancelled since the operation was stopped"


def start(stack_set: StackSet, operation: Operation) -> None:
    """Have an operation run as soon as those before it are over."""
    with LOCK:
        stack_set.operations.append(operation)
        for outcome in operation.outcomes:
            outcome.instance.operation = operation.id
            _tell(outcome, "PENDING")
        _next(stack_set)


def _next(stack_set: StackSet) -> None:
    """Begin the oldest operation that waits, if none runs."""
    with LOCK:
        waiting = [each for each in stack_set.operations if not each.is_over]
        if waiting and waiting[0].status == "QUEUED":
            waiting[0].status = "RUNNING"
            name = f"lab-stackset-{stack_set.name}"
            threading.Thread(
                target=_run, args=(stack_set, waiting[0]), name=name, daemon=True
            ).start()


def _run(stack_set: StackSet, operation: Operation) -> None:
    try:
        _all_regions(stack_set, operation)
    except Exception:  # the edge: whoever waits for the operation must not wait for ever
        logging.getLogger(__name__).exception("the lab broke at an operation")
        for outcome in _with(operation, "PENDING", "RUNNING"):
            _tell(outcome, "FAILED", "InternalFailure: the lab broke, see its log")
    with LOCK:
        failed = bool(_with(operation, "FAILED")) and _over_tolerance(operation)
        ending = "STOPPED" if operation.status == "STOPPING" else "SUCCEEDED"
        operation.status = "FAILED" if failed else ending
        operation.ended = datetime.now(UTC)
        operation.done.set()
        _next(stack_set)


def _over_tolerance(operation: Operation) -> bool:
    return any(
        len([each for each in there if each.status == "FAILED"])
        > operation.preferences.tolerance(len(there))
        for there in _by_region(operation).values()
    )


def _by_region(operation: Operation) -> dict[str, list[Outcome]]:
    found: dict[str, list[Outcome]] = {}
    for outcome in operation.outcomes:
        found.setdefault(outcome.instance.region, []).append(outcome)
    return found


def _with(operation: Operation, *statuses: str) -> list[Outcome]:
    return [each for each in operation.outcomes if each.status in statuses]


def _all_regions(stack_set: StackSet, operation: Operation) -> None:
    there = _by_region(operation)
    order = operation.preferences.regions([*there])
    if operation.preferences.parallel:
        _together([(stack_set, operation, there[region]) for region in order])
        return
    for region in order:
        _in_region(stack_set, operation, there[region])
        if any(each.status == "CANCELLED" for each in there[region]) or _over_tolerance(operation):
            break
    for outcome in _with(operation, "PENDING"):
        _tell(outcome, "CANCELLED", _EXCEEDED)


def _together(regions: Sequence[tuple[StackSet, Operation, list[Outcome]]]) -> None:
    threads = [threading.Thread(target=_in_region, args=each, daemon=True) for each in regions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _in_region(stack_set: StackSet, operation: Operation, outcomes: list[Outcome]) -> None:
    """Go through a Region's accounts; the rest is canceled once too many have failed."""
    how, waiting, failed = operation.preferences, [*outcomes], 0
    while waiting and operation.status == "RUNNING" and failed <= how.tolerance(len(outcomes)):
        count = how.at_once(len(outcomes), failed)
        batch, waiting = waiting[:count], waiting[count:]
        threads = [
            threading.Thread(target=_attempt, args=(stack_set, each), daemon=True) for each in batch
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        failed += len([each for each in batch if each.status == "FAILED"])
    why = _EXCEEDED if operation.status == "RUNNING" else _STOPPED
    for outcome in waiting:
        _tell(outcome, "CANCELLED", why)


def _attempt(stack_set: StackSet, outcome: Outcome) -> None:
    instance = outcome.instance
    if organization.is_suspended(stack_set.management, instance.account) and not outcome.retained:
        _skip(outcome)
        return
    _tell(outcome, "RUNNING")
    try:
        if not outcome.retained:
            places.check(instance)
            _act(stack_set, outcome)
    except deploying.FailedError as failed:
        _tell(outcome, "FAILED", str(failed))
        return
    except Exception as broken:  # the edge of a thread, as above
        logging.getLogger(__name__).exception("the lab broke at a stack")
        _tell(outcome, "FAILED", f"InternalFailure: the lab broke: {broken}")
        return
    _tell(outcome, "SUCCEEDED")
    if outcome.act == "DELETE":
        with LOCK:
            stack_set.instances.pop((instance.account, instance.region), None)


def _act(stack_set: StackSet, outcome: Outcome) -> None:
    if outcome.act == "DELETE":
        deploying.delete(outcome.instance)
    else:
        deploying.deploy(stack_set, outcome.instance)


def _skip(outcome: Outcome) -> None:
    """A suspended account is left alone, and counts as no failure."""
    with LOCK:
        _tell(outcome, "SUCCEEDED")
        outcome.instance.status = "OUTDATED"
        outcome.instance.detailed = "SKIPPED_SUSPENDED_ACCOUNT"


def _tell(outcome: Outcome, status: str, reason: str = "") -> None:
    with LOCK:
        outcome.status, outcome.reason = status, reason
        instance = outcome.instance
        instance.detailed, instance.reason = status, reason
        if status == "SUCCEEDED":
            instance.status = "CURRENT"
        elif status == "FAILED" and outcome.act == "DELETE":
            instance.status = instance.detailed = "INOPERABLE"
        elif status in ("FAILED", "CANCELLED"):
            instance.status = "OUTDATED"
