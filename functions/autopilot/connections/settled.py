"""Whether AWS shows what was answered: it is eventually consistent."""

from __future__ import annotations

from collections.abc import Iterable

from autopilot.connections.facts import Connection, Stage
from autopilot.connections.outcome import AnswerOutcome
from autopilot.connections.plan import Answer
from autopilot.connections.request import ConnectionsRequest

# What AWS listed as unsuccessful; other stale answers were not even tried.
UNSUCCESSFUL = "Unsuccessful"

_BEFORE: dict[Answer, tuple[Stage, ...]] = {
    "accept": ("asking",),
    "reject": ("asking", "live"),
    "cut": ("asking", "live"),
}


def services_answered(request: ConnectionsRequest) -> tuple[str, ...]:
    """The services that a further look must see again."""
    return tuple(sorted({outcome.service_id for outcome in request.outcomes}))


def unsettled(connections: Iterable[Connection], request: ConnectionsRequest) -> tuple[str, ...]:
    """The endpoints among `request.expect` that still look as before their last answer.

    Answered, or refused by AWS without a word why: the next look would only say the same again.
    """
    last = _last(request.outcomes)
    return tuple(
        sorted(
            connection.endpoint_id
            for connection in connections
            if connection.endpoint_id in request.expect
            and connection.stage in _BEFORE.get(last.get(connection.subject, "accept"), ())
            and connection.subject in last
        )
    )


def _last(outcomes: Iterable[AnswerOutcome]) -> dict[str, Answer]:
    """By subject the last answer that must show."""
    last: dict[str, Answer] = {}
    for outcome in outcomes:
        done = outcome.endpoint_ids if outcome.result == "done" else ()
        refused = outcome.stale if outcome.error == UNSUCCESSFUL else ()
        for id_ in (*outcome.endpoint_ids, *outcome.stale):
            last.pop(f"{outcome.service_id}/{id_}", None)
        last |= {f"{outcome.service_id}/{id_}": outcome.verdict for id_ in (*done, *refused)}
    return last
