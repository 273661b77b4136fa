"""What an execution reports: what it found and did, for ops and for the event bus."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from autopilot.notify.finding import Finding, FindingDefinition
from autopilot.notify.ledger import Row, Write
from autopilot.notify.notice import Notice, Place, Words
from autopilot.notify.phrases import title

SOURCE = "endpoint-autopilot"
Counts = Mapping[str, int | tuple[int, ...]]


@dataclass(frozen=True)
class BusEvent:
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


@dataclass(frozen=True)
class ChangeDefinition:
    """All there is to say about one kind of completed change.

    `reads`: how it reads, given what was done. `events`: the events of it, given that and the ARN
    of the execution. `on_the_bus`: their detail types.
    """

    kind: str
    reads: Callable[[Any, Place], Words]
    events: Callable[[Any, str], Iterable[BusEvent]]
    on_the_bus: tuple[str, ...]

    def done(self, what: object) -> CompletedChange:
        """A change of this kind."""
        return CompletedChange(self, what)


@dataclass(frozen=True)
class CompletedChange:
    """Something that an execution did, to be told once and for all."""

    definition: ChangeDefinition
    what: Any

    @property
    def kind(self) -> str:
        """What ops know it as."""
        return self.definition.kind

    def notice(self, place: Place) -> Notice:
        """The notice that it was done."""
        words = self.definition.reads(self.what, place)
        severity = words.severity or "info"
        return Notice(self.kind, "done", severity, title(words.title), *words[1:5])

    def events(self, execution: str) -> Iterable[BusEvent]:
        """Its events for the bus."""
        return self.definition.events(self.what, execution)


class Noted(NamedTuple):
    """What a workflow remembers of its own: rows of a partition, and the writes given these."""

    partition: str
    writes: Callable[[Sequence[Row], datetime], Sequence[Write]]


@dataclass(frozen=True)
class View:
    """What a report says.

    `findings`: all that is wrong as far as it can tell; `judges`: the kinds whose end it can see.
    `changes`: what was done; `others`: events besides those of the changes. `healed`: the places
    of what it did that an event should have asked for, `unannounced`: the finding for when sweeps
    go on healing. `counted`: its own metrics. `silently`: ids of findings whose end a change tells.
    `noted`: its own memory.
    """

    findings: tuple[Finding, ...] = ()
    judges: tuple[FindingDefinition, ...] = ()
    changes: tuple[CompletedChange, ...] = ()
    others: tuple[BusEvent, ...] = ()
    healed: tuple[str, ...] = ()
    unannounced: FindingDefinition | None = None
    counted: Counts = field(default_factory=dict)
    silently: frozenset[str] = frozenset()
    noted: Noted | None = None

    def events(self, execution: str) -> tuple[BusEvent, ...]:
        """What was done, for the bus."""
        done = (event for change in self.changes for event in change.events(execution))
        return (*done, *self.others)


class Broken(Protocol):
    """How a workflow broke off: in which state, by which error, in whose words."""

    @property
    def state(self) -> str:
        """The state's name."""

    @property
    def error(self) -> str:
        """The error's name."""

    @property
    def cause(self) -> str:
        """What it says."""


class Report(Protocol):
    """What must be known of an execution, whichever workflow it is of."""

    @property
    def workflow(self) -> str:
        """The workflow's name."""

    @property
    def execution(self) -> str:
        """The execution's ARN."""

    @property
    def trigger(self) -> str:
        """What started it: "event", "sweep" or "person"."""

    @property
    def failure(self) -> Broken | None:
        """How it broke off, if it did."""

    @property
    def went_well(self) -> bool:
        """Whether it looked to its end; a change that failed is no matter here."""

    @property
    def goes_on(self) -> bool:
        """Whether this was not all: more is left, or it broke off."""

    @property
    def looked_at_all(self) -> bool:
        """Whether nothing was left out of sight."""
