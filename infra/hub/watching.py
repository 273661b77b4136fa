"""Who watches the hub: its looks, and alarms for what it couldn't hear, say or look at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from infra.alarms import alarm
from infra.function import Function
from infra.metrics import Metrics
from infra.topics import OpsTopic

LOOK = Duration.minutes(5)
READ = "aws sqs receive-message --message-attribute-names All --queue-url"


class Watching(Construct):
    """The schedule of `hub_look`, and `alarms`."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        metrics: Metrics,
        functions: Mapping[str, Function],
        ops: OpsTopic,
    ) -> None:
        super().__init__(scope, id)
        self._action = actions.SnsAction(ops.topic)
        self.alarms: list[cloudwatch.Alarm] = []
        rule = events.Rule(
            self,
            "Look",
            description="Endpoint Autopilot: the hub looks at its spokes",
            schedule=events.Schedule.rate(LOOK),
        )
        look = functions["hub_look"]
        rule.add_target(
            targets.LambdaFunction(look.function, dead_letter_queue=metrics.queues.dead_letters)
        )
        self._queues(metrics, functions["hub_hear"])
        self._looks(look)

    def _queues(self, metrics: Metrics, hear: Function) -> None:
        queues = metrics.queues
        heard, other = queues.intake_dead_letters, queues.dead_letters
        self._alarm(
            "NotHeard",
            metrics.waiting(heard),
            "What spokes told could not be heard, and ops haven't been told of it. Read one: "
            f"{READ} {heard.queue_url} . Once the cause is gone, send them back: aws sqs "
            f"start-message-move-task --source-arn {heard.queue_arn} "
            f"--destination-arn {queues.intake.queue_arn}",
        )
        self._alarm(
            "Failed",
            metrics.waiting(other),
            "The hub could not look at its spokes, or a function of its failed for good. Read why: "
            f"{READ} {other.queue_url}",
        )
        self._alarm(
            "HeardLate",
            metrics.age(queues.intake),
            "What spokes tell has waited for a quarter of an hour: is the function throttled or "
            f"failing? Look at its log: aws logs tail {hear.log_group_name} --since 1h",
            threshold=900,
        )

    def _looks(self, look: Function) -> None:
        self._alarm(
            "NoLooks",
            look.function.metric_invocations(period=Duration.minutes(15), statistic="Sum"),
            "The hub has not looked at its spokes for a quarter of an hour: nobody would hear of a "
            f"silent one. Look at its log: aws logs tail {look.log_group_name} --since 1h",
            comparison=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            missing=cloudwatch.TreatMissingData.BREACHING,
        )

    def _alarm(
        self, id: str, metric: cloudwatch.IMetric, description: str, **otherwise: Any
    ) -> None:
        """`otherwise`: as `infra.alarms.alarm` takes it."""
        made = alarm(self, id, metric, description, **otherwise)
        made.add_alarm_action(self._action)
        self.alarms.append(made)
