"""StackSets, their instances and operations: what the lab keeps of them, and the errors."""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from lab.ec2.errors import AwsError

Act = Literal["CREATE", "UPDATE", "DELETE"]
#: Guards everything here. Held for moments, never while a stack is deployed.
LOCK = threading.RLock()
ENDED = ("SUCCEEDED", "FAILED", "STOPPED")


class StackSetError(AwsError):
    """What CloudFormation answers; the status is botocore's for the code."""

    @property
    def status(self) -> int:
        """The HTTP status that goes with the code."""
        missing = ("StackSetNotFoundException", "OperationNotFoundException")
        if self.code in (*missing, "StackInstanceNotFoundException"):
            return 404
        conflicts = ("NameAlreadyExistsException", "OperationInProgressException")
        others = ("StackSetNotEmptyException", "OperationIdAlreadyExistsException")
        return 409 if self.code in (*conflicts, *others) else 400


def invalid(message: str) -> StackSetError:
    """A request that CloudFormation doesn't take."""
    return StackSetError("ValidationError", message)


@dataclass
class Instance:
    """One stack of a StackSet: in an account and Region, for the unit that was asked for."""

    account: str
    region: str
    unit: str
    stack_name: str
    stack_id: str = ""
    status: str = "OUTDATED"
    detailed: str = "PENDING"
    reason: str = ""
    operation: str = ""
    overrides: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class Preferences:
    """How an operation goes about; raw as in the request, by botocore's names."""

    raw: Mapping[str, Any] = field(default_factory=dict)

    @property
    def parallel(self) -> bool:
        """Whether all Regions are worked on at once."""
        return bool(self.raw.get("RegionConcurrencyType") == "PARALLEL")

    def regions(self, found: Sequence[str]) -> list[str]:
        """The Regions in the order that was asked for, then those that weren't named."""
        named = [each for each in self.raw.get("RegionOrder", ()) if each in found]
        return [*named, *(each for each in found if each not in named)]

    def tolerance(self, accounts: int) -> int:
        """How many accounts may fail in a Region; percentages are rounded down."""
        share = self.raw.get("FailureTolerancePercentage")
        if share is not None:
            return math.floor(accounts * int(share) / 100)
        return int(self.raw.get("FailureToleranceCount", 0))

    def at_once(self, accounts: int, failed: int) -> int:
        """In how many accounts of a Region it is performed at one time, after these failures.

        A percentage is rounded down, to one at least. Strictly, it is at most one more than may
        still fail (API reference, StackSetOperationPreferences).
        """
        share = self.raw.get("MaxConcurrentPercentage")
        most = int(self.raw.get("MaxConcurrentCount", 1))
        if share is not None:
            most = max(1, math.floor(accounts * share / 100))
        if self.raw.get("ConcurrencyMode") == "SOFT_FAILURE_TOLERANCE":
            return most
        return max(1, min(most, self.tolerance(accounts) + 1 - failed))


@dataclass
class Outcome:
    """What an operation did in one account and Region; `retained`: left there, not deleted."""

    instance: Instance
    act: Act
    status: str = "PENDING"
    reason: str = ""
    retained: bool = False


@dataclass
class Operation:
    """One operation on a StackSet; `automatic`: CloudFormation's own, after an account came or
    went."""

    id: str
    action: Act
    preferences: Preferences
    outcomes: list[Outcome]
    targets: Mapping[str, Any] | None = None
    retain: bool | None = None
    automatic: bool = False
    status: str = "QUEUED"
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    ended: datetime | None = None
    done: threading.Event = field(default_factory=threading.Event)

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self.status in ENDED


@dataclass
class StackSet:
    """A service-managed StackSet. It is the management account's, whoever administers it.

    `targets`: the units that it was deployed to, each with its Regions: automatic deployment goes
    by them. `delegated`: who made it, the management account or a delegated administrator.
    """

    name: str
    id: str
    arn: str
    management: str
    region: str
    template: str
    raw: dict[str, Any]
    targets: dict[str, list[str]] = field(default_factory=dict)
    instances: dict[tuple[str, str], Instance] = field(default_factory=dict)
    operations: list[Operation] = field(default_factory=list)
    deleted: bool = False

    @property
    def automatic(self) -> bool:
        """Whether accounts that come are deployed to, and those that go are cleared."""
        return bool(self.raw.get("AutoDeployment", {}).get("Enabled"))

    @property
    def retains(self) -> bool:
        """Whether an account that goes keeps its stacks."""
        return bool(self.raw.get("AutoDeployment", {}).get("RetainStacksOnAccountRemoval"))

    @property
    def managed(self) -> bool:
        """Whether operations are queued instead of refused."""
        return bool(self.raw.get("ManagedExecution", {}).get("Active"))

    @property
    def busy(self) -> bool:
        """Whether an operation runs or waits."""
        return any(not each.is_over for each in self.operations)

    def regions_for(self, units: Sequence[str]) -> dict[str, str]:
        """Where an account under `units` (its root first) is deployed, each with the unit."""
        return {
            region: unit for unit in units if unit in self.targets for region in self.targets[unit]
        }
