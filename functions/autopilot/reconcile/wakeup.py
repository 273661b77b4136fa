"""What events say about where to look, and several of them as one.

A workflow's readers make a wake-up of a call's detail; `merge` makes one of a batch. What can only
be worked out once the whole batch is known belongs into `complete`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from hashlib import sha256
from operator import or_
from typing import Any, ClassVar, Generic, Protocol, Self, TypeVar

from autopilot.reconcile.cloudtrail import Call, Event
from autopilot.reconcile.codec import encode
from autopilot.reconcile.request import ScopeT
from autopilot.reconcile.scope import MOST_IDS
from autopilot.reconcile.visible import still_to_show


@dataclass(frozen=True)
class Wakeup(Generic[ScopeT]):
    """Where to look, and what the look must show to be believed (see `visible`)."""

    workflow: ClassVar[str]
    scope: ScopeT
    expect: tuple[str, ...] = ()
    event_ids: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The execution's name: the same events start nothing twice, a new one starts something."""
        named = json.dumps([encode(self.scope), sorted(self.event_ids)])
        return f"{self.workflow}-{sha256(named.encode()).hexdigest()[:32]}"

    def document(self) -> dict[str, Any]:
        """The execution's input."""
        return {"trigger": "event", "scope": encode(self.scope), "expect": [*self.expect]}

    def __or__(self, other: Self) -> Self:
        """What both of them say."""
        return replace(
            self,
            scope=self.scope | other.scope,
            expect=still_to_show((*self.expect, *other.expect)),
            event_ids=tuple(sorted({*self.event_ids, *other.event_ids})),
        )

    def complete(self) -> Self:
        """Itself at the end of a batch.

        Waiting is a courtesy: a very large batch waits for some of its ids, not for all.
        """
        return replace(self, expect=still_to_show(self.expect)[:MOST_IDS])


WakeupT = TypeVar("WakeupT", bound=Wakeup[Any])
Readers = Mapping[tuple[str, str], Callable[[Call], WakeupT | None]]
"""Who reads a call that worked, by the service and the call's name."""


def heard(event: Event, readers: Readers[WakeupT], everything: WakeupT) -> WakeupT | None:
    """The wake-up in an event, None if there is none; `everything` if its detail is left out.

    Raises BadEvent, and nothing else, on whatever can't be read.
    """
    call = event.call
    reader = readers.get((call.source, call.name)) if call and not call.error else None
    if call is None or reader is None:
        return None
    woken = everything if call.omitted else reader(call)
    return woken and replace(woken, event_ids=(call.id,))


class Merges(Protocol):
    """A wake-up, as far as merging goes."""

    def __or__(self, other: Self) -> Self:
        """What both of them say."""

    def complete(self) -> Self:
        """Itself at the end of a batch."""


MergesT = TypeVar("MergesT", bound=Merges)


def merge(wakeups: Iterable[MergesT]) -> MergesT:
    """One wake-up that covers all of them, whatever their order; there must be one at least."""
    return reduce(or_, wakeups).complete()
