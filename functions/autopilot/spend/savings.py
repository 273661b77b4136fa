"""What endpoints cost without need: idle ones and zones, what a gateway endpoint does, duplicates.

Each endpoint in each zone is counted once, by the first of these that fits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from autopilot.interfaces.desired import is_ours
from autopilot.interfaces.facts import Endpoint
from autopilot.notify.notice import Place
from autopilot.notify.phrases import command, counted, listed
from autopilot.policy.names import label, proper_name, service_name
from autopilot.spend.facts import Facts, Unused, named
from autopilot.spend.model import Saving
from autopilot.spend.paid import UNKNOWN_ZONE, Paid, Unit, without

RETIRE = "set `retire: idle` in the policy, which takes it away step by step and can bring it back"
RETIRES = "`retire: idle` takes it away step by step, and `./autopilot restore` brings it back"


def savings(paid: Paid) -> tuple[Saving, ...]:
    """All of them that are about endpoints."""
    found = list[Saving]()
    left = list(paid.units)
    for finder in (_idle, _by_gateway, _duplicates):
        taken = list[Unit]()
        for saving, units in finder(paid, left):
            found.append(saving)
            taken += units
        left = list(without(left, taken))
    return tuple(found)


Found = Iterator[tuple[Saving, Sequence[Unit]]]


def _idle(paid: Paid, left: Sequence[Unit]) -> Found:
    there = {unit.endpoint.id: unit.endpoint for unit in left}
    for each in paid.facts.unused:
        units = [u for u in left if u.endpoint.id == each.endpoint_id]
        if each.subnet_id:
            units = [u for u in units if u.subnet_id == each.subnet_id]
        if units:
            yield _unused(each, there[each.endpoint_id], units, paid), units


def _unused(each: Unused, endpoint: Endpoint, units: Sequence[Unit], paid: Paid) -> Saving:
    stack, place = paid.facts.stack, place_of(paid.facts)
    what = label(endpoint.service_name, stack.region)
    zones = ", ".join(sorted({unit.zone_id for unit in units}))
    where = zones if each.subnet_id else f"{counted(len(units), 'zone')} ({zones})"
    ours, by_hand = is_ours(endpoint, stack), _by_hand(each, endpoint)
    return Saving(
        kind="idle zone" if each.subnet_id else "idle endpoint",
        subject="/".join(filter(None, (endpoint.id, each.subnet_id))),
        name=named(endpoint),
        micro_usd=paid.hours(len(units)),
        sure=True,
        reason=f"{what} in {where}: {each.why}",
        do=_do(each, endpoint, ours=ours, goes=paid.facts.policy.retire_interfaces == "idle"),
        command=command(place, by_hand) if by_hand and not ours else "",
        vpc_id=endpoint.vpc_id,
        ids=tuple(filter(None, (endpoint.id, each.subnet_id))),
    )


def _by_hand(each: Unused, endpoint: Endpoint) -> str:
    """The harmless step towards being without it; "" where there is none before its deletion."""
    call = f"ec2 modify-vpc-endpoint --vpc-endpoint-id {endpoint.id}"
    if each.subnet_id:
        return f"{call} --remove-subnet-ids {each.subnet_id}"
    return f"{call} --no-private-dns-enabled" if endpoint.private_dns else ""


def _do(each: Unused, endpoint: Endpoint, *, ours: bool, goes: bool) -> str:
    if each.subnet_id and ours:
        return (
            "The automation's own, which no zone is taken from by itself: leave it out by the"
            " profile's tags of subnets, if nobody will start there."
        )
    if ours:
        return f"The automation's own: {RETIRES if goes else RETIRE}."
    if each.subnet_id:
        return "Somebody else's: ask them, then take the subnet out of it."
    if not endpoint.private_dns:
        return (
            "Somebody else's, and its private DNS is off already: ask them whether anybody uses"
            " the endpoint's own DNS names, then have it deleted."
        )
    return (
        "Somebody else's: ask them, then turn its private DNS off and see whether anybody misses it"
        " before it is deleted."
    )


def _by_gateway(paid: Paid, left: Sequence[Unit]) -> Found:
    """Interface endpoints for S3 and DynamoDB, which have gateway endpoints for nothing.

    Those are for the VPC's own traffic only (PrivateLink guide, "Gateway endpoints").
    """
    region = paid.facts.stack.region
    names = {service_name(region, each): each for each in ("s3", "dynamodb")}
    for endpoint, units in _by_endpoint(left):
        service = names.get(endpoint.service_name)
        if not service or endpoint.inbound_only or endpoint.service_region not in ("", region):
            continue
        proper, hours = proper_name(service), paid.hours(len(units))
        data, has = paid.data.get(endpoint.id, 0), _has_gateway(endpoint, paid.facts)
        yield (
            Saving(
                kind="gateway endpoint would do",
                subject=endpoint.id,
                name=named(endpoint),
                micro_usd=None if hours is None else hours + data,
                sure=False,
                reason=f"{proper} in {counted(len(units), 'zone')} by an interface endpoint, with"
                f" the data that it processes; gateway endpoints are free, and the VPC {has}",
                do=f"If only the VPC itself reaches {proper} by it, nobody on premises, in peered"
                " VPCs or in other Regions, let a gateway endpoint do it and remove this one.",
                vpc_id=endpoint.vpc_id,
                ids=(endpoint.id,),
            ),
            units,
        )


def _has_gateway(endpoint: Endpoint, facts: Facts) -> str:
    there = facts.network.endpoints_for(endpoint.vpc_id, endpoint.service_name)
    return "has one" if any(each.lives for each in there) else "has none yet"


def _duplicates(paid: Paid, left: Sequence[Unit]) -> Found:
    """Interface endpoints for one service in one VPC, whoever made them."""
    groups: dict[tuple[str, str, str], list[Unit]] = {}
    for unit in left:
        each = unit.endpoint
        key = (each.vpc_id, each.service_name, each.service_region or paid.facts.stack.region)
        groups.setdefault(key, []).append(unit)
    for (vpc_id, service, _), units in groups.items():
        twice = list(_second(units))
        if not twice:
            continue
        ids = tuple(sorted({unit.endpoint.id for unit in units}))
        what = label(service, paid.facts.stack.region)
        yield (
            Saving(
                kind="duplicate",
                subject=f"{vpc_id}/{what}",
                name=_name_of(vpc_id, paid.facts),
                micro_usd=paid.hours(len(twice)),
                sure=False,
                reason=f"{what} by {counted(len(ids), 'interface endpoint')} in one VPC"
                f" ({listed(ids)}); one would do, which saves"
                f" {counted(len(twice), 'zone')} paid for twice",
                do="See who made them and whose names their users ask for, then keep one of them.",
                vpc_id=vpc_id,
                ids=ids,
            ),
            units,
        )


def _second(units: Iterable[Unit]) -> Iterator[Unit]:
    """Those in zones where another, older endpoint stands already; of unknown zones none."""
    first: dict[str, str] = {}
    for unit in sorted(units, key=lambda u: (u.endpoint.created, u.endpoint.id, u.zone_id)):
        if unit.zone_id == UNKNOWN_ZONE:
            continue
        if first.setdefault(unit.zone_id, unit.endpoint.id) != unit.endpoint.id:
            yield unit


def _by_endpoint(units: Iterable[Unit]) -> Iterator[tuple[Endpoint, list[Unit]]]:
    found: dict[str, list[Unit]] = {}
    for unit in units:
        found.setdefault(unit.endpoint.id, []).append(unit)
    return ((group[0].endpoint, group) for group in found.values())


def place_of(facts: Facts) -> Place:
    """Where commands are for."""
    at = facts.now.isoformat(timespec="seconds")
    return Place(facts.stack.account, facts.stack.region, facts.stack.owner, "", at)


def _name_of(vpc_id: str, facts: Facts) -> str:
    return next((named(vpc) for vpc in facts.interfaces.vpcs if vpc.id == vpc_id), "")
