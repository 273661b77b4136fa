"""What became of one planned change of a service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from autopilot.gateway.outcome import Result, words
from autopilot.notify.finding import Finding
from autopilot.services.plan import ServiceItem


@dataclass(frozen=True)
class ServiceOutcome:
    """One change after it was tried; `item` with the service's id and name where they are known.

    `result`, `error` and `message` as those of `autopilot.gateway.outcome.Outcome`. `refused`: the
    principals that AWS didn't take; the item then holds those that it took.
    """

    item: ServiceItem
    result: Result
    error: str | None = None
    message: str | None = None
    refused: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The item's id."""
        return self.item.id

    def to_json(self) -> dict[str, Any]:
        """As plain JSON types: the item's keys and its own beside them."""
        return {
            **self.item.to_json(),
            "result": self.result,
            "error": self.error,
            "message": self.message,
            "refused": list(self.refused),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> ServiceOutcome:
        """Read what `to_json` wrote, or what the workflow made of an item that failed.

        There `refused` lacks, and `message` may be a Lambda's whole error document. Raises KeyError
        if another key lacks.
        """
        return ServiceOutcome(
            item=ServiceItem.from_json(data),
            result=data["result"],
            error=data["error"],
            message=words(data["message"]),
            refused=tuple(data.get("refused", ())),
        )


def published(item: ServiceItem, service_id: str, service_name: str) -> ServiceOutcome:
    """The outcome of a service that was made."""
    return ServiceOutcome(replace(item, service_id=service_id, service_name=service_name), "done")


def allowed(item: ServiceItem, refused: Mapping[str, str], error: str) -> ServiceOutcome:
    """The outcome of principals put on the list, but for those `refused`, by AWS's words."""
    taken = tuple(each for each in item.principals if each not in refused)
    if not refused:
        return ServiceOutcome(item, "done")
    return ServiceOutcome(
        replace(item, principals=taken),
        "done" if taken else "failed",
        error,
        next(iter(refused.values())),
        tuple(sorted(refused)),
    )


def change_failed(outcome: ServiceOutcome) -> Finding:
    """The finding that a change, or a part of it, failed or stayed stale until it was given up."""
    data = {**outcome.to_json(), "principals": list(outcome.item.principals[:20])}
    kept = {name: value for name, value in data.items() if value and name not in ("id", "result")}
    return Finding("ServiceChangeFailed", outcome.id, "failure", kept)
