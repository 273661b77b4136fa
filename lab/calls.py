"""The list of calls that reached EC2, load balancing and quotas, from which tests count."""

from __future__ import annotations

import threading
from collections import deque
from datetime import UTC, datetime
from typing import Any

from lab.inside import Principal

KEPT = 100_000


class CallLog:
    """Keeps the latest KEPT calls; safe to use from any thread."""

    def __init__(self) -> None:
        self._calls: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._lock = threading.Lock()

    def add(
        self,
        when: datetime,
        principal: Principal,
        service: str,
        operation: str,
        parameters: dict[str, Any],
        error: str | None,
    ) -> None:
        """Note a call; `error` is AWS's code, None when it went well."""
        call = {
            "time": when.astimezone(UTC).isoformat(timespec="milliseconds"),
            "account": principal.account,
            "principal": principal.name,
            "session": principal.session,
            "service": service,
            "operation": operation,
            "parameters": parameters,
            "error": error,
        }
        with self._lock:
            self._calls.append(call)

    def all(self) -> list[dict[str, Any]]:
        """Return the calls, oldest first."""
        with self._lock:
            return list(self._calls)

    def clear(self) -> None:
        """Forget every call."""
        with self._lock:
            self._calls.clear()
