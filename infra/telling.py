"""What makes the record function speak outside of workflows: a new listener, a broken execution."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra import patterns
from infra.function import Function
from infra.topics import OpsTopic
from infra.workflow import Workflow

# A link in an email confirms without a word to CloudTrail (SNS guide, "Logging API calls"), so
# somebody has to look. 8,640 calls a month come to some cents.
LOOK = Duration.minutes(5)


class Telling(Construct):
    """Rules → record. What could not be told goes to a queue that an alarm watches."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        record: Function,
        ops: OpsTopic,
        workflows: Iterable[Workflow],
        dead_letters: sqs.IQueue,
        welcomes: bool = True,
    ) -> None:
        """`welcomes`: whether it looks who begins to listen; to a spoke the hub always does."""
        super().__init__(scope, id)
        self._record, self._dead_letters = record, dead_letters
        if welcomes:
            self._look_who_listens(ops)
        machines = [each.machine.state_machine_arn for each in workflows]
        ended = patterns.broken_executions(machines)
        self._rule("Ended", "executions failed, timed out or were stopped", pattern=ended)

    def _look_who_listens(self, ops: OpsTopic) -> None:
        ask = events.RuleTargetInput.from_object({"trigger": "welcome"})
        self._rule("Look", "looks who listens", schedule=events.Schedule.rate(LOOK), given=ask)
        subscribed = patterns.subscriptions(ops.topic.topic_arn)
        self._rule("Subscribed", "somebody may listen now", pattern=subscribed, given=ask)

    def _rule(
        self,
        id: str,
        what: str,
        *,
        schedule: events.Schedule | None = None,
        pattern: patterns.Pattern | None = None,
        given: events.RuleTargetInput | None = None,
    ) -> None:
        rule = events.Rule(
            self,
            id,
            description=f"Endpoint Autopilot: {what}",
            schedule=schedule,
            event_pattern=_pattern(pattern),
        )
        rule.add_target(
            targets.LambdaFunction(
                self._record.function, dead_letter_queue=self._dead_letters, event=given
            )
        )


def _pattern(pattern: Any) -> events.EventPattern | None:
    return events.EventPattern(**pattern) if pattern else None
