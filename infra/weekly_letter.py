"""When the weekly letter goes out: a schedule that calls its function."""

from __future__ import annotations

from aws_cdk import Aws
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.policy.letter import LetterTime

_HOUR = 3600
_RETRIES = 20


class WeeklyLetter(Construct):
    """A schedule under a role of its own, which may call that function and bury what it can't."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        letter: lambda_.IFunction,
        at: LetterTime,
        dead_letters: sqs.IQueue,
    ) -> None:
        super().__init__(scope, id)
        role = _role(self, letter, dead_letters)
        schedule = scheduler.CfnSchedule(
            self,
            "Schedule",
            description="Endpoint Autopilot: the weekly letter",
            schedule_expression=f"cron({at.at.minute} {at.at.hour} ? * {at.day.upper()} *)",
            schedule_expression_timezone=at.timezone,
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            target=_target(letter, role, dead_letters),
        )
        schedule.node.add_dependency(role)


def _target(
    letter: lambda_.IFunction, role: iam.Role, dead_letters: sqs.IQueue
) -> scheduler.CfnSchedule.TargetProperty:
    buried = scheduler.CfnSchedule.DeadLetterConfigProperty(arn=dead_letters.queue_arn)
    return scheduler.CfnSchedule.TargetProperty(
        arn=letter.function_arn,
        role_arn=role.role_arn,
        input='{"trigger":"letter"}',
        dead_letter_config=buried,
        retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
            maximum_event_age_in_seconds=_HOUR, maximum_retry_attempts=_RETRIES
        ),
    )


def _role(scope: Construct, letter: lambda_.IFunction, dead_letters: sqs.IQueue) -> iam.Role:
    role = iam.Role(
        scope,
        "ScheduleRole",
        assumed_by=iam.ServicePrincipal(
            "scheduler.amazonaws.com",
            conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
        ),
    )
    for action, on in (
        ("lambda:InvokeFunction", letter.function_arn),
        ("sqs:SendMessage", dead_letters.queue_arn),
    ):
        role.add_to_policy(iam.PolicyStatement(actions=[action], resources=[on]))
    return role
