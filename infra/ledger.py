"""The ledger: what ops already know, who was accepted and why, what waits for a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from aws_cdk import Aws, RemovalPolicy, Stack
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from infra.grants import Grant, may
from infra.policy.where import STACK

# Its partitions. A test holds them against the code that writes them.
CONNECTIONS, HOLDS, ORGANIZATION = "connection", "hold", "organization"
WITHDRAWN, FIRST_SEEN, RESTORED = "withdrawn", "first-seen", "restored"
FINDINGS, ZONES, RETIRED = "finding", "zones", "retired"
LETTERS = "letter"
# Sweeps, and what a heartbeat counts once a day.
STATE = "state"
# That a later stack of the account goes on; only in fleets.
SUCCESSION = "succession"
# History: one for each day, one for each thing that it is about.
DAYS, ABOUT = "day/*", "about/*"
READ, WRITE, DELETE = "Query", "PutItem", "DeleteItem"
# Many partitions at once (Service Authorization Reference; it names them as Query does).
SELECT = "PartiQLSelect"


class Ledger(Construct):
    """One table, keys `pk` and `sk`; entries go at `expires_at` (Unix seconds)."""

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        self.table = dynamodb.Table(
            self,
            "Table",
            partition_key=dynamodb.Attribute(name="pk", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="sk", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            time_to_live_attribute="expires_at",
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            # It outlives the stack: who was let in by a rule must not be forgotten, or nobody would
            # cut them when the rule goes. The next deployment takes it over (decision 0009).
            removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        )

    def prefixes(self, *, of_fleet: bool) -> tuple[str, ...]:
        """How CloudFormation begins the names of this table and of its predecessors, as patterns.

        StackSets give each instance's stack another name; an account that joins a fleet may have
        had a stack of its own.
        """
        stack = Stack.of(self)
        table = stack.get_logical_id(cast(dynamodb.CfnTable, self.table.node.default_child))
        if of_fleet:
            return (f"{STACK}-{table}-", f"StackSet-{STACK}-*-{table}-")
        return (f"{stack.stack_name}-{table}-",)

    @staticmethod
    def called(prefix: str) -> str:
        """The ARN of all tables named so."""
        return f"arn:{Aws.PARTITION}:dynamodb:{Aws.REGION}:{Aws.ACCOUNT_ID}:table/{prefix}*"

    @property
    def known(self) -> Mapping[str, str]:
        """What a function is told of it."""
        return {"LEDGER_TABLE": self.table.table_name}

    def history(self, action: str = READ, among: Sequence[str] = (DAYS,)) -> Grant:
        """Read what was done, day by day, or of one thing."""
        return may(
            f"dynamodb:{action}",
            on=self.table.table_arn,
            when={"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [*among]}},
        )

    def rows(self, *actions: str, among: Sequence[str], on: str = "", because: str = "") -> Grant:
        """Do that (PutItem, ...) with the rows of some partitions.

        `on`: other tables than this, by a pattern, `because` of something.

        Writes go out as transactions, which IAM checks item by item. All of these actions name
        their partition, so that the condition never goes without a value.
        """
        return may(
            *(f"dynamodb:{action}" for action in actions),
            on=on or self.table.table_arn,
            because=because,
            when={"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": list(among)}},
        )
