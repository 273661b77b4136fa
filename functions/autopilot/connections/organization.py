"""Who belongs to which organization and unit, as far as it is known, and remembered for a while."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from autopilot.notify.ledger import Key, Row, Write, noted


@dataclass(frozen=True)
class Member:
    """Where an account stands: ids of its organization, root and units; none: in none that we know.

    `units` says whether root and units were asked for; without them they count as unknown.
    """

    ids: frozenset[str] = frozenset()
    units: bool = True


@dataclass(frozen=True)
class Organization:
    """Accounts that were looked up; `why` is a sentence on why others were not, or could not be."""

    members: Mapping[str, Member] = field(default_factory=dict)
    why: str = "the organization wasn't asked"

    def holds(self, owner: str, id: str) -> bool | None:
        """Whether the account `owner` is in the organization or unit `id`; None: not knowable."""
        member = self.members.get(owner)
        if member is None:
            return None
        if id in member.ids:
            return True
        asked = member.units or not member.ids or id.startswith("o-")
        return False if asked else None


ORGANIZATION = "organization"
"""The partition of these rows; the sort key is the account. Body: ids (a text), units."""

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
    body: dict[str, str | bool] = {"ids": " ".join(sorted(member.ids)), "units": member.units}
    return noted(
        Key(ORGANIZATION, owner),
        body,
        before,
        execution=execution,
        now=now,
        expires=now + MEMBER_LASTS + _LATER,
    )
