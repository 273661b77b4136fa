"""Cuts what a view says of one thing, so that it fits into an answer."""

from __future__ import annotations

from dataclasses import replace

from autopilot.view.model import Overview, ServiceView, VpcView


def cut(seen: Overview, most: int) -> tuple[Overview, int]:
    """The view with at most so many of each list, the worst first; and how many are left out."""
    made = replace(
        seen,
        vpcs=tuple(_vpc(each, most) for each in seen.vpcs[:most]),
        services=tuple(_service(each, most) for each in seen.services[:most]),
        waiting=seen.waiting[:most],
        problems=seen.problems[:most],
        unknown=seen.unknown[:most],
    )
    return made, _size(seen) - _size(made)


def _vpc(vpc: VpcView, most: int) -> VpcView:
    return replace(vpc, subnets=vpc.subnets[:most])


def _service(each: ServiceView, most: int) -> ServiceView:
    return replace(
        each,
        load_balancers=each.load_balancers[:most],
        connections=each.connections[:most],
        zone_map=each.zone_map[:most],
    )


def _size(seen: Overview) -> int:
    """How many things it names."""
    return (
        sum(1 + len(vpc.subnets) for vpc in seen.vpcs)
        + sum(1 + len(each.connections) + len(each.zone_map) for each in seen.services)
        + len(seen.waiting)
        + len(seen.problems)
        + len(seen.unknown)
    )
