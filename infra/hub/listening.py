"""The hub's ear: a bus for the organization's spokes, and a queue that gathers what they tell."""

from __future__ import annotations

from autopilot.fleet.wire import UPWARD
from aws_cdk import CfnResource, Duration, Names
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda_event_sources as sources
from constructs import Construct, IConstruct

from infra.function import Function
from infra.grants import BUS_SOURCE
from infra.queues import Queues
from infra.spoke import BUS

# A change of policy has all spokes speak at once: ten thousand events are a hundred batches.
_BATCH = 100
# Ops hear of it by a look, every five minutes. In a shorter time 2,500 spokes, hour by hour, would
# be heard one by one: 30 USD a month instead of 18 (`python -m bench.fleet`).
_WINDOW = Duration.seconds(20)
_AT_ONCE = 5


class Listening(Construct):
    """`bus`; what comes goes by a queue to `hear`. `ready`: what must be there before a spoke."""

    def __init__(
        self, scope: Construct, id: str, *, organization: str, queues: Queues, hear: Function
    ) -> None:
        super().__init__(scope, id)
        self.bus = events.EventBus(self, "Bus", event_bus_name=BUS)
        policy = self._let_in(organization)
        rule = events.Rule(
            self,
            "Told",
            description="Endpoint Autopilot: what spokes tell the hub",
            event_bus=self.bus,
            event_pattern=events.EventPattern(source=[BUS_SOURCE], detail_type=[*UPWARD]),
        )
        rule.add_target(
            targets.SqsQueue(queues.intake, dead_letter_queue=queues.intake_dead_letters)
        )
        self.ready: tuple[IConstruct, ...] = (policy, rule, self._listen(queues, hear))

    def _let_in(self, organization: str) -> CfnResource:
        """The organization's accounts may put what goes up, and nothing else."""
        # Not CDK's own construct: it warns of a deprecated property, which isn't given.
        return CfnResource(
            self,
            "OrganizationSpeaks",
            type="AWS::Events::EventBusPolicy",
            properties={
                "EventBusName": self.bus.event_bus_name,
                "StatementId": "OrganizationSpeaks",
                "Statement": {
                    "Effect": "Allow",
                    "Principal": "*",
                    "Action": "events:PutEvents",
                    "Resource": self.bus.event_bus_arn,
                    "Condition": {
                        "StringEquals": {
                            "aws:PrincipalOrgID": organization,
                            "events:source": BUS_SOURCE,
                            # AWS's own example has it beside the source (EventBridge guide,
                            # "Example policy: send events to a custom bus in a different account").
                            "events:detail-type": [*UPWARD],
                        }
                    },
                },
            },
        )

    def _listen(self, queues: Queues, hear: Function) -> IConstruct:
        hear.function.add_event_source(
            sources.SqsEventSource(
                queues.intake,
                batch_size=_BATCH,
                max_batching_window=_WINDOW,
                max_concurrency=_AT_ONCE,
                report_batch_item_failures=True,
            )
        )
        return hear.function.node.find_child(
            f"SqsEventSource:{Names.node_unique_id(queues.intake.node)}"
        )
