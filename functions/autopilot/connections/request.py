"""What the workflow asks of a look: where, what else, and what it must show to be believed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from autopilot.connections.facts import Connection, Stage
from autopilot.connections.plan import Answer, AnswerOutcome, ConnectionPlan
from autopilot.reconcile.request import Trigger
from autopilot.reconcile.scope import MOST_IDS


@dataclass(frozen=True)
class ConnectionScope:
    """Endpoint services, named by their ids or by the ARN of a load balancer behind them.

    `everything` swallows the lists. The lists are sorted, so equal scopes are equal.
    """

    everything: bool = False
    service_ids: tuple[str, ...] = ()
    load_balancer_arns: tuple[str, ...] = ()

    def __or__(self, other: ConnectionScope) -> ConnectionScope:
        """What either of them covers; everything when a list is longer than `MOST_IDS`."""
        services = {*self.service_ids, *other.service_ids}
        balancers = {*self.load_balancer_arns, *other.load_balancer_arns}
        too_many = max(len(services), len(balancers)) > MOST_IDS
        if self.everything or other.everything or too_many:
            return ALL_SERVICES
        return ConnectionScope(False, tuple(sorted(services)), tuple(sorted(balancers)))

    def to_json(self) -> Any:
        """The word "all", or an object of two lists."""
        if self.everything:
            return "all"
        return {
            "service_ids": list(self.service_ids),
            "load_balancer_arns": list(self.load_balancer_arns),
        }

    @staticmethod
    def from_json(data: str | Mapping[str, Any]) -> ConnectionScope:
        """Read what `to_json` wrote; a list may lack. Raises ValueError on anything else."""
        if data == "all":
            return ALL_SERVICES
        if not isinstance(data, Mapping):
            raise ValueError(f'scope is {data!r}; write "all" or an object of id lists')
        return ConnectionScope() | ConnectionScope(
            False, tuple(data.get("service_ids", ())), tuple(data.get("load_balancer_arns", ()))
        )


ALL_SERVICES = ConnectionScope(everything=True)

Look = Literal["notifications", "zones"]
"""What a look at some services includes besides the requests; a look at everything has it all."""


@dataclass(frozen=True)
class PersonsAnswer:
    """An accept or a reject by a person, with AWS's own means; `by` is an ARN, `at` ISO 8601."""

    endpoint_id: str
    service_id: str
    verdict: Literal["accept", "reject"]
    by: str
    at: str

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> PersonsAnswer:
        """Read what `asdict` made. Raises KeyError if a key lacks."""
        return PersonsAnswer(
            data["endpoint_id"], data["service_id"], data["verdict"], data["by"], data["at"]
        )


@dataclass(frozen=True)
class Advice:
    """A CreateVpcEndpoint in our account that failed because of its subnets' zones.

    `by` is the caller's ARN, `error` AWS's words, `at` the ISO time.
    """

    vpc_id: str
    service_name: str
    subnet_ids: tuple[str, ...]
    by: str
    error: str
    at: str

    def to_json(self) -> dict[str, Any]:
        """As plain JSON types."""
        return {**asdict(self), "subnet_ids": list(self.subnet_ids)}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Advice:
        """Read what `to_json` wrote. Raises KeyError if a key lacks."""
        return Advice(
            data["vpc_id"],
            data["service_name"],
            tuple(data["subnet_ids"]),
            data["by"],
            data["error"],
            data["at"],
        )


@dataclass(frozen=True)
class ConnectionsRequest:
    """One look at the connections; all of it may lack in the JSON, so a person may send {}.

    `expect`: endpoints that were answered and must show it (left empty, nothing is waited for).
    `before`: the last plan of this execution ("plan" in the JSON), so that a further look which
    finds everything settled needs not look at everything again.
    """

    trigger: Trigger = "person"
    scope: ConnectionScope = ALL_SERVICES
    look: frozenset[Look] = frozenset()
    answers: tuple[PersonsAnswer, ...] = ()
    expect: tuple[str, ...] = ()
    round_number: int = 1
    outcomes: tuple[AnswerOutcome, ...] = ()
    before: ConnectionPlan | None = None
    execution: str = ""

    def looks_at(self, what: Look) -> bool:
        """Whether `what` is part of this look."""
        return self.scope.everything or what in self.look

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> ConnectionsRequest:
        """Read the step's input. Raises ValueError or KeyError, naming what it can't read."""
        trigger = data.get("trigger", "person")
        if trigger not in get_args(Trigger):
            raise ValueError(f'trigger is "{trigger}"; write one of {", ".join(get_args(Trigger))}')
        before = data.get("plan")
        return ConnectionsRequest(
            trigger=trigger,
            scope=ConnectionScope.from_json(data.get("scope", "all")),
            look=frozenset(data.get("look", ())),
            answers=tuple(map(PersonsAnswer.from_json, data.get("answers", ()))),
            expect=tuple(data.get("expect", ())),
            round_number=int(data.get("round", 1)),
            outcomes=tuple(map(AnswerOutcome.from_json, data.get("outcomes", ()))),
            before=ConnectionPlan.from_json(before) if before else None,
            execution=data.get("execution", ""),
        )


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
