"""How ops are told of endpoints that failed or differ, and of their quota."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from autopilot.notify.error_explanations import call_in, remedy, renewing, state_of, why_failed
from autopilot.notify.finding import Finding, places, subjects_of
from autopilot.notify.notice import Place, Step, Subject, Words
from autopilot.notify.phrases import (
    command,
    counted,
    fine_if,
    listed,
    look_at,
    service_of,
    try_again,
    where,
)
from autopilot.policy.model import GatewayService
from autopilot.policy.names import service_name


def failed(findings: Sequence[Finding], place: Place) -> Words:
    """Changes that failed, all for the same error."""
    subjects = [each.subject for each in findings]
    data = findings[0].data
    call = call_in(findings[0])
    return Words(
        title=(
            f"{counted(len(findings), 'change')} in {where(subjects)} failed:"
            f" {data.get('error')}{call}"
        ),
        what=(
            f"{counted(len(findings), 'change')} of gateway endpoints failed{call}."
            if len(findings) > 1
            else f"A change of a gateway endpoint failed{call}.",
            "What else was planned has been carried out or is reported by itself.",
        ),
        why=why_failed(findings[0]),
        subjects=subjects_of(findings, _wanted),
        steps=(*_put_right(findings[0], place), try_again(place, subjects)),
    )


def endpoint_failed(findings: Sequence[Finding], place: Place) -> Words:
    """Our endpoints that AWS calls failed."""
    ids = [str(finding.data.get("endpoint_id")) for finding in findings]
    return Words(
        title=f"{counted(len(findings), 'gateway endpoint')} in {places(findings)} failed",
        what=(
            f"AWS reports {listed(ids)} as failed.",
            "Route tables that count on it may lack their route.",
        ),
        why=("AWS could not set it up. The endpoint's LastError may say why.",),
        subjects=subjects_of(findings, state_of),
        steps=renewing(ids, "Delete it", place),
    )


def _wanted(finding: Finding) -> str:
    data = finding.data
    endpoint = data.get("endpoint_id") or "an endpoint"
    verb = "create" if data.get("action") == "create" else "change"
    tables = listed(data.get("route_table_ids", ()))
    return f"could not {verb} {endpoint}{' with routes in ' + tables if tables else ''}"


def _put_right(finding: Finding, place: Place) -> Iterator[Step]:
    if finding.data.get("error") == "ServiceNotOffered":
        yield _offered(service_of(finding.subject), place)
    else:
        yield from remedy(finding, place)


def _offered(service: str, place: Place) -> Step:
    known: GatewayService = service  # type: ignore[assignment]  # items come from a plan
    return Step(
        f"See what the Region offers. If it isn't there, take {service} out of"
        " gateway_endpoints.services in autopilot.yaml and deploy.",
        command(
            place,
            "ec2 describe-vpc-endpoint-services"
            f" --filters Name=service-name,Values={service_name(place.region, known)}"
            " --query ServiceDetails[].[ServiceName,ServiceType[].ServiceType]",
        ),
    )


def foreign_policy(findings: Sequence[Finding], place: Place) -> Words:
    """Endpoints of others whose policy isn't the one that autopilot.yaml names."""
    ids = [str(id_) for finding in findings for id_ in finding.data.get("endpoint_ids", ())]
    which = f"--vpc-endpoint-ids {' '.join(ids[:20])}"
    query = "VpcEndpoints[].[VpcEndpointId,PolicyDocument]"
    look = f"ec2 describe-vpc-endpoints {which} --query {query}"
    return Words(
        title=(
            f"{counted(len(ids), 'gateway endpoint')} of others in {places(findings)} without the"
            " endpoint policy"
        ),
        what=(
            "They serve, and their endpoint policy isn't the one that autopilot.yaml names.",
            "They belong to somebody else, so they were left as they are.",
        ),
        why=("The automation puts the policy on endpoints of its own only.",),
        subjects=subjects_of(findings, _differs),
        steps=(
            fine_if("that is meant"),
            look_at("theirs", command(place, look)),
            Step("To have it enforced: ask the owner to set it, or to delete the endpoint."),
        ),
    )


def _differs(finding: Finding) -> str:
    named = finding.data.get("endpoint_policy")
    return f"{listed(finding.data.get('endpoint_ids', ()))} without {named}"


# "Gateway VPC endpoints per Region" (VPC guide, "Amazon VPC quotas").
_QUOTA = "--service-code vpc --quota-code L-1B52E74A"
_DEFAULT = 20


def near(findings: Sequence[Finding], place: Place) -> Words:
    """The quota is nearly used up."""
    data = findings[0].data
    return Words(
        title=(
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


def reached(findings: Sequence[Finding], place: Place) -> Words:
    """The quota is used up and something was left undone."""
    data = findings[0].data
    undone = int(data.get("left_undone_count", len(data.get("left_undone", ()))))
    return Words(
        title=(
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
