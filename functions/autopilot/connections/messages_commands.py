"""Phrases and commands about endpoint services and their connections."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from autopilot.notify.notice import Place, Step
from autopilot.notify.phrases import (
    MOST_COMMANDS,
    command,
    conjoined,
    counted,
    first_few,
    look_at,
    sentence,
)
from autopilot.policy.partitions import partition

_MOST_IDS = 20
# AWS documents, "Console URLs" of each partition; the isolated ones have none that is public.
_CONSOLES: Mapping[str, str] = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
    "aws-eusc": "console.amazonaws-eusc.eu",
}


def by_service(subjects: Iterable[str]) -> dict[str, list[str]]:
    """The endpoints of subjects ("vpce-svc-1/vpce-2") by their services."""
    services: dict[str, list[str]] = {}
    for subject in subjects:
        service, _, endpoint = subject.partition("/")
        services.setdefault(service, []).append(endpoint)
    return services


def reasons(of: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """The distinct reasons, given as pairs of an owner and the reason for its endpoint.

    Where there are several, owners aren't named: each stands beside its endpoint.
    """
    told = list(dict.fromkeys(sentence(reason) for _, reason in of if reason))
    if len(told) > 1:
        plain = (reason.replace(owner, "the owner") if owner else reason for owner, reason in of)
        told = list(dict.fromkeys(sentence(reason) for reason in plain if reason))
    return first_few(told, "reason")


def owner_of(owner: str) -> str:
    """ "account 222222222222"."""
    return f"account {owner}" if owner else "an unknown account"


def by_rule(rule: str) -> str:
    """ " (rule: account 222222222222)", "" where none decided."""
    return f" (rule: {rule})" if rule else ""


def answer(verb: str, text: str, subjects: Iterable[str], place: Place) -> Iterator[Step]:
    """How to `verb` ("accept", "reject") the connections by AWS's own means, service by service."""
    calls = {
        service: f"ec2 {verb}-vpc-endpoint-connections --service-id {service}"
        f" --vpc-endpoint-ids {' '.join(endpoints[:_MOST_IDS])}"
        for service, endpoints in by_service(subjects).items()
    }
    yield from _for_each(calls, text, place)


def permit(subjects: Mapping[str, str], place: Place) -> Iterator[Step]:
    """How to put owners on their services' permission lists; `subjects` maps to the owners."""
    owners: dict[str, list[str]] = {}
    for subject, owner in subjects.items():
        named = owners.setdefault(subject.partition("/")[0], [])
        if owner and owner not in named:
            named.append(owner)
    root = f"arn:{partition(place.region)}:iam::{{}}:root"
    calls = {
        service: f"ec2 modify-vpc-endpoint-service-permissions --service-id {service}"
        f" --add-allowed-principals {' '.join(map(root.format, accounts[:_MOST_IDS]))}"
        for service, accounts in owners.items()
        if accounts
    }
    text = "If the service's permission list doesn't admit the account yet, which it must:"
    yield from _for_each(calls, text, place)


def look(subjects: Iterable[str], place: Place) -> Step:
    """How to see the connections as they are."""
    services = ",".join(list(by_service(subjects))[:_MOST_IDS])
    query = "VpcEndpointConnections[].[VpcEndpointId,VpcEndpointOwner,VpcEndpointState]"
    call = (
        f"ec2 describe-vpc-endpoint-connections --filters Name=service-id,Values={services}"
        f" --query {query} --output text"
    )
    return look_at("the connections", command(place, call))


def console(service_id: str, region: str) -> str:
    """Where the console shows the service; "" in a partition whose console isn't public."""
    domain = _CONSOLES.get(partition(region))
    if domain is None:
        return ""
    page = f"#EndpointServiceDetails:vpcEndpointServiceId={service_id}"
    return f"https://{region}.{domain}/vpcconsole/home?region={region}{page}"


def in_console(subjects: Iterable[str], place: Place) -> Iterator[Step]:
    """Links to the services in the console."""
    links = [console(service, place.region) for service in by_service(subjects)]
    for number, link in enumerate(filter(None, links[:MOST_COMMANDS])):
        yield Step(f"{'And' if number else 'To decide in the console'}: {link}")


def welcome(owners: Iterable[str]) -> str:
    """What to write into the policy so that these owners are accepted."""
    named = [owner for owner in dict.fromkeys(owners) if owner]
    lines = conjoined(f'`- {{account: "{owner}"}}`' for owner in named[:MOST_COMMANDS])
    more = " (and so on)" if len(named) > MOST_COMMANDS else ""
    there = "under connections.allow in autopilot.yaml and deploy."
    return f"write {lines or 'the account'}{more} {there}"


def _for_each(calls: Mapping[str, str], text: str, place: Place) -> Iterator[Step]:
    """A step for each of the first services' calls."""
    for number, (service, call) in enumerate(list(calls.items())[:MOST_COMMANDS]):
        yield Step(f"Likewise for {service}:" if number else text, command(place, call))
    if (more := len(calls) - MOST_COMMANDS) > 0:
        yield Step(f"And so on for {counted(more, 'more service')}.")
