"""What the workflow hands to the step that plans published services."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from autopilot.connections.request import ALL_SERVICES, ConnectionScope
from autopilot.gateway.request import Trigger
from autopilot.services.outcome import ServiceOutcome


@dataclass(frozen=True)
class PublishRequest:
    """One look at the published services; whatever the JSON lacks has its default.

    `waits`: how often this execution has waited for what AWS sets up.

    `expect`: ARNs of load balancers that must be there, ids of items whose last outcome must show.
    """

    trigger: Trigger = "person"
    scope: ConnectionScope = ALL_SERVICES
    expect: tuple[str, ...] = ()
    round_number: int = 1
    waits: int = 0
    outcomes: tuple[ServiceOutcome, ...] = ()
    execution: str = ""

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> PublishRequest:
        """Read the step's input. Raises ValueError or KeyError, naming what it can't read."""
        trigger = data.get("trigger", "person")
        if trigger not in get_args(Trigger):
            raise ValueError(f'trigger is "{trigger}"; write one of {", ".join(get_args(Trigger))}')
        return PublishRequest(
            trigger=trigger,
            scope=ConnectionScope.from_json(data.get("scope", "all")),
            expect=tuple(data.get("expect", ())),
            round_number=int(data.get("round", 1)),
            waits=int(data.get("waits", 0)),
            outcomes=tuple(map(ServiceOutcome.from_json, data.get("outcomes", ()))),
            execution=data.get("execution", ""),
        )
