"""What an execution reports, whichever workflow it is of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from autopilot.notify.bus import BusEvent, CompletedChange
from autopilot.notify.finding import Finding, FindingDefinition
from autopilot.notify.ledger import Row, Write
from autopilot.notify.names import Names, Owners

Counts = Mapping[str, int | tuple[int, ...]]


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


class Noted(NamedTuple):
    """What a workflow remembers of its own: rows of a partition, and the writes given these."""

    partition: str
    writes: Callable[[Sequence[Row], datetime], Sequence[Write]]


class View(NamedTuple):
    """What a report says.

    `findings`: all that is wrong as far as it can tell; `judges`: the kinds whose end it can see.
    `changes`: what was done; `others`: events besides those of the changes. `healed`: the places
    of what it did that an event should have asked for, `unannounced`: the finding for when sweeps
    go on healing. `counted`: its own metrics. `silently`: ids of findings whose end a change tells.
    `noted`: its own memory. `names`, `owners`: Name tags and owners, by the ids of what all that is
    about.
    """

    findings: tuple[Finding, ...] = ()
    judges: tuple[FindingDefinition, ...] = ()
    changes: tuple[CompletedChange, ...] = ()
    others: tuple[BusEvent, ...] = ()
    healed: tuple[str, ...] = ()
    unannounced: FindingDefinition | None = None
    counted: Counts = {}  # noqa: RUF012 - nobody changes it
    silently: frozenset[str] = frozenset()
    noted: Noted | None = None
    names: Names = {}  # noqa: RUF012 - nobody changes it
    owners: Owners = {}  # noqa: RUF012 - nobody changes it
