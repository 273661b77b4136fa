"""Something that ops should know and that lasts until it is put right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from autopilot.core.outcome import Outcome

Kind = Literal[
    "RouteTableBusy",
    "QuotaNear",
    "QuotaReached",
    "PlannedChange",
    "EndpointFailed",
    "ChangeFailed",
    "WorkflowFailed",
    "EventsNotArriving",
]
Severity = Literal["info", "action", "failure"]


@dataclass(frozen=True)
class Finding:
    """One finding; `data` is small and holds ids and numbers, plain JSON types only.

    `subject` is what it is about: "vpc-1/s3", a Region, a state of the workflow.

    | kind | subject | data |
    |---|---|---|
    | RouteTableBusy | vpc/service | endpoint_id: ours, or null; route_table_ids; until: ISO |
    | | | start of the next window, or null |
    | QuotaNear | Region | used, wanted, limit, limit_read, why_not_read |
    | QuotaReached | Region | the same, left_undone: item ids (50 at most), left_undone_count |
    | PlannedChange | vpc/service | action, endpoint_id, route_table_ids, set_policy, reason |
    | EndpointFailed | vpc/service | endpoint_id, state |
    | ChangeFailed | vpc/service | what `change_failed` puts there |
    """

    kind: Kind
    subject: str
    severity: Severity
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Stable as long as it is the same finding: kind and subject."""
        return f"{self.kind}/{self.subject}"

    @property
    def vpc_id(self) -> str | None:
        """The VPC that it is about, None if it is about no single one."""
        return self.subject.split("/")[0] if self.subject.startswith("vpc-") else None

    def to_json(self) -> dict[str, Any]:
        """As plain JSON types."""
        return {
            "id": self.id,
            "kind": self.kind,
            "subject": self.subject,
            "severity": self.severity,
            "data": dict(self.data),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Finding:
        """Read what `to_json` wrote. Raises KeyError if a key lacks."""
        return Finding(data["kind"], data["subject"], data["severity"], dict(data["data"]))


def change_failed(outcome: Outcome) -> Finding:
    """The finding that a change failed, or stayed stale until the workflow gave it up."""
    return Finding(
        "ChangeFailed",
        outcome.id,
        "failure",
        {
            "error": outcome.error,
            "message": outcome.message,
            "action": outcome.action,
            "endpoint_id": outcome.endpoint_id,
            "route_table_ids": list(outcome.route_table_ids),
            "reason": outcome.reason,
        },
    )
