"""How ops are told what is in the way of publishing services, or waits for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from autopilot.notify.error_explanations import call_in, remedy, why_failed
from autopilot.notify.finding import Finding, subjects_of
from autopilot.notify.notice import Place, Step, Words
from autopilot.notify.phrases import (
    MOST_COMMANDS,
    command,
    counted,
    fine_if,
    first_few,
    listed,
    sentence,
    try_again,
)
from autopilot.services.messages_changes import details

_ACTS: Mapping[str, str] = {
    "publish": "publish it",
    "change": "put it right",
    "allow": "let principals ask",
    "revoke": "take principals off its list",
    "retire": "retire it",
}


def unwanted(findings: Sequence[Finding], place: Place) -> Words:
    """Our services that nothing asks for any more, and that stay."""
    many = counted(len(findings), "endpoint service")
    return Words(
        title=f"{many} no longer wanted: {listed(_subjects(findings), 2)}",
        what=(
            f"Nothing asks for {many} of the automation any more.",
            "Until it goes, it serves whoever is connected, and nothing of it is changed.",
        ),
        why=first_few(_sentences(f.data.get("reason") for f in findings), "reason"),
        subjects=subjects_of(findings, _stays),
        steps=tuple(_ends(findings, place)),
    )


def already_published(findings: Sequence[Finding], place: Place) -> Words:
    """Load balancers to be published that somebody else has published."""
    many = counted(len(findings), "load balancer")
    return Words(
        title=f"{many} published by others: {listed(_subjects(findings), 2)}",
        what=(
            f"{many} to be published stand behind an endpoint service that somebody else made."
            if len(findings) > 1
            else "A load balancer to be published stands behind an endpoint service that somebody"
            " else made.",
            "The automation leaves both as they are. Requests to connect are answered all the"
            " same.",
        ),
        why=("What others have made is never changed, and a second service would only confuse.",),
        subjects=subjects_of(findings, lambda f: f"{f.data.get('service_id')} stands for it"),
        steps=tuple(_choices(findings, place)),
    )


def not_verified(findings: Sequence[Finding], place: Place) -> Words:
    """Private DNS names whose record isn't there, or hasn't been seen by AWS."""
    names = [str(f.data.get("private_name")) for f in findings]
    return Words(
        title=f"Private DNS names wait for a record: {listed(names, 2)}",
        what=(
            f"AWS hasn't verified that {listed(names)} is ours.",
            "The service works by its own name. Consumers can't use the private one yet.",
        ),
        why=(
            "AWS looks for a public record of the domain. The automation asks it to, once with"
            " each look.",
        ),
        subjects=subjects_of(findings, _record),
        steps=(
            Step("In the public DNS of the domain, make each record that stands above."),
            *(_verify(finding, place) for finding in findings[:MOST_COMMANDS]),
            Step("AWS takes up to ten minutes. The next sweep tells you when it is verified."),
        ),
    )


def planned_changes(findings: Sequence[Finding], _place: Place) -> Words:
    """What would be done if the policy didn't say audit."""
    many = counted(len(findings), "change")
    return Words(
        title=f"Audit: {many} of endpoint services planned",
        brief=f"{many} planned",
        what=(
            f"By the policy, {many} of endpoint services would be made.",
            "The mode is audit: nothing was changed.",
        ),
        why=first_few(_sentences(f.data.get("reason") for f in findings), "reason"),
        subjects=subjects_of(findings, lambda f: f"would {_act(f)}"),
        steps=(Step("To have it done: write `mode: enforce` in autopilot.yaml and deploy."),),
    )


def service_failed(findings: Sequence[Finding], place: Place) -> Words:
    """Changes of services that failed, all for the same error."""
    data = findings[0].data
    call = call_in(findings[0])
    many = counted(len(findings), "change")
    subjects = _subjects(findings)
    return Words(
        title=f"{many} of endpoint services failed: {data.get('error')}",
        what=(
            f"{many} of endpoint services failed{call}.",
            "What else was planned has been carried out or is reported by itself.",
        ),
        why=why_failed(findings[0]),
        subjects=subjects_of(findings, lambda f: f"could not {_act(f)}"),
        steps=(*_put_right(findings[0], place), try_again(place, subjects)),
    )


def _put_right(finding: Finding, place: Place) -> Iterator[Step]:
    if finding.data.get("error") == "PrincipalRejected":
        yield Step(
            "See that each of them exists, and that its ARN has no path. If not, put it right"
            " under endpoint_services.allowed_principals in autopilot.yaml and deploy."
        )
        return
    yield from remedy(finding, place)


def _subjects(findings: Sequence[Finding]) -> list[str]:
    return [each.subject for each in findings]


def _sentences(reasons: Iterator[object]) -> list[str]:
    return [sentence(str(reason)) for reason in dict.fromkeys(reasons) if reason]


def _act(finding: Finding) -> str:
    data = finding.data
    act = _ACTS.get(str(data.get("action")), "change it")
    refused = data.get("refused") or data.get("principals") or ()
    named = f": {listed(refused)}" if refused else ""
    said = details(data)
    return f"{act}{named}{f' ({said})' if said else ''}"


def _stays(finding: Finding) -> str:
    connected = counted(int(finding.data.get("connected") or 0), "connection")
    if finding.data.get("retire") == "report":
        return f"{connected} left, waiting for your decision"
    gone = "is" if connected.startswith("1 ") else "are"
    return f"goes with the first sweep after its {connected} {gone} gone"


def _ends(findings: Sequence[Finding], place: Place) -> Iterator[Step]:
    if any(f.data.get("retire") == "report" for f in findings):
        yield Step(
            "To let it go: set endpoint_services.retire in autopilot.yaml to when_unused, or to"
            " now, which rejects their connections first, and deploy."
        )
    else:
        yield fine_if("it may wait for its last connection")
        yield Step("To cut the connections: set endpoint_services.retire to now and deploy.")
    yield Step(
        "To keep one: give its load balancer the tags of publish_load_balancers in autopilot.yaml"
        " again."
    )
    ids = ",".join(_subjects(findings)[:20])
    query = "VpcEndpointConnections[].[ServiceId,VpcEndpointId,VpcEndpointOwner,VpcEndpointState]"
    yield Step(
        "To see who is connected:",
        command(
            place,
            f"ec2 describe-vpc-endpoint-connections --filters Name=service-id,Values={ids}"
            f" --query {query} --output text",
        ),
    )


def _choices(findings: Sequence[Finding], place: Place) -> Iterator[Step]:
    yield Step(
        "If that is as it should be, take the tags of publish_load_balancers off the load"
        " balancer. To have the automation run it, delete the other service; its name, and whoever"
        " is connected, go with it."
    )
    for finding in findings[:MOST_COMMANDS]:
        of = "ec2 describe-vpc-endpoint-service-configurations --service-ids"
        yield Step(
            f"To look at the one of {finding.subject}:",
            command(place, f"{of} {finding.data.get('service_id')}"),
        )


def _record(finding: Finding) -> str:
    data = finding.data
    domain = str(data.get("private_name")).removeprefix("*.")
    return (
        f"{data.get('record_type') or 'TXT'} record {data.get('record_name')}.{domain} with the"
        f" value {data.get('record_value')} ({data.get('state') or 'not verified'})"
    )


def _verify(finding: Finding, place: Place) -> Step:
    call = "ec2 start-vpc-endpoint-service-private-dns-verification --service-id"
    return Step(
        f"Then have AWS look for that of {finding.data.get('private_name')}:",
        command(place, f"{call} {finding.subject}"),
    )
