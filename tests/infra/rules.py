"""Which rules of the stack an event matches, by MiniStack's matcher (event-ruler's semantics)."""

from __future__ import annotations

import json
from typing import Any

from ministack.services import eventbridge

from tests.infra.synthesis import Synthesis, resolved

Event = dict[str, Any]


def matching(stack: Synthesis, given: Event) -> list[str]:
    """The rules that an event matches, once for each."""
    fields = {
        "Source": given["source"],
        "DetailType": given["detail-type"],
        "Detail": json.dumps(given["detail"]),
        "Account": given["account"],
        "Region": given["region"],
        "Resources": given["resources"],
        "Time": given["time"],
    }
    return [
        name
        for name, rule in stack.of_type("AWS::Events::Rule").items()
        if "EventPattern" in rule
        and eventbridge._matches_pattern(json.dumps(resolved(rule["EventPattern"])), fields)
    ]
