"""What AWS says to calls that change nothing: `DryRun`, with the operator's own credentials.

They meet what a simulation doesn't know: resource control policies, and whatever AWS enforces that
day. A refusal for want of the operator's own permissions says nothing about the automation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from autopilot.aws.errors import AccessDenied, AwsError

from cli.checkup.model import Ailment, Shell

# AWS's words for a refusal from above (IAM guide, "Troubleshoot access denied error messages").
_ABOVE = re.compile(r"(service|resource) control policy")


@dataclass(frozen=True)
class Rehearsal:
    """A call of EC2's to be rehearsed."""

    operation: str
    request: Mapping[str, Any]


def rehearsals(vpc_id: str, region: str, owner: str) -> Iterator[Rehearsal]:
    """The calls by which the automation makes things, in a VPC of the account."""
    tags = [{"Key": "endpoint-autopilot:owner", "Value": owner}]

    def tagged(kind: str) -> dict[str, Any]:
        return {"TagSpecifications": [{"ResourceType": kind, "Tags": tags}]}

    yield Rehearsal(
        "CreateVpcEndpoint",
        {
            "VpcId": vpc_id,
            "ServiceName": f"com.amazonaws.{region}.s3",
            **tagged("vpc-endpoint"),
        },
    )
    yield Rehearsal(
        "CreateSecurityGroup",
        {
            "VpcId": vpc_id,
            "GroupName": "endpoint-autopilot-dry-run",
            "Description": "Never made",
            **tagged("security-group"),
        },
    )


def refused_above(operation: str, error: AwsError, account: str, shell: Shell) -> Iterator[Ailment]:
    """What is wrong if a rehearsal was refused by somebody above the account."""
    found = _ABOVE.search(str(error)) if isinstance(error, AccessDenied) else None
    if found is None:
        return
    kind = f"{found[1].upper()}_CONTROL_POLICY"
    yield Ailment(
        "organization-denies",
        f"ec2:{operation}",
        f"A rehearsal of {operation} with your own credentials was refused: a {found[0]} of your"
        " organization denies it.",
        "It may deny the automation, too, which makes endpoints with this call.",
        (shell.aws("organizations", "list-policies-for-target", target_id=account, filter=kind),),
        "With the management account's credentials this lists the account's policies (those of the"
        " units above it, too); have them let the stack's roles through.",
    )


def own_lack(operation: str, error: AwsError) -> tuple[str, ...]:
    """A note on a rehearsal that the operator's own permissions don't allow; else none."""
    if not isinstance(error, AccessDenied) or _ABOVE.search(str(error)):
        return ()
    return (
        f"Your own credentials don't allow ec2:{operation}, so its rehearsal says nothing about the"
        " automation.",
    )
