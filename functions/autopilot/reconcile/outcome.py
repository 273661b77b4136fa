"""What became of one planned change.

In JSON the item's keys stand beside `result`, `error` and `message`: the workflow itself merges
those three into an item that failed, and `message` is then a Lambda's whole error document.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, Protocol, TypeVar

from autopilot.reconcile.codec import FLAT, encode, prepared

Result = Literal["done", "stale", "failed"]
"""`stale`: the plan no longer fitted how things stood; another look tells what does."""


class Identified(Protocol):
    """A change that a plan holds."""

    @property
    def id(self) -> str:
        """The same in each round of an execution that wants the same."""


ItemT = TypeVar("ItemT", bound=Identified, covariant=True)


def words(message: str | None) -> str | None:
    """The errorMessage of a Lambda's error document; any other text as it is."""
    try:
        said = json.loads(message or "")["errorMessage"]
    except (ValueError, KeyError, TypeError):
        return message
    return said if isinstance(said, str) else message


@dataclass(frozen=True)
class Outcome(Generic[ItemT]):
    """One change after it was tried, with the ids that it brought.

    `error` is a name from `autopilot.aws.errors`; `message` says in AWS's words what went wrong and
    names the action ("ec2:CreateVpcEndpoint"); None when done.
    """

    item: ItemT = field(metadata=FLAT)
    result: Result
    error: str | None = None
    message: str | None = field(default=None, metadata=prepared(words))

    @property
    def id(self) -> str:
        """The item's."""
        return self.item.id


OutcomeT = TypeVar("OutcomeT", bound=Outcome[Identified], covariant=True)


def told_of(outcome: Outcome[Identified], *without: str) -> dict[str, Any]:
    """What a notice shows of it: its keys in JSON but for how it went, and but for `without`."""
    left_out = {"id", "result", "error", "message", *without}
    return {name: value for name, value in encode(outcome).items() if name not in left_out}


def tries(outcomes: Iterable[OutcomeT], id_: str) -> tuple[OutcomeT, ...]:
    """The outcomes of one item, in order."""
    return tuple(outcome for outcome in outcomes if outcome.id == id_)


def last(outcomes: Iterable[OutcomeT]) -> dict[str, OutcomeT]:
    """The last outcome of each item, by its id."""
    return {outcome.id: outcome for outcome in outcomes}
