"""How ops are told of the Region's quota of gateway endpoints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from autopilot.notify.finding import Finding
from autopilot.notify.notice import Notice, Place, Step, Subject
from autopilot.notify.phrases import command, counted, listed, title, try_again

# "Gateway VPC endpoints per Region" (VPC guide, "Amazon VPC quotas").
_QUOTA = "--service-code vpc --quota-code L-1B52E74A"
_DEFAULT = 20


def near(findings: Sequence[Finding], place: Place) -> Notice:
    """The quota is nearly used up."""
    data = findings[0].data
    return Notice(
        kind="QuotaNear",
        change="opened",
        severity="action",
        title=title(
            f"{data.get('used')} of {data.get('limit')} gateway endpoints in use in"
            f" {findings[0].subject}"
        ),
        what=(
            f"The Region holds {data.get('used')} gateway endpoints. The quota is"
            f" {data.get('limit')}.",
            "Soon new VPCs will have to go without.",
        ),
        why=tuple(_why(data)),
        subjects=tuple(_subject(finding) for finding in findings),
        steps=(_raise(data, place), _who_uses_it(place)),
    )


def reached(findings: Sequence[Finding], place: Place) -> Notice:
    """The quota is used up and something was left undone."""
    data = findings[0].data
    undone = int(data.get("left_undone_count", len(data.get("left_undone", ()))))
    return Notice(
        kind="QuotaReached",
        change="opened",
        severity=findings[0].severity,
        title=title(
            f"Gateway endpoint quota reached in {findings[0].subject}:"
            f" {counted(undone, 'endpoint')} not created"
        ),
        what=(
            f"{counted(undone, 'endpoint')} could not be created.",
            f"The Region holds {data.get('used')} gateway endpoints. The quota is"
            f" {data.get('limit')}.",
            "Traffic of these VPCs to the services takes the way it took before.",
        ),
        why=(*_why(data), "You are warned from 80 % on, unless the quota fills at one go."),
        subjects=tuple(_subject(finding) for finding in findings),
        steps=(
            _raise(data, place),
            _who_uses_it(place),
            try_again(place, data.get("left_undone", ())),
        ),
    )


def _subject(finding: Finding) -> Subject:
    data = finding.data
    undone = list(data.get("left_undone", ()))
    unnamed = int(data.get("left_undone_count", len(undone))) - len(undone)
    more = f" and {unnamed} more" if unnamed > 0 else ""
    line = f"not created: {listed(undone, 50)}{more}" if undone else f"{data.get('used')} in use"
    return Subject(finding.subject, line, dict(data))


def _why(data: Any) -> Iterator[str]:
    yield "The quota counts the gateway endpoints of all VPCs in the Region, whoever made them."
    if data.get("limit_read") is False:
        yield f"The quota could not be read, so AWS's default of {data.get('limit')} is assumed."
        if data.get("why_not_read"):
            yield f"The error reads: {data['why_not_read']}"


def _raise(data: Any, place: Place) -> Step:
    limit = int(data.get("limit") or _DEFAULT)
    wanted = max(limit * 2, limit + int(data.get("left_undone_count") or 0))
    return Step(
        "Ask AWS for more:",
        command(
            place,
            f"service-quotas request-service-quota-increase {_QUOTA} --desired-value {wanted}",
        ),
    )


def _who_uses_it(place: Place) -> Step:
    return Step(
        "Or delete gateway endpoints that nobody needs. These are there:",
        command(
            place,
            "ec2 describe-vpc-endpoints --filters Name=vpc-endpoint-type,Values=Gateway"
            " --query VpcEndpoints[].[VpcEndpointId,VpcId,ServiceName,State] --output text",
        ),
    )
