"""Asks AWS Organizations where accounts stand.

Only the management account and delegated administrators may ask (Organizations API reference).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from autopilot.aws.clients import client
from autopilot.aws.errors import AwsError, NotFound, aws_errors
from autopilot.aws.pages import pages
from autopilot.aws.roles import acting_as
from autopilot.connections.decision import DecisionContext
from autopilot.connections.facts import Member, Organization
from autopilot.connections.remembered import ORGANIZATION, learned, member_in
from autopilot.notify.ledger import Rows
from autopilot.policy.model import OrganizationPolicy

# "arn:aws:organizations::111111111111:account/o-a1b2c3d4e5/222222222222"
_ORGANIZATION = re.compile(r":account/(o-[0-9a-z]{10,32})/\d{12}$")
# Units nest five deep below the root (Organizations guide, "Quotas"): a longer way is a circle.
_DEEPEST = 8


def known(
    context: DecisionContext, ledger: Rows, owners: Collection[str], units: bool
) -> Organization:
    """Where the owners stand, from memory as far as that is young, and remembered from now on.

    `units`: with the units above them. Not to know it is no error. Raises AwsErrors of the ledger.
    """
    policy, now = context.policy.organization, context.now
    if policy is None:
        return Organization(why="the policy names no organization")
    rows = {row.key.sk: row for row in ledger.rows(ORGANIZATION)}
    fresh = {
        owner: member
        for owner, row in rows.items()
        if (member := member_in(row, now)) and (member.units or not units or not member.ids)
    }
    strange = [owner for owner in owners if owner not in fresh]
    if not strange:
        return Organization(fresh)
    asked = look_up(strange, units, policy)
    found, execution = asked.members.items(), context.execution
    ledger.write([learned(o, member, rows.get(o), execution, now) for o, member in found])
    return Organization({**fresh, **asked.members}, asked.why)


def look_up(owners: Iterable[str], units: bool, policy: OrganizationPolicy) -> Organization:
    """Where the owners stand; with `units`, the units and the root above them too.

    Whoever can't be looked up is missing, and `why` says why: that is no error, since what nobody
    knows is held. Never raises AwsError.
    """
    members: dict[str, Member] = {}
    parents: dict[str, str] = {}
    try:
        role = policy.read_by
        ask = acting_as(role, "organizations") if role else client("organizations")
        for owner in sorted(owners):
            members[owner] = _member(ask, owner, units, parents)
    except AwsError as error:
        return Organization(members, f"the organization can't be asked: {error}")
    return Organization(members)


def _member(ask: Any, owner: str, units: bool, parents: dict[str, str]) -> Member:
    try:
        with aws_errors("organizations", "DescribeAccount"):
            account = ask.describe_account(AccountId=owner)["Account"]
    except NotFound:
        return Member()
    found = _ORGANIZATION.search(account["Arn"])
    if found is None:
        return Member()
    above = tuple(_above(ask, owner, parents)) if units else ()
    return Member(frozenset({found.group(1), *above}), units)


def _above(ask: Any, child: str, parents: dict[str, str]) -> Iterator[str]:
    """The units above `child`, and the root; `parents` remembers the way."""
    for _ in range(_DEEPEST):
        if child.startswith("r-"):
            return
        if child not in parents:
            parents[child] = _parent(ask, child)
        child = parents[child]
        yield child


def _parent(ask: Any, child: str) -> str:
    """The one parent of an account or unit; a page may be empty and yet not be the last one."""
    for parent in pages("ListParents", service="organizations", account=ask, ChildId=child):
        return str(parent["Id"])
    raise NotFound(f"organizations:ListParents: {child} has no parent")
