"""The role by which peers read this account's zones, and who may be read by it in turn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autopilot.policy.model import Peer
from aws_cdk import Aws
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.nag import acknowledge

# Peers know it by this name, whatever version of the stack they have.
ROLE_NAME = f"EndpointAutopilotZoneReader-{Aws.REGION}"
# Only a function of their own stack may use it, not whoever may assume roles there.
CALLERS = "role/EndpointAutopilot-*"
# A StackSet's stack is called StackSet-EndpointAutopilot-<target>-<uuid>, of which the name of a
# role has the first 24 characters or so (believed).
CALLERS_OF_STACK_SETS = "role/StackSet-EndpointAut*"


class ZoneReader(Construct):
    """A read-only role that only the peers' own Endpoint Autopilot may assume."""

    def __init__(
        self, scope: Construct, id: str, *, peers: Sequence[Peer], of_fleet: bool = False
    ) -> None:
        """`of_fleet`: peers may be spokes, whose roles are called otherwise."""
        super().__init__(scope, id)
        role = iam.Role(
            self,
            "Role",
            role_name=ROLE_NAME,
            description="Lets peers compare zones by ID: reads subnets and endpoints of one Region",
            assumed_by=iam.CompositePrincipal(*(_trusted(peer, of_fleet) for peer in peers)),
        )
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["ec2:DescribeSubnets", "ec2:DescribeVpcEndpoints"],
                resources=["*"],
                conditions={"StringEquals": {"aws:RequestedRegion": Aws.REGION}},
            )
        )
        acknowledge(role, {"IAM5[Resource::*]": "EC2's Describe actions know no resources."})


def readable(peers: Sequence[Peer]) -> Iterator[str]:
    """The ARNs of the roles by which we may read the peers' zones."""
    owners = sorted({peer.value for peer in peers if peer.kind == "account"})
    if any(peer.kind == "organization" for peer in peers):
        owners = ["*"]  # whoever is not in it doesn't trust us either
    for owner in owners:
        yield f"arn:{Aws.PARTITION}:iam::{owner}:role/{ROLE_NAME}"


def _trusted(peer: Peer, of_fleet: bool) -> iam.IPrincipal:
    owner = peer.value if peer.kind == "account" else "*"
    names = [CALLERS, CALLERS_OF_STACK_SETS] if of_fleet else [CALLERS]
    callers = [f"arn:{Aws.PARTITION}:iam::{owner}:{name}" for name in names]
    conditions = {"ArnLike": {"aws:PrincipalArn": callers if of_fleet else callers[0]}}
    if peer.kind == "account":
        return iam.PrincipalWithConditions(iam.AccountPrincipal(peer.value), conditions)
    within = {"StringEquals": {"aws:PrincipalOrgID": peer.value}}
    return iam.PrincipalWithConditions(iam.AnyPrincipal(), {**conditions, **within})
