"""The functions of the interfaces workflow."""

from __future__ import annotations

from aws_cdk import Aws

from infra.function import Row
from infra.functions.surroundings import Surroundings
from infra.grants import MULTI_REGION, Grant, at, ec2, may, parameters, tags_of_parameters
from infra.ledger import DELETE, FINDINGS, READ, RETIRED, WITHDRAWN, WRITE

WHY = "It serves VPCs and subnets that don't exist yet; what is ours is bound to the owner tag."
READ_NAMES = "It reads the names of endpoints in whatever VPCs there are, and nothing else."
WRITE_NAMES = "Their names hold VPCs and services that don't exist yet; the tag makes them ours."
# Those of VPCs, subnets and groups are asked for when one is made, too (Service Authorization
# Reference, CreateVpcEndpoint, dependent actions).
LOOK = (
    "ec2:DescribeVpcs",
    "ec2:DescribeSubnets",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeVpcEndpoints",
)


def table(here: Surroundings) -> tuple[Row, ...]:
    """`plan_interfaces` reads, `apply_interface` changes."""
    return (
        Row(
            "plan_interfaces",
            memory=1024,
            timeout=120,
            environment=here.ledger.known,
            may=(
                may("ec2:DescribeVpcAttribute", on=ec2("vpc"), because=WHY),
                may(*LOOK, "ec2:DescribeVpcEndpointServices", on="*"),
                may("servicequotas:GetServiceQuota", on="*"),
                may("ssm:GetParametersByPath", on=parameters("")),
                may("ssm:GetParametersByPath", on=parameters("/*"), because=READ_NAMES),
                *tags_of_parameters("ListTagsForResource", None, READ_NAMES),
                here.ledger.rows(READ, among=[WITHDRAWN]),
                here.ledger.rows(READ, among=[FINDINGS]),
                here.ledger.rows(READ, WRITE, DELETE, among=[RETIRED]),
                *_traffic(here),
            ),
        ),
        Row(
            "apply_interface",
            may=(may(*LOOK, on="*"), *_endpoints(here), *_groups(here), *_names(here)),
        ),
    )


def _traffic(here: Surroundings) -> tuple[Grant, ...]:
    """What says which endpoints nobody uses; read only where idle ones are to go.

    Neither action knows resources (Service Authorization Reference, CloudWatch).
    """
    if here.policy.retire_interfaces != "idle":
        return ()
    return (may("cloudwatch:GetMetricData", "cloudwatch:ListMetrics", on="*"),)


def _endpoints(here: Surroundings) -> tuple[Grant, ...]:
    """Create what bears our tag, change and delete what bears it already."""
    create, modify = "ec2:CreateVpcEndpoint", "ec2:ModifyVpcEndpoint"
    endpoints, groups = ec2("vpc-endpoint"), ec2("security-group")
    return (
        may(create, on=endpoints, when=here.tagged, because=WHY),
        may("ec2:CreateTags", on=endpoints, when=at("CreateVpcEndpoint")),
        may(modify, "ec2:DeleteVpcEndpoints", on=endpoints, when=here.ours),
        may(MULTI_REGION, on=endpoints),
        may(create, on=ec2("vpc"), because=WHY),
        may(create, modify, on=ec2("subnet"), because=WHY),
        may(create, on=groups, when=here.ours, because=WHY),
        # Removing a group that somebody put on our endpoint names that group, which isn't ours.
        may(modify, on=groups, because=WHY),
        # Private DNS is a hosted zone of AWS's that joins the VPC (Service Authorization Reference,
        # CreateVpcEndpoint, dependent actions).
        may(
            "route53:AssociateVPCWithHostedZone",
            on=f"arn:{Aws.PARTITION}:route53:::hostedzone/*",
            because="AWS makes the hosted zone of private DNS; its id is nowhere known before.",
        ),
    )


def _groups(here: Surroundings) -> tuple[Grant, ...]:
    create, groups = "ec2:CreateSecurityGroup", ec2("security-group")
    return (
        may(create, on=groups, when=here.tagged),
        may(create, on=ec2("vpc")),
        may("ec2:CreateTags", on=groups, when=at("CreateSecurityGroup")),
        may(
            "ec2:AuthorizeSecurityGroupIngress",
            "ec2:RevokeSecurityGroupIngress",
            "ec2:RevokeSecurityGroupEgress",
            "ec2:DeleteSecurityGroup",
            on=groups,
            when=here.ours,
        ),
    )


def _names(here: Surroundings) -> tuple[Grant, ...]:
    """Make parameters with our tag, overwrite what lies at our path, delete what bears the tag.

    No key says whose tag an overwritten parameter bears (Service Authorization Reference,
    PutParameter): the adapter reads it right before.
    """
    names, overwrites = parameters("/*"), {"StringEquals": {"ssm:Overwrite": "true"}}
    return (
        may("ssm:PutParameter", on=names, when=here.tagged, because=WRITE_NAMES),
        may("ssm:PutParameter", on=names, when=overwrites),
        may("ssm:DeleteParameter", on=names, when=here.ours),
        *tags_of_parameters("AddTagsToResource", here.tagged, WRITE_NAMES),
        *tags_of_parameters("ListTagsForResource", None, WRITE_NAMES),
    )
