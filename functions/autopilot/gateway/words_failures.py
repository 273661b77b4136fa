"""How ops are told that a change failed, or that an endpoint did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from autopilot.notify.denied import denied
from autopilot.notify.error_explanations import explanation
from autopilot.notify.finding import Finding
from autopilot.notify.notice import Notice, Place, Step, Subject
from autopilot.notify.phrases import (
    command,
    counted,
    last_events,
    listed,
    quoted,
    service_of,
    title,
    try_again,
    where,
)
from autopilot.notify.remembered import action_in
from autopilot.policy.model import GatewayService
from autopilot.policy.names import service_name


def failed(findings: Sequence[Finding], place: Place) -> Notice:
    """Changes that failed, all for the same error."""
    subjects = [finding.subject for finding in findings]
    data = findings[0].data
    action = action_in(data.get("message"))
    call = f" ({action})" if action else ""
    return Notice(
        kind="ChangeFailed",
        change="opened",
        severity="failure",
        title=title(
            f"{data.get('error')}{call}: {counted(len(findings), 'change')} in"
            f" {where(subjects)} failed"
        ),
        what=(
            f"{counted(len(findings), 'change')} of gateway endpoints failed{call}."
            if len(findings) > 1
            else f"A change of a gateway endpoint failed{call}.",
            "What else was planned has been carried out or is reported by itself.",
        ),
        why=(
            explanation(data.get("error")),
            quoted(data.get("message")),
        ),
        subjects=tuple(Subject(f.subject, _wanted(f), dict(f.data)) for f in findings),
        steps=(*remedy(findings[0], place), try_again(place, subjects)),
    )


def endpoint_failed(findings: Sequence[Finding], place: Place) -> Notice:
    """Endpoints of ours that AWS calls failed."""
    ids = [str(finding.data.get("endpoint_id")) for finding in findings]
    named = " ".join(ids[:20])
    query = "VpcEndpoints[].[VpcEndpointId,State,LastError]"
    look = f"ec2 describe-vpc-endpoints --vpc-endpoint-ids {named} --query {query}"
    delete = f"ec2 delete-vpc-endpoints --vpc-endpoint-ids {named}"
    return Notice(
        kind="EndpointFailed",
        change="opened",
        severity=findings[0].severity,
        title=title(f"{counted(len(findings), 'gateway endpoint')} in {_where(findings)} failed"),
        what=(
            f"AWS reports {listed(ids)} as failed.",
            "Route tables that count on it may lack their route.",
        ),
        why=("AWS could not set it up. The endpoint's LastError may say why.",),
        subjects=tuple(Subject(f.subject, _is(f), dict(f.data)) for f in findings),
        steps=(
            Step("See what AWS says:", command(place, look)),
            Step("Delete it. The automation makes a new one:", command(place, delete)),
        ),
    )


def _where(findings: Sequence[Finding]) -> str:
    return where([finding.subject for finding in findings])


def _is(finding: Finding) -> str:
    return f"{finding.data.get('endpoint_id')} is {finding.data.get('state')}"


def _wanted(finding: Finding) -> str:
    data = finding.data
    endpoint = data.get("endpoint_id") or "an endpoint"
    verb = "create" if data.get("action") == "create" else "change"
    tables = listed(data.get("route_table_ids", ()))
    return f"could not {verb} {endpoint}{' with routes in ' + tables if tables else ''}"


def remedy(finding: Finding, place: Place) -> Iterator[Step]:
    """What to do about the error that a finding bears."""
    data: Any = finding.data
    message = str(data.get("message") or "")
    match data.get("error"):
        case "AccessDenied":
            yield from denied(message, place)
        case "QuotaExceeded":
            yield Step(
                "See which quota it is, and ask for more:",
                command(
                    place,
                    "service-quotas list-service-quotas --service-code vpc"
                    " --query Quotas[].[QuotaName,QuotaCode,Value] --output text",
                ),
            )
        case "PolicyRejected":
            yield Step(
                "Check the document that gateway_endpoints.policy names under endpoint_policies,"
                " put it right and deploy. Put its file in the place of POLICY.json:",
                command(
                    place,
                    "accessanalyzer validate-policy --policy-type RESOURCE_POLICY"
                    " --policy-document file://POLICY.json",
                ),
            )
        case "ServiceNotOffered":
            yield _offered(service_of(finding.subject), place)
        case _:
            yield _look_up(message, place)


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


def _look_up(message: str, place: Place) -> Step:
    name = action_in(message).partition(":")[2]
    if not name:
        return Step("See how the execution went:", last_events(place))
    return Step(
        "See the call in CloudTrail (it can take some minutes to appear):",
        command(
            place,
            "cloudtrail lookup-events"
            f" --lookup-attributes AttributeKey=EventName,AttributeValue={name} --max-items 5",
        ),
    )
