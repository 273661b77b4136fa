"""Who accepted what: people's answers by AWS's own means, the tags on a connection, what to forget.

The tags say that we let a connection in: memory where no ledger can be lost. They give one right
only: to cut the connection once nothing allows it. The ledger goes before them; where a person has
answered, and where the connection is over, they are taken away. Decision 0009.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from autopilot.connections.facts import Connection, ConnectionFacts
from autopilot.connections.remembered import (
    AUTOPILOT,
    ConnectionState,
    Remembered,
    forgotten,
)
from autopilot.connections.request import PersonsAnswer
from autopilot.notify.ledger import Write
from autopilot.reconcile.tags import OWNER_TAG

_STATES: dict[str, ConnectionState] = {"accept": "accepted", "reject": "rejected"}
# One look forgets that many rows at most; the next one has the others.
_MOST_FORGOTTEN = 100


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

# What every AWS service takes in a tag's value (General reference, "Tagging"), and how much.
_OTHERS = re.compile(r"[^\w\s.:/=+\-@]")
_LONGEST = 256
# DeleteTags takes all or none: one that is gone would keep the tags of all others.
_GOING = ("deleting", "deleted")
# It takes 1,000 (EC2 API reference, DeleteTags); the next look has the others.
_AT_ONCE = 500


def mark(owner: str, accepted: Remembered) -> dict[str, str]:
    """The tags of a connection that the stack `owner` has accepted under a rule."""
    rule = _OTHERS.sub("_", accepted.rule)[:_LONGEST]
    return {OWNER_TAG: owner, RULE_TAG: rule, BY_TAG: accepted.by, AT_TAG: accepted.at}


def with_marks(facts: ConnectionFacts, owner: str) -> ConnectionFacts:
    """The facts, where a live connection's tags tell of it what the ledger doesn't."""
    found = {
        each.subject: marked
        for each in facts.connections
        if each.stage == "live" and each.subject not in facts.memory
        if (marked := _marked(each, owner))
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
            if each.id and each.state.lower() not in _GOING and _marked(each, owner)
            if each.stage == "over" or _ended_or_by_person(facts.memory.get(each.subject))
        )
    )[:_AT_ONCE]


def _marked(connection: Connection, owner: str) -> Remembered | None:
    tags: Mapping[str, str] = connection.tags
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


def _ended_or_by_person(memory: Remembered | None) -> bool:
    return memory is not None and (memory.a_person_decided or memory.state == "rejected")
