"""A policy that wants one endpoint more in each VPC of the organization: AWS's two throttles.

One Region; the others have buckets of their own. CreateVpcEndpoint's bucket of each account is the
lab's (lab/ec2/throttle.py). PrivateLink is throttled per organization, too (its guide, "AWS
PrivateLink quotas", "Request throttling"); how much it takes AWS doesn't say: that is assumed.
Seconds are steps, chance is seeded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from bench.fleet import ACCOUNTS, VPCS
from lab.ec2.throttle import SPECIAL, Bucket, Rate

OF_ACCOUNT = SPECIAL["CreateVpcEndpoint"]
# Seconds that the workflow waits after a refusal, and by how much at random; a sweep later at most.
_WAITS = (15, 30)
_HOURS = 12 * 3600


@dataclass(frozen=True)
class Took:
    """Seconds until the last endpoint; calls a second at the most; calls that were refused."""

    seconds: int
    peak: int
    refused: int

    @property
    def share(self) -> float:
        """Refused calls for each endpoint."""
        return self.refused / (ACCOUNTS * VPCS)


@dataclass
class _Account:
    begins: int
    bucket: Bucket = field(default_factory=lambda: Bucket(OF_ACCOUNT, OF_ACCOUNT.size, 0))
    left: int = VPCS


def least() -> float:
    """The seconds that one account takes by itself."""
    return OF_ACCOUNT.least(VPCS)


def beginnings(spread: int, waves: Sequence[float] = (1.0,), between: int = 0) -> list[int]:
    """When each account's look begins: evenly at random within `spread` seconds of its wave's.

    `waves`: their shares of the accounts; `between`: seconds from one to the next.
    """
    chance, found = Random(14), list[int]()
    for number, share in enumerate(waves):
        many = round(share * ACCOUNTS)
        found += [number * between + chance.randint(0, spread) for _ in range(many)]
    return found


def filled(begins: Sequence[int], organization: Rate) -> Took:
    """Everybody creates as fast as its own bucket allows; whom the organization's refuses waits."""
    chance, shared = Random(41), Bucket(organization, organization.size, 0)
    waiting = [_Account(each) for each in begins]
    peak = refused = now = 0
    while waiting and now < _HOURS:
        chance.shuffle(waiting)
        calls = 0
        for account in waiting:
            made, denied = _second(account, shared, now)
            calls += made + denied
            refused += denied
            if denied:
                account.begins = now + chance.randint(*_WAITS)
        peak = max(peak, calls)
        waiting = [each for each in waiting if each.left]
        now += 1
    return Took(now, peak, refused)


def _second(account: _Account, shared: Bucket, now: int) -> tuple[int, int]:
    """An account's calls of one second: made, and refused, which ends it."""
    made = 0
    while now >= account.begins and account.left and account.bucket.take(now, 1):
        if not shared.take(now, 1):
            return made, 1
        account.left -= 1
        made += 1
    return made, 0
