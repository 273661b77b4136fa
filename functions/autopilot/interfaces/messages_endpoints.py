"""How ops are told of interface endpoints: what VPCs go without, and what no longer fits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from autopilot.notify.finding import Finding, places, subjects_of
from autopilot.notify.notice import Place, Step, Words
from autopilot.notify.phrases import (
    MOST_COMMANDS,
    command,
    conjoined,
    counted,
    fine_if,
    listed,
    look_at,
    quoted,
)

_POLICY = "interface_endpoints in autopilot.yaml"
_WHY_NOT = {
    "not offered": "The service isn't offered to this account in this Region, or its owner doesn't"
    " admit the account.",
    "no subnet": "No subnet of the VPC has the profile's tags, a free address of its type and a"
    " zone in which the service stands.",
    "address type": "The service doesn't have the address family that ip_address_type wants.",
}
_WHAT_IS_OFF = {
    "VPC attributes": "the VPC's DNS attributes are off",
    "name not verified": "the service's private name isn't verified",
    "no gateway endpoint": "the VPC has no gateway endpoint for it",
    "refused": "AWS refused it",
}
_ATTRIBUTES = {"support": "DNS resolution", "hostnames": "DNS hostnames"}
_WHY_NO_DNS = {
    "VPC attributes": "The VPC's enableDnsSupport or enableDnsHostnames is off.",
    "name not verified": "The service's owner has not proven its private DNS name.",
    "no gateway endpoint": "Private DNS for inbound resolvers only relies on a gateway endpoint for"
    " the service in the VPC, which takes the VPC's own traffic. There is none.",
    "refused": "AWS refused it. Mostly a private hosted zone or another endpoint holds the name.",
}


def not_possible(findings: Sequence[Finding], place: Place) -> Words:
    """VPCs that go without an endpoint that a profile wants."""
    return Words(
        title=f"{_many(findings)} not possible in {places(findings)}",
        what=(f"{_many(findings)} could not be made.",),
        why=_reasons(findings, _WHY_NOT),
        subjects=subjects_of(findings, _lacks),
        steps=tuple(_make_possible(findings, place)),
    )


def _make_possible(findings: Sequence[Finding], place: Place) -> Iterator[Step]:
    offered = _names(f for f in findings if f.data.get("why") != "not offered")
    if missing := _names(f for f in findings if f.data.get("why") == "not offered"):
        look = "ec2 describe-vpc-endpoint-services --query ServiceNames --output text"
        yield Step(
            f"If {listed(missing, 3)} is misspelled, or this Region doesn't have it, change"
            f" {_POLICY} and deploy. If it is somebody's own service, its owner has to put this"
            f" account, {place.account}, on its permission list. These are offered here:",
            command(place, look),
        )
    if offered:
        look = (
            "ec2 describe-vpc-endpoint-services"
            f" --filters Name=service-name,Values={','.join(offered)}"
            " --query ServiceDetails[].[ServiceName,AvailabilityZoneIds]"
        )
        yield Step("See what is offered, and in which zones:", command(place, look))
        yield Step(
            f"Then tag a subnet in one of these zones as the profile says, or change {_POLICY}"
            " and deploy. The automation follows by itself."
        )


def _names(findings: Iterable[Finding]) -> list[str]:
    return list(dict.fromkeys(str(finding.data.get("service_name")) for finding in findings))


def served_by_others(findings: Sequence[Finding], place: Place) -> Words:
    """VPCs where somebody else's endpoint serves."""
    ids = [str(id_) for finding in findings for id_ in finding.data.get("endpoint_ids", ())]
    look = f"ec2 describe-vpc-endpoints --vpc-endpoint-ids {' '.join(ids[:20])}"
    return Words(
        title=f"{_many(findings)} left to others in {places(findings)}",
        what=("Somebody else's endpoint serves the VPC already. None was made beside it.",),
        why=("A VPC takes one endpoint with private DNS for a service.",),
        subjects=subjects_of(findings, _server),
        steps=(
            fine_if("theirs is to serve"),
            look_at("it", command(place, look)),
            Step("To have the automation's own: delete theirs. It makes one right away."),
        ),
    )


def _server(finding: Finding) -> str:
    others = finding.data.get("other_policy", ())
    besides = (
        f"; {listed(others)} without the profile's endpoint policy,"
        f" {finding.data.get('endpoint_policy')}"
    )
    return f"served by {listed(finding.data.get('endpoint_ids', ()))}{besides if others else ''}"


def private_dns_off(findings: Sequence[Finding], place: Place) -> Words:
    """Endpoints that should have private DNS and have not."""
    return Words(
        title=f"Private DNS off for {_many(findings)} in {places(findings)}{_serving(findings)}",
        what=(
            "The profile wants private DNS, and it is off: apps reach the service by the endpoint's"
            " own names only. By its usual name they go the way they went before.",
        ),
        brief=f"private DNS off for {len(findings)}{_serving(findings)}",
        why=(
            *_reasons(findings, _WHY_NO_DNS),
            *(quoted(f.data["message"]) for f in findings[:1] if f.data.get("message")),
        ),
        subjects=subjects_of(
            findings, lambda finding: f"{_endpoint(finding)}: {_what_is_off(finding)}"
        ),
        steps=tuple(_turn_on(findings, place)),
    )


def _serving(findings: Sequence[Finding]) -> str:
    """Whether they serve nevertheless; "" where a look of an earlier release didn't say."""
    serves = [finding.data.get("serves") for finding in findings]
    if None in serves:
        return ""
    one = len(serves) == 1
    if all(serves):
        return f"; {'it serves' if one else 'they serve'}"
    return "; it doesn't serve yet" if one else "; not all serve yet"


def _turn_on(findings: Sequence[Finding], place: Place) -> Iterator[Step]:
    vpcs = {f.subject.split("/")[0] for f in findings if f.data.get("why") == "VPC attributes"}
    for vpc in sorted(vpcs)[:MOST_COMMANDS]:
        for attribute, meaning in _ATTRIBUTES.items():
            call = f"ec2 modify-vpc-attribute --vpc-id {vpc} --enable-dns-{attribute}"
            yield Step(f"Turn {meaning} on for {vpc}:", command(place, call))
    if any(f.data.get("why") == "no gateway endpoint" for f in findings):
        yield Step(
            "Have the gateway endpoint made: add the service under gateway_endpoints in"
            " autopilot.yaml and deploy. Or have the VPC's own traffic take the interface endpoint,"
            " which costs by the gigabyte: write `private_dns_only_for_inbound_resolver_endpoint:"
            " false` in the profile."
        )
    yield Step(
        "The automation turns private DNS on once nothing stands in its way. If it isn't wanted:"
        f" write `private_dns: false` in the profile under {_POLICY} and deploy."
    )


def unwanted(findings: Sequence[Finding], place: Place) -> Words:
    """Our endpoints that no profile wants any more."""
    ids = [str(finding.data.get("endpoint_id")) for finding in findings]
    says = {finding.data.get("retire") for finding in findings}
    goes, this, it, stays = says == {"now"}, "these endpoints", "them", "They stay"
    if len(ids) == 1:
        this, it, stays = "this endpoint", "it", "It stays"
    what = f"The next sweep deletes {it}." if goes else f"{stays} until somebody decides."
    if says == {"idle"}:
        what = f"{stays} for as long as somebody uses {it}, or decides otherwise."
    delete = f"ec2 delete-vpc-endpoints --vpc-endpoint-ids {' '.join(ids[:20])}"
    keep = Step(f"To keep one: put it back under {_POLICY}, or the tags on its VPC, and deploy.")
    now = Step("To delete them now (connections through them end):", command(place, delete))
    later = Step("To have such endpoints deleted by themselves: write `retire: now` and deploy.")
    return Words(
        title=f"{_many(findings)} in {places(findings)} no longer wanted",
        what=(f"No profile wants {this} of the automation any more. {what}",),
        why=("A profile, its services or a VPC's tags have changed. Endpoints cost by the hour.",),
        subjects=subjects_of(
            findings,
            lambda finding: f"{finding.data.get('service_name')}, {finding.data.get('state')}",
        ),
        steps=(keep, now) if goes else (keep, now, later),
    )


def planned_changes(findings: Sequence[Finding], _place: Place) -> Words:
    """What would be done if the policy didn't say audit."""
    return Words(
        title=f"Audit: {counted(len(findings), 'change')} of interface endpoints planned in"
        f" {places(findings)}",
        brief=f"{counted(len(findings), 'change')} planned",
        what=(
            f"The policy wants {counted(len(findings), 'change')} that nobody has made.",
            "The mode is audit: nothing was changed.",
        ),
        why=tuple(dict.fromkeys(_sentence(f) for f in findings))[:5],
        subjects=subjects_of(
            findings, lambda f: f"would {f.data.get('action')} the {f.data.get('what')}"
        ),
        steps=(Step("To have it done: write `mode: enforce` in autopilot.yaml and deploy."),),
    )


def parameters_not_ours(findings: Sequence[Finding], place: Place) -> Words:
    """Parameters of somebody else where an endpoint's names should stand."""
    names = [str(name) for finding in findings for name in finding.data.get("names", ())]
    delete = f"ssm delete-parameters --names {' '.join(names[:10])}"
    return Words(
        title=f"{counted(len(names), 'parameter')} of others where DNS names belong",
        what=("Somebody else's parameters stand where apps look for an endpoint's DNS names.",),
        why=("They lack the automation's owner tag, so they were left as they are.",),
        subjects=subjects_of(findings, lambda finding: listed(finding.data.get("names", ()))),
        steps=(
            Step(
                "Delete them, if nobody needs them. The automation writes its own:",
                command(place, delete),
            ),
        ),
    )


def _many(findings: Sequence[Finding]) -> str:
    return counted(len(findings), "interface endpoint")


def _reasons(findings: Sequence[Finding], words: Mapping[str, str]) -> tuple[str, ...]:
    found = dict.fromkeys(str(finding.data.get("why")) for finding in findings)
    return tuple(words.get(why, f"{why}.") for why in found)


def _what_is_off(finding: Finding) -> str:
    why = str(finding.data.get("why"))
    return _WHAT_IS_OFF.get(why, why)


def _endpoint(finding: Finding) -> str:
    return str(finding.data.get("endpoint_id") or "an endpoint that is being made")


def _sentence(finding: Finding) -> str:
    words = str(finding.data.get("reason") or "")
    return f"{words[:1].upper()}{words[1:]}."


def _lacks(finding: Finding) -> str:
    data = finding.data
    if data.get("why") != "no subnet":
        return f"{data.get('service_name')}: {data.get('why')}"
    zones, own = data.get("zone_ids"), data.get("subnet_zone_ids") or ()
    stands = f"the service stands in {conjoined(zones)}" if zones else "the service stands anywhere"
    return f"{stands}; subnets with the tags: {conjoined(own) or 'none'}"
