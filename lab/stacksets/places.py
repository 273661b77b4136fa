"""Whether a stack can be where it shall be: Regions that an account hasn't enabled."""

from __future__ import annotations

from lab.stacksets.deploying import FailedError
from lab.stacksets.model import Instance

#: Accounts' Regions that are not enabled, as `/_lab/organization` says.
DISABLED: set[tuple[str, str]] = set()


def check(instance: Instance) -> None:
    """Raise FailedError if the account hasn't enabled the Region (wording believed)."""
    if (instance.account, instance.region) in DISABLED:
        raise FailedError(
            f"Account {instance.account} is not signed up for region {instance.region}: "
            "the Region is disabled in the account."
        )
