"""What one thing took whoever made it: the automation, or a script by hand."""

from __future__ import annotations

from dataclasses import dataclass

from lab.client import Lab


@dataclass(frozen=True)
class Taken:
    """Seconds until it stood as wanted, and the EC2 calls of who made it."""

    seconds: float
    calls: int


def by_roles(lab: Lab, account: str) -> int:
    """The EC2 calls of the account's roles since the calls were cleared."""
    return _calls(lab, account, ":role/")


def by_root(lab: Lab, account: str) -> int:
    """The EC2 calls of a script's since then."""
    return _calls(lab, account, ":root")


def _calls(lab: Lab, account: str, whose: str) -> int:
    return len([c for c in lab.calls(account=account, service="ec2") if whose in c["principal"]])
