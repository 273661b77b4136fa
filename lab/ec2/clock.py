"""EC2's clock: the machine's, until a person stops it or moves it forward."""

from __future__ import annotations

import time


class Clock:
    """Gives seconds since the epoch; endpoints settle, describes lag and buckets fill by it."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._stands_at: float | None = None

    def __call__(self) -> float:
        """Tell the time."""
        return time.time() + self._ahead if self._stands_at is None else self._stands_at

    def stand(self, still: bool) -> None:
        """Stop, or go on from where it stood."""
        now = self()
        self._stands_at, self._ahead = now if still else None, now - time.time()

    def stand_at(self, seconds: float) -> None:
        """Stop at so many seconds since the epoch."""
        self._stands_at = seconds

    def forward(self, seconds: float) -> None:
        """Let so many seconds pass at once."""
        if self._stands_at is None:
            self._ahead += seconds
        else:
            self._stands_at += seconds
