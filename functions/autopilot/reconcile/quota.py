"""A quota of endpoints: how far it reaches, and what ops should know of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_TELL_AT = 0.8
_NAMED_AT_MOST = 50


@dataclass(frozen=True)
class Limit:
    """How many endpoints there may be; `why_not_read` if that is an assumption."""

    value: int
    why_not_read: str | None = None

    def near(self, count: int) -> bool:
        """Whether so many are so close to it that ops should know.

        The applied quota is never below the default: far from that it needn't be asked for.
        """
        return count >= _TELL_AT * self.value

    def told(self, used: int, wanted: int, undone: Sequence[str]) -> dict[str, Any]:
        """What a finding on the quota bears; `undone`: ids of items that it leaves undone."""
        data: dict[str, Any] = {
            "used": used,
            "wanted": wanted,
            "limit": self.value,
            "limit_read": self.why_not_read is None,
            "why_not_read": self.why_not_read,
        }
        if undone:
            data |= {"left_undone": [*undone[:_NAMED_AT_MOST]], "left_undone_count": len(undone)}
        return data


GATEWAYS_IN_A_REGION = Limit(20)
"""AWS's default of gateway endpoints; adjustable, upwards only (VPC guide, "Amazon VPC quotas")."""
INTERFACES_IN_A_VPC = Limit(50)
"""AWS's default of interface and Gateway Load Balancer endpoints together; adjustable.
Resource and service network endpoints have quotas of their own."""
