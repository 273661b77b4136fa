"""What fleet.yaml says, with the policy of every target merged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from infra.policy.report import Mistake
from infra.policy_file import Configuration


@dataclass(frozen=True)
class Target:
    """One organizational unit: served in `regions` by one StackSet.

    `configuration` is autopilot.yaml with the unit's overlay; `accounts`: with an account's overlay
    on top, for those that have one. An account's may change only what the functions read, since the
    unit's accounts share one template.
    """

    name: str
    unit: str
    regions: tuple[str, ...]
    configuration: Configuration
    accounts: Mapping[str, Configuration] = field(default_factory=dict)


@dataclass(frozen=True)
class Wave:
    """Targets that are deployed together, after the waves before.

    `tolerance`: percent of a target's accounts, for each Region, that may fail before it stops.
    `wait_minutes`: how long its spokes have to speak, with the new release, before the next wave
    begins; 0 to 14.
    """

    targets: tuple[str, ...]
    tolerance: int = 0
    wait_minutes: int = 10


@dataclass(frozen=True)
class Plain:
    """An account that is deployed by hand: the management account, the hub's own outside units."""

    account: str
    regions: tuple[str, ...]
    configuration: Configuration


@dataclass(frozen=True)
class Fleet:
    """The fleet; `account` and `region` are the hub's; minutes without a heartbeat are silence.

    `chat_buttons`: whether the hub makes custom actions for a chat.
    `owners`: who hears of which owner's things only.
    `warnings`: of fleet.yaml and of every merged policy.
    """

    organization: str
    account: str
    region: str
    targets: tuple[Target, ...]
    waves: tuple[Wave, ...]
    plain: tuple[Plain, ...] = ()
    approvers: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    silent_after_minutes: int = 180
    chat_buttons: bool = False
    owners: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    warnings: tuple[Mistake, ...] = ()
