"""What people answered by AWS's own means, and which acceptances are to be forgotten."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from autopilot.connections.events import PersonsAnswer
from autopilot.connections.facts import ConnectionFacts
from autopilot.connections.remembered import ConnectionState, Remembered, forgotten
from autopilot.notify.ledger import Write

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
