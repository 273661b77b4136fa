"""The plan for connection requests, and what became of its answers and registrations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from autopilot.connections.holds import Hold, HoldClosure
from autopilot.connections.remembered import AUTOPILOT
from autopilot.notify.finding import Finding
from autopilot.reconcile.outcome import Result, words
from autopilot.reconcile.plan import LookedAt

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


@dataclass(frozen=True)
class Why:
    """Why one endpoint gets its answer: a sentence, the rule in the policy file's words ("" for
    none), the owner's account id, when the endpoint was created (ISO 8601, "" if AWS didn't say).
    """

    reason: str
    rule: str
    owner: str
    created: str = ""

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Why:
        """Read what `asdict` made. Raises KeyError if a key lacks."""
        return Why(**data)


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

    def to_json(self) -> dict[str, Any]:
        """As plain JSON types."""
        return {**asdict(self), "endpoint_ids": list(self.endpoint_ids)}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> AnswerItem:
        """Read what `to_json` wrote. Raises KeyError if a key lacks."""
        reasons = {id_: Why.from_json(why) for id_, why in data["reasons"].items()}
        ids = tuple(data["endpoint_ids"])
        return AnswerItem(**{**data, "endpoint_ids": ids, "reasons": reasons})


@dataclass(frozen=True)
class Registration:
    """A service whose notifications don't reach us yet.

    `notification_id` is one that points to our topic but lacks events; None: there is none.
    """

    service_id: str
    notification_id: str | None = None

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Registration:
        """Read what `asdict` made. Raises KeyError if a key lacks."""
        return Registration(**data)


@dataclass(frozen=True)
class Consumer:
    """An endpoint whose zones are to be compared; `region` "" means ours."""

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

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> ZoneCheck:
        """Read what `asdict` made. Raises KeyError if a key lacks."""
        return ZoneCheck(
            data["service_id"],
            data["service_name"],
            tuple(data["zone_ids"]),
            tuple(Consumer(**each) for each in data["endpoints"]),
        )


@dataclass(frozen=True)
class ConnectionPlan:
    """What one look at the connections comes to.

    `looked_at`: the services whose findings this plan speaks for; what it doesn't find there is
    gone. (A finding may belong to a service that isn't in it: not all of that one's fitted.)
    `left`: how many connections were left alone, by reason. `more`: how many answers and holds this
    execution must leave to another. `expect`: endpoints that the next look must show as answered.

    | finding | severity | data, beside service_id, service_name, endpoint_id, owner |
    |---|---|---|
    | ConnectionHeld | action | reason, created, hold (execution's name), expires (ISO 8601) |
    | ConnectionNotAllowed | action; info if a person | reason, rule, accepted_by ("autopilot", |
    | | accepted it | a principal's ARN, "": nobody remembers) |
    | PlannedAnswer | info (audit mode) | action (accept, reject, cut, hold), reason, rule |
    | AnswerFailed | failure | error, message, action (accept, reject, cut), reason: stayed stale |

    Subjects are "service id/endpoint id".
    """

    items: tuple[AnswerItem, ...] = ()
    register: tuple[Registration, ...] = ()
    holds: tuple[Hold, ...] = ()
    close_holds: tuple[HoldClosure, ...] = ()
    zones: tuple[ZoneCheck, ...] = ()
    findings: tuple[Finding, ...] = ()
    looked_at: LookedAt = ()
    left: Mapping[LeftAlone, int] = field(default_factory=dict)
    more: int = 0
    expect: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As plain JSON types."""
        return {
            "items": [item.to_json() for item in self.items],
            "register": [asdict(each) for each in self.register],
            "holds": [asdict(hold) for hold in self.holds],
            "close_holds": [asdict(closure) for closure in self.close_holds],
            "zones": [asdict(check) for check in self.zones],
            "findings": [finding.to_json() for finding in self.findings],
            "looked_at": "all" if self.looked_at == "all" else list(self.looked_at),
            "left": dict(self.left),
            "more": self.more,
            "expect": list(self.expect),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> ConnectionPlan:
        """Read what `to_json` wrote. Raises KeyError if a key lacks."""
        looked_at = data["looked_at"]
        return ConnectionPlan(
            items=tuple(map(AnswerItem.from_json, data["items"])),
            register=tuple(map(Registration.from_json, data["register"])),
            holds=tuple(map(Hold.from_json, data["holds"])),
            close_holds=tuple(map(HoldClosure.from_json, data["close_holds"])),
            zones=tuple(map(ZoneCheck.from_json, data["zones"])),
            findings=tuple(map(Finding.from_json, data["findings"])),
            looked_at="all" if looked_at == "all" else tuple(looked_at),
            left=dict(data["left"]),
            more=data["more"],
            expect=tuple(data["expect"]),
        )


@dataclass(frozen=True)
class AnswerOutcome:
    """One answer after it was tried.

    `endpoint_ids`: those answered (of a failed one: those that it was to answer). `stale`: those
    for which the plan no longer fitted how things stand, or that AWS listed as unsuccessful. Of
    `result` done at least one was answered; of stale none. `error` is a name from
    `autopilot.aws.errors`, None when done; `message` names the action. `by`: "autopilot", "expiry",
    or the ARN of the person who answered a hold. `at`: ISO 8601, UTC, "" if it failed.
    """

    id: str
    service_id: str
    service_name: str
    verdict: Answer
    endpoint_ids: tuple[str, ...]
    stale: tuple[str, ...]
    result: Result
    error: str | None
    message: str | None
    reasons: Mapping[str, Why]
    by: str = AUTOPILOT
    at: str = ""

    def to_json(self) -> dict[str, Any]:
        """As plain JSON types."""
        ids, stale = list(self.endpoint_ids), list(self.stale)
        return {**asdict(self), "endpoint_ids": ids, "stale": stale}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> AnswerOutcome:
        """Read what `to_json` wrote, or what the workflow made of an item that failed.

        The workflow merges the item with `result`, `error` and `message`, so `stale`, `by` and `at`
        may lack. Raises KeyError if another key does.
        """
        return AnswerOutcome(
            id=data["id"],
            service_id=data["service_id"],
            service_name=data["service_name"],
            verdict=data["verdict"],
            endpoint_ids=tuple(data["endpoint_ids"]),
            stale=tuple(data.get("stale", ())),
            result=data["result"],
            error=data["error"],
            message=words(data["message"]),
            reasons={id_: Why.from_json(why) for id_, why in data["reasons"].items()},
            by=data.get("by", AUTOPILOT),
            at=data.get("at", ""),
        )


@dataclass(frozen=True)
class RegistrationOutcome:
    """What became of registering our topic on one service; `error` and `message` as above."""

    service_id: str
    result: Literal["done", "failed"]
    error: str | None = None
    message: str | None = None

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> RegistrationOutcome:
        """Read what `asdict` made. Raises KeyError if a key lacks."""
        return RegistrationOutcome(**data)
