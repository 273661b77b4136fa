"""The workflows: the state machines of statemachines/, with what each may call."""

from __future__ import annotations

import json
from pathlib import Path
from typing import cast

from aws_cdk import Aws, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.function import Function
from infra.functions import Functions
from infra.nag import acknowledge

NETWORK = Path(__file__).parents[1] / "statemachines" / "network.asl.json"


class NetworkWorkflow(Construct):
    """`machine`: plan, carry out, look again, tell ops."""

    def __init__(self, scope: Construct, id: str, *, functions: Functions) -> None:
        super().__init__(scope, id)
        steps = (functions.plan_network, functions.apply_network, functions.record)
        self._role = self._make_role(steps)
        self.machine = sfn.StateMachine(
            self,
            "Machine",
            # Inline, so that cfn-lint and the template's tests see it; from_string drops `timeout`,
            # which stands in the file.
            definition_body=sfn.DefinitionBody.from_string(_compact(NETWORK)),
            definition_substitutions={
                "Partition": Aws.PARTITION,
                "PlanNetworkFunctionArn": functions.plan_network.function.function_arn,
                "ApplyNetworkFunctionArn": functions.apply_network.function.function_arn,
                "RecordFunctionArn": functions.record.function.function_arn,
            },
            role=self._role,
            tracing_enabled=True,
            logs=sfn.LogOptions(
                destination=self._make_logs(),
                level=sfn.LogLevel.ERROR,
                include_execution_data=False,
            ),
        )
        self._answer_the_linters()
        self._let_it_start_itself()
        self._let_intake_start_it(functions.intake)

    def _answer_the_linters(self) -> None:
        # cfn-lint knows states' resources in the partition aws only, and ours is a placeholder; the
        # tests show it the definition with the placeholders filled.
        cfn = cast(sfn.CfnStateMachine, self.machine.node.default_child)
        cfn.add_metadata("cfn-lint", {"config": {"ignore_checks": ["E3601"]}})
        acknowledge(
            self.machine,
            {"SF1": "Errors only: Step Functions itself keeps all events for 90 days."},
        )

    def _make_role(self, steps: tuple[Function, ...]) -> iam.Role:
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("states.amazonaws.com"))
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["lambda:InvokeFunction"],
                resources=[step.function.function_arn for step in steps],
            )
        )
        acknowledge(
            role,
            {"IAM5[Resource::*]": "X-Ray's and the log deliveries' actions know no resources."},
        )
        return role

    def _make_logs(self) -> logs.LogGroup:
        return logs.LogGroup(
            self,
            "Logs",
            # With this prefix log delivery needs no line of its own in the account's one resource
            # policy for logs, whose room is short (Step Functions' guide, "logging").
            log_group_name=f"/aws/vendedlogs/states/{Stack.of(self).stack_name}-network",
            retention=logs.RetentionDays.THREE_MONTHS,
            removal_policy=RemovalPolicy.DESTROY,
        )

    def _let_it_start_itself(self) -> None:
        """For what one execution can't hold. A policy beside the role: the machine waits for the
        role and its own policies, so one of those couldn't name the machine."""
        iam.Policy(
            self,
            "CarryOn",
            roles=[self._role],
            statements=[
                iam.PolicyStatement(
                    actions=["states:StartExecution"], resources=[self.machine.state_machine_arn]
                )
            ],
        )

    def _let_intake_start_it(self, intake: Function) -> None:
        intake.function.add_environment("STATE_MACHINE_ARN", self.machine.state_machine_arn)
        intake.allow("states:StartExecution", on=self.machine.state_machine_arn)


def _compact(path: Path) -> str:
    """The definition without white space, which counts against the template's size."""
    return json.dumps(json.loads(path.read_text(encoding="utf-8")), separators=(",", ":"))
