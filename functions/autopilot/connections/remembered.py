"""What is remembered: who accepted connections, answers under way; for a while, who belongs to
the organization. In the ledger; that we let a connection in also by tags, which can't be lost.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from autopilot.notify.ledger import CLAIM_LASTS, Key, Row, Write, noted
from autopilot.reconcile.tags import OWNER_TAG

CONNECTIONS = "connection"
"""The partition of these rows; the sort key is "service id/endpoint id".

A row's body, all texts: state, by ("autopilot", "expiry", a principal's ARN, "" for nobody known),
rule, reason, at (ISO 8601). A row that isn't there: nobody remembers who accepted it, so it is
never cut for want of a rule. `state` is

- accepting: claimed by the execution `claimed_by`, right before the call. If the connection is live
  nonetheless (the answer was lost), nobody knows whether the call or a person did it: not cut.
- accepted: by whom `by` names.
- cutting: accepted by whom `by` names; claimed before the call.
- rejecting: claimed before the call.
- rejected: by whom `by` names; also what was cut. Such a row expires.
"""

ConnectionState = Literal["accepting", "accepted", "cutting", "rejecting", "rejected"]
AUTOPILOT = "autopilot"
"""`by` of what the policy decided, in outcomes and in the ledger."""
EXPIRY = "expiry"
"""`by` of a rejection that nobody asked for in time."""
NOBODY = ""
"""`by` of what is cut though nobody remembers who accepted it: `deny` names it."""

_BODY = ("state", "by", "rule", "reason", "at")
_UNDER_WAY = ("accepting", "cutting", "rejecting")
_ACCEPTED = ("accepted", "cutting")
# As long as Step Functions remembers an execution: an auditor may want both.
_REJECTED_LASTS = timedelta(days=90)


@dataclass(frozen=True)
class Remembered:
    """A connection's row. `at`: when that state began, ISO 8601; `version`: the row's."""

    state: ConnectionState
    by: str
    rule: str = ""
    reason: str = ""
    at: str = ""
    claimed_by: str = ""
    version: int = 0

    @property
    def a_person_decided(self) -> bool:
        """Whether a person decided it."""
        return self.by not in (AUTOPILOT, EXPIRY, NOBODY)

    @property
    def we_accepted(self) -> bool:
        """Whether it is certain that the policy accepted it, and no person did."""
        return self.state in _ACCEPTED and self.by == AUTOPILOT

    @property
    def a_person_accepted(self) -> bool:
        """Whether a person accepted it."""
        return self.state in _ACCEPTED and self.a_person_decided

    @property
    def accepted_by(self) -> str:
        """Who is known to have accepted it."""
        return self.by if self.we_accepted or self.a_person_accepted else NOBODY

    def under_way_elsewhere(self, execution: str, now: datetime) -> bool:
        """Whether another execution is at this moment carrying out an answer."""
        return self.state in _UNDER_WAY and self.claimed_by != execution and self.fresh(now)

    def fresh(self, now: datetime) -> bool:
        """Whether it began so lately that AWS may not show it yet, or its claim may still live."""
        return not self.at or now - datetime.fromisoformat(self.at) < CLAIM_LASTS


def remembered(row: Row) -> Remembered:
    """Read a row. Raises KeyError if its body is missing something."""
    told: Any = {name: row.body[name] for name in _BODY}
    return Remembered(**told, claimed_by=row.claimed_by, version=row.version)


def kept(subject: str, new: Remembered, old: Remembered | None) -> Write:
    """The write that puts `new` in the place of `old`; refused if that has changed meanwhile."""
    before = old.version if old else 0
    ends = datetime.fromisoformat(new.at) + _REJECTED_LASTS
    row = Row(
        Key(CONNECTIONS, subject),
        before + 1,
        told=True,
        claimed_by=new.claimed_by,
        claimed_at=new.at,
        body={name: getattr(new, name) for name in _BODY},
        expires_at=int(ends.timestamp()) if new.state == "rejected" else None,
    )
    return Write(row.key, row, before or None)


def forgotten(subject: str, old: Remembered) -> Write:
    """The write that forgets `old`; refused if it has changed meanwhile."""
    return Write(Key(CONNECTIONS, subject), None, old.version)


RULE_TAG = "endpoint-autopilot:rule"
BY_TAG = "endpoint-autopilot:accepted-by"
AT_TAG = "endpoint-autopilot:accepted-at"
MARKS = (OWNER_TAG, RULE_TAG, BY_TAG, AT_TAG)
"""The tags of a connection that we let in. They give one right only: to cut it once nothing allows
it. The ledger goes before them. Decision 0009."""

# What every AWS service takes in a tag's value (General reference, "Tagging"), and how much.
_OTHERS = re.compile(r"[^\w\s.:/=+\-@]")
_LONGEST_TAG = 256


def mark(owner: str, accepted: Remembered) -> dict[str, str]:
    """The tags of a connection that the stack `owner` has accepted under a rule."""
    rule = _OTHERS.sub("_", accepted.rule)[:_LONGEST_TAG]
    return {OWNER_TAG: owner, RULE_TAG: rule, BY_TAG: accepted.by, AT_TAG: accepted.at}


def marked(tags: Mapping[str, str], owner: str) -> Remembered | None:
    """What a connection's tags say, None if they don't say that the stack `owner` let it in."""
    if tags.get(OWNER_TAG) != owner or tags.get(BY_TAG) != AUTOPILOT:
        return None
    return Remembered("accepted", AUTOPILOT, tags.get(RULE_TAG, ""), "as its tags say", _at(tags))


def _at(tags: Mapping[str, str]) -> str:
    """When, if that can be read: nobody else's text must stop a look."""
    at = tags.get(AT_TAG, "")
    try:
        return at if datetime.fromisoformat(at).tzinfo else ""
    except ValueError:
        return ""


@dataclass(frozen=True)
class Member:
    """Where an account stands: ids of its organization, root and units; none: in none that we know.

    `units` says whether root and units were asked for; without them they count as unknown.
    """

    ids: frozenset[str] = frozenset()
    units: bool = True


@dataclass(frozen=True)
class Organization:
    """Accounts that were looked up; `why` is a sentence on why others were not, or could not be."""

    members: Mapping[str, Member] = field(default_factory=dict)
    why: str = "the organization wasn't asked"

    def holds(self, owner: str, id: str) -> bool | None:
        """Whether the account `owner` is in the organization or unit `id`; None: not knowable."""
        member = self.members.get(owner)
        if member is None:
            return None
        if id in member.ids:
            return True
        asked = member.units or not member.ids or id.startswith("o-")
        return False if asked else None


ORGANIZATION = "organization"
"""The partition of these rows; the sort key is the account. Body: ids (a text), units."""

MEMBER_LASTS = timedelta(hours=1)
# An account that joins should not be kept waiting for long.
STRANGER_LASTS = timedelta(minutes=5)
# The step that answers doesn't ask anew: it takes what the step that planned it learned.
_LATER = timedelta(hours=1)


def member_in(row: Row, now: datetime, *, later: bool = False) -> Member | None:
    """What a row says, unless it is too old. `later`: read by the step that answers."""
    body: Mapping[str, Any] = row.body
    member = Member(frozenset(str(body["ids"]).split()), bool(body["units"]))
    lasts = MEMBER_LASTS if member.ids else STRANGER_LASTS
    age = now - datetime.fromisoformat(row.claimed_at)
    return member if age < lasts + (_LATER if later else timedelta()) else None


def learned(owner: str, member: Member, before: Row | None, execution: str, now: datetime) -> Write:
    """The write that remembers where `owner` stands."""
    body: dict[str, str | bool] = {"ids": " ".join(sorted(member.ids)), "units": member.units}
    return noted(
        Key(ORGANIZATION, owner),
        body,
        before,
        execution=execution,
        now=now,
        expires=now + MEMBER_LASTS + _LATER,
    )
