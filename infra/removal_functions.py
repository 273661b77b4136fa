"""The functions that withdraw and uninstall what is ours, with what each may do."""

from __future__ import annotations

from constructs import Construct

from infra.function import Common, Function, Size
from infra.functions import MULTI_REGION, OWNER_TAG, WITHDRAWN, ec2_arns
from infra.interface_functions import may_read_tags_of_parameters, parameters
from infra.ledger import Ledger

# As in `functions`: 512 MiB for the import and the first client, 1,024 for reading pages of XML.
PLAN_WITHDRAWAL = Size(memory=1024, timeout=120)
APPLY_WITHDRAWAL = Size(memory=512, timeout=60)
PLAN_UNINSTALL = Size(memory=1024, timeout=120)
APPLY_UNINSTALL = Size(memory=512, timeout=60)

OURS_ANYWHERE = "Ours may be in any VPC; each call is bound to the owner tag."
PART_OF_OURS = "What an endpoint of ours lets go of may be anybody's; the endpoint bears our tag."


class RemovalFunctions(Construct):
    """The steps of stepping aside and of leaving: each plans, and removes one thing at a time."""

    def __init__(self, scope: Construct, id: str, *, common: Common, ledger: Ledger) -> None:
        super().__init__(scope, id)
        self._common, self._ledger = common, ledger
        self._ours = {"StringEquals": {f"aws:ResourceTag/{OWNER_TAG}": common.owner}}
        self.plan_withdrawal = self._plan_withdrawal()
        self.apply_withdrawal = self._apply_withdrawal()
        self.plan_uninstall = self._plan_uninstall()
        self.apply_uninstall = self._apply_uninstall()

    def _function(self, id: str, module: str, size: Size, **environment: str) -> Function:
        return Function(
            self, id, common=self._common, module=module, size=size, environment=environment
        )

    def _plan_withdrawal(self) -> Function:
        table = self._ledger.table.table_name
        plan = self._function(
            "PlanWithdrawal", "plan_withdrawal", PLAN_WITHDRAWAL, LEDGER_TABLE=table
        )
        self._ledger.let(plan, "Query", among=[WITHDRAWN])
        plan.allow(
            "ec2:DescribeVpcs",
            "ec2:DescribeSubnets",
            "ec2:DescribeRouteTables",
            "ec2:DescribeVpcEndpoints",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeNetworkInterfaces",
            on="*",
        )
        return plan

    def _apply_withdrawal(self) -> Function:
        apply = self._function(
            "ApplyWithdrawal",
            "apply_withdrawal",
            APPLY_WITHDRAWAL,
            LEDGER_TABLE=self._ledger.table.table_name,
        )
        self._let_delete_endpoints_and_groups(apply)
        endpoints = ec2_arns("vpc-endpoint")
        apply.allow("ec2:ModifyVpcEndpoint", on=endpoints, when=self._ours)
        for kind in ("route-table", "subnet"):
            apply.allow("ec2:ModifyVpcEndpoint", on=ec2_arns(kind), because=PART_OF_OURS)
        apply.allow("ec2:ModifyVpcEndpoint", on=ec2_arns("security-group"))
        self._ledger.let(apply, "Query", "PutItem", among=[WITHDRAWN])
        return apply

    def _plan_uninstall(self) -> Function:
        plan = self._function("PlanUninstall", "plan_uninstall", PLAN_UNINSTALL)
        plan.allow(
            "ec2:DescribeVpcEndpoints",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeVpcEndpointServiceConfigurations",
            "ec2:DescribeVpcEndpointConnections",
            "ssm:DescribeParameters",
            on="*",
        )
        return plan

    def _apply_uninstall(self) -> Function:
        apply = self._function("ApplyUninstall", "apply_uninstall", APPLY_UNINSTALL)
        self._let_delete_endpoints_and_groups(apply)
        apply.allow("ec2:DescribeVpcEndpointServiceConfigurations", on="*")
        apply.allow(
            "ec2:DeleteVpcEndpointServiceConfigurations",
            on=ec2_arns("vpc-endpoint-service"),
            when=self._ours,
            because=OURS_ANYWHERE,
        )
        apply.allow(MULTI_REGION, on=ec2_arns("vpc-endpoint-service"))
        may_read_tags_of_parameters(apply, OURS_ANYWHERE)
        apply.allow("ssm:DeleteParameter", on=parameters("/*"), when=self._ours)
        return apply

    def _let_delete_endpoints_and_groups(self, function: Function) -> None:
        function.allow("ec2:DescribeVpcEndpoints", "ec2:DescribeSecurityGroups", on="*")
        for action, kind in (
            ("ec2:DeleteVpcEndpoints", "vpc-endpoint"),
            ("ec2:DeleteSecurityGroup", "security-group"),
        ):
            function.allow(action, on=ec2_arns(kind), when=self._ours, because=OURS_ANYWHERE)
        function.allow(MULTI_REGION, on=ec2_arns("vpc-endpoint"))
