"""What wakes the workflows: CloudTrail's events, notifications, the sweep, the change window."""

from __future__ import annotations

from collections.abc import Mapping

from autopilot.policy.model import ChangeWindow
from aws_cdk import Aws, CustomResource, Duration, Names, TimeZone
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as event_targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as scheduler_targets
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct, IConstruct

from infra import patterns
from infra.function import Function
from infra.policy_file import Configuration
from infra.queues import Queues
from infra.workflow import Workflow

# Minutes. Scheduler takes up to a day.
MOST_SPREAD = 30
# What the sweep looks at, by the workflow that does it.
SWEPT = {
    "network": "all VPCs",
    "connections": "all connections",
    "services": "all published services",
    "interfaces": "interface endpoints",
}
# The functions whose own calls come back as events, which must not wake us.
WRITERS = (
    "apply_network",
    "answer_connections",
    "register_notifications",
    "apply_services",
    "apply_interface",
    "apply_withdrawal",
    "apply_uninstall",
)


class Triggers(Construct):
    """Rules → intake queue → intake; schedules → workflows."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        configuration: Configuration,
        queues: Queues,
        functions: Mapping[str, Function],
        workflows: Mapping[str, Workflow],
    ) -> None:
        super().__init__(scope, id)
        self._queues, self._workflows = queues, workflows
        interfaces = bool(configuration.policy.interface_endpoints)
        own = [functions[writer].role.role_arn for writer in WRITERS]
        self._rules(own, interfaces=interfaces)
        self._source = self._listen(functions["intake"])
        self._schedules(configuration)

    def wait_for(self, *resources: CustomResource) -> None:
        """Be made after those, and deleted before them."""
        self.node.add_dependency(*resources)
        self._source.node.add_dependency(*resources)

    def _listen(self, intake: Function) -> IConstruct:
        """Have intake read the queue; the mapping, which lies below the function."""
        intake.function.add_event_source(
            sources.SqsEventSource(
                self._queues.intake,
                batch_size=100,
                # Building a VPC writes some twenty events within seconds: one look serves them all.
                max_batching_window=Duration.seconds(5),
                max_concurrency=2,
                report_batch_item_failures=True,
            )
        )
        queue = Names.node_unique_id(self._queues.intake.node)
        return intake.function.node.find_child(f"SqsEventSource:{queue}")

    def _rules(self, own: list[str], *, interfaces: bool) -> None:
        if interfaces:
            what = "subnets, security groups, a VPC's blocks or attributes changed"
            self._rule("InterfaceChanges", what, patterns.interface_calls(own))
        for id, what, pattern in (
            (
                "NetworkChanges",
                "VPCs, route tables, endpoints changed",
                patterns.network_calls(own),
            ),
            (
                "TagChanges",
                "tags changed that opt in or out",
                patterns.tag_calls(own, interfaces=interfaces),
            ),
            ("ServiceChanges", "endpoint services changed", patterns.service_calls(own)),
            ("BalancerChanges", "load balancers changed", patterns.balancer_calls()),
            ("BalancerTags", "tags of load balancers changed", patterns.balancer_tag_calls()),
            ("RefusedZones", "endpoints refused for a zone", patterns.refused_endpoints(own)),
            ("RefusedDeletions", "deletions refused", patterns.refused_deletions(own)),
            ("RefusedRoutes", "endpoints refused for a route", patterns.refused_routes(own)),
            ("Notifications", "connections asked for or deleted", patterns.notifications()),
        ):
            self._rule(id, what, pattern)

    def _rule(self, id: str, what: str, pattern: patterns.Pattern) -> None:
        rule = events.Rule(
            self,
            id,
            description=f"Endpoint Autopilot: {what}",
            event_pattern=events.EventPattern(**pattern),
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
        period = configuration.sweep_minutes
        every = scheduler.ScheduleExpression.rate(Duration.minutes(period))
        for name, what in SWEPT.items():
            spread, machine = spread_over(period), self._workflows[name].machine
            id = "Sweep" if name == "network" else f"Sweep{name.title()}"
            self._schedule(id, f"Looks at {what}", every, machine, role, spread=spread)
        gateway = configuration.policy.gateway_endpoints
        if gateway.busy_route_tables == "window" and gateway.change_window is not None:
            begin = beginning(gateway.change_window)
            machine, what = self._workflows["network"].machine, "Attaches busy route tables"
            self._schedule("Window", what, begin, machine, role, trigger="window")

    def _schedule(
        self,
        id: str,
        what: str,
        when: scheduler.ScheduleExpression,
        machine: sfn.IStateMachine,
        role: iam.Role,
        *,
        trigger: str = "sweep",
        spread: scheduler.TimeWindow | None = None,
    ) -> None:
        schedule = scheduler.Schedule(
            self,
            id,
            description=f"Endpoint Autopilot: {what}",
            schedule=when,
            time_window=spread or scheduler.TimeWindow.off(),
            target=scheduler_targets.StepFunctionsStartExecution(
                machine,
                role=role,
                input=scheduler.ScheduleTargetInput.from_object({"trigger": trigger}),
                dead_letter_queue=self._queues.dead_letters,
                # The next sweep makes a late one pointless.
                max_event_age=Duration.hours(1),
                retry_attempts=20,
            ),
        )
        # One without a start date fires at once (Scheduler guide): by then its role must be allowed
        # to start the workflow, and the workflow to carry on.
        schedule.node.add_dependency(role, *self._workflows.values())


def spread_over(period: int) -> scheduler.TimeWindow:
    """Within which time a sweep of that `period`, in minutes, may begin: AWS chooses the moment.

    An organization deploys to many accounts at one moment, and PrivateLink is throttled per
    organization too. Not so long that a newcomer waits for the first one.
    """
    return scheduler.TimeWindow.flexible(Duration.minutes(max(1, min(MOST_SPREAD, period // 4))))


def beginning(window: ChangeWindow) -> scheduler.ScheduleExpression:
    """When a change window begins, on the wall clock of its time zone."""
    return scheduler.ScheduleExpression.cron(
        minute=str(window.start.minute),
        hour=str(window.start.hour),
        week_day=",".join(day.upper() for day in window.days),
        time_zone=TimeZone.of(window.timezone),
    )
