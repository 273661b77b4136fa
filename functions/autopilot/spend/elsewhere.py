"""What isn't an endpoint and costs without need: NAT traffic, services that nobody uses."""

from __future__ import annotations

from collections.abc import Iterator

from autopilot.connections.facts import Service
from autopilot.notify.phrases import command, conjoined, counted, listed
from autopilot.policy.model import GatewayService
from autopilot.policy.names import proper_name, service_name
from autopilot.spend.facts import Facts, named
from autopilot.spend.model import Saving
from autopilot.spend.paid import Paid
from autopilot.spend.prices import GB, HOURS, gigabytes
from autopilot.spend.savings import place_of

_FREE: tuple[GatewayService, ...] = ("s3", "dynamodb")


def by_nat(paid: Paid) -> Iterator[Saving]:
    """NAT gateways that carry what a missing gateway endpoint would take for nothing.

    Their metrics know no destination: what goes to S3 or DynamoDB is some of it, from none to all.
    A gateway that several VPCs use is told once.
    """
    facts, told = paid.facts, set[str]()
    if not {"route tables", "VPC endpoints"}.isdisjoint(facts.unread):
        return
    for vpc in sorted(facts.network.vpcs, key=lambda each: each.id):
        missing = _missing(vpc.id, facts)
        nats = [nat for nat in facts.nats_of(vpc.id) if nat not in told]
        count = sum(facts.measured.nats.get(nat, 0) for nat in nats)
        if missing and count:
            told.update(nats)
            yield _of_nats(vpc.id, named(vpc), nats, missing, count, paid)


def _of_nats(
    vpc_id: str, name: str, nats: list[str], missing: list[str], count: int, paid: Paid
) -> Saving:
    month = count * HOURS // max(1, paid.facts.hours_since(None))
    price = paid.prices.nat_gb if paid.prices else None
    services = conjoined(missing)
    return Saving(
        kind="NAT traffic",
        subject=vpc_id,
        name=name,
        micro_usd=None if price is None else month * price // GB,
        sure=False,
        reason=f"{listed(nats)} processed {gigabytes(count)} in"
        f" {counted(paid.facts.days, 'day')}, {gigabytes(month)} a month; its metrics"
        f" don't say where to, and tables that lead to it have no route to {services}",
        do=f"A gateway endpoint for {services} is free: `./autopilot why {vpc_id}` says what is in"
        " its way.",
        vpc_id=vpc_id,
        ids=tuple(nats),
    )


def _missing(vpc_id: str, facts: Facts) -> list[str]:
    """The services without a route in some table whose default route leads to a NAT gateway."""
    tables = [t for t in facts.network.tables_of(vpc_id) if t.way_out.startswith("nat-")]
    return [
        proper_name(service)
        for service in _FREE
        if any(table.id not in _served(vpc_id, service, facts) for table in tables)
    ]


def _served(vpc_id: str, service: GatewayService, facts: Facts) -> frozenset[str]:
    there = facts.network.endpoints_for(vpc_id, service_name(facts.stack.region, service))
    return frozenset(id_ for each in there if each.lives for id_ in each.route_table_ids)


def unused_services(paid: Paid) -> Iterator[Saving]:
    """The account's own endpoint services to which nobody is connected and nobody asks to be.

    The service itself costs nothing (believed); its load balancers do, by the hour and by use.
    """
    facts = paid.facts
    if not {"endpoint services", "connections"}.isdisjoint(facts.unread):
        return
    used = {c.service_id for c in facts.connections.connections if c.stage != "over"}
    for service in sorted(facts.connections.services, key=lambda each: each.id):
        if service.id not in used:
            yield _unused(service, paid)


def _unused(service: Service, paid: Paid) -> Saving:
    balancers = service.load_balancer_arns
    hour = paid.prices.balancer_hour if paid.prices and service.interface else None
    behind = counted(len(balancers), "load balancer")
    call = f"ec2 describe-vpc-endpoint-connections --filters Name=service-id,Values={service.id}"
    return Saving(
        kind="unused service",
        subject=service.id,
        name=named(service),
        micro_usd=None if hour is None else hour * HOURS * len(balancers),
        sure=False,
        reason=f"nobody is connected and nobody asks to be; {behind} behind it may serve others",
        do="If it isn't only new, and nobody else uses its load balancers, take their tag away or"
        " delete it. To see for yourself:",
        command=command(place_of(paid.facts), call),
        ids=(service.id,),
    )
