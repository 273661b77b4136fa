"""Gives a person's answer to the function AnswerHold, which alone may end a hold."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from autopilot.aws.errors import RefusedByAws
from autopilot.aws.pages import call


def give(function: str, said: Mapping[str, str]) -> None:
    """Give an answer: endpoint_id, answer, by, reason. Twice the same one is one.

    Raises RefusedByAws with the function's own words if it refuses; AwsErrors.
    """
    answered = call("lambda", "Invoke", FunctionName=function, Payload=json.dumps(said).encode())
    if answered.get("FunctionError"):
        told: Any = json.loads(answered["Payload"].read() or "{}")
        raise RefusedByAws(str(told.get("errorMessage") or told.get("errorType") or "it failed"))
