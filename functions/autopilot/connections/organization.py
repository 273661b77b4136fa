"""Who belongs to which organization and unit, as far as that could be learned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


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
