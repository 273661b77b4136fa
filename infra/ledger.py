"""The ledger: what ops already know, who was accepted and why, what waits for a person."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from infra.function import Function


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
            # Losing it loses memory, never safety; and AWS keeps a backup of a deleted table that
            # had point-in-time recovery for 35 days.
            removal_policy=RemovalPolicy.DESTROY,
        )

    def let(self, function: Function, *actions: str, among: Sequence[str]) -> None:
        """Let a function do that (PutItem, ...) with the rows of some partitions.

        Writes go out as transactions, which IAM checks item by item. All of these actions name
        their partition, so that the condition never goes without a value.
        """
        function.allow(
            *(f"dynamodb:{action}" for action in actions),
            on=self.table.table_arn,
            when={"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": list(among)}},
        )
