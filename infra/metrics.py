"""The metrics that alarms and dashboard look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sqs as sqs

from infra.function import METRICS_NAMESPACE, Function
from infra.queues import Queues
from infra.workflow import Workflow

FIVE_MINUTES = Duration.minutes(5)
OWN = {
    "ActionsTaken": "Sum",
    "ChangesFailed": "Sum",
    "FoundBySweep": "Sum",
    "OpenFindings": "Maximum",
    "GatewayEndpointQuotaUse": "Maximum",
    "HoldsOpen": "Maximum",
    "OldestHoldAge": "Maximum",
    "AnswerTime": "p90",
}
"""What the functions write, and how to read it. Each costs 0.30 USD a month if it is written in
every hour: a new one is to be worth that."""


@dataclass(frozen=True)
class Metrics:
    """AWS's metrics of the stack's parts, and the functions' own, which bear the stack's name."""

    owner: str
    queues: Queues
    functions: Mapping[str, Function]
    workflows: Mapping[str, Workflow]

    def waiting(self, queue: sqs.IQueue) -> cloudwatch.Metric:
        """How many messages lie in a queue."""
        return queue.metric_approximate_number_of_messages_visible(
            period=FIVE_MINUTES, statistic="Maximum"
        )

    def age(self, queue: sqs.IQueue) -> cloudwatch.Metric:
        """For how many seconds the oldest message has waited."""
        return queue.metric_approximate_age_of_oldest_message(
            period=FIVE_MINUTES, statistic="Maximum"
        )

    @staticmethod
    def executions(workflow: Workflow, fate: str) -> cloudwatch.Metric:
        """How many executions had that fate: Started, Succeeded, Failed, TimedOut."""
        return workflow.machine.metric(f"Executions{fate}", period=FIVE_MINUTES, statistic="Sum")

    def own(self, name: str) -> cloudwatch.Metric:
        """A metric of OWN. Raises KeyError if it is none."""
        return cloudwatch.Metric(
            namespace=METRICS_NAMESPACE,
            metric_name=name,
            dimensions_map={"service": self.owner},
            period=FIVE_MINUTES,
            statistic=OWN[name],
        )
