"""The functions of the services workflow."""

from __future__ import annotations

from infra.function import Row
from infra.functions.connections import LISTS
from infra.functions.surroundings import Surroundings
from infra.grants import MULTI_REGION, at, ec2, may

WHY = "It serves endpoint services that don't exist yet; they are bound to the owner tag."
LOOK = ("ec2:DescribeVpcEndpointServiceConfigurations", "ec2:DescribeVpcEndpointConnections")
BALANCERS = (
    "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:DescribeTags",
)
CHANGE = (
    "ec2:ModifyVpcEndpointServiceConfiguration",
    "ec2:ModifyVpcEndpointServicePermissions",
    "ec2:StartVpcEndpointServicePrivateDnsVerification",
    "ec2:DeleteVpcEndpointServiceConfigurations",
    "ec2:RejectVpcEndpointConnections",
)


def table(here: Surroundings) -> tuple[Row, ...]:
    """May create only what bears our tag, and change only what bears it already."""
    create = "CreateVpcEndpointServiceConfiguration"
    services = ec2("vpc-endpoint-service")
    return (
        Row(
            "plan_services",
            memory=1024,
            timeout=120,
            may=(may(*BALANCERS, *LOOK, on="*"), LISTS),
        ),
        Row(
            "apply_services",
            may=(
                may(f"ec2:{create}", on=services, when=here.tagged, because=WHY),
                may("ec2:CreateTags", on=services, when=at(create)),
                may(*LOOK, on="*"),
                may(*CHANGE, on=services, when=here.ours),
                # Also where the policy names no Region (any more): older services may have some.
                may(MULTI_REGION, on=services),
            ),
        ),
    )
