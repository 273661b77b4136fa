"""Asks StackSets and Organizations how the fleet is deployed and where its accounts stand.

A delegated administrator of StackSets may list service-managed instances by CallAs, and any
delegated administrator may list the organization's accounts (CloudFormation and Organizations API
references). At 500 accounts in 5 Regions it takes 25 calls of ListStackInstances, 100 instances
each, and twice 25 of Organizations, 20 accounts each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TypeVar

from autopilot.aws.errors import AwsError, NotFound
from autopilot.aws.pages import pages
from autopilot.fleet.facts import INSTANCES, MEMBERS, Instance, Member, Survey
from autopilot.fleet.roster import Roster

T = TypeVar("T")
# "arn:aws:organizations::111111111111:account/o-a1b2c3d4e5/222222222222"
_MANAGER = re.compile(r"::(\d{12}):account/")
_LONGEST_REASON, _LONGEST_NAME = 300, 50
# Units nest five deep below the root (Organizations guide, "Quotas").
_DEEPEST = 5


def survey(roster: Roster) -> Survey:
    """What AWS tells now; what it doesn't is named. Never raises AwsError."""
    unread: dict[str, str] = {}
    instances = _told(INSTANCES, lambda: tuple(_instances(roster)), unread)
    members = _told(MEMBERS, lambda: tuple(_members(roster)), unread)
    return Survey("", instances, members, unread)


def _told(what: str, ask: Callable[[], tuple[T, ...]], unread: dict[str, str]) -> tuple[T, ...]:
    try:
        return ask()
    except AwsError as error:
        unread[what] = str(error)
        return ()


def _instances(roster: Roster) -> Iterator[Instance]:
    for name in sorted({target.stack_set for target in roster.targets.values()}):
        try:
            yield from _of_stack_set(name)
        except NotFound:  # its wave hasn't come yet: its accounts have no instance
            continue


def _of_stack_set(name: str) -> Iterator[Instance]:
    asked = {"StackSetName": name, "CallAs": "DELEGATED_ADMIN"}
    for each in pages("ListStackInstances", service="cloudformation", **asked):
        yield Instance(
            account=each["Account"],
            region=each["Region"],
            stack_set=name,
            status=str(each.get("Status", "")),
            detail=str((each.get("StackInstanceStatus") or {}).get("DetailedStatus", "")),
            reason=_cut(str(each.get("StatusReason") or ""), _LONGEST_REASON),
        )


def _cut(words: str, longest: int) -> str:
    """As long as that, and one can see that it is cut; without halves of characters, which no row
    takes."""
    whole = words.encode(errors="replace").decode()
    return whole if len(whole) <= longest else f"{whole[: longest - 1]}…"


def _members(roster: Roster) -> Iterator[Member]:
    """All accounts, with the target whose unit they are in, or a unit below it."""
    targets = {
        account: name for name, target in roster.targets.items() for account in _in(target.unit)
    }
    for each in pages("ListAccounts", service="organizations"):
        manager = _MANAGER.search(each["Arn"])
        yield Member(
            account=each["Id"],
            name=_cut(str(each.get("Name", "")), _LONGEST_NAME),
            # Its Status is retired since September 2026 (Organizations API reference, Account).
            state=str(each.get("State", "")),
            target=targets.get(each["Id"], ""),
            manages=bool(manager and manager[1] == each["Id"]),
        )


def _in(unit: str, depth: int = 0) -> Iterator[str]:
    """The accounts in a unit and below: StackSets deploy to its whole tree (their guide)."""
    for each in pages("ListAccountsForParent", service="organizations", ParentId=unit):
        yield each["Id"]
    if depth < _DEEPEST:
        for each in pages(
            "ListOrganizationalUnitsForParent", service="organizations", ParentId=unit
        ):
            yield from _in(each["Id"], depth + 1)
