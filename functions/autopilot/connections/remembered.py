"""What is remembered: who accepted connections, answers under way; for a while, who belongs to
the organization. In the ledger; that we let a connection in also by tags, which can't be lost.

People's answers by AWS's own means go before the automation's, the ledger before tags. Tags are
taken away where a person has answered, and where the connection is over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from autopilot.connections.calls import PersonsAnswer
from autopilot.connections.facts import (
    AUTOPILOT,
    ConnectionFacts,
    ConnectionState,
    Member,
    Remembered,
)
from autopilot.notify.ledger import Key, Row, Write, noted
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

_BODY = ("state", "by", "rule", "reason", "at")
_STATES: dict[str, ConnectionState] = {"accept": "accepted", "reject": "rejected"}
# One look forgets that many rows at most; the next one has the others.
_MOST_FORGOTTEN = 100
# As long as Step Functions remembers an execution: an auditor may want both.
_REJECTED_LASTS = timedelta(days=90)


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


def by_people(
    answers: Iterable[PersonsAnswer], memory: Mapping[str, Remembered]
) -> dict[str, Remembered]:
    """What people's answers make of `memory`, by subject; only what they change.

    A person goes before the automation whatever the times say: events come late, clocks differ,
    and what a person accepted must not be cut. Of two people's answers the later one counts.
    """
    changed: dict[str, Remembered] = {}
    for answer in sorted(answers, key=lambda answer: _when(answer.at)):
        subject = f"{answer.service_id}/{answer.endpoint_id}"
        old = changed.get(subject) or memory.get(subject)
        if old and old.a_person_decided and _when(old.at) >= _when(answer.at):
            continue
        changed[subject] = Remembered(
            state=_STATES[answer.verdict],
            by=answer.by,
            reason="in the console or by the CLI",
            at=answer.at,
        )
    return changed


def to_forget(facts: ConnectionFacts, now: datetime) -> list[Write]:
    """Acceptances that are over: whoever accepts the endpoint next is not who did before."""
    stages = {connection.subject: connection.stage for connection in facts.connections}
    return [
        forgotten(subject, memory)
        for subject, memory in sorted(facts.memory.items())
        if memory.state != "rejected"
        and not memory.fresh(now)
        and stages.get(subject, "over") == "over"
    ][:_MOST_FORGOTTEN]


def _when(at: str) -> datetime:
    return datetime.fromisoformat(at)


RULE_TAG = "endpoint-autopilot:rule"
BY_TAG = "endpoint-autopilot:accepted-by"
AT_TAG = "endpoint-autopilot:accepted-at"
MARKS = (OWNER_TAG, RULE_TAG, BY_TAG, AT_TAG)
"""The tags of a connection that we let in. They give one right only: to cut it once nothing allows
it. The ledger goes before them. Decision 0009."""

# What every AWS service takes in a tag's value (General reference, "Tagging"), and how much.
_OTHERS = re.compile(r"[^\w\s.:/=+\-@]")
_LONGEST_TAG = 256
# DeleteTags takes all or none: one that is gone would keep the tags of all others.
_GOING = ("deleting", "deleted")
# It takes 1,000 (EC2 API reference, DeleteTags); the next look has the others.
_AT_ONCE = 500


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


def with_marks(facts: ConnectionFacts, owner: str) -> ConnectionFacts:
    """The facts, where a live connection's tags tell of it what the ledger doesn't."""
    found = {
        each.subject: told
        for each in facts.connections
        if each.stage == "live" and each.subject not in facts.memory
        if (told := marked(each.tags, owner))
    }
    return replace(facts, memory={**found, **facts.memory}) if found else facts


def to_unmark(facts: ConnectionFacts, owner: str) -> tuple[str, ...]:
    """The ids of connections that bear our tags and are not ours to cut (any more).

    One that we have ended and that lives again is somebody else's, though nobody told us whose.
    """
    return tuple(
        sorted(
            each.id
            for each in facts.connections
            if each.id and each.state.lower() not in _GOING and marked(each.tags, owner)
            if each.stage == "over" or _ended_or_by_person(facts.memory.get(each.subject))
        )
    )[:_AT_ONCE]


def _ended_or_by_person(memory: Remembered | None) -> bool:
    return memory is not None and (memory.a_person_decided or memory.state == "rejected")


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
