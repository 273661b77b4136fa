"""The alarms: each says what is wrong and what to do, and tells ops."""

from __future__ import annotations

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.metrics import Metrics
from infra.workflow import Workflow
from infra.workflows import Workflows

Threshold = cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
Quiet = cloudwatch.TreatMissingData.NOT_BREACHING
LIST = "aws stepfunctions list-executions --state-machine-arn"
START = "aws stepfunctions start-execution --state-machine-arn"
# Percent of the time that a request may wait.
NEARLY = 80
_AGAIN = {
    "withdraw": "The next refused call starts another one.",
    "retire": "Run `make retire` again.",
}


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
    ) -> None:
        super().__init__(scope, id)
        self._action = actions.SnsAction(topic)
        self.all: list[cloudwatch.Alarm] = []
        self._dead_letters(metrics)
        self._intake(metrics)
        self._workflows(metrics)
        self._refusals(metrics)
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
            "A schedule could not start a workflow, or a notification of a connection could not be "
            f"relayed. Read why: aws sqs receive-message --queue-url {other.queue_url} "
            "--message-attribute-names All . Then look by hand: "
            + " and ".join(f"{START} {arn}" for arn in _swept(metrics.workflows)),
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

    def _workflows(self, metrics: Metrics) -> None:
        every = metrics.workflows
        self._workflow(metrics, "", every.network, "network", "ran for two hours")
        self._workflow(
            metrics, "Connections", every.connections, "connections", "ran for two hours"
        )
        self._workflow(metrics, "Hold", every.hold, "hold", "outlived its hold")
        self._workflow(metrics, "Services", every.services, "services", "ran for two hours")
        self._workflow(metrics, "Interfaces", every.interfaces, "interfaces", "ran for two hours")
        self._workflow(metrics, "Withdraw", every.withdraw, "withdraw", "ran for three hours")
        self._workflow(metrics, "Retire", every.retire, "retire", "ran for four hours")

    def _workflow(
        self, metrics: Metrics, prefix: str, workflow: Workflow, name: str, too_long: str
    ) -> None:
        listed = f"{LIST} {workflow.machine.state_machine_arn} --status-filter"
        self._alarm(
            f"{prefix}ExecutionsFailed",
            metrics.executions(workflow, "Failed"),
            1,
            f"An execution of the {name} workflow failed; a notice may say more. List them: "
            f"{listed} FAILED . {_AGAIN.get(name, 'The next sweep tries again.')}",
        )
        self._alarm(
            f"{prefix}ExecutionsTimedOut",
            metrics.executions(workflow, "TimedOut"),
            1,
            f"An execution of the {name} workflow {too_long} and was stopped. List them: "
            f"{listed} TIMED_OUT . See which state it stood in.",
        )
        self._alarm(
            f"{prefix}ExecutionsThrottled",
            metrics.executions(workflow, "Throttled"),
            1,
            f"Step Functions throttled the {name} workflow: the account's executions share one "
            "limit. They are delayed, not lost. If it goes on, ask for more under Service Quotas.",
        )

    def _holds(self, metrics: Metrics, hold_for_seconds: int) -> None:
        hold = metrics.workflows.hold.machine.state_machine_arn
        self._alarm(
            "HoldsWait",
            metrics.own("OldestHoldAge", "Maximum"),
            hold_for_seconds * NEARLY // 100,
            "A connection request has waited for a person for most of the time that it may, and "
            "is rejected at its end. The notice of it has the commands to accept and to reject. "
            f"All that wait: {LIST} {hold} --status-filter RUNNING",
            # Written when somebody looks, not all the time: what it was last is what it is.
            missing=cloudwatch.TreatMissingData.IGNORE,
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


def _swept(workflows: Workflows) -> tuple[str, ...]:
    swept = (
        workflows.network,
        workflows.connections,
        workflows.services,
        workflows.interfaces,
    )
    return tuple(workflow.machine.state_machine_arn for workflow in swept)
