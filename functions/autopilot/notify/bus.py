"""What was done: told to ops once, and put on the event bus so that others can build on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from autopilot.notify.notice import Notice, Place, Words
from autopilot.notify.phrases import title

SOURCE = "endpoint-autopilot"


class BusEvent(NamedTuple):
    """One event; `detail` holds plain JSON types only.

    `detail.id` is the same whenever the same change is told again.
    """

    detail_type: str
    resources: tuple[str, ...]
    detail: dict[str, Any]


def bus_event(
    detail_type: str, id_: str, resources: Iterable[str | None], execution: str, **facts: Any
) -> BusEvent:
    """The event of something that `execution` did; `id_` names it among what the execution did."""
    detail = {"id": f"{execution.rsplit(':', 1)[-1]}/{id_}", **facts, "execution": execution}
    return BusEvent(detail_type, tuple(filter(None, resources)), detail)


class ChangeDefinition(NamedTuple):
    """All there is to say about one kind of completed change.

    `reads`: how it reads, given what was done. `events`: the events of it, given that and the ARN
    of the execution. `on_the_bus`: their detail types. `by`: the fact of its subjects that says who
    decided; "": the automation did. `several`: the attribute of what was done that holds several
    things, where they aren't a tuple by themselves.
    """

    kind: str
    reads: Callable[[Any, Place], Words]
    events: Callable[[Any, str], Iterable[BusEvent]]
    on_the_bus: tuple[str, ...]
    by: str = ""
    several: str = ""

    def done(self, what: object) -> CompletedChange:
        """A change of this kind."""
        return CompletedChange(self, what)


class CompletedChange(NamedTuple):
    """Something that an execution did, to be told once and for all.

    `apart`: what tells it from others of its kind that the execution did, "" for the only one.
    """

    definition: ChangeDefinition
    what: Any
    apart: str = ""

    @property
    def key(self) -> str:
        """What its execution knows it by."""
        return f"{self.kind}/{self.apart}" if self.apart else self.kind

    def each(self) -> list[CompletedChange]:
        """It as changes of one thing each."""
        return [self._of((thing,)) for thing in self._things] if self._things else [self]

    @staticmethod
    def joined(alike: Sequence[CompletedChange], apart: str = "") -> list[CompletedChange]:
        """Changes of one kind as a single one, where they are of things that can be told together.

        `apart`: what tells that one from others.
        """
        things = tuple(thing for change in alike for thing in change._things)
        if not things:
            return [each._replace(apart=apart) for each in alike]
        return [alike[0]._of(things)._replace(apart=apart)]

    @property
    def _things(self) -> tuple[Any, ...]:
        several = self.definition.several
        found = getattr(self.what, several) if several else self.what
        return found if type(found) is tuple else ()

    def _of(self, things: tuple[Any, ...]) -> CompletedChange:
        several = self.definition.several
        return self._replace(what=replace(self.what, **{several: things}) if several else things)

    @property
    def kind(self) -> str:
        """What ops know it as."""
        return self.definition.kind

    def notice(self, place: Place) -> Notice:
        """The notice that it was done."""
        words = self.definition.reads(self.what, place)
        severity = words.severity or "info"
        return Notice(
            self.kind, "done", severity, title(words.title), *words[1:5], brief=words.brief
        )

    def on_bus(self, execution: str) -> Iterable[BusEvent]:
        """Its events for the bus."""
        return self.definition.events(self.what, execution)
