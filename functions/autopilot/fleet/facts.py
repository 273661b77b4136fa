"""What the hub knows of its fleet: who was heard, what StackSets have, where accounts stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from autopilot.fleet.heard import Heard
from autopilot.fleet.roster import Roster
from autopilot.fleet.wire import Spoke

ACTIVE = "ACTIVE"
# What DetailedStatus says of an instance that an operation has left without its stack (API
# reference, StackInstanceComprehensiveStatus). A suspended account's is none of them.
_BROKEN = frozenset({"FAILED", "CANCELLED", "INOPERABLE", "FAILED_IMPORT"})
_BUSY = frozenset({"PENDING", "RUNNING"})


@dataclass(frozen=True)
class Instance:
    """A stack instance: `status` and `detail` are StackSets' words, `reason` theirs too, cut.

    `since`: ISO 8601, when it was first seen as it is.
    """

    account: str
    region: str
    stack_set: str
    status: str
    detail: str
    reason: str = ""
    since: str = ""

    @property
    def spoke(self) -> Spoke:
        """Whose it is."""
        return Spoke(self.account, self.region)

    @property
    def failed(self) -> bool:
        """Whether an operation has left it behind."""
        return self.status == "INOPERABLE" or self.detail in _BROKEN

    @property
    def stands(self) -> bool:
        """Whether its stack is there and as it should be."""
        return self.status == "CURRENT" and self.detail not in _BUSY and not self.failed


@dataclass(frozen=True)
class Member:
    """An account of the organization: in which target's unit it is, "" for none, since when.

    `state`: ACTIVE, SUSPENDED, … as Organizations says. `since`: ISO 8601, when that was first
    seen. `manages`: the organization; no StackSet serves it.
    """

    account: str
    name: str
    state: str
    target: str = ""
    since: str = ""
    manages: bool = False


@dataclass(frozen=True)
class Survey:
    """What AWS said when it was last asked, at `at` (ISO 8601, "" for never).

    `unread`: what it didn't tell, by action, and why.
    """

    at: str = ""
    instances: tuple[Instance, ...] = ()
    members: tuple[Member, ...] = ()
    unread: Mapping[str, str] = field(default_factory=dict)

    @property
    def knows_instances(self) -> bool:
        """Whether the instances are all there are."""
        return bool(self.at) and INSTANCES not in self.unread

    @property
    def knows_members(self) -> bool:
        """Whether the accounts are all there are."""
        return bool(self.at) and MEMBERS not in self.unread


INSTANCES, MEMBERS = "cloudformation:ListStackInstances", "organizations:ListAccounts"


@dataclass(frozen=True)
class Known:
    """All that a look judges by.

    `listens_since`: since when the hub has looked without a gap, and heard anybody; `wanted`: the
    release that spokes should run, `wanted_since`: since when; all ISO 8601. `deaf`: whether ops
    have been told that it hears nobody.
    """

    roster: Roster
    spokes: Mapping[Spoke, Heard]
    survey: Survey
    listens_since: str
    wanted: str = ""
    wanted_since: str = ""
    deaf: bool = False
