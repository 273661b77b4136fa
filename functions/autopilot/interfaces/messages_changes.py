"""How ops are told of changes of interface endpoints, of those that fail, and of their quota."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autopilot.interfaces.plan import InterfaceOutcome
from autopilot.notify.error_explanations import (
    call_in,
    check_policy,
    explanation,
    remedy,
    renewing,
    state_of,
)
from autopilot.notify.finding import Finding, places, subjects_of
from autopilot.notify.notice import Place, Step, Subject, Words
from autopilot.notify.phrases import (
    command,
    counted,
    fine,
    first_few,
    listed,
    look_at,
    quoted,
    sentence,
    try_again,
    where,
)
from autopilot.reconcile.outcome import told_of

_DID = {"create": "created", "modify": "changed", "delete": "deleted"}
_THINGS = {
    "endpoint": "interface endpoint",
    "group": "security group",
    "parameter": "set of DNS parameters",
}
_MANY = {"set of DNS parameters": "sets of DNS parameters"}


def interfaces_changed(outcomes: Sequence[InterfaceOutcome], place: Place) -> Words:
    """What an execution did to interface endpoints, their groups and their parameters."""
    did = _summary(outcomes)
    return Words(
        title=(f"Interface endpoints in {where([o.id for o in outcomes])}: {_brief(outcomes)}"),
        what=(f"{did[:1].upper()}{did[1:]}.",),
        why=first_few(list(dict.fromkeys(sentence(o.item.reason) for o in outcomes)), "reason"),
        subjects=tuple(Subject(o.id, _line(o), told_of(o, "content")) for o in outcomes),
        steps=tuple(_look(outcomes, place)),
        brief=_brief(outcomes),
    )


def _brief(outcomes: Sequence[InterfaceOutcome]) -> str:
    """The endpoints alone, where there are any: a title has little room."""
    endpoints = [outcome for outcome in outcomes if outcome.item.kind == "endpoint"]
    return (
        _summary(endpoints or outcomes)
        .replace(" interface endpoints", "")
        .replace(" interface endpoint", "")
    )


def _summary(outcomes: Sequence[InterfaceOutcome]) -> str:
    parts = []
    for kind, thing in _THINGS.items():
        for action, verb in _DID.items():
            number = len({o.id for o in outcomes if (o.item.kind, o.item.action) == (kind, action)})
            if number:
                many = f"{number} {_MANY[thing]}" if number > 1 and thing in _MANY else ""
                parts.append(f"{many or counted(number, thing)} {verb}")
    return ", ".join(parts)


def _line(outcome: InterfaceOutcome) -> str:
    item = outcome.item
    if item.kind == "parameter":
        return f"DNS names {'deleted' if item.action == 'delete' else 'written'}"
    return f"{item.kind} {item.resource_id} {_DID[item.action]}"


def _look(outcomes: Sequence[InterfaceOutcome], place: Place) -> Iterator[Step]:
    there = [outcome.item for outcome in outcomes if outcome.item.action != "delete"]
    ids = sorted({str(i.resource_id) for i in there if i.kind == "endpoint" and i.resource_id})
    look = command(place, f"ec2 describe-vpc-endpoints --vpc-endpoint-ids {' '.join(ids[:20])}")
    yield fine()
    if ids:
        yield look_at("the result", look)
    if written := [item for item in there if item.kind == "parameter"]:
        path = f"/endpoint-autopilot/{written[0].id}"
        call = f"ssm get-parameters-by-path --recursive --path {path.removesuffix('/dns')}"
        yield look_at("the DNS names where apps find them", command(place, call))


_MEANING = {
    "NotOurs": "It bears our name and not our tag: somebody else's, so it wasn't touched.",
    "ServiceNotOffered": "The service isn't offered to this account in this Region any more.",
}


def changes_failed(findings: Sequence[Finding], place: Place) -> Words:
    """Changes that failed, all for the same error."""
    subjects = [each.subject for each in findings]
    data = findings[0].data
    call = call_in(findings[0])
    what = f"{counted(len(findings), 'change')} of interface endpoints or what they need"
    error = data.get("error")
    return Words(
        title=f"{counted(len(findings), 'change')} in {where(subjects)} failed: {error}{call}",
        what=(
            f"{what} failed{call}.",
            "What else was planned has been carried out or is reported by itself.",
        ),
        why=(_MEANING.get(str(error)) or explanation(error), quoted(data.get("message"))),
        subjects=subjects_of(findings, _wanted),
        steps=(*_remedy(findings[0], place), try_again(place, subjects)),
    )


def _remedy(finding: Finding, place: Place) -> tuple[Step, ...]:
    match finding.data.get("error"):
        case "PolicyRejected":
            return (check_policy("that the profile's policy names", place),)
        case "ServiceNotOffered":
            return ()  # the next look tells by itself which VPCs go without
        case _:
            return tuple(remedy(finding, place))


def _wanted(finding: Finding) -> str:
    data = finding.data
    thing = f" {data['thing']}" if data.get("thing") else ""
    return f"could not {data.get('action')} the {data.get('what')}{thing}: {data.get('reason')}"


def endpoints_failed(findings: Sequence[Finding], place: Place) -> Words:
    """Our endpoints that failed, were rejected or expired."""
    ids = [str(finding.data.get("endpoint_id")) for finding in findings]
    count = counted(len(findings), "interface endpoint")
    return Words(
        title=f"{count} in {places(findings)} out of service",
        what=(f"AWS reports {listed(ids)} as failed, rejected or expired: nothing goes through.",),
        why=("AWS could not set it up, or the service's owner doesn't let it in.",),
        subjects=subjects_of(findings, state_of),
        steps=renewing(ids, "Once the cause is gone, delete it", place),
    )


# "Interface VPC endpoints per VPC" (VPC guide, "Amazon VPC quotas"); it counts gateway load
# balancers' endpoints, too.
_QUOTA = "--service-code vpc --quota-code L-29B6F2EB"


def quota_near(findings: Sequence[Finding], place: Place) -> Words:
    """VPCs that have nearly as many interface endpoints as they may."""
    return Words(
        title=f"Interface endpoints nearly at their quota in {places(findings)}",
        what=(f"{counted(len(findings), 'VPC')} will soon have no room for interface endpoints.",),
        why=(_why(findings[0]),),
        subjects=tuple(_subject(finding) for finding in findings),
        steps=_steps(findings, place),
    )


def quota_reached(findings: Sequence[Finding], place: Place) -> Words:
    """VPCs that have as many interface endpoints as they may, and were to have more."""
    undone = sum(int(finding.data.get("left_undone_count", 0)) for finding in findings)
    return Words(
        title=(
            f"Interface endpoint quota reached in {places(findings)}:"
            f" {counted(undone, 'endpoint')} not created"
        ),
        what=(f"{counted(undone, 'interface endpoint')} could not be created.",),
        why=(_why(findings[0]), "You are warned from 80 % on, unless it fills at one go."),
        subjects=tuple(_subject(finding) for finding in findings),
        steps=(*_steps(findings, place), try_again(place, [f.subject for f in findings])),
    )


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
