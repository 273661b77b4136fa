"""The stack: composes the constructs, owns nothing itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.alarms import Alarms
from infra.chat import ChatButtons
from infra.dashboard import Dashboard
from infra.function import Common, Function, FunctionGroup
from infra.functions import connections, dashboard, interfaces, letter, network, removal, services
from infra.functions.network import INTAKE_TIMEOUT
from infra.functions.surroundings import Surroundings
from infra.ledger import Ledger
from infra.lifetime import Lifetime
from infra.metrics import Metrics
from infra.policy.notify import filters
from infra.policy_file import Configuration
from infra.queues import Queues
from infra.spoke import SpokeOf, owner, synthesizer
from infra.staging import staged
from infra.telling import Telling
from infra.topics import ConnectionTopic, OpsTopic
from infra.triggers import Triggers
from infra.weekly_letter import WeeklyLetter
from infra.workflows import make_workflows
from infra.zone_reader import ZoneReader

# Their ids are parts of logical ids, by which functions that are deployed are known.
FUNCTIONS = {
    "Functions": network.table,
    "ConnectionFunctions": connections.table,
    "ServiceFunctions": services.table,
    "InterfaceFunctions": interfaces.table,
    "RemovalFunctions": removal.table,
    "DashboardFunctions": dashboard.table,
    "LetterFunctions": letter.table,
}


class EndpointAutopilotStack(Stack):
    """Everything for one account and Region; fits any account, Region and partition."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        configuration: Configuration,
        bundle: Path,
        spoke: SpokeOf | None = None,
    ) -> None:
        """`bundle`: what `infra.bundle` made, or anything that looks like it. `spoke`: of which
        fleet it is a part, None: of none."""
        super().__init__(
            scope,
            id,
            description="Endpoint Autopilot: VPC endpoints that run themselves",
            synthesizer=synthesizer(spoke),
        )
        self._configuration, self._spoke = configuration, spoke
        self._owner = owner(spoke, self.stack_name)
        self._queues = Queues(self, "Queues", intake_timeout=INTAKE_TIMEOUT)
        self._ledger = Ledger(self, "Ledger")
        owners = filters(configuration.policy.notify.owners)
        self._ops = OpsTopic(self, "Ops", emails=configuration.emails, owners=owners)
        self._heard = ConnectionTopic(self, "Heard", key=self._ops.key)
        self._functions = self._make_functions(bundle)
        self._workflows = make_workflows(
            self, self._functions, interfaces=bool(configuration.policy.interface_endpoints)
        )
        self._trigger()
        self._watch()
        if peers := configuration.policy.zones.peers:
            ZoneReader(self, "ZoneReader", peers=peers)
        if configuration.policy.notify.chat_buttons:
            answers = self._functions["answer_hold"].function
            ChatButtons(self, "Chat", stack=self.stack_name, answers=answers)
        self._outputs()
        self._spare_cfn_lint()

    def _make_functions(self, bundle: Path) -> Mapping[str, Function]:
        """All functions, by their modules."""
        policy = self._configuration.policy
        here = Surroundings(
            self.stack_name, policy, self._ledger, self._queues, self._ops, self._heard
        )
        functions = dict[str, Function]()
        with staged(bundle, policy) as asset:
            self._common = Common(
                code=lambda_.Code.from_asset(str(asset)),
                owner=self.stack_name,
                dead_letters=self._queues.dead_letters,
            )
            for id, table in FUNCTIONS.items():
                functions |= FunctionGroup(
                    self, id, common=self._common, table=table(here)
                ).functions
        self._heard.feeds(functions["relay"].function, self._queues.dead_letters)
        dashboard.connect(functions)
        # For the command that ops are given to answer a held request.
        functions["record"].function.add_environment(
            "ANSWER_HOLD_FUNCTION", functions["answer_hold"].function.function_name
        )
        return functions

    def _trigger(self) -> None:
        triggers = Triggers(
            self,
            "Triggers",
            configuration=self._configuration,
            queues=self._queues,
            functions=self._functions,
            workflows=self._workflows,
        )
        workflows = tuple(self._workflows.values())
        lifetime = Lifetime(
            self, "Lifetime", common=self._common, ledger=self._ledger, workflows=workflows
        )
        triggers.wait_for(lifetime.recalled, lifetime.ending)
        telling = Telling(
            self,
            "Telling",
            record=self._functions["record"],
            ops=self._ops,
            workflows=workflows,
            dead_letters=self._queues.dead_letters,
        )
        # What the deletion of the stack stops is no failure.
        telling.node.add_dependency(lifetime.recalled, lifetime.ending)
        self._write_letters(lifetime)

    def _write_letters(self, lifetime: Lifetime) -> None:
        if at := self._configuration.letter:
            weekly = WeeklyLetter(
                self,
                "WeeklyLetter",
                letter=self._functions["letter"].function,
                at=at,
                dead_letters=self._queues.dead_letters,
            )
            weekly.node.add_dependency(lifetime.recalled, lifetime.ending)

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
        Dashboard(
            self,
            "Dashboard",
            metrics=metrics,
            alarms=alarms.all,
            show=self._functions["show"].function,
        )

    def _outputs(self) -> None:
        for name, what in (
            ("network", "Start it to look at VPCs"),
            ("connections", "Start it to look at connections"),
            ("services", "Start it to look at published services"),
            ("interfaces", "Start it to look at interface endpoints"),
            ("uninstall", "Start it to list what leaving removes: make retire"),
        ):
            arn = self._workflows[name].machine.state_machine_arn
            CfnOutput(self, f"{name.title()}WorkflowArn", value=arn, description=what)
        intake, dead = self._queues.intake, self._queues.intake_dead_letters
        answer_hold = self._functions["answer_hold"].function
        for name, value, what in (
            ("OpsTopicArn", self._ops.topic.topic_arn, "Subscribe to hear what happens"),
            ("ConnectionTopicArn", self._heard.topic.topic_arn, "PrivateLink notifies it"),
            ("AnswerHoldFunctionName", answer_hold.function_name, "Answers a held request"),
            ("IntakeQueueUrl", intake.queue_url, "Events on their way in"),
            ("IntakeDeadLetterQueueUrl", dead.queue_url, "Events that could not be handled"),
            ("LedgerTableName", self._ledger.table.table_name, "What ops know, who was accepted"),
        ):
            CfnOutput(self, name, value=value, description=what)
