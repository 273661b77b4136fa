"""What the tables of functions speak of."""

from __future__ import annotations

from dataclasses import dataclass

from autopilot.policy.model import Policy

from infra.grants import Condition, ours, tagged
from infra.ledger import Ledger
from infra.queues import Queues
from infra.topics import ConnectionTopic, OpsTopic


@dataclass(frozen=True)
class Surroundings:
    """The stack's policy and whatever is there before its functions; `owner`: its name."""

    owner: str
    policy: Policy
    ledger: Ledger
    queues: Queues
    ops: OpsTopic
    heard: ConnectionTopic

    @property
    def tagged(self) -> Condition:
        """What is made gets our owner tag."""
        return tagged(self.owner)

    @property
    def ours(self) -> Condition:
        """It bears our owner tag already."""
        return ours(self.owner)
