"""What the workflow hands to the step that plans the answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from autopilot.connections.outcome import AnswerOutcome
from autopilot.connections.plan import ConnectionPlan
from autopilot.connections.scope import ALL_SERVICES, ConnectionScope
from autopilot.gateway.request import Trigger

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
