"""The functions of the services workflow, with what each may do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from constructs import Construct

from infra.connection_functions import may_read_permissions
from infra.function import Common, Function, Size
from infra.functions import MULTI_REGION, OWNER_TAG, ec2_arns

# As in `functions`: 512 MiB for the import and the first client, 1,024 for reading pages of XML.
PLAN_SERVICES = Size(memory=1024, timeout=120)
APPLY_SERVICES = Size(memory=512, timeout=60)


class ServiceFunctions(Construct):
    """`plan_services` and `apply_services`."""

    def __init__(self, scope: Construct, id: str, *, common: Common) -> None:
        super().__init__(scope, id)
        self._common = common
        self.plan_services = self._plan_services()
        self.apply_services = self._apply_services()

    def _function(self, id: str, module: str, size: Size) -> Function:
        return Function(self, id, common=self._common, module=module, size=size, environment={})

    def _plan_services(self) -> Function:
        plan = self._function("PlanServices", "plan_services", PLAN_SERVICES)
        plan.allow(
            "elasticloadbalancing:DescribeLoadBalancers",
            "elasticloadbalancing:DescribeTags",
            "ec2:DescribeVpcEndpointServiceConfigurations",
            "ec2:DescribeVpcEndpointConnections",
            on="*",
        )
        may_read_permissions(plan)
        return plan

    def _apply_services(self) -> Function:
        """May create only what bears our tag, and change only what bears it already."""
        apply = self._function("ApplyServices", "apply_services", APPLY_SERVICES)
        owner = self._common.owner
        tagged = {"StringEquals": {f"aws:RequestTag/{OWNER_TAG}": owner}}
        ours = {"StringEquals": {f"aws:ResourceTag/{OWNER_TAG}": owner}}
        create = "CreateVpcEndpointServiceConfiguration"
        services = ec2_arns("vpc-endpoint-service")
        why = "It serves endpoint services that don't exist yet; they are bound to the owner tag."
        apply.allow(f"ec2:{create}", on=services, when=tagged, because=why)
        at_creation = {"StringEquals": {"ec2:CreateAction": create}}
        apply.allow("ec2:CreateTags", on=services, when=at_creation)
        apply.allow(
            "ec2:DescribeVpcEndpointServiceConfigurations",
            "ec2:DescribeVpcEndpointConnections",
            on="*",
        )
        self._let_change(apply, services, ours)
        # Also where the policy names no Region (any more): services of before may have some.
        apply.allow(MULTI_REGION, on=services)
        return apply

    @staticmethod
    def _let_change(apply: Function, services: str, ours: Mapping[str, Any]) -> None:
        apply.allow(
            "ec2:ModifyVpcEndpointServiceConfiguration",
            "ec2:ModifyVpcEndpointServicePermissions",
            "ec2:StartVpcEndpointServicePrivateDnsVerification",
            "ec2:DeleteVpcEndpointServiceConfigurations",
            "ec2:RejectVpcEndpointConnections",
            on=services,
            when=ours,
        )
