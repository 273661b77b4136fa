"""Whether a stack can be where it shall be."""

from __future__ import annotations

from lab import regions
from lab.stacksets.deploying import FailedError
from lab.stacksets.model import Instance


def check(instance: Instance) -> None:
    """Raise FailedError if the account hasn't enabled the Region (the wording is believed)."""
    if not regions.enabled(instance.account, instance.region):
        raise FailedError(
            f"Account {instance.account} is not signed up for region {instance.region}: "
            "the Region is disabled in the account."
        )
