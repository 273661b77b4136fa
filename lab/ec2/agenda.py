"""What happens by itself once its time has come."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

#: Carried out with the moment at which it fell due (seconds since the epoch).
Action = Callable[[float], None]


@dataclass
class Agenda:
    """Actions by the moment at which they fall due; each call carries out what is due first."""

    _entries: list[tuple[float, int, tuple[Any, ...], Action]] = field(default_factory=list)
    _count: Iterator[int] = field(default_factory=itertools.count)

    def add(self, when: float, networks: tuple[Any, ...], action: Action) -> None:
        """Has `action` done at `when`; it changes what describes of `networks` show."""
        heapq.heappush(self._entries, (when, next(self._count), networks, action))

    def due(self, now: float) -> Iterator[tuple[float, tuple[Any, ...], Action]]:
        """Takes off what is due, the oldest first; an action may add others."""
        while self._entries and self._entries[0][0] <= now:
            when, _, networks, action = heapq.heappop(self._entries)
            yield when, networks, action
