"""Asks AWS with the operator's permissions: side by side, and notes what they don't cover."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from autopilot.aws.errors import AccessDenied, AwsError, action_of, words_of
from autopilot.aws.pages import call

from cli.checkup.model import Shell, Unchecked

Given = TypeVar("Given")
Found = TypeVar("Found")
# IAM's and CloudTrail's rates are small: a few at a time.
_AT_ONCE = 6
# What services say of things that aren't there, in codes that the functions needn't know.
_GONE = re.compile(
    r"NoSuchEntity|NonExistentQueue|QueueDoesNotExist|NotFound|DoesNotExist|does not exist"
    r"|TrailNotFoundException|NoSuchResource"
)
# Where the next page's token stands, and where it is sent.
_TOKENS = {"NextToken": "NextToken", "nextToken": "nextToken", "Marker": "Marker"}


class Gone:
    """Stands for what isn't there."""


GONE = Gone()


def every(service: str, operation: str, listed: str, **request: Any) -> Iterator[Any]:
    """The elements of every page. Raises AwsErrors."""
    more: dict[str, str] = {}
    while True:
        answer = call(service, operation, **request, **more)
        yield from answer.get(listed) or ()
        tokens = [(name, answer[name]) for name in _TOKENS if answer.get(name)]
        if not tokens:
            return
        name, value = tokens[0]
        more = {_TOKENS[name]: value}


@dataclass
class Asking:
    """What is asked, and what wasn't answered."""

    shell: Shell
    unchecked: list[Unchecked] = field(default_factory=list)

    def one(self, what: str, ask: Callable[[], Found]) -> Found | Gone | None:
        """The answer; GONE if AWS says that it isn't there; None if it can't be told.

        What can't be told is noted as `what`.
        """
        try:
            return ask()
        except AwsError as error:
            if not isinstance(error, AccessDenied) and _GONE.search(str(error)):
                return GONE
            self.miss(what, error)
            return None

    def each(
        self, what: str, things: Iterable[Given], ask: Callable[[Given], Found]
    ) -> list[tuple[Given, Found | Gone | None]]:
        """The answers for several things, asked side by side, in their order.

        The first is asked alone: a client that many threads make at once is made many times.
        """

        def asked(thing: Given) -> tuple[Given, Found | Gone | None]:
            return thing, self.one(what, lambda: ask(thing))

        waiting = [*things]
        alone = [asked(thing) for thing in waiting[:1]]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return [*alone, *pool.map(asked, waiting[1:])]

    def miss(self, what: str, error: AwsError) -> None:
        """Note that something couldn't be looked at."""
        denied = isinstance(error, AccessDenied)
        missed = Unchecked(what, words_of(error), action_of(error) if denied else "")
        known = {(each.what, each.needs) for each in self.unchecked}
        if (missed.what, missed.needs) not in known:
            self.unchecked.append(missed)
