"""The stack: composes the constructs, owns nothing itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from infra.alarms import Alarms
from infra.chat import ChatButtons
from infra.dashboard import Dashboard
from infra.function import Common, Function, FunctionGroup
from infra.functions import (
    connections,
    dashboard,
    fleet,
    interfaces,
    letter,
    network,
    removal,
    services,
)
from infra.functions.network import INTAKE_TIMEOUT
from infra.functions.surroundings import Surroundings
from infra.ledger import Ledger
from infra.lifetime import Lifetime
from infra.metrics import Metrics
from infra.policy.notify import filters
from infra.policy_file import Configuration
from infra.queues import Queues
from infra.spoke import SpokeOf, called, owner, set_apart, synthesizer
from infra.spoke_code import code_of, version_of
from infra.telling import Telling
from infra.topics import ConnectionTopic, OpsTopic
from infra.triggers import Triggers
from infra.upward import Upward, UpwardQueues
from infra.weekly_letter import WeeklyLetter
from infra.workflow import Workflow
from infra.workflows import make_workflows
from infra.zone_reader import ZoneReader

DESCRIPTION = "Endpoint Autopilot: VPC endpoints that run themselves"
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
# The hub writes the letter of all.
OF_SPOKES = {
    **{id: table for id, table in FUNCTIONS.items() if id != "LetterFunctions"},
    "SpokeFunctions": fleet.table,
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
        super().__init__(scope, id, description=DESCRIPTION, synthesizer=synthesizer(spoke))
        self._configuration, self._spoke = configuration, spoke
        self._owner, self._called = owner(spoke, self.stack_name), called(spoke, self.stack_name)
        self._queues = Queues(self, "Queues", intake_timeout=INTAKE_TIMEOUT)
        self._ledger = Ledger(self, "Ledger")
        self._ops = self._make_ops()
        self._heard = ConnectionTopic(self, "Heard", key=self._ops.key)
        self._upward = self._make_upward_queues()
        self._functions = self._make_functions(bundle)
        interfaces = bool(configuration.policy.interface_endpoints)
        self._workflows = make_workflows(
            self, self._functions, interfaces=interfaces, called=self._called
        )
        self._trigger()
        self._let_people_see()
        self._outputs()
        self._spare_cfn_lint()

    def _make_ops(self) -> OpsTopic:
        """Of a spoke nobody subscribes: the hub tells."""
        if self._spoke:
            return OpsTopic(self, "Ops", emails=())
        owners = filters(self._configuration.policy.notify.owners)
        return OpsTopic(self, "Ops", emails=self._configuration.emails, owners=owners)

    def _make_upward_queues(self) -> UpwardQueues | None:
        if self._spoke is None:
            return None
        return UpwardQueues(self, "UpwardQueues", dead_letters=self._queues.dead_letters)

    def _make_functions(self, bundle: Path) -> Mapping[str, Function]:
        """All functions, by their modules."""
        policy, spoke = self._configuration.policy, self._spoke
        here = self._surroundings(version_of(spoke, bundle) if spoke else "")
        functions = dict[str, Function]()
        with code_of(self, spoke, bundle, policy) as (code, layers):
            self._common = Common(
                code=code,
                owner=self._owner,
                dead_letters=self._queues.dead_letters,
                layers=layers,
            )
            for id, table in (OF_SPOKES if spoke else FUNCTIONS).items():
                functions |= FunctionGroup(
                    self, id, common=self._common, table=table(here)
                ).functions
        self._heard.feeds(functions["relay"].function, self._queues.dead_letters)
        dashboard.connect(functions)
        # For the command that ops are given to answer a held request.
        functions["record"].function.add_environment(
            "ANSWER_HOLD_FUNCTION", functions["answer_hold"].function.function_name
        )
        if spoke:
            fleet.connect(functions, here, spoke)
        return functions

    def _surroundings(self, version: str) -> Surroundings:
        undelivered = self._upward.undelivered if self._upward else None
        wanted = self._upward.wanted if self._upward else None
        policy, ops, heard = self._configuration.policy, self._ops, self._heard
        return Surroundings(
            *(self._owner, policy, self._ledger, self._queues, ops, heard),
            *(self._called, self._spoke, undelivered, version, wanted),
        )

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
        lifetime = self._make_lifetime(workflows)
        triggers.wait_for(lifetime.recalled, lifetime.ending)
        telling = Telling(
            self,
            "Telling",
            record=self._functions["record"],
            ops=self._ops,
            workflows=workflows,
            dead_letters=self._queues.dead_letters,
            welcomes=self._spoke is None,
        )
        # What the deletion of the stack stops is no failure.
        telling.node.add_dependency(lifetime.recalled, lifetime.ending)
        self._write_letters(lifetime)
        self._watch(lifetime)

    def _make_lifetime(self, workflows: Sequence[Workflow]) -> Lifetime:
        common, ledger, fleets = self._common, self._ledger, self._spoke is not None
        return Lifetime(
            self, "Lifetime", common=common, ledger=ledger, workflows=workflows, of_fleet=fleets
        )

    def _write_letters(self, lifetime: Lifetime) -> None:
        at = self._configuration.letter
        if at and self._spoke is None:
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

    def _watch(self, lifetime: Lifetime) -> None:
        self._metrics = Metrics(self._owner, self._queues, self._functions, self._workflows)
        self._alarms = Alarms(
            self,
            "Alarms",
            metrics=self._metrics,
            topic=self._ops.topic,
            hold_for_seconds=self._configuration.policy.connections.hold_for_seconds,
            of_fleet=self._spoke is not None,
        )
        if self._spoke and self._upward:
            upward = Upward(
                self,
                "Upward",
                spoke=self._spoke,
                queues=self._upward,
                heartbeat=self._functions["heartbeat"],
                dead_letters=self._queues.dead_letters,
            )
            upward.tell_of(self._alarms.all)
            upward.spoken.node.add_dependency(lifetime.recalled, lifetime.ending)

    def _let_people_see(self) -> None:
        policy = self._configuration.policy
        # Thousands of dashboards at three dollars a month, where one of the hub's shows them all.
        if not (self._spoke and self._spoke.by_stack_set):
            Dashboard(
                self,
                "Dashboard",
                metrics=self._metrics,
                alarms=self._alarms.all,
                show=self._functions["show"].function,
            )
        if peers := policy.zones.peers:
            ZoneReader(self, "ZoneReader", peers=peers, of_fleet=self._spoke is not None)
        if policy.notify.chat_buttons:
            answers = self._functions["answer_hold"].function
            apart = set_apart(self._spoke, self.stack_name)
            ChatButtons(self, "Chat", stack=apart, answers=answers)

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
            *([("OwnerTag", self._owner, "What it makes bears this")] if self._spoke else []),
        ):
            CfnOutput(self, name, value=value, description=what)
