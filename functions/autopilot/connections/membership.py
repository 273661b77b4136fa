"""What the ledger remembers, for a while, of who belongs to the organization."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from autopilot.connections.organization import Member
from autopilot.notify.ledger import Key, Row, Write

ORGANIZATION = "organization"
"""The partition of these rows; the sort key is the account. Body: ids (texts, by blanks), units."""

MEMBER_LASTS = timedelta(hours=1)
# An account that joins should not be kept waiting for long.
STRANGER_LASTS = timedelta(minutes=5)
# The step that answers doesn't ask anew: it takes what the step that planned it learned.
_LATER = timedelta(hours=1)


def known(row: Row, now: datetime, *, later: bool = False) -> Member | None:
    """What a row says, unless it is too old. `later`: read by the step that answers."""
    body: Mapping[str, Any] = row.body
    member = Member(frozenset(str(body["ids"]).split()), bool(body["units"]))
    lasts = MEMBER_LASTS if member.ids else STRANGER_LASTS
    age = now - datetime.fromisoformat(row.claimed_at)
    return member if age < lasts + (_LATER if later else timedelta()) else None


def learned(owner: str, member: Member, before: Row | None, execution: str, now: datetime) -> Write:
    """The write that remembers where `owner` stands."""
    version = before.version if before else 0
    row = Row(
        key=Key(ORGANIZATION, owner),
        version=version + 1,
        told=True,
        claimed_by=execution,
        claimed_at=now.isoformat(),
        body={"ids": " ".join(sorted(member.ids)), "units": member.units},
        expires_at=int((now + MEMBER_LASTS + _LATER).timestamp()),
    )
    return Write(row.key, row, version or None)
