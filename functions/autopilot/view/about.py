"""What of the view speaks of one thing: a VPC, subnet, endpoint, service or consumer."""

from __future__ import annotations

import re
from dataclasses import replace

from autopilot.services.facts import name_of
from autopilot.view.model import Overview, ServiceView, SubnetView, VpcView


def about(seen: Overview, id_: str) -> tuple[Overview, bool]:
    """What speaks of it with what couldn't be read, and whether anything does."""
    made = replace(
        seen,
        vpcs=_vpcs(seen, id_),
        services=_services(seen, id_),
        waiting=tuple(w for w in seen.waiting if _names(id_, w.subject, w.owner, w.reason)),
        problems=tuple(p for p in seen.problems if _names(id_, p.subject, p.line)),
    )
    return made, bool(id_ and (made.vpcs or made.services or made.waiting or made.problems))


def remembered_as(made: Overview, id_: str) -> str:
    """The id that history knows it by: a service's, a load balancer's ARN."""
    for service in made.services:
        if service.service_name == id_:
            return service.id
        for balancer in service.load_balancers:
            if name_of(balancer) == id_:
                return balancer
    return id_


def unheard_of(seen: Overview, id_: str) -> str:
    """That nothing is called so, as far as it could be read."""
    place = f"account {seen.place.account}, {seen.place.region}"
    lost = ", ".join(each.what for each in seen.unknown)
    far = f", as far as it can be read (not: {lost})." if lost else "."
    return f"Nothing in {place} is called {id_}{far}"


def _vpcs(seen: Overview, id_: str) -> tuple[VpcView, ...]:
    """All of a VPC; of others the lines that name it."""
    found = (vpc if vpc.id == id_ else replace(vpc, subnets=_lines(vpc, id_)) for vpc in seen.vpcs)
    return tuple(vpc for vpc in found if vpc.id == id_ or vpc.subnets)


def _lines(vpc: VpcView, id_: str) -> tuple[SubnetView, ...]:
    return tuple(
        line
        for line in vpc.subnets
        if id_ in (line.subnet_id, line.route_table_id, line.endpoint_id)
    )


def _services(seen: Overview, id_: str) -> tuple[ServiceView, ...]:
    """All of a service; of others the connections and zones of the endpoint or account."""
    found = []
    for service in seen.services:
        behind = (*service.load_balancers, *map(name_of, service.load_balancers))
        if id_ in (service.id, service.service_name, *behind):
            found.append(service)
            continue
        connections = tuple(c for c in service.connections if id_ in (c.endpoint_id, c.owner))
        zones = tuple(z for z in service.zone_map if id_ in (z.endpoint_id, z.owner))
        if connections:
            found.append(replace(service, connections=connections, zone_map=zones))
    return tuple(found)


def _names(id_: str, *texts: str) -> bool:
    """Whether one of the texts names `id_`, and not only a longer id that begins like it."""
    return any(re.search(rf"(?<![\w-]){re.escape(id_)}(?![\w-])", text) for text in texts)
