"""Lambda functions, each with its own role, log group, size and timeout, made from tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import cast

from aws_cdk import Aws, CfnElement, Duration, Reference, RemovalPolicy, Stack, Tokenization
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.grants import Grant
from infra.lambda_python import chosen, dotted
from infra.nag import acknowledge

NO_RESOURCES = (
    "X-Ray's actions, EC2's and SSM's Describe, reading CloudWatch's metrics and task tokens know"
    " no resources, a quota's needs none; asking the organization is about accounts that nobody"
    " knows before."
)
METRICS_NAMESPACE = "EndpointAutopilot"
_ATTRIBUTE = re.compile(r"\$\{Token\[[^]]*\]\}")


@dataclass(frozen=True)
class Row:
    """A row of a table of functions: its module, what it is told, what it may do and take.

    `memory` in MiB buys processor time: 512 (a third of a processor) for the import and the first
    client, which is where most functions spend it; 1,024 for reading pages of XML. `timeout` in
    seconds. `role_name`: its role's, where others know it by that.
    """

    module: str
    memory: int = 512
    timeout: int = 60
    environment: Mapping[str, str] = field(default_factory=dict)
    may: tuple[Grant, ...] = ()
    role_name: str | None = None

    @property
    def id(self) -> str:
        """Its construct's: PlanNetwork for `plan_network`."""
        return self.module.title().replace("_", "")


@dataclass(frozen=True)
class Common:
    """What all functions share. No reserved concurrency: an account starts with as few as ten
    concurrent executions, none of which may be reserved; the queue and the Map limit themselves.
    `layers`: a StackSet's spoke has its policy in one.
    """

    code: lambda_.Code
    owner: str
    dead_letters: sqs.IQueue
    layers: tuple[lambda_.ILayerVersion, ...] = ()


class Function(Construct):
    """A function named after its module, under a `role` that may log and trace, and no more."""

    def __init__(self, scope: Construct, *, common: Common, row: Row) -> None:
        super().__init__(scope, row.id)
        log_group = self._make_logs()
        self.log_group_name = log_group.log_group_name
        self.role = self._make_role(log_group, row.role_name)
        self.function = lambda_.Function(
            self,
            "Function",
            code=common.code,
            layers=[*common.layers] or None,
            handler=f"{row.module}.handler",
            runtime=_runtime(),
            architecture=lambda_.Architecture.ARM_64,
            memory_size=row.memory,
            timeout=Duration.seconds(row.timeout),
            role=self.role,
            log_group=log_group,
            tracing=lambda_.Tracing.ACTIVE,
            dead_letter_queue=common.dead_letters,
            environment={**_environment(common.owner), **row.environment},
        )
        self._accept_runtime()
        for grant in row.may:
            self.allow(grant)

    def _accept_runtime(self) -> None:
        acknowledge(
            self.function,
            {"L1": "The Python that builds, whose bytecode is in the bundle, where Lambda has it."},
        )

    def _make_logs(self) -> logs.LogGroup:
        return logs.LogGroup(
            self,
            "Logs",
            # As long as Step Functions keeps an execution's history.
            retention=logs.RetentionDays.THREE_MONTHS,
            removal_policy=RemovalPolicy.DESTROY,
        )

    def _make_role(self, log_group: logs.LogGroup, name: str | None) -> iam.Role:
        role = iam.Role(
            self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"), role_name=name
        )
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                resources=[log_group.log_group_arn],
            )
        )
        acknowledge(
            role,
            {"IAM5[Resource::*]": NO_RESOURCES},
        )
        return role

    def allow(self, grant: Grant) -> None:
        """Allow it in addition."""
        self.role.add_to_policy(
            iam.PolicyStatement(
                actions=list(grant.actions), resources=[grant.on], conditions=grant.when
            )
        )
        if grant.because:
            acknowledge(self.role, {f"IAM5[Resource::{shown(grant.on)}]": grant.because})


class FunctionGroup(Construct):
    """`functions`: those of a table, by their modules."""

    def __init__(self, scope: Construct, id: str, *, common: Common, table: Iterable[Row]) -> None:
        super().__init__(scope, id)
        self.functions = {row.module: Function(self, common=common, row=row) for row in table}


def _runtime() -> lambda_.Runtime:
    return lambda_.Runtime(f"python{dotted(chosen())}", lambda_.RuntimeFamily.PYTHON)


def _environment(owner: str) -> dict[str, str]:
    return {
        "OWNER": owner,
        "ACCOUNT_ID": Aws.ACCOUNT_ID,
        "AWS_DATA_PATH": "/var/task/models",
        # The stack's name, so that the metrics of two stacks don't mix.
        "POWERTOOLS_SERVICE_NAME": owner,
        "POWERTOOLS_METRICS_NAMESPACE": METRICS_NAMESPACE,
        "POWERTOOLS_LOG_LEVEL": "INFO",
    }


def shown(arn: str) -> str:
    """An ARN as cdk-nag shows it."""
    names = {Aws.PARTITION: "Partition", Aws.REGION: "Region", Aws.ACCOUNT_ID: "AccountId"}
    for token, name in names.items():
        arn = arn.replace(token, f"<AWS::{name}>")
    return _ATTRIBUTE.sub(_attribute, arn)


def _attribute(token: re.Match[str]) -> str:
    """An attribute of a resource, as cdk-nag shows it: <LogicalId.Name>."""
    reference = cast(Reference, Tokenization.reverse_string(token[0]).first_token)
    owner = cast(CfnElement, reference.target)
    return f"<{Stack.of(owner).get_logical_id(owner)}.{reference.display_name}>"
