"""The functions of the withdraw and the uninstall workflow: each plans, and removes one by one."""

from __future__ import annotations

from infra.function import Row
from infra.functions.surroundings import Surroundings
from infra.grants import MULTI_REGION, Grant, ec2, may, parameters, tags_of_parameters
from infra.ledger import READ, WITHDRAWN, WRITE

OURS_ANYWHERE = "Ours may be in any VPC; each call is bound to the owner tag."
PART_OF_OURS = "What our endpoint lets go of may be anybody's; the endpoint bears our tag."
SERVICES = "ec2:DescribeVpcEndpointServiceConfigurations"
ENDPOINTS_AND_GROUPS = ("ec2:DescribeVpcEndpoints", "ec2:DescribeSecurityGroups")


def table(here: Surroundings) -> tuple[Row, ...]:
    """Those of stepping aside, then those of leaving."""
    return (
        _plan_withdrawal(here),
        _apply_withdrawal(here),
        Row(
            "plan_uninstall",
            memory=1024,
            timeout=120,
            may=(
                may(*ENDPOINTS_AND_GROUPS, SERVICES, on="*"),
                may("ec2:DescribeVpcEndpointConnections", "ssm:DescribeParameters", on="*"),
            ),
        ),
        _apply_uninstall(here),
    )


def _plan_withdrawal(here: Surroundings) -> Row:
    return Row(
        "plan_withdrawal",
        memory=1024,
        timeout=120,
        environment=here.ledger.known,
        may=(
            here.ledger.rows(READ, among=[WITHDRAWN]),
            may(
                *ENDPOINTS_AND_GROUPS,
                "ec2:DescribeVpcs",
                "ec2:DescribeSubnets",
                "ec2:DescribeRouteTables",
                "ec2:DescribeNetworkInterfaces",
                on="*",
            ),
        ),
    )


def _apply_withdrawal(here: Surroundings) -> Row:
    modify = "ec2:ModifyVpcEndpoint"
    return Row(
        "apply_withdrawal",
        environment=here.ledger.known,
        may=(
            *_deletions(here),
            may(modify, on=ec2("vpc-endpoint"), when=here.ours),
            may(modify, on=ec2("route-table"), because=PART_OF_OURS),
            may(modify, on=ec2("subnet"), because=PART_OF_OURS),
            may(modify, on=ec2("security-group")),
            here.ledger.rows(READ, WRITE, among=[WITHDRAWN]),
        ),
    )


def _apply_uninstall(here: Surroundings) -> Row:
    services = ec2("vpc-endpoint-service")
    delete = "ec2:DeleteVpcEndpointServiceConfigurations"
    return Row(
        "apply_uninstall",
        may=(
            *_deletions(here),
            may(SERVICES, on="*"),
            may(delete, on=services, when=here.ours, because=OURS_ANYWHERE),
            may(MULTI_REGION, on=services),
            *tags_of_parameters("ListTagsForResource", None, OURS_ANYWHERE),
            may("ssm:DeleteParameter", on=parameters("/*"), when=here.ours),
        ),
    )


def _deletions(here: Surroundings) -> tuple[Grant, ...]:
    """Endpoints and groups that bear our tag."""
    endpoints, groups = ec2("vpc-endpoint"), ec2("security-group")
    return (
        may(*ENDPOINTS_AND_GROUPS, on="*"),
        may("ec2:DeleteVpcEndpoints", on=endpoints, when=here.ours, because=OURS_ANYWHERE),
        may("ec2:DeleteSecurityGroup", on=groups, when=here.ours, because=OURS_ANYWHERE),
        may(MULTI_REGION, on=endpoints),
    )
