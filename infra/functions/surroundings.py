"""What the tables of functions speak of."""

from __future__ import annotations

from dataclasses import dataclass

from autopilot.policy.model import Policy
from aws_cdk import aws_sqs as sqs

from infra.grants import Condition, ours, tagged
from infra.ledger import Ledger
from infra.queues import Queues
from infra.spoke import SpokeOf
from infra.topics import ConnectionTopic, OpsTopic


@dataclass(frozen=True)
class Surroundings:
    """The stack's policy and whatever is there before its functions; `owner`: its name.

    Of a spoke: `called`, what CloudFormation calls it, the queues of what the hub didn't get and of
    wishes for a heartbeat, and which code it runs.
    """

    owner: str
    policy: Policy
    ledger: Ledger
    queues: Queues
    ops: OpsTopic
    heard: ConnectionTopic
    called: str = ""
    spoke: SpokeOf | None = None
    undelivered: sqs.IQueue | None = None
    version: str = ""
    wanted: sqs.IQueue | None = None

    @property
    def tagged(self) -> Condition:
        """What is made gets our owner tag."""
        return tagged(self.owner)

    @property
    def ours(self) -> Condition:
        """It bears our owner tag already."""
        return ours(self.owner)
