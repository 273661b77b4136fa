"""The way up of a spoke: its own bus → the hub's bus, and how the hub knows that it is alive.

What the hub's bus doesn't take is tried again for a day, then waits in a queue for fourteen more,
from where the hourly heartbeat sends it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autopilot.fleet.wire import NEWS, UPWARD
from aws_cdk import Aws, CustomResource, Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.function import Function
from infra.functions.fleet import HEARTBEAT_TIMEOUT
from infra.grants import BUS_SOURCE
from infra.nag import acknowledge
from infra.queues import KEPT
from infra.spoke import SpokeOf

_DAY = 24 * 3600
# EventBridge's most within a day, and its default (EventBridge API reference, RetryPolicy).
_RETRIES = 185
# Seconds. News come in bursts, of which one heartbeat says all.
_GATHERED = 60
_ANSWER_WITHIN = Duration.minutes(10)
# A default bus may be sent others' events: what they call news is none of this spoke's.
_OWN: dict[str, Any] = {"source": [BUS_SOURCE], "account": [Aws.ACCOUNT_ID], "region": [Aws.REGION]}


class UpwardQueues(Construct):
    """`undelivered`: what the hub's bus didn't take. `wanted`: that there is news to count."""

    def __init__(self, scope: Construct, id: str, *, dead_letters: sqs.IQueue) -> None:
        super().__init__(scope, id)
        self.undelivered = sqs.Queue(
            self,
            "HubUndelivered",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=KEPT,
        )
        acknowledge(self.undelivered, {"SQS3": "It is a dead-letter queue itself, of a rule's."})
        self.wanted = sqs.Queue(
            self,
            "HeartbeatWanted",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            # Lambda's guide: six times the function's timeout.
            visibility_timeout=Duration.seconds(6 * HEARTBEAT_TIMEOUT),
            dead_letter_queue=sqs.DeadLetterQueue(queue=dead_letters, max_receive_count=5),
        )


class Upward(Construct):
    """Rules, the schedule, and the custom resource that says at once that the spoke is there."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        spoke: SpokeOf,
        queues: UpwardQueues,
        heartbeat: Function,
        dead_letters: sqs.IQueue,
    ) -> None:
        super().__init__(scope, id)
        self._heartbeat, self._dead_letters = heartbeat, dead_letters
        self._up(spoke, queues.undelivered)
        self._count_news(queues.wanted)
        self._hourly()
        self.spoken = CustomResource(
            self,
            "Spoken",
            service_token=heartbeat.function.function_arn,
            resource_type="Custom::Heartbeat",
            service_timeout=_ANSWER_WITHIN,
            # Another one of these, and it speaks anew.
            properties={
                "Release": spoke.release,
                "Code": spoke.code_key,
                "Policy": spoke.policy_key,
            },
        )
        self.spoken.node.add_dependency(self._rule, self._role)

    def _hourly(self) -> None:
        hourly = events.RuleTargetInput.from_object({"trigger": "hourly"})
        rule = events.Rule(
            self,
            "Hourly",
            description="Endpoint Autopilot: tells the hub how the spoke stands",
            schedule=events.Schedule.rate(Duration.hours(1)),
        )
        rule.add_target(self._calling(hourly))

    def tell_of(self, alarms: Sequence[cloudwatch.IAlarm]) -> None:
        """Alarms go up as news: nobody has to listen to the spoke's own topic."""
        rule = events.Rule(
            self,
            "Alarms",
            description="Endpoint Autopilot: tells the hub of alarms",
            event_pattern=events.EventPattern(
                source=["aws.cloudwatch"],
                detail_type=["CloudWatch Alarm State Change"],
                resources=[alarm.alarm_arn for alarm in alarms],
            ),
        )
        rule.add_target(self._calling())

    def _calling(self, given: events.RuleTargetInput | None = None) -> targets.LambdaFunction:
        return targets.LambdaFunction(
            self._heartbeat.function, dead_letter_queue=self._dead_letters, event=given
        )

    def _up(self, spoke: SpokeOf, undelivered: sqs.Queue) -> None:
        """A target on another account's bus takes a role (EventBridge guide, "Sending and receiving
        events between accounts")."""
        self._role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("events.amazonaws.com"))
        self._role.add_to_policy(
            iam.PolicyStatement(actions=["events:PutEvents"], resources=[spoke.bus])
        )
        self._rule = events.CfnRule(
            self,
            "Up",
            description="Endpoint Autopilot: tells the hub",
            event_pattern={**_OWN, "detail-type": list(UPWARD)},
            state="ENABLED",
            targets=[_hub(spoke.bus, self._role.role_arn, undelivered.queue_arn)],
        )
        undelivered.add_to_resource_policy(
            iam.PolicyStatement(
                sid="RuleMayBury",
                principals=[iam.ServicePrincipal("events.amazonaws.com")],
                actions=["sqs:SendMessage"],
                resources=[undelivered.queue_arn],
                conditions={"ArnEquals": {"aws:SourceArn": self._rule.attr_arn}},
            )
        )

    def _count_news(self, wanted: sqs.Queue) -> None:
        """A heartbeat within about a minute of news. A message is gone only when that has been
        said, so the last state is never left unsaid."""
        rule = events.Rule(
            self,
            "News",
            description="Endpoint Autopilot: there is news, so the spoke stands otherwise",
            event_pattern=events.EventPattern(**_OWN, detail_type=[NEWS]),
        )
        rule.add_target(
            targets.SqsQueue(
                wanted,
                dead_letter_queue=self._dead_letters,
                message=events.RuleTargetInput.from_object({"trigger": "news"}),
            )
        )
        self._heartbeat.function.add_event_source(
            sources.SqsEventSource(
                wanted,
                batch_size=1000,
                max_batching_window=Duration.seconds(_GATHERED),
                max_concurrency=2,
            )
        )


def _hub(bus: str, role: str, undelivered: str) -> events.CfnRule.TargetProperty:
    rule = events.CfnRule
    return rule.TargetProperty(
        id="Hub",
        arn=bus,
        role_arn=role,
        dead_letter_config=rule.DeadLetterConfigProperty(arn=undelivered),
        retry_policy=rule.RetryPolicyProperty(
            maximum_event_age_in_seconds=_DAY, maximum_retry_attempts=_RETRIES
        ),
    )
