"""The alarms: each says what is wrong and what to do, and tells ops.

Each costs 0.10 USD a month, so there is one only for what nothing else would tell: what the
automation could not even begin, or could not say. Executions that end badly come as events
(`infra.telling`), denied calls and full quotas as findings (decision 0008 says who tells what).
"""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.metrics import Metrics
from infra.triggers import SWEPT
from infra.workflow import Workflow

Threshold = cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
Quiet = cloudwatch.TreatMissingData.NOT_BREACHING
_NEWS_REFUSED = ", or AWS refuses for good what the hub was to be told"
LIST = "aws stepfunctions list-executions --state-machine-arn"
START = "aws stepfunctions start-execution --state-machine-arn"
# Percent of the time that a request may wait.
NEARLY = 80


class Alarms(Construct):
    """`all`: every alarm, for the dashboard."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        metrics: Metrics,
        topic: sns.ITopic,
        hold_for_seconds: int,
        of_fleet: bool = False,
    ) -> None:
        """`of_fleet`: the stack tells a hub."""
        super().__init__(scope, id)
        self._of_fleet = of_fleet
        self._action = actions.SnsAction(topic)
        self.all: list[cloudwatch.Alarm] = []
        self._dead_letters(metrics)
        self._intake(metrics)
        self._holds(metrics, hold_for_seconds)

    def _dead_letters(self, metrics: Metrics) -> None:
        queues = metrics.queues
        dead, other = queues.intake_dead_letters, queues.dead_letters
        self._alarm(
            "IntakeDeadLetters",
            metrics.waiting(dead),
            1,
            "Events could not be handled; nothing is lost, the sweep finds what they meant. Read "
            f"one: aws sqs receive-message --queue-url {dead.queue_url} "
            "--message-attribute-names All . Once the cause is gone, send them back: aws sqs "
            # Intake itself puts some there, and SQS doesn't know where those are to go.
            f"start-message-move-task --source-arn {dead.queue_arn} "
            f"--destination-arn {queues.intake.queue_arn}",
        )
        self._alarm(
            "DeadLetters",
            metrics.waiting(other),
            1,
            "A schedule could not start a workflow, a notification of a connection could not be "
            "relayed, or ops could not be told that an execution had failed"
            f"{_NEWS_REFUSED if self._of_fleet else ''}. Read why: "
            f"aws sqs receive-message --queue-url {other.queue_url} "
            "--message-attribute-names All . Then look by hand: "
            + " and ".join(f"{START} {arn}" for arn in _swept(metrics.workflows)),
        )

    def _intake(self, metrics: Metrics) -> None:
        intake = metrics.queues.intake
        group = metrics.functions["intake"].log_group_name
        log = f"Look at its log: aws logs tail {group} --since 1h"
        self._alarm(
            "IntakeDelay",
            metrics.age(intake),
            900,
            "Events have waited for a quarter of an hour: is the function throttled or failing? "
            f"{log} . Queue: {intake.queue_url}",
        )

    def _holds(self, metrics: Metrics, hold_for_seconds: int) -> None:
        hold = metrics.workflows["hold"].machine.state_machine_arn
        self._alarm(
            "HoldsWait",
            metrics.own("OldestHoldAge"),
            hold_for_seconds * NEARLY // 100,
            "A connection request has waited for a person for most of the time that it may, and "
            "is rejected at its end. The notice of it has the commands to accept and to reject. "
            f"All that wait: {LIST} {hold} --status-filter RUNNING",
            # Written when somebody looks, not all the time: what it was last is what it is.
            missing=cloudwatch.TreatMissingData.IGNORE,
        )

    def _alarm(
        self,
        id: str,
        metric: cloudwatch.IMetric,
        threshold: int,
        description: str,
        missing: cloudwatch.TreatMissingData = Quiet,
    ) -> None:
        made = alarm(self, id, metric, description, threshold=threshold, missing=missing)
        made.add_alarm_action(self._action)
        self.all.append(made)


def alarm(
    scope: Construct,
    id: str,
    metric: cloudwatch.IMetric,
    description: str,
    *,
    threshold: int = 1,
    comparison: cloudwatch.ComparisonOperator = Threshold,
    missing: cloudwatch.TreatMissingData = Quiet,
) -> cloudwatch.Alarm:
    """An alarm that goes off at the first period, where nothing measured is nothing wrong."""
    return cloudwatch.Alarm(
        scope,
        id,
        metric=metric,
        threshold=threshold,
        evaluation_periods=1,
        comparison_operator=comparison,
        treat_missing_data=missing,
        alarm_description=description,
    )


def _swept(workflows: Mapping[str, Workflow]) -> tuple[str, ...]:
    return tuple(workflows[name].machine.state_machine_arn for name in SWEPT)
