"""That a person wants back what was retired."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Restore:
    """What is wanted back: an endpoint's old id, or "vpc-1/logs"; who says so, and why."""

    id: str
    by: str
    reason: str = ""
