"""One workflow: a state machine of statemachines/, with what it may call."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

from aws_cdk import Aws, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.definitions import definition
from infra.function import Function
from infra.nag import acknowledge

_ARN = re.compile(r"\$\{(\w+)(Function|Machine)Arn\}")
_ITSELF = "$states.context.StateMachine.Id"


class Workflow(Construct):
    """`machine`: what `infra.definitions` says of `name`. `called`: the stack's name.

    It calls those of the `functions` (by their modules) and starts those of the `others` that its
    definition names (`${OpenHoldFunctionArn}`, `${ConnectionsMachineArn}`), and may do no more.
    """

    machine: sfn.StateMachine

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        functions: Mapping[str, Function],
        others: Mapping[str, Workflow],
        called: str,
    ) -> None:
        super().__init__(scope, name.title())
        self._called = called
        text = _compact(definition(name))
        steps = {id: functions[_module(id)].function for id in _named(text, "Function")}
        starts = {id: others[id.lower()].machine for id in _named(text, "Machine")}
        role = self._make_role(steps.values(), starts.values())
        arns = {f"{id}FunctionArn": step.function_arn for id, step in steps.items()}
        arns |= {f"{id}MachineArn": other.state_machine_arn for id, other in starts.items()}
        self.machine = self._make_machine(name, text, arns, role)
        if _ITSELF in text:
            self._let_start("CarryOn", role)

    def _make_machine(
        self, name: str, text: str, arns: Mapping[str, str], role: iam.Role
    ) -> sfn.StateMachine:
        machine = sfn.StateMachine(
            self,
            "Machine",
            # Inline, so that cfn-lint and the template's tests see it; from_string drops `timeout`,
            # which stands in the file.
            definition_body=sfn.DefinitionBody.from_string(text),
            definition_substitutions={"Partition": Aws.PARTITION, **arns},
            role=role,
            tracing_enabled=True,
            logs=sfn.LogOptions(
                destination=self._make_logs(name),
                level=sfn.LogLevel.ERROR,
                include_execution_data=False,
            ),
        )
        _answer_the_linters(machine)
        return machine

    def started_by(self, function: Function) -> None:
        """Let a function start it; NAME_MACHINE_ARN in its environment tells it the ARN."""
        variable = f"{self.node.id.upper()}_MACHINE_ARN"
        function.function.add_environment(variable, self.machine.state_machine_arn)
        self._let_start(f"{function.node.id}Starts", function.role)

    def _let_start(self, id: str, role: iam.Role) -> None:
        """A policy beside the role: the machine waits for its steps, these for their roles and the
        roles' own policies, so one of those couldn't name the machine."""
        iam.Policy(self, id, roles=[role], statements=[_may_start(self.machine)])

    def _make_role(
        self, steps: Iterable[lambda_.Function], starts: Iterable[sfn.StateMachine]
    ) -> iam.Role:
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("states.amazonaws.com"))
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["lambda:InvokeFunction"], resources=[step.function_arn for step in steps]
            )
        )
        for machine in starts:
            role.add_to_policy(_may_start(machine))
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
            log_group_name=f"/aws/vendedlogs/states/{self._called}-{name}",
            retention=logs.RetentionDays.THREE_MONTHS,
            removal_policy=RemovalPolicy.DESTROY,
        )


def _answer_the_linters(machine: sfn.StateMachine) -> None:
    # cfn-lint knows states' resources in the partition aws only, and ours is a placeholder; the
    # tests show it the definition with the placeholders filled.
    cfn = cast(sfn.CfnStateMachine, machine.node.default_child)
    cfn.add_metadata("cfn-lint", {"config": {"ignore_checks": ["E3601"]}})
    acknowledge(
        machine, {"SF1": "Errors only: Step Functions itself keeps all events for 90 days."}
    )


def _named(text: str, kind: str) -> list[str]:
    """The ids of the functions or machines whose ARNs a definition asks for."""
    return sorted({found[1] for found in _ARN.finditer(text) if found[2] == kind})


def _module(id: str) -> str:
    return re.sub(r"(?<=.)([A-Z])", r"_\1", id).lower()


def _may_start(machine: sfn.StateMachine) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        actions=["states:StartExecution"], resources=[machine.state_machine_arn]
    )


def _compact(machine: Mapping[str, Any]) -> str:
    """Without white space, which counts against the template's size."""
    return json.dumps(machine, separators=(",", ":"))
