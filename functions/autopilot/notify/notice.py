"""What ops are told, before it is put into anybody's format."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Literal, NamedTuple

Severity = Literal["info", "action", "failure"]
URGENCY: tuple[Severity, ...] = ("failure", "action", "info")
"""The most urgent first."""
Change = Literal["opened", "changed", "resolved", "done"]
"""A finding appeared, changed or went; or something was done, once and for all."""


class Place(NamedTuple):
    """Where and when it happened, for the commands in a notice and for its last lines.

    `stack` is the owner of what the automation makes, `execution` the ARN of the execution that
    tells ("" outside of one), `time` the moment in ISO 8601, UTC. `answer_hold` is the name of the
    function that takes a person's answer. `restarts`: whether the execution's workflow may be
    started by hand. `names`: Name tags, by id. `owner_tag`: the key of the tag that says whose a
    thing is, "" for none; `owners`: its values, by id. `deployed_as`: what CloudFormation calls the
    stack, "" where that is `stack`.
    """

    account: str
    region: str
    stack: str
    execution: str
    time: str
    answer_hold: str = ""
    restarts: bool = True
    names: Mapping[str, str] = {}
    owner_tag: str = ""
    owners: Mapping[str, str] = {}
    deployed_as: str = ""

    @property
    def stack_name(self) -> str:
        """What commands have to call the stack."""
        return self.deployed_as or self.stack

    def knowing(self, names: Mapping[str, str], owners: Mapping[str, str]) -> Place:
        """The place with what else is known; of owners nothing, where no tag names any."""
        known = {**owners, **self.owners} if self.owner_tag else {}
        return self._replace(names={**names, **self.names}, owners=known)

    @property
    def workflow(self) -> str:
        """The ARN of the state machine to start again, "" if there is none."""
        head, found, tail = self.execution.partition(":execution:")
        return f"{head}:stateMachine:{tail.split(':')[0]}" if found and self.restarts else ""


class Step(NamedTuple):
    """Something a person can do: a sentence, and where there is one the command to run."""

    text: str
    command: str = ""

    def __str__(self) -> str:
        return f"{self.text}\n{self.command}" if self.command else self.text


class Subject(NamedTuple):
    """One thing that a notice is about: its id, a line for people, its facts for programs."""

    id: str
    line: str
    facts: Mapping[str, Any]


class Words(NamedTuple):
    """How a notice reads; the definition of its kind adds the rest.

    `what`, `why` and `steps` are sentences, a line each in an email. `severity`: where it isn't
    the kind's own. `brief`: the title's gist, where another title stands before it.
    """

    title: str
    what: tuple[str, ...]
    why: tuple[str, ...]
    subjects: tuple[Subject, ...]
    steps: tuple[Step, ...]
    severity: Severity | None = None
    brief: str = ""


class Notice(NamedTuple):
    """One message to ops: what `Words` say, of which kind and how urgent.

    `title` is ASCII of less than 100 characters in one line: it is an email's subject too.
    `thread` brings what is told about one thing together in a chat. `counts`, for programs: how
    many things of each kind, where a notice is about several kinds. `parts`: the notices
    that one of a whole execution is made of, the most urgent first, whose kind it bears; `kinds`:
    theirs. `owners`: whose the things are that it is about, () for nobody's.
    """

    kind: str
    change: Change
    severity: Severity
    title: str
    what: tuple[str, ...]
    why: tuple[str, ...]
    subjects: tuple[Subject, ...]
    steps: tuple[Step, ...]
    thread: str = ""
    counts: Mapping[str, int] = {}
    brief: str = ""
    kinds: tuple[str, ...] = ()
    parts: tuple[Notice, ...] = ()
    owners: tuple[str, ...] = ()


def later(module: str, name: str) -> Callable[[Any, Any], Any]:
    """The function `name` of `module`, which is loaded when it is called first.

    Plans are made far more often than mails are written, and need no sentence.
    """
    return lambda told, place: getattr(import_module(module), name)(told, place)
