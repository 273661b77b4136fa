"""How ops are told that the zones of a service and of its consumers don't meet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from autopilot.connections.messages_commands import owner_of
from autopilot.notify.finding import Finding, places, subjects_of
from autopilot.notify.notice import Place, Step, Words
from autopilot.notify.phrases import MOST_COMMANDS, command, conjoined, counted, listed, quoted

_BY_ID = "Zones are compared by their IDs: the same name can be another zone in another account."


def misaligned(findings: Sequence[Finding], place: Place) -> Words:
    """Endpoints that don't meet their service in every zone."""
    endpoints = counted(len(findings), "endpoint")
    return Words(
        title=f"{places(findings)} and {endpoints} don't share all zones",
        what=(
            f"{places(findings)} and {endpoints} don't share all zones of the consumer's VPC.",
            "Traffic from a zone that they don't share crosses to another one. That costs more, and"
            " ends when that other zone fails.",
        ),
        why=(_BY_ID, "A service is in the zones of its load balancers, whoever its targets are."),
        subjects=subjects_of(findings, _meets),
        steps=tuple(_mend(findings, place)),
    )


def advice(findings: Sequence[Finding], place: Place) -> Words:
    """A creation in this account that failed for its subnets' zones."""
    many = counted(len(findings), "endpoint")
    return Words(
        title=f"{many} not created in {places(findings)}: the service lacks the zone",
        what=(
            f"{many} could not be created in {places(findings)}: a subnet lies in a zone that the"
            " service lacks.",
            "The automation didn't ask for it. This is to help whoever did.",
        ),
        why=tuple(dict.fromkeys([_BY_ID, *(quoted(f.text("error")) for f in findings)])),
        subjects=subjects_of(findings, _refused),
        steps=tuple(_create(findings, place)),
    )


def _meets(finding: Finding) -> str:
    data = finding.data
    parts = [
        owner_of(finding.text("owner")),
        f"meets the service in {listed(data.get('shared', ())) or 'no zone'}",
    ]
    if lost := listed(data.get("lost", ())):
        parts.append(f"the service is no longer in {lost}")
    if more := _zones(data.get("would_serve", {})):
        parts.append(f"would serve: {more}")
    if never := _zones(data.get("never", {})):
        parts.append(f"never: {never}")
    return "; ".join(parts)


def _zones(subnets: Any) -> str:
    """ "use1-az1 (subnet-1, subnet-2), use1-az4 (subnet-3)"."""
    return listed(f"{zone} ({listed(ids)})" for zone, ids in sorted(subnets.items()))


def _first_of_each(subnets: Any) -> list[str]:
    """One subnet for each zone: an endpoint takes no more (DuplicateSubnetsInSameZone)."""
    return [ids[0] for _, ids in sorted(subnets.items()) if ids]


def _mend(findings: Sequence[Finding], place: Place) -> Iterator[Step]:
    extensible = [f for f in findings if f.data.get("would_serve")]
    for finding in extensible[:MOST_COMMANDS]:
        who = owner_of(finding.text("owner"))
        endpoint = finding.subject.partition("/")[2]
        subnets = " ".join(_first_of_each(finding.data["would_serve"]))
        call = f"ec2 modify-vpc-endpoint --vpc-endpoint-id {endpoint} --add-subnet-ids {subnets}"
        yield Step(
            f"The consumer ({who}) can add subnets in the service's zones:", command(place, call)
        )
    if (more := len(extensible) - MOST_COMMANDS) > 0:
        yield Step(f"The other {more} likewise.")
    away = [(*f.data.get("never", {}), *f.data.get("lost", ())) for f in findings]
    if zones := sorted(set().union(*away)):
        yield Step(
            f"The provider can enable {conjoined(zones)} on the service's load balancers, with a"
            " subnet of its own VPC there. Put their ARN in the place of BALANCER, and all of the"
            " balancer's subnets, old and new, in the place of SUBNETS:",
            command(place, "elbv2 set-subnets --load-balancer-arn BALANCER --subnets SUBNETS"),
        )
    yield Step(
        "If one zone in common is enough: write `require: any` under zones in autopilot.yaml and"
        " deploy."
    )


def _refused(finding: Finding) -> str:
    data = finding.data
    parts = [f"asked by {finding.text('by') or 'somebody'}"]
    if refused := listed(data.get("refused", ())):
        parts.append(f"not served: {refused}")
    if data.get("zone_ids"):
        parts.append(f"the service is in {listed(data['zone_ids'])}")
    if would := _zones(data.get("would_serve", {})):
        parts.append(f"would serve: {would}")
    if never := _zones(data.get("never", {})):
        parts.append(f"never: {never}")
    if why := finding.text("why"):
        parts.append(f"no advice: {why}")
    return "; ".join(parts)


def _create(findings: Sequence[Finding], place: Place) -> Iterator[Step]:
    for finding in findings[:MOST_COMMANDS]:
        vpc_id, _, service = finding.subject.partition("/")
        subnets = " ".join(_first_of_each(finding.data.get("would_serve", {})))
        call = f"ec2 create-vpc-endpoint --vpc-endpoint-type Interface --vpc-id {vpc_id}"
        if subnets:
            yield Step(
                f"In {vpc_id}, these subnets would have worked (add what else was asked for):",
                command(place, f"{call} --service-name {service} --subnet-ids {subnets}"),
            )
        else:
            yield Step(
                f"No subnet of {vpc_id} is known to lie in a zone of the service. See its zones,"
                " and make a subnet in one of them:",
                command(
                    place,
                    f"ec2 describe-vpc-endpoint-services --service-names {service}"
                    " --query ServiceDetails[].AvailabilityZoneIds",
                ),
            )
    if (more := len(findings) - MOST_COMMANDS) > 0:
        yield Step(f"The other {more} likewise.")
