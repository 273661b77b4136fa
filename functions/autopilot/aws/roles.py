"""Clients that act as a role, in our account or in another one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from autopilot.aws.clients import make
from autopilot.aws.pages import call

_SESSION = "endpoint-autopilot"
# A session that is about to end is not begun with: the longest step takes two minutes.
_MARGIN = timedelta(minutes=5)


@dataclass(frozen=True)
class _Session:
    client: Any
    ends: datetime


_sessions: dict[tuple[str, str], _Session] = {}


def _now() -> datetime:
    return datetime.now(UTC)


def acting_as(role: str, service: str, *, now: Callable[[], datetime] = _now) -> Any:
    """The client of `service` with the credentials of `role` (an ARN), kept until they end.

    Raises AwsErrors, AccessDenied above all, ValueError for no role.
    """
    if not role:
        raise ValueError("no role to act as")
    kept = _sessions.get((role, service))
    if kept is None or kept.ends - now() < _MARGIN:
        kept = _sessions[role, service] = _begin(role, service)
    return kept.client


def _begin(role: str, service: str) -> _Session:
    answer = call("sts", "AssumeRole", RoleArn=role, RoleSessionName=_SESSION)
    credentials = answer["Credentials"]
    return _Session(make(service, credentials), credentials["Expiration"])
