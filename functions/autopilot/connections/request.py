"""What the workflow asks of its steps: where to look, what to answer, hold and compare."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from autopilot.connections.calls import Advice, Look, PersonsAnswer
from autopilot.connections.facts import Connection, Service, Stage
from autopilot.connections.holds import Hold, HoldAnswer, HoldClosure
from autopilot.connections.plan import (
    UNSUCCESSFUL,
    Answer,
    AnswerItem,
    AnswerOutcome,
    ConnectionPlan,
    Registration,
    ZoneCheck,
)
from autopilot.reconcile.codec import named
from autopilot.reconcile.request import Request
from autopilot.reconcile.scope import ALL_SERVICES, ServiceScope


@dataclass(frozen=True, kw_only=True)
class LookRequest(Request[ServiceScope, AnswerOutcome]):
    """One look at the connections.

    `expect`: endpoints that were answered and must show it (left empty, nothing is waited for).
    `before`: the last plan of this execution, so that a further look that finds everything settled
    need not look at everything again.
    """

    scope: ServiceScope = ALL_SERVICES
    look: frozenset[Look] = frozenset()
    answers: tuple[PersonsAnswer, ...] = ()
    before: ConnectionPlan | None = field(default=None, metadata=named("plan"))

    def looks_at(self, what: Look) -> bool:
        """Whether `what` is part of this look."""
        return self.scope.everything or what in self.look

    @property
    def is_light(self) -> bool:
        """Whether all is answered that the first look wanted: that one said all of the rest."""
        stale = any(outcome.stale for outcome in self.outcomes)
        return self.before is not None and self.round_number > 1 and not stale

    @property
    def services_answered(self) -> tuple[str, ...]:
        """The services that a further look must see again."""
        return tuple(sorted({outcome.item.service_id for outcome in self.outcomes}))

    def unsettled(self, connections: Iterable[Connection]) -> tuple[str, ...]:
        """The endpoints among `expect` that still look as before their last answer.

        Answered, or refused by AWS without a word why: the next look would only say the same again.
        """
        last = _last(self.outcomes)
        return tuple(
            sorted(
                connection.endpoint_id
                for connection in connections
                if connection.endpoint_id in self.expect
                and connection.stage in _BEFORE.get(last.get(connection.subject, "accept"), ())
                and connection.subject in last
            )
        )


@dataclass(frozen=True)
class AnswerRequest:
    """What to answer: an item of the plan or, at the end of a hold, what ended its waiting."""

    item: AnswerItem | None = None
    hold: Hold | None = None
    answer: HoldAnswer | None = None
    execution: str = ""

    @property
    def service(self) -> Service:
        """The service that is asked for, as far as the request tells. Raises ValueError."""
        asked = self.item or self.hold
        if asked is None:
            raise ValueError("neither an item nor a hold with its answer")
        return Service(asked.service_id, asked.service_name)


@dataclass(frozen=True)
class RegisterRequest:
    """The services whose notifications are to reach us."""

    register: tuple[Registration, ...]
    execution: str = ""


@dataclass(frozen=True)
class HoldsRequest:
    """The holds to open, and those that nobody needs any more."""

    holds: tuple[Hold, ...]
    close_holds: tuple[HoldClosure, ...]
    execution: str = ""


@dataclass(frozen=True)
class OpenHoldRequest:
    """A hold whose execution waits, and the token of its waiting."""

    hold: Hold
    token: str
    execution: str = ""


@dataclass(frozen=True)
class ZonesRequest:
    """The zones to compare, and the refused endpoints to explain."""

    zones: tuple[ZoneCheck, ...] = ()
    advice: tuple[Advice, ...] = ()
    execution: str = ""


_BEFORE: dict[Answer, tuple[Stage, ...]] = {
    "accept": ("asking",),
    "reject": ("asking", "live"),
    "cut": ("asking", "live"),
}


def _last(outcomes: Iterable[AnswerOutcome]) -> dict[str, Answer]:
    """By subject the last answer that must show: AWS is eventually consistent."""
    last: dict[str, Answer] = {}
    for outcome in outcomes:
        for subject in outcome.subjects:
            last.pop(subject, None)
        refused = outcome.stale if outcome.error == UNSUCCESSFUL else ()
        last |= dict.fromkeys(outcome.item.subjects(outcome.done + refused), outcome.item.verdict)
    return last
