"""What ops are told, before it is put into anybody's format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from autopilot.notify.completed import DeedKind
from autopilot.notify.finding import Kind, Severity

NoticeKind = Kind | DeedKind | Literal["Welcome"]
Change = Literal["opened", "changed", "resolved", "done"]
"""A finding appeared, changed or went; or something was done, once and for all."""


@dataclass(frozen=True)
class Place:
    """Where and when it happened, for the commands in a notice and for its last lines.

    `stack` is the owner of what the automation makes, `execution` the ARN of the execution that
    tells ("" outside of one), `time` the moment in ISO 8601, UTC. `answer_hold` is the name of the
    function that takes a person's answer. `restarts`: whether the execution's workflow may be
    started by hand.
    """

    account: str
    region: str
    stack: str
    execution: str
    time: str
    answer_hold: str = ""
    restarts: bool = True

    @property
    def workflow(self) -> str:
        """The ARN of the state machine to start again, "" if there is none."""
        head, found, tail = self.execution.partition(":execution:")
        return f"{head}:stateMachine:{tail.split(':')[0]}" if found and self.restarts else ""


@dataclass(frozen=True)
class Step:
    """Something a person can do: a sentence, and where there is one the command to run."""

    text: str
    command: str = ""

    def __str__(self) -> str:
        return f"{self.text}\n{self.command}" if self.command else self.text


@dataclass(frozen=True)
class Subject:
    """One thing that a notice is about: its id, a line for people, its facts for programs."""

    id: str
    line: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Notice:
    """One message to ops. `what`, `why` and `steps` are sentences, a line each in an email.

    `title` is ASCII of less than 100 characters in one line: it is an email's subject too.
    `thread` brings what is told about one thing together in a chat. `counts`, for programs: how
    many things of each kind, where a notice is about several kinds.
    """

    kind: NoticeKind
    change: Change
    severity: Severity
    title: str
    what: tuple[str, ...]
    why: tuple[str, ...]
    subjects: tuple[Subject, ...]
    steps: tuple[Step, ...]
    thread: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
