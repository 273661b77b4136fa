"""Reads side by side, and what each of them wasn't told: one that is denied fails no other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from autopilot.aws.clients import client
from autopilot.aws.errors import AwsError
from autopilot.view.seen import Source

T = TypeVar("T")


@dataclass
class Asked:
    """What AWS is asked for: `sources` only. `unread`: what it didn't tell, with its words."""

    sources: frozenset[Source]
    unread: dict[Source, str] = field(default_factory=dict)

    def one(self, source: Source, ask: Callable[[], T], otherwise: T) -> T:
        """The answer, or `otherwise`."""
        if source not in self.sources:
            return otherwise
        try:
            return ask()
        except AwsError as error:
            self.unread[source] = str(error)
            return otherwise

    def all(self, source: Source, ask: Callable[[], Iterable[T]]) -> tuple[T, ...]:
        """Every element of the answer; none of one that broke off."""
        return self.one(source, lambda: tuple(ask()), ())

    def together(
        self, asks: Mapping[Source, Callable[[], Iterable[Any]]]
    ) -> Mapping[Source, tuple[Any, ...]]:
        """Every element of each, all asked at once: each page takes AWS its time."""
        client("ec2")  # made before they share it: a session makes one client at a time
        with ThreadPoolExecutor(len(asks)) as pool:
            found = {source: pool.submit(self.all, source, ask) for source, ask in asks.items()}
            return {source: each.result() for source, each in found.items()}
