"""The removal of one thing of ours, or of a part of it, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from autopilot.reconcile.outcome import Result, words

RemovalAction = Literal[
    "delete endpoint",
    "leave tables",
    "leave subnets",
    "drop groups",  # somebody else's security groups, from an endpoint of ours
    "delete group",
    "delete service",
    "delete parameter",
]


@dataclass(frozen=True)
class Removal:
    """One removal. `thing` is the id of what it is about, a parameter's name.

    `parts`: the tables, subnets or groups to take from it; `whole`: whether it may go itself once
    none is left. `vpc_id`, `service` (its full name): of an endpoint. `remember`: what the ledger
    must note as withdrawn `until` (ISO) before anything goes. `by`: the ARN of whoever asked for it
    by a call that failed.
    """

    action: RemovalAction
    thing: str
    parts: tuple[str, ...] = ()
    whole: bool = False
    vpc_id: str = ""
    service: str = ""
    reason: str = ""
    by: str = ""
    remember: tuple[str, ...] = ()
    until: str = ""

    @property
    def id(self) -> str:
        """Stable within an execution: "vpce-1/leave tables"."""
        return f"{self.thing}/{self.action}"

    def to_json(self) -> dict[str, Any]:
        """As plain JSON types."""
        return {**asdict(self), "parts": list(self.parts), "remember": list(self.remember)}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Removal:
        """Read what `to_json` wrote; other keys are left aside. Raises KeyError if one lacks."""
        return Removal(
            action=data["action"],
            thing=data["thing"],
            parts=tuple(data["parts"]),
            whole=data["whole"],
            vpc_id=data["vpc_id"],
            service=data["service"],
            reason=data["reason"],
            by=data["by"],
            remember=tuple(data["remember"]),
            until=data["until"],
        )


@dataclass(frozen=True)
class RemovalOutcome:
    """A removal after it was tried; `result`, `error` and `message` as in `Outcome`.

    `deleted`: whether the thing itself went, with its last table or subnet for example.
    """

    removal: Removal
    result: Result
    deleted: bool = False
    error: str | None = None
    message: str | None = None

    @property
    def id(self) -> str:
        """The removal's."""
        return self.removal.id

    def to_json(self) -> dict[str, Any]:
        """As plain JSON types, the removal's keys among them."""
        return {
            **self.removal.to_json(),
            "result": self.result,
            "deleted": self.deleted,
            "error": self.error,
            "message": self.message,
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> RemovalOutcome:
        """Read what `to_json` wrote, or what the workflow made of a removal that failed.

        Raises KeyError if a key lacks.
        """
        return RemovalOutcome(
            removal=Removal.from_json(data),
            result=data["result"],
            deleted=bool(data.get("deleted")),
            error=data["error"],
            message=words(data["message"]),
        )


def last_of(outcomes: Iterable[RemovalOutcome]) -> dict[str, RemovalOutcome]:
    """The last outcome of each removal, by its id."""
    return {outcome.id: outcome for outcome in outcomes}
