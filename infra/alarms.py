"""The alarms: each says what is wrong and what to do, and tells ops."""

from __future__ import annotations

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.metrics import Metrics

Threshold = cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
Quiet = cloudwatch.TreatMissingData.NOT_BREACHING


class Alarms(Construct):
    """`all`: every alarm, for the dashboard."""

    def __init__(self, scope: Construct, id: str, *, metrics: Metrics, topic: sns.ITopic) -> None:
        super().__init__(scope, id)
        self._action = actions.SnsAction(topic)
        self.all: list[cloudwatch.Alarm] = []
        self._dead_letters(metrics)
        self._intake(metrics)
        self._workflow(metrics)
        self._refusals(metrics)

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
            f"start-message-move-task --source-arn {dead.queue_arn}",
        )
        self._alarm(
            "DeadLetters",
            metrics.waiting(other),
            1,
            "A schedule could not start the workflow, or a function's asynchronous call failed. "
            f"Read why: aws sqs receive-message --queue-url {other.queue_url} "
            "--message-attribute-names All . Then start the workflow by hand: aws stepfunctions "
            f"start-execution --state-machine-arn {metrics.machine_arn}",
        )

    def _intake(self, metrics: Metrics) -> None:
        intake = metrics.queues.intake
        log = f"Look at its log: aws logs tail {metrics.functions.intake.log_group_name} --since 1h"
        self._alarm(
            "IntakeDelay",
            metrics.age(intake),
            900,
            "Events have waited for a quarter of an hour: is the function throttled or failing? "
            f"{log} . Queue: {intake.queue_url}",
        )
        self._alarm(
            "IntakeErrors",
            metrics.errors(metrics.functions.intake),
            1,
            "The intake function fails; its events are retried, then go to the dead-letter queue. "
            f"{log}",
        )

    def _workflow(self, metrics: Metrics) -> None:
        listed = (
            f"aws stepfunctions list-executions --state-machine-arn {metrics.machine_arn} "
            "--status-filter"
        )
        self._alarm(
            "ExecutionsFailed",
            metrics.executions("Failed"),
            1,
            "An execution of the network workflow failed; a notice may say more. List them: "
            f"{listed} FAILED . The next sweep tries again.",
        )
        self._alarm(
            "ExecutionsTimedOut",
            metrics.executions("TimedOut"),
            1,
            "An execution of the network workflow ran for two hours and was stopped. List them: "
            f"{listed} TIMED_OUT . See which state it stood in.",
        )
        self._alarm(
            "ExecutionsThrottled",
            metrics.executions("Throttled"),
            1,
            "Step Functions throttled the network workflow: the account's executions share one "
            "limit. They are delayed, not lost. If it goes on, ask for more under Service Quotas.",
        )

    def _refusals(self, metrics: Metrics) -> None:
        self._alarm(
            "AccessDenied",
            metrics.own("AccessDenied", "Sum"),
            1,
            "AWS denied a call that the automation needs; a notice names the action. The stack's "
            "roles allow it, so look for a service control policy or a permissions boundary.",
        )
        self._alarm(
            "GatewayEndpointQuota",
            metrics.own("GatewayEndpointQuotaUse", "Maximum"),
            80,
            "The Region's gateway endpoints near their quota; beyond it new VPCs get none. Ask for "
            "more: aws service-quotas request-service-quota-increase --service-code vpc "
            "--quota-code L-1B52E74A --desired-value <number>",
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
        alarm = cloudwatch.Alarm(
            self,
            id,
            metric=metric,
            threshold=threshold,
            evaluation_periods=1,
            comparison_operator=Threshold,
            treat_missing_data=missing,
            alarm_description=description,
        )
        alarm.add_alarm_action(self._action)
        self.all.append(alarm)
