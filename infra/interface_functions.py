"""The functions of the interfaces workflow, with what each may do."""

from __future__ import annotations

from aws_cdk import Aws
from constructs import Construct

from infra.connection_functions import READ
from infra.function import Common, Function, Size
from infra.functions import MULTI_REGION, OWNER_TAG, ec2_arns
from infra.ledger import Ledger

# As in `functions`: 512 MiB for the import and the first client, 1,024 for reading pages of XML.
PLAN_INTERFACES = Size(memory=1024, timeout=120)
APPLY_INTERFACE = Size(memory=512, timeout=60)

# The ledger's partitions. A test holds them against the code that reads them.
WITHDRAWN, FINDINGS = "withdrawn", "finding"
PARAMETERS = "endpoint-autopilot"
"""Where the parameters with DNS names lie."""

_WHY = "It serves VPCs and subnets that don't exist yet; what is ours is bound to the owner tag."


class InterfaceFunctions(Construct):
    """`plan_interfaces` and `apply_interface`."""

    def __init__(self, scope: Construct, id: str, *, common: Common, ledger: Ledger) -> None:
        super().__init__(scope, id)
        self._common = common
        self._tagged = {"StringEquals": {f"aws:RequestTag/{OWNER_TAG}": common.owner}}
        self._ours = {"StringEquals": {f"aws:ResourceTag/{OWNER_TAG}": common.owner}}
        self.plan_interfaces = self._plan(ledger)
        self.apply_interface = self._apply()

    def _plan(self, ledger: Ledger) -> Function:
        plan = Function(
            self,
            "PlanInterfaces",
            common=self._common,
            module="plan_interfaces",
            size=PLAN_INTERFACES,
            environment={"LEDGER_TABLE": ledger.table.table_name},
        )
        plan.allow("ec2:DescribeVpcAttribute", on=ec2_arns("vpc"), because=_WHY)
        plan.allow(
            "ec2:DescribeVpcs",
            "ec2:DescribeSubnets",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeVpcEndpoints",
            "ec2:DescribeVpcEndpointServices",
            "servicequotas:GetServiceQuota",
            on="*",
        )
        why = "It reads the names of endpoints in whatever VPCs there are, and nothing else."
        plan.allow("ssm:GetParametersByPath", on=parameters(""))
        plan.allow("ssm:GetParametersByPath", on=parameters("/*"), because=why)
        may_read_tags_of_parameters(plan, why)
        ledger.let(plan, READ, among=[WITHDRAWN])
        ledger.let(plan, READ, among=[FINDINGS])
        return plan

    def _apply(self) -> Function:
        apply = Function(
            self,
            "ApplyInterface",
            common=self._common,
            module="apply_interface",
            size=APPLY_INTERFACE,
            environment={},
        )
        # Those of VPCs, subnets and groups are asked for when one is made (Service Authorization
        # Reference, CreateVpcEndpoint, dependent actions).
        apply.allow(
            "ec2:DescribeVpcEndpoints",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
            on="*",
        )
        self._let_make_endpoints(apply)
        self._let_make_groups(apply)
        self._let_write_parameters(apply)
        return apply

    def _let_make_endpoints(self, apply: Function) -> None:
        """Create what bears our tag, change and delete what bears it already."""
        endpoints, vpcs, subnets, groups = (
            ec2_arns(kind) for kind in ("vpc-endpoint", "vpc", "subnet", "security-group")
        )
        made = {"StringEquals": {"ec2:CreateAction": "CreateVpcEndpoint"}}
        apply.allow("ec2:CreateVpcEndpoint", on=endpoints, when=self._tagged, because=_WHY)
        apply.allow("ec2:CreateTags", on=endpoints, when=made)
        apply.allow(
            "ec2:ModifyVpcEndpoint", "ec2:DeleteVpcEndpoints", on=endpoints, when=self._ours
        )
        apply.allow(MULTI_REGION, on=endpoints)
        apply.allow("ec2:CreateVpcEndpoint", on=vpcs, because=_WHY)
        apply.allow("ec2:CreateVpcEndpoint", "ec2:ModifyVpcEndpoint", on=subnets, because=_WHY)
        apply.allow("ec2:CreateVpcEndpoint", on=groups, when=self._ours, because=_WHY)
        # Removing a group that somebody put on our endpoint names that group, which isn't ours.
        apply.allow("ec2:ModifyVpcEndpoint", on=groups, because=_WHY)
        # Private DNS is a hosted zone of AWS's that joins the VPC (Service Authorization Reference,
        # CreateVpcEndpoint, dependent actions).
        apply.allow(
            "route53:AssociateVPCWithHostedZone",
            on=f"arn:{Aws.PARTITION}:route53:::hostedzone/*",
            because="AWS makes the hosted zone of private DNS; its id is nowhere known before.",
        )

    def _let_make_groups(self, apply: Function) -> None:
        groups = ec2_arns("security-group")
        made = {"StringEquals": {"ec2:CreateAction": "CreateSecurityGroup"}}
        apply.allow("ec2:CreateSecurityGroup", on=groups, when=self._tagged)
        apply.allow("ec2:CreateSecurityGroup", on=ec2_arns("vpc"))
        apply.allow("ec2:CreateTags", on=groups, when=made)
        apply.allow(
            "ec2:AuthorizeSecurityGroupIngress",
            "ec2:RevokeSecurityGroupIngress",
            "ec2:RevokeSecurityGroupEgress",
            "ec2:DeleteSecurityGroup",
            on=groups,
            when=self._ours,
        )

    def _let_write_parameters(self, apply: Function) -> None:
        """Make them with our tag, overwrite what lies at our path, delete what bears the tag.

        No key says whose tag an overwritten parameter bears (Service Authorization Reference,
        PutParameter): the adapter reads it right before.
        """
        names = parameters("/*")
        why = "Their names hold VPCs and services that don't exist yet; the tag makes them ours."
        overwrites = {"StringEquals": {"ssm:Overwrite": "true"}}
        apply.allow("ssm:PutParameter", on=names, when=self._tagged, because=why)
        apply.allow("ssm:PutParameter", on=names, when=overwrites)
        apply.allow("ssm:DeleteParameter", on=names, when=self._ours)
        for tagged in tagged_parameters():
            apply.allow("ssm:AddTagsToResource", on=tagged, when=self._tagged, because=why)
        may_read_tags_of_parameters(apply, why)


def may_read_tags_of_parameters(function: Function, because: str) -> None:
    """Let a function read the tags of the parameters with DNS names."""
    for tagged in tagged_parameters():
        function.allow("ssm:ListTagsForResource", on=tagged, because=because)


def tagged_parameters() -> tuple[str, str]:
    """The ARNs by which calls about tags may know them: some keep the name's own slash."""
    return parameters("/*"), parameters("/*", slash="//")


def parameters(rest: str, slash: str = "/") -> str:
    """The ARN of the path where the parameters with DNS names lie, and of what is below."""
    where = f"arn:{Aws.PARTITION}:ssm:{Aws.REGION}:{Aws.ACCOUNT_ID}"
    return f"{where}:parameter{slash}{PARAMETERS}{rest}"
