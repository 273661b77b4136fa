"""How ops are told of the quota of interface endpoints that each VPC has."""

from __future__ import annotations

from collections.abc import Sequence

from autopilot.notify.finding import Finding
from autopilot.notify.notice import Notice, Place, Step, Subject
from autopilot.notify.phrases import command, counted, listed, title, where

# "Interface VPC endpoints per VPC" (VPC guide, "Amazon VPC quotas"); it counts gateway load
# balancers' endpoints, too.
_QUOTA = "--service-code vpc --quota-code L-29B6F2EB"


def quota_near(findings: Sequence[Finding], place: Place) -> Notice:
    """VPCs that have nearly as many interface endpoints as they may."""
    return Notice(
        kind="InterfaceQuotaNear",
        change="opened",
        severity="action",
        title=title(f"Interface endpoints nearly at their quota in {_where(findings)}"),
        what=(f"{counted(len(findings), 'VPC')} will soon have no room for interface endpoints.",),
        why=(_why(findings[0]),),
        subjects=tuple(_subject(finding) for finding in findings),
        steps=_steps(findings, place),
    )


def quota_reached(findings: Sequence[Finding], place: Place) -> Notice:
    """VPCs that have as many interface endpoints as they may, and were to have more."""
    undone = sum(int(finding.data.get("left_undone_count", 0)) for finding in findings)
    return Notice(
        kind="InterfaceQuotaReached",
        change="opened",
        severity="action",
        title=title(
            f"Interface endpoint quota reached in {_where(findings)}:"
            f" {counted(undone, 'endpoint')} not created"
        ),
        what=(f"{counted(undone, 'interface endpoint')} could not be created.",),
        why=(_why(findings[0]), "You are warned from 80 % on, unless it fills at one go."),
        subjects=tuple(_subject(finding) for finding in findings),
        steps=_steps(findings, place),
    )


def _where(findings: Sequence[Finding]) -> str:
    return where([finding.subject for finding in findings])


def _why(finding: Finding) -> str:
    data = finding.data
    if data.get("limit_read") is False:
        return (
            f"The quota could not be read ({data.get('why_not_read')}), so AWS's default of"
            f" {data.get('limit')} a VPC is assumed."
        )
    return (
        f"The quota is {data.get('limit')} a VPC. It counts everybody's interface endpoints, and"
        " those of Gateway Load Balancers."
    )


def _subject(finding: Finding) -> Subject:
    undone = list(finding.data.get("left_undone", ()))
    used = f"{finding.data.get('used')} in use"
    line = f"{used}, not created: {listed(undone, 50)}" if undone else used
    return Subject(finding.subject, line, dict(finding.data))


def _steps(findings: Sequence[Finding], place: Place) -> tuple[Step, ...]:
    limit = int(findings[0].data.get("limit") or 50)
    ask = f"service-quotas request-service-quota-increase {_QUOTA} --desired-value {2 * limit}"
    look = (
        "ec2 describe-vpc-endpoints"
        " --filters Name=vpc-endpoint-type,Values=Interface,GatewayLoadBalancer"
        f" Name=vpc-id,Values={findings[0].subject}"
        " --query VpcEndpoints[].[VpcEndpointId,ServiceName,State] --output text"
    )
    return (
        Step("Ask AWS for more:", command(place, ask)),
        Step("Or delete endpoints that nobody needs. These are there:", command(place, look)),
    )
