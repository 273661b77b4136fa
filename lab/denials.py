"""The list of what was denied, whoever asked: a person's SDK, a function, a service for a role."""

from __future__ import annotations

import threading
from collections import deque
from datetime import UTC, datetime

KEPT = 1000


class Denials:
    """Keeps the latest KEPT denials; safe to use from any thread."""

    def __init__(self) -> None:
        self._denials: deque[dict[str, str]] = deque(maxlen=KEPT)
        self._lock = threading.Lock()

    def add(self, principal: str, action: str, resource: str, why: str) -> None:
        """Note a denial: the caller's ARN, the action as IAM names it, the resource's ARN or *."""
        denial = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "principal": principal,
            "action": action,
            "resource": resource,
            "why": why,
        }
        with self._lock:
            self._denials.append(denial)

    def all(self) -> list[dict[str, str]]:
        """Return the denials, oldest first."""
        with self._lock:
            return list(self._denials)

    def clear(self) -> None:
        """Forget every denial."""
        with self._lock:
            self._denials.clear()


#: MiniStack, which denies too, knows one world per process; so this is one as well.
DENIALS = Denials()
