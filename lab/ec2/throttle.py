"""AWS's throttling: a token bucket for each account, Region and action."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import AwsError
from .models import is_mutating


@dataclass(frozen=True)
class Rate:
    """How many calls a bucket holds, and how many it gains a second."""

    size: float
    refill: float

    def least(self, calls: int) -> float:
        """The seconds that so many calls take at least, from a full bucket on."""
        return (calls - self.size) / self.refill


#: EC2 developer guide, request throttling (a third party's copy of its table).
DESCRIBE = Rate(100, 20)
UNFILTERED = Rate(50, 10)
MUTATE = Rate(50, 5)
SPECIAL = {"CreateVpcEndpoint": Rate(4, 0.3)}


@dataclass
class Bucket:
    """A bucket; `at` is when it held `tokens` (seconds since the epoch)."""

    rate: Rate
    tokens: float
    at: float

    def take(self, now: float, speed: float) -> bool:
        """Takes a token if there is one."""
        gained = (now - self.at) * self.rate.refill * speed
        self.tokens, self.at = min(self.rate.size, self.tokens + gained), now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


def bucket_of(operation: str, parameters: Mapping[str, Any]) -> tuple[str, Rate]:
    """The name of a call's bucket, and its rate.

    A describe that names neither ids nor filters, nor pages, has a smaller bucket.
    """
    if is_mutating(operation):
        return operation, SPECIAL.get(operation, MUTATE)
    narrowed = any(value for name, value in parameters.items() if name != "DryRun")
    return (operation, DESCRIBE) if narrowed else (f"{operation} (all)", UNFILTERED)


def exceeded() -> AwsError:
    """The answer to a call for which there was no token."""
    return AwsError("RequestLimitExceeded", "Request limit exceeded.")
