"""The stack: composes the rooms, owns nothing itself."""

from __future__ import annotations

from pathlib import Path

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.alarms import Alarms
from infra.connection_functions import ConnectionFunctions
from infra.dashboard import Dashboard
from infra.function import Common
from infra.functions import INTAKE, Functions
from infra.interface_functions import InterfaceFunctions
from infra.ledger import Ledger
from infra.lifetime import Lifetime
from infra.metrics import Metrics
from infra.policy_file import Configuration
from infra.queues import Queues
from infra.removal_functions import RemovalFunctions
from infra.service_functions import ServiceFunctions
from infra.staging import staged
from infra.telling import Telling
from infra.topics import ConnectionTopic, OpsTopic
from infra.triggers import Triggers
from infra.workflows import Workflows
from infra.zone_reader import ZoneReader


class EndpointAutopilotStack(Stack):
    """Everything for one account and Region; fits any account, Region and partition."""

    def __init__(
        self, scope: Construct, id: str, *, configuration: Configuration, bundle: Path
    ) -> None:
        """`bundle`: what `infra.bundle` made, or anything that looks like it."""
        super().__init__(
            scope, id, description="Endpoint Autopilot: VPC endpoints that run themselves"
        )
        self._configuration = configuration
        self._queues = Queues(self, "Queues", intake_timeout=INTAKE.timeout)
        self._ledger = Ledger(self, "Ledger")
        self._ops = OpsTopic(self, "Ops", emails=configuration.emails)
        self._heard = ConnectionTopic(self, "Heard", key=self._ops.key)
        self._make_functions(bundle)
        self._tell_how_to_answer_holds()
        self._workflows = Workflows.of(
            self,
            self._functions,
            self._connections,
            self._services,
            self._interfaces,
            self._removal,
        )
        self._trigger()
        self._watch()
        if peers := configuration.policy.zones.peers:
            ZoneReader(self, "ZoneReader", peers=peers)
        self._outputs()
        self._spare_cfn_lint()

    def _make_functions(self, bundle: Path) -> None:
        policy, ledger = self._configuration.policy, self._ledger
        with staged(bundle, policy) as asset:
            common = Common(
                code=lambda_.Code.from_asset(str(asset)),
                owner=self.stack_name,
                dead_letters=self._queues.dead_letters,
            )
            self._functions = Functions(
                self, "Functions", common=common, queues=self._queues, ledger=ledger, ops=self._ops
            )
            self._connections = ConnectionFunctions(
                self,
                "ConnectionFunctions",
                common=common,
                ledger=ledger,
                topic=self._heard,
                policy=policy,
            )
            self._services = ServiceFunctions(self, "ServiceFunctions", common=common)
            self._interfaces = InterfaceFunctions(
                self, "InterfaceFunctions", common=common, ledger=ledger
            )
            self._removal = RemovalFunctions(self, "RemovalFunctions", common=common, ledger=ledger)
            self._common = common

    def _tell_how_to_answer_holds(self) -> None:
        # For the command that ops are given to answer a held request.
        self._functions.record.function.add_environment(
            "ANSWER_HOLD_FUNCTION", self._connections.answer_hold.function.function_name
        )

    def _trigger(self) -> None:
        own = self._connections
        triggers = Triggers(
            self,
            "Triggers",
            configuration=self._configuration,
            queues=self._queues,
            intake=self._functions.intake,
            writers=(
                self._functions.apply_network,
                own.answer_connections,
                own.register_notifications,
                self._services.apply_services,
                self._interfaces.apply_interface,
                self._removal.apply_withdrawal,
                self._removal.apply_uninstall,
            ),
            workflows=self._workflows,
        )
        lifetime = Lifetime(
            self,
            "Lifetime",
            common=self._common,
            ledger=self._ledger,
            workflows=self._workflows,
        )
        triggers.wait_for(lifetime.recalled, lifetime.ending)
        self._tell(lifetime)

    def _tell(self, lifetime: Lifetime) -> None:
        telling = Telling(
            self,
            "Telling",
            record=self._functions.record,
            ops=self._ops,
            workflows=self._workflows,
            dead_letters=self._queues.dead_letters,
        )
        # What the deletion of the stack stops is no failure.
        telling.node.add_dependency(lifetime.recalled, lifetime.ending)

    def _spare_cfn_lint(self) -> None:
        # CDK writes a DependsOn beside every Ref to a role; cfn-lint finds that superfluous.
        self.template_options.metadata = {"cfn-lint": {"config": {"ignore_checks": ["W3005"]}}}

    def _watch(self) -> None:
        metrics = Metrics(self.stack_name, self._queues, self._functions, self._workflows)
        alarms = Alarms(
            self,
            "Alarms",
            metrics=metrics,
            topic=self._ops.topic,
            hold_for_seconds=self._configuration.policy.connections.hold_for_seconds,
        )
        Dashboard(self, "Dashboard", metrics=metrics, alarms=alarms.all)

    def _outputs(self) -> None:
        made = self._workflows
        for name, workflow, what in (
            ("Network", made.network, "Start it to look at VPCs"),
            ("Connections", made.connections, "Start it to look at connections"),
            ("Services", made.services, "Start it to look at published services"),
            ("Interfaces", made.interfaces, "Start it to look at interface endpoints"),
            (
                "Uninstall",
                made.uninstall,
                "Start it to list what leaving removes: make retire",
            ),
        ):
            arn = workflow.machine.state_machine_arn
            CfnOutput(self, f"{name}WorkflowArn", value=arn, description=what)
        intake, dead = self._queues.intake, self._queues.intake_dead_letters
        answer_hold = self._connections.answer_hold.function
        for name, value, what in (
            ("OpsTopicArn", self._ops.topic.topic_arn, "Subscribe to hear what happens"),
            ("ConnectionTopicArn", self._heard.topic.topic_arn, "PrivateLink notifies it"),
            ("AnswerHoldFunctionName", answer_hold.function_name, "Answers a held request"),
            ("IntakeQueueUrl", intake.queue_url, "Events on their way in"),
            ("IntakeDeadLetterQueueUrl", dead.queue_url, "Events that could not be handled"),
            ("LedgerTableName", self._ledger.table.table_name, "What ops know, who was accepted"),
        ):
            CfnOutput(self, name, value=value, description=what)
