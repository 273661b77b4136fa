"""Who let a connection in: what people answered by AWS's own means, what its tags say; and when
either is to be forgotten.

Tags speak where no ledger does; they are taken away where a person has answered, and where the
connection is over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from autopilot.connections.events import PersonsAnswer
from autopilot.connections.facts import ConnectionFacts
from autopilot.connections.remembered import ConnectionState, Remembered, forgotten, marked
from autopilot.notify.ledger import Write

_STATES: dict[str, ConnectionState] = {"accept": "accepted", "reject": "rejected"}
# One look forgets that many rows at most; the next one has the others.
_MOST_FORGOTTEN = 100
# DeleteTags takes all or none: one that is gone would keep the tags of all others.
_GOING = ("deleting", "deleted")
# It takes 1,000 (EC2 API reference, DeleteTags); the next look has the others.
_AT_ONCE = 500


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


def _when(at: str) -> datetime:
    return datetime.fromisoformat(at)


def _ended_or_by_person(memory: Remembered | None) -> bool:
    return memory is not None and (memory.a_person_decided or memory.state == "rejected")
