"""The plan for connection requests, and what became of its answers and registrations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from autopilot.connections.facts import AUTOPILOT
from autopilot.connections.holds import Hold, HoldClosure
from autopilot.reconcile.outcome import Outcome
from autopilot.reconcile.plan import Plan

Answer = Literal["accept", "reject", "cut"]
"""`cut`: reject what is live; AWS knows one call for both."""
LeftAlone = Literal[
    "decided and as it should be",
    "over or under way",
    "transit gateway attachment",
    "service not there",
    "held",
    "another execution answers it",
    "reported, not cut",
    "audit mode",
    "findings too many at once",
    "zones of too many at once",
]
UNSUCCESSFUL = "Unsuccessful"
"""The `error` of an outcome with what AWS listed as unsuccessful."""
STANDS_OTHERWISE = "StandsOtherwise"
"""The `error` of an outcome whose endpoints are not to be answered like that any more."""


@dataclass(frozen=True)
class Why:
    """Why one endpoint gets its answer: a sentence, the rule in the policy file's words ("" for
    none), the owner's account id, when the endpoint was created (ISO 8601, "" if AWS didn't say).
    """

    reason: str
    rule: str
    owner: str
    created: str = ""


@dataclass(frozen=True)
class AnswerItem:
    """One answer to some endpoints of one service, one call; `id` is "vpce-svc-1/accept/1".

    `reasons` has an entry for each of `endpoint_ids`.
    """

    id: str
    service_id: str
    service_name: str
    verdict: Answer
    endpoint_ids: tuple[str, ...]
    reasons: Mapping[str, Why]

    def subjects(self, endpoint_ids: Iterable[str]) -> tuple[str, ...]:
        """What findings and the ledger call the connections of these endpoints."""
        return tuple(f"{self.service_id}/{endpoint_id}" for endpoint_id in endpoint_ids)


@dataclass(frozen=True)
class AnswerOutcome(Outcome[AnswerItem]):
    """One answer after it was tried.

    `item.endpoint_ids`: those answered (of a failed one: those that it was to answer). `stale`:
    those for which the plan no longer fitted how things stand, or that AWS listed as unsuccessful.
    Of `result` done at least one was answered; of stale none. `by`: "autopilot", "expiry", or the
    ARN of the person who answered a hold. `at`: ISO 8601, UTC, "" if it failed.
    """

    stale: tuple[str, ...] = ()
    by: str = AUTOPILOT
    at: str = ""

    @property
    def done(self) -> tuple[str, ...]:
        """The endpoints that were answered."""
        return self.item.endpoint_ids if self.result == "done" else ()

    @property
    def subjects(self) -> tuple[str, ...]:
        """All connections that it speaks of."""
        return self.item.subjects((*self.item.endpoint_ids, *self.stale))


@dataclass(frozen=True)
class Registration:
    """A service whose notifications don't reach us yet.

    `notification_id` is one that points to our topic but is missing events; None: there is none.
    """

    service_id: str
    notification_id: str | None = None


@dataclass(frozen=True)
class RegistrationOutcome:
    """What became of registering our topic on one service."""

    service_id: str
    result: Literal["done", "failed"]
    error: str | None = None
    message: str | None = None


@dataclass(frozen=True)
class Consumer:
    """An endpoint whose zones are to be compared; `region` "" means our own."""

    endpoint_id: str
    owner: str
    region: str = ""


@dataclass(frozen=True)
class ZoneCheck:
    """A service with its zone IDs, and endpoints to compare with them."""

    service_id: str
    service_name: str
    zone_ids: tuple[str, ...]
    endpoints: tuple[Consumer, ...]


@dataclass(frozen=True)
class ConnectionPlan(Plan[AnswerItem, LeftAlone]):
    """What one look at the connections comes to.

    `looked_at`: the services whose findings this plan speaks for; what it doesn't find there is
    gone. (A finding may belong to a service that isn't in it: not all of that one's fitted.)
    `expect`: endpoints that the next look must show as answered.
    """

    register: tuple[Registration, ...] = ()
    holds: tuple[Hold, ...] = ()
    close_holds: tuple[HoldClosure, ...] = ()
    zones: tuple[ZoneCheck, ...] = ()

    @property
    def spoken(self) -> tuple[object, ...]:
        """What of it speaks of things: holds, too, and what is registered and compared."""
        return (*super().spoken, self.holds, self.register, self.zones)

    @property
    def reasons(self) -> dict[str, str]:
        """Why each endpoint is to get its answer."""
        return {id_: why.reason for item in self.items for id_, why in item.reasons.items()}
