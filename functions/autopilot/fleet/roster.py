"""What the hub is told of its fleet at synth, compiled from fleet.yaml into its bundle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

CHAT = "chat"
"""As whom a chat's button answers: nobody is told who pressed it."""


@dataclass(frozen=True)
class RosterTarget:
    """One organizational unit: `stack_set` deploys to its accounts in these Regions, in `wave`."""

    unit: str
    stack_set: str
    regions: tuple[str, ...]
    wave: int = 0


@dataclass(frozen=True)
class Roster:
    """Who belongs to the fleet and who may answer.

    `targets` by name. `plain`: accounts deployed by hand, with their Regions: StackSets leave out
    the management account. `approvers`: who may be named as the person who answers; () for whoever
    IAM lets ask. `silent_after_seconds`: without a heartbeat. `release`: what spokes should run.
    `partly`: addresses that hear of some owners' things only, and are no listeners.
    """

    organization: str
    account: str
    region: str
    release: str = ""
    targets: Mapping[str, RosterTarget] = field(default_factory=dict)
    plain: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    approvers: tuple[str, ...] = ()
    silent_after_seconds: int = 3 * 3600
    partly: tuple[str, ...] = ()
