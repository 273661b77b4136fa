"""How the reasons read for which a person's answer is not carried out."""

from __future__ import annotations

from autopilot.connections.holds import HoldRow
from autopilot.notify.phrases import moment

TOO_LATE = "the request is answered or gone"
REPLACED = "another hold took its place"
DENIED = "deny names"
NOT_PERMITTED = "the service's permission list doesn't admit"
_ENDED = {
    "accept": "it was accepted",
    "reject": "it was rejected",
    "expired": "its time was over, and it was rejected",
    "gone": "the request is gone",
    "policy": "the policy decides it now",
}


def why_not(row: HoldRow) -> str:
    """Why a hold that isn't open takes no answer: who was faster, when, and what became of it."""
    if row.state == "opening":
        return f"{row.endpoint_id}: its hold is only being opened; try again in a few seconds"
    how = _ENDED.get(row.answer, "it was settled")
    by = f" by {row.by}" if row.by else ""
    at = f", {moment(row.at)}" if row.at else ""
    reason = f" ({row.reason})" if row.reason else ""
    under_way = "; that is being carried out" if row.state == "answered" else ""
    return f"too late: {row.endpoint_id} doesn't wait any more: {how}{by}{at}{reason}{under_way}"
