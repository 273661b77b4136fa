"""What wakes the workflow: CloudTrail's events, the sweep, the change window."""

from __future__ import annotations

from typing import Any

from autopilot.core.policy import ChangeWindow
from aws_cdk import Aws, Duration, TimeZone
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as event_targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as scheduler_targets
from constructs import Construct

from infra.functions import Functions
from infra.policy_file import Configuration
from infra.queues import Queues
from infra.workflows import NetworkWorkflow

NETWORK_CALLS = [
    "CreateVpc",
    "CreateDefaultVpc",
    "CreateRouteTable",
    "AssociateRouteTable",
    "ReplaceRouteTableAssociation",
    "DisassociateRouteTable",
    "CreateVpcEndpoint",
    "ModifyVpcEndpoint",
    "DeleteVpcEndpoints",
]
TAG_CALLS = ["CreateTags", "DeleteTags"]


class Triggers(Construct):
    """Rules → intake queue → intake; schedules → workflow."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        configuration: Configuration,
        queues: Queues,
        functions: Functions,
        workflow: NetworkWorkflow,
    ) -> None:
        super().__init__(scope, id)
        self._queues, self._workflow = queues, workflow
        own_role = functions.apply_network.role.role_arn
        self._rule("NetworkChanges", "VPCs, route tables, endpoints", calls_by_others(own_role))
        self._rule("TagChanges", "Tags that opt in or out", tag_calls_by_others(own_role))
        functions.intake.function.add_event_source(
            sources.SqsEventSource(
                queues.intake,
                batch_size=100,
                # Building a VPC writes some twenty events within seconds: one look serves them all.
                max_batching_window=Duration.seconds(5),
                max_concurrency=2,
                report_batch_item_failures=True,
            )
        )
        self._schedules(configuration)

    def _rule(self, id: str, what: str, detail: dict[str, Any]) -> None:
        rule = events.Rule(
            self,
            id,
            description=f"Endpoint Autopilot: {what} changed by others",
            event_pattern=events.EventPattern(
                source=["aws.ec2"], detail_type=["AWS API Call via CloudTrail"], detail=detail
            ),
        )
        rule.add_target(
            event_targets.SqsQueue(
                self._queues.intake, dead_letter_queue=self._queues.intake_dead_letters
            )
        )

    def _schedules(self, configuration: Configuration) -> None:
        role = iam.Role(
            self,
            "ScheduleRole",
            assumed_by=iam.ServicePrincipal(
                "scheduler.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
            ),
        )
        every = Duration.minutes(configuration.sweep_minutes)
        self._schedule(
            "Sweep", "Looks at everything", scheduler.ScheduleExpression.rate(every), "sweep", role
        )
        gateway = configuration.policy.gateway_endpoints
        if gateway.busy_route_tables == "window" and gateway.change_window is not None:
            self._schedule(
                "Window",
                "Attaches busy route tables",
                beginning(gateway.change_window),
                "window",
                role,
            )

    def _schedule(
        self, id: str, what: str, when: scheduler.ScheduleExpression, trigger: str, role: iam.Role
    ) -> None:
        scheduler.Schedule(
            self,
            id,
            description=f"Endpoint Autopilot: {what}",
            schedule=when,
            time_window=scheduler.TimeWindow.off(),
            target=scheduler_targets.StepFunctionsStartExecution(
                self._workflow.machine,
                role=role,
                input=scheduler.ScheduleTargetInput.from_object({"trigger": trigger}),
                dead_letter_queue=self._queues.dead_letters,
                # The next sweep makes a late one pointless.
                max_event_age=Duration.hours(1),
                retry_attempts=20,
            ),
        )


def calls_by_others(own_role: str) -> dict[str, Any]:
    """The pattern of calls that worked and change what the plan looks at."""
    return {"eventName": NETWORK_CALLS, **_worked_for_others(own_role)}


def tag_calls_by_others(own_role: str) -> dict[str, Any]:
    """The pattern of calls that worked and changed tags of VPCs or route tables."""
    ids = [{"prefix": "vpc-"}, {"prefix": "rtb-"}]
    return {
        "eventName": TAG_CALLS,
        "requestParameters": {"resourcesSet": {"items": {"resourceId": ids}}},
        **_worked_for_others(own_role),
    }


def _worked_for_others(own_role: str) -> dict[str, Any]:
    """Our own calls would wake us for ever.

    `anything-but` doesn't match a field that isn't there, and users' and root's events have no
    session issuer.
    """
    return {
        "errorCode": [{"exists": False}],
        "$or": [
            {"userIdentity": {"sessionContext": {"sessionIssuer": {"arn": [issuer]}}}}
            for issuer in ({"anything-but": [own_role]}, {"exists": False})
        ],
    }


def beginning(window: ChangeWindow) -> scheduler.ScheduleExpression:
    """When a change window begins, on the wall clock of its time zone."""
    return scheduler.ScheduleExpression.cron(
        minute=str(window.start.minute),
        hour=str(window.start.hour),
        week_day=",".join(day.upper() for day in window.days),
        time_zone=TimeZone.of(window.timezone),
    )
