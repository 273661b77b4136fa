"""How far an idle endpoint's retirement is: rows of the ledger.

announced: ops hear that it is idle. leaving: its private DNS goes off, and it waits. gone: it was
deleted, and isn't made again. back: traffic, a tag, the policy or a person ended that; its time
runs anew from then.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, cast

from autopilot.notify.ledger import Row

RETIRED = "retired"
"""The partition. A row's `sk` is "vpc-1/logs"."""

Stage = Literal["announced", "leaving", "gone", "back"]


@dataclass(frozen=True)
class Retirement:
    """One row; `at`: since when it stands so, `due`: from when it may be deleted ("" until private
    DNS is off), ISO instants. `by`: who ended it. `memory`: how the endpoint was, as JSON.
    """

    subject: str
    stage: Stage
    endpoint_id: str
    service_name: str
    at: str
    reason: str
    due: str = ""
    by: str = ""
    memory: str = ""
    execution: str = field(default="", compare=False)
    version: int = field(default=0, compare=False)

    @property
    def vpc_id(self) -> str:
        """The VPC that it is about."""
        return self.subject.partition("/")[0]

    @property
    def remembered(self) -> Mapping[str, Any]:
        """How the endpoint was: the fields of `Endpoint`, as `encode` writes them."""
        found: Mapping[str, Any] = json.loads(self.memory or "{}")
        return found

    @property
    def ended(self) -> str:
        """Who ended it and why, as a reason."""
        said = f" ({self.reason})" if self.reason else ""
        return f"its retirement was ended by {self.by}{said}"

    def is_due(self, at: datetime) -> bool:
        """Whether it has waited long enough without private DNS."""
        return self.stage == "leaving" and bool(self.due) and datetime.fromisoformat(self.due) <= at

    def answers_to(self, id_: str) -> bool:
        """Whether a person may mean it by that."""
        return self.stage != "back" and id_ in (self.subject, self.endpoint_id)


def retirement(row: Row) -> Retirement:
    """What a row says."""
    body = {name: str(value) for name, value in row.body.items()}
    return Retirement(
        subject=row.key.sk,
        stage=cast(Stage, body["stage"]),
        endpoint_id=body["endpoint_id"],
        service_name=body["service_name"],
        at=body["at"],
        reason=body.get("reason", ""),
        due=body.get("due", ""),
        by=body.get("by", ""),
        memory=body.get("memory", ""),
        execution=row.claimed_by,
        version=row.version,
    )


def anew(retirements: Mapping[str, Retirement]) -> Mapping[str, datetime]:
    """By endpoint since when its time runs anew."""
    found = (each for each in retirements.values() if each.stage == "back")
    return {each.endpoint_id: datetime.fromisoformat(each.at) for each in found}
