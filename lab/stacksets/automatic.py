"""Automatic deployment: StackSets follow accounts that come into, go from or between units."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from ministack.core.responses import get_account_id
from ministack.services import organizations

from lab import scps
from lab.stacksets import organization, running, store, targets
from lab.stacksets.model import LOCK, Act, Instance, Operation, Outcome, Preferences, StackSet


def install() -> None:
    """Watch the calls of Organizations by which accounts come and go."""
    for name in ("MoveAccount", "CreateAccount"):
        organizations._DISPATCH[name] = _watched(organizations._DISPATCH[name])
    _watch_joining()


def _watch_joining() -> None:
    theirs = scps.join

    def join(data: Any) -> None:
        account = str(data.get("account")) if isinstance(data, dict) else ""
        left = scps.master_of(account)
        before = organization.units_of(left, account) if left else []
        theirs(data)
        entered = scps.master_of(account)
        if left and left != entered:
            moved(left, account, before)
        if entered:
            moved(entered, account, before if entered == left else [])

    scps.join = join


def _watched(act: Any) -> Any:
    def acted(payload: dict[str, Any]) -> Any:
        management = get_account_id()
        known = {*organizations._accounts}
        before = organization.units_of(management, str(payload.get("AccountId")))
        answer = act(payload)
        account = str(
            payload.get("AccountId") or next(iter({*organizations._accounts} - known), "")
        )
        moved(management, account, before)
        return answer

    return acted


def moved(management: str, account: str, before: Sequence[str]) -> None:
    """Have every StackSet follow an account that was under the units `before`, and is elsewhere
    now. Preferences and parameter overrides of earlier operations don't count (API reference)."""
    after = organization.units_of(management, account)
    if after == [*before] or account == management:
        return
    for stack_set in store.of(management):
        if stack_set.automatic and not stack_set.deleted:
            _follow(stack_set, account, stack_set.regions_for(before), stack_set.regions_for(after))


def _follow(
    stack_set: StackSet, account: str, was: Mapping[str, str], now: Mapping[str, str]
) -> None:
    with LOCK:
        gone = [
            stack_set.instances[account, region]
            for region in was
            if region not in now and (account, region) in stack_set.instances
        ]
        new = [
            targets.made(stack_set, account, region, unit)
            for region, unit in now.items()
            if (account, region) not in stack_set.instances
        ]
        _begin(stack_set, "DELETE", gone)
        _begin(stack_set, "CREATE", new)


def _begin(stack_set: StackSet, act: Act, instances: Sequence[Instance]) -> None:
    retain = stack_set.retains if act == "DELETE" else None
    outcomes = [Outcome(each, act, retained=bool(retain)) for each in instances]
    if outcomes:
        name = str(uuid.uuid4())
        operation = Operation(name, act, Preferences(), outcomes, retain=retain, automatic=True)
        running.start(stack_set, operation)
