"""The stack: composes the rooms, owns nothing itself."""

from __future__ import annotations

from pathlib import Path

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.alarms import Alarms
from infra.dashboard import Dashboard
from infra.function import Common
from infra.functions import INTAKE, Functions
from infra.ledger import Ledger
from infra.metrics import Metrics
from infra.policy_file import Configuration
from infra.queues import Queues
from infra.staging import staged
from infra.topics import OpsTopic
from infra.triggers import Triggers
from infra.workflows import NetworkWorkflow


class EndpointAutopilotStack(Stack):
    """Everything for one account and Region; fits any account, Region and partition."""

    def __init__(
        self, scope: Construct, id: str, *, configuration: Configuration, bundle: Path
    ) -> None:
        """`bundle`: what `infra.bundle` made, or anything that looks like it."""
        super().__init__(
            scope, id, description="Endpoint Autopilot: VPC endpoints that run themselves"
        )
        queues = Queues(self, "Queues", intake_timeout=INTAKE.timeout)
        ledger = Ledger(self, "Ledger")
        ops = OpsTopic(self, "Ops", emails=configuration.emails)
        with staged(bundle, configuration.policy) as asset:
            common = Common(
                code=lambda_.Code.from_asset(str(asset)),
                owner=self.stack_name,
                dead_letters=queues.dead_letters,
            )
            functions = Functions(
                self, "Functions", common=common, queues=queues, ledger=ledger, ops=ops
            )
        workflow = NetworkWorkflow(self, "Network", functions=functions)
        Triggers(
            self,
            "Triggers",
            configuration=configuration,
            queues=queues,
            functions=functions,
            workflow=workflow,
        )
        self._watch(Metrics(self.stack_name, queues, functions, workflow), ops)
        self._outputs(queues, ledger, ops, workflow)

    def _spare_cfn_lint(self) -> None:
        # CDK writes a DependsOn beside every Ref to a role; cfn-lint finds that superfluous.
        self.template_options.metadata = {"cfn-lint": {"config": {"ignore_checks": ["W3005"]}}}

    def _watch(self, metrics: Metrics, ops: OpsTopic) -> None:
        alarms = Alarms(self, "Alarms", metrics=metrics, topic=ops.topic)
        Dashboard(self, "Dashboard", metrics=metrics, alarms=alarms.all)
        self._spare_cfn_lint()

    def _outputs(
        self, queues: Queues, ledger: Ledger, ops: OpsTopic, workflow: NetworkWorkflow
    ) -> None:
        for name, value, what in (
            ("OpsTopicArn", ops.topic.topic_arn, "Subscribe to hear what happens"),
            ("NetworkWorkflowArn", workflow.machine.state_machine_arn, "Start it to look now"),
            ("IntakeQueueUrl", queues.intake.queue_url, "Events on their way in"),
            (
                "IntakeDeadLetterQueueUrl",
                queues.intake_dead_letters.queue_url,
                "Events that could not be handled",
            ),
            ("LedgerTableName", ledger.table.table_name, "What ops know already"),
        ):
            CfnOutput(self, name, value=value, description=what)
