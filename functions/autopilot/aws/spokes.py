"""Puts the hub's questions to the functions of spokes, in their accounts and Regions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from autopilot.aws.clients import make
from autopilot.aws.errors import AccessDenied, NotFound, RefusedByAws, aws_errors

# Seconds, a little more than the spoke's function may take.
_PATIENCE = 150
_MOST_WORDS = 500
_ADMITTED = (
    "; a spoke admits the hub's own role only: is its stack of this hub, and does a service control"
    " policy let the hub call Lambda there?"
)
_GONE = "; its function is gone since its last heartbeat: is its stack being made anew?"


@cache
def _lambda(region: str) -> Any:
    return make("lambda", region=region, patience=_PATIENCE)


def ask(arn: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the function answers. Raises AwsErrors; RefusedByAws in its own words if it fails."""
    region = arn.split(":")[3]
    with aws_errors("lambda", "Invoke"):
        answered = _lambda(region).invoke(FunctionName=arn, Payload=json.dumps(payload).encode())
    told = _read(answered["Payload"].read() or b"{}")
    if not isinstance(told, Mapping):
        raise RefusedByAws(f"lambda:Invoke: no answer, but {str(told)[:_MOST_WORDS]}")
    if answered.get("FunctionError"):
        kind = told.get("errorType") or answered["FunctionError"]
        words = str(told.get("errorMessage") or "it failed")[:_MOST_WORDS]
        raise RefusedByAws(f"lambda:Invoke: the function failed: {kind}: {words}")
    return told


def _read(payload: bytes) -> Any:
    """JSON, whose nesting is the answering account's choice. Raises RefusedByAws."""
    try:
        return json.loads(payload)
    except RecursionError as error:
        raise RefusedByAws("lambda:Invoke: no answer, but one that is too deep") from error


def explained(error: Exception) -> str:
    """A refusal of AWS's with what is likely behind it."""
    if isinstance(error, AccessDenied):
        return f"{error}{_ADMITTED}"
    return f"{error}{_GONE}" if isinstance(error, NotFound) else str(error)
