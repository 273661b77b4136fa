"""One workflow: a state machine of statemachines/, with what it may call."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from aws_cdk import Aws, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.definitions import definition
from infra.function import Function
from infra.nag import acknowledge


class Workflow(Construct):
    """`machine`: what `infra.definitions` says of `name`.

    `steps`: the functions by their placeholders, `OpenHold` for `${OpenHoldFunctionArn}`;
    `starts`: other workflows that it starts (`Connections` for `${ConnectionsMachineArn}`).
    """

    machine: sfn.StateMachine

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        name: str,
        steps: Mapping[str, Function],
        starts: Mapping[str, Workflow] | None = None,
    ) -> None:
        super().__init__(scope, id)
        self._role = self._make_role(steps)
        arns = {f"{step}FunctionArn": f.function.function_arn for step, f in steps.items()}
        arns |= self._starting(starts or {})
        self.machine = sfn.StateMachine(
            self,
            "Machine",
            # Inline, so that cfn-lint and the template's tests see it; from_string drops `timeout`,
            # which stands in the file.
            definition_body=sfn.DefinitionBody.from_string(_compact(definition(name))),
            definition_substitutions=_placeholders(steps, starts or {}),
            role=self._role,
            tracing_enabled=True,
            logs=sfn.LogOptions(
                destination=self._make_logs(name),
                level=sfn.LogLevel.ERROR,
                include_execution_data=False,
            ),
        )
        self._answer_the_linters()

    def _starting(self, starts: Mapping[str, Workflow]) -> dict[str, str]:
        for other in starts.values():
            self._role.add_to_policy(_may_start(other.machine))
        return {f"{name}MachineArn": w.machine.state_machine_arn for name, w in starts.items()}

    def carries_on(self) -> None:
        """Let it start itself, for what one execution can't hold."""
        self._let_start("CarryOn", self._role)

    def started_by(self, function: Function, variable: str) -> None:
        """Let a function start it; an environment variable tells it the machine's ARN."""
        function.function.add_environment(variable, self.machine.state_machine_arn)
        self._let_start(f"{function.node.id}Starts", function.role)

    def _let_start(self, id: str, role: iam.Role) -> None:
        """A policy beside the role: the machine waits for its steps, these for their roles and the
        roles' own policies, so one of those couldn't name the machine."""
        iam.Policy(self, id, roles=[role], statements=[_may_start(self.machine)])

    def _answer_the_linters(self) -> None:
        # cfn-lint knows states' resources in the partition aws only, and ours is a placeholder; the
        # tests show it the definition with the placeholders filled.
        cfn = cast(sfn.CfnStateMachine, self.machine.node.default_child)
        cfn.add_metadata("cfn-lint", {"config": {"ignore_checks": ["E3601"]}})
        acknowledge(
            self.machine,
            {"SF1": "Errors only: Step Functions itself keeps all events for 90 days."},
        )

    def _make_role(self, steps: Mapping[str, Function]) -> iam.Role:
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("states.amazonaws.com"))
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["lambda:InvokeFunction"],
                resources=[step.function.function_arn for step in steps.values()],
            )
        )
        acknowledge(
            role,
            {"IAM5[Resource::*]": "X-Ray's and the log deliveries' actions know no resources."},
        )
        return role

    def _make_logs(self, name: str) -> logs.LogGroup:
        return logs.LogGroup(
            self,
            "Logs",
            # With this prefix log delivery needs no line of its own in the account's one resource
            # policy for logs, whose room is short (Step Functions' guide, "logging").
            log_group_name=f"/aws/vendedlogs/states/{Stack.of(self).stack_name}-{name}",
            retention=logs.RetentionDays.THREE_MONTHS,
            removal_policy=RemovalPolicy.DESTROY,
        )


def _placeholders(
    steps: Mapping[str, Function], starts: Mapping[str, Workflow]
) -> Mapping[str, str]:
    return {
        "Partition": Aws.PARTITION,
        **{f"{step}FunctionArn": f.function.function_arn for step, f in steps.items()},
        **{f"{other}MachineArn": w.machine.state_machine_arn for other, w in starts.items()},
    }


def _may_start(machine: sfn.StateMachine) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        actions=["states:StartExecution"], resources=[machine.state_machine_arn]
    )


def _compact(machine: Mapping[str, Any]) -> str:
    """Without white space, which counts against the template's size."""
    return json.dumps(machine, separators=(",", ":"))
