"""The hub's stack: composes the constructs, owns nothing itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from aws_cdk import CfnOutput, Environment, Stack
from aws_cdk import aws_lambda as lambda_
from constructs import Construct, IDependable

from infra.chat import OF_HUB, ChatButtons
from infra.fleet.model import Fleet
from infra.function import Common, Function, FunctionGroup
from infra.hub.board import Board
from infra.hub.functions import HEAR_TIMEOUT, Here, connect, gate_wave, table
from infra.hub.listening import Listening
from infra.hub.release import Release, make_release
from infra.hub.roster import roster
from infra.hub.spreading import Spreading, running
from infra.hub.staging import knowing
from infra.hub.watching import Watching
from infra.hub.waves import Waves
from infra.ledger import Ledger
from infra.metrics import Metrics
from infra.policy.notify import filters
from infra.queues import Queues
from infra.topics import OpsTopic

HUB = "EndpointAutopilotHub"
"""What the hub's stack is called."""


class EndpointAutopilotHub(Stack):
    """In the delegated administrator's account and the hub's Region; `release`: what it brings."""

    def __init__(self, scope: Construct, id: str, *, fleet: Fleet, bundle: Path) -> None:
        """`bundle`: what `infra.bundle` made. Raises ReleaseUnfit, RuntimeError of cdk-nag's."""
        super().__init__(
            scope,
            id,
            description="Endpoint Autopilot: the hub of an organization's spokes",
            env=Environment(account=fleet.account, region=fleet.region),
        )
        self._fleet, self._bundle = fleet, bundle
        self.release = make_release(fleet, bundle, self.node.get_all_context())
        self._queues = Queues(self, "Queues", intake_timeout=HEAR_TIMEOUT)
        self._table = Ledger(self, "Table")
        self._ops = self._make_ops()
        self._runs = running(self, self.release)
        functions = self._make_functions(self.release)
        listening = Listening(
            self,
            "Listening",
            organization=fleet.organization,
            queues=self._queues,
            hear=functions["hub_hear"],
        )
        self._deploy(functions, (*listening.ready, functions["hub_ask"]))
        self._watch(functions)
        if fleet.chat_buttons:
            self._let_chats_answer(functions)
        self._outputs(functions, listening)
        # As in the spoke's: CDK's DependsOn beside a Ref.
        self.template_options.metadata = {"cfn-lint": {"config": {"ignore_checks": ["W3005"]}}}

    def _make_ops(self) -> OpsTopic:
        return OpsTopic(
            self,
            "Ops",
            emails=self._fleet.emails,
            owners=filters(self._fleet.owners),
            encrypting={"Alarms": "cloudwatch"},
        )

    def _make_functions(self, release: Release) -> Mapping[str, Function]:
        unheard = self._queues.intake_dead_letters
        here = Here(self._fleet.organization, self._table, self._ops, unheard, self._runs)
        with knowing(self._bundle, roster(self._fleet, release.digest)) as asset:
            common = Common(
                code=lambda_.Code.from_asset(str(asset)),
                owner=self.stack_name,
                dead_letters=self._queues.dead_letters,
            )
            rows = (*table(here), gate_wave(here))
            functions = FunctionGroup(self, "Functions", common=common, table=rows).functions
        connect(functions)
        return functions

    def _deploy(self, functions: Mapping[str, Function], after: Iterable[IDependable]) -> None:
        spreading = Spreading(
            self,
            "Releases",
            fleet=self._fleet,
            release=self.release,
            runs=self._runs,
            bundle=self._bundle,
            dead_letters=self._queues.dead_letters,
        )
        Waves(
            self,
            "StackSets",
            fleet=self._fleet,
            spreading=spreading,
            gate=functions["gate_wave"],
            after=after,
        )

    def _watch(self, functions: Mapping[str, Function]) -> None:
        metrics = Metrics(self.stack_name, self._queues, functions, {})
        watching = Watching(self, "Watching", metrics=metrics, functions=functions, ops=self._ops)
        Board(
            self,
            "Board",
            show=functions["hub_show"],
            metrics=metrics,
            alarms=watching.alarms,
        )

    def _let_chats_answer(self, functions: Mapping[str, Function]) -> None:
        """Buttons, and `hub_look` told which function they call: it writes that into notices."""
        ask = functions["hub_ask"].function
        functions["hub_look"].function.add_environment("CHAT_ASKS", ask.function_name)
        ChatButtons(self, "Chat", stack=self.stack_name, answers=ask, press=OF_HUB)

    def _outputs(self, functions: Mapping[str, Function], listening: Listening) -> None:
        ask, dead = functions["hub_ask"].function, self._queues.intake_dead_letters
        for name, value, what in (
            ("OpsTopicArn", self._ops.topic.topic_arn, "Subscribe to hear what happens anywhere"),
            ("HubBusArn", listening.bus.event_bus_arn, "Spokes put their events there"),
            ("HubTableName", self._table.table.table_name, "What the hub knows of its spokes"),
            ("HubAskFunctionName", ask.function_name, "Puts questions and answers to spokes"),
            ("SilentAfterMinutes", str(self._fleet.silent_after_minutes), "How long is silence"),
            ("HeardDeadLetterQueueUrl", dead.queue_url, "What spokes told and nobody could hear"),
            ("RunningRelease", self._runs, "What spokes run, or are about to"),
            ("MadeRelease", self.release.digest, "What this deployment brought"),
        ):
            CfnOutput(self, name, value=value, description=what)
