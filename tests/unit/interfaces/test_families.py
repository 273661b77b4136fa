"""Address families: what an endpoint gets, where it may stand, what is not counted as covered."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from autopilot.gateway.desired import needs
from autopilot.gateway.facts import Endpoint as Gateway
from autopilot.interfaces.facts import Subnet
from autopilot.interfaces.placement import choose, takes
from autopilot.interfaces.plan import EndpointItem
from autopilot.policy.model import AddressType

from tests.unit.gateway import builders
from tests.unit.gateway.builders import US
from tests.unit.interfaces.builders import (
    endpoint,
    facts,
    group,
    offer,
    planned,
    policy,
    profile,
    situation,
    subnet,
    vpc,
)

BOTH = frozenset({"ipv4", "ipv6"})
SIX = vpc(cidrs=("10.0.0.0/16", "2600:1f18::/56"))


def four(number: int, **more: Any) -> Subnet:
    return subnet(number, **more)


def both(number: int, **more: Any) -> Subnet:
    return subnet(number, ipv6=True, **more)


def native(number: int, **more: Any) -> Subnet:
    return subnet(number, ipv4=False, ipv6=True, free=0, **more)


ALL_BOTH, ALL_FOUR = (both(1), both(2)), (four(1), four(2))


@pytest.mark.parametrize(
    ("wanted", "subnets", "families", "made"),
    [
        ("ipv4", ALL_BOTH, BOTH, ("ipv4", ("subnet-1", "subnet-2"))),
        ("ipv4", (four(1), native(2)), BOTH, ("ipv4", ("subnet-1",))),
        ("ipv4", (native(1),), BOTH, "no subnet"),
        ("ipv4", ALL_FOUR, frozenset({"ipv6"}), "address type"),
        ("dualstack", ALL_BOTH, BOTH, ("dualstack", ("subnet-1", "subnet-2"))),
        # What flows goes on: no zone is lost for IPv6, nor the endpoint where there is none.
        ("dualstack", (both(1), four(2)), BOTH, ("ipv4", ("subnet-1", "subnet-2"))),
        ("dualstack", ALL_FOUR, BOTH, ("ipv4", ("subnet-1", "subnet-2"))),
        ("dualstack", ALL_BOTH, frozenset({"ipv4"}), ("ipv4", ("subnet-1", "subnet-2"))),
        ("ipv6", (both(1), native(2)), BOTH, ("ipv6", ("subnet-2",))),
        ("ipv6", ALL_BOTH, BOTH, "no subnet"),
        ("ipv6", (native(1),), frozenset({"ipv4"}), "address type"),
    ],
)
def test_an_endpoint_gets_the_families_that_subnets_and_service_have(
    wanted: Any, subnets: tuple[Subnet, ...], families: frozenset[str], made: Any
) -> None:
    seen = facts(SIX, *subnets, group(), offer(families=families))
    now = situation(seen, policy(profile(ip_address_type=wanted)))
    plan = planned(now)
    if isinstance(made, str):
        (finding,) = plan.findings
        assert (finding.kind, finding.data["why"]) == ("InterfaceNotPossible", made)
        return
    (item,) = [item for item in plan.items if isinstance(item, EndpointItem)]
    assert (item.ip_address_type, item.add_subnet_ids) == made


@pytest.mark.parametrize(
    ("held", "kinds"),
    [(four(1), ["ipv4"]), (both(1), ["ipv4", "dualstack"]), (native(1), ["ipv6"])],
)
def test_a_subnet_takes_the_types_of_its_own_families(held: Subnet, kinds: list[str]) -> None:
    every: tuple[AddressType, ...] = ("ipv4", "dualstack", "ipv6")
    assert [kind for kind in every if takes(held, kind)] == kinds


def test_both_families_only_if_ipv6_is_let_in() -> None:
    seen = facts(SIX, *ALL_BOTH, group(), offer(families=BOTH))
    for allowed, made in ((("10.0.0.0/8",), "ipv4"), (("10.0.0.0/8", "fd00::/8"), "dualstack")):
        wanted = profile(ip_address_type="dualstack", allow_from=allowed)
        items = planned(situation(seen, policy(wanted))).items
        assert [i.ip_address_type for i in items if isinstance(i, EndpointItem)] == [made]


def test_an_endpoint_changes_its_type_and_one_that_is_not_told_is_left() -> None:
    ours = endpoint(subnet_ids=("subnet-1", "subnet-2"), address_type="ipv4")
    now = profile(ip_address_type="dualstack")
    seen = facts(SIX, *ALL_BOTH, group(ingress=_ingress()), offer(families=BOTH), ours)
    (item,) = planned(situation(seen, policy(now))).items
    assert isinstance(item, EndpointItem) and item.ip_address_type == "dualstack"
    assert "address type" in item.reason
    unknown = replace(seen, endpoints=(replace(ours, address_type=None),))
    assert not planned(situation(unknown, policy(now))).items


def test_an_endpoint_with_both_families_keeps_them_when_a_zone_without_ipv6_is_added() -> None:
    ours = endpoint(subnet_ids=("subnet-1", "subnet-2"), address_type="dualstack")
    things = (*ALL_BOTH, group(ingress=_ingress()), offer(families=BOTH), ours)
    wanted = policy(profile(ip_address_type="dualstack"))
    grown = facts(SIX, *things, four(3, zone_id="use1-az3"))
    assert planned(situation(grown, wanted)).items == ()
    closed = policy(profile(ip_address_type="dualstack", allow_from=("10.0.0.0/16",)))
    items = planned(situation(grown, closed)).items
    kinds = [item.ip_address_type for item in items if isinstance(item, EndpointItem)]
    assert kinds == ["ipv4"], "the profile lets no IPv6 in any more"


def _ingress() -> frozenset[str]:
    return frozenset(f"tcp 443-443 {block}" for block in SIX.cidrs)


def test_ipv6_that_nobody_serves_is_said_and_not_counted() -> None:
    ours = endpoint(subnet_ids=("subnet-1", "subnet-2"))
    things = (*ALL_BOTH, group(ingress=_ingress()), offer())
    for kind, count in (("ipv4", 1), (None, 1), ("dualstack", 0)):
        wanted = policy(profile(ip_address_type=kind or "ipv4"))
        seen = facts(SIX, *things, replace(ours, address_type=kind))
        seen = replace(seen, offers={o.name: replace(o, families=BOTH) for o in (offer(),)})
        assert planned(situation(seen, wanted)).left.get("IPv6 not served", 0) == count
    seen = facts(vpc(), *ALL_FOUR, group(), offer(), ours)
    assert "IPv6 not served" not in planned(situation(seen)).left


def test_a_full_subnet_without_ipv4_takes_an_ipv6_endpoint() -> None:
    places = choose([native(1)], {}, offer(families=BOTH), "us-east-1", address_type="ipv6")
    assert places.add == ("subnet-1",)


def test_a_gateway_endpoint_covers_the_families_that_it_routes() -> None:
    name = "com.amazonaws.us-east-1.s3"
    table = builders.table("rtb-1", "vpc-1")
    wanted = builders.policy(services=("s3",))
    for kind, missing, six in (("ipv4", 0, 1), ("ipv6", 1, 0), ("dualstack", 0, 0)):
        there = Gateway("vpce-1", "vpc-1", name, route_table_ids=("rtb-1",), address_type=kind)
        for endpoint_ in (there, replace(there, tags={"endpoint-autopilot:owner": US.owner})):
            seen = builders.facts(replace(builders.vpc("vpc-1"), ipv6=True), table, endpoint_)
            (need,), left = needs(seen, wanted, US)
            assert (len(need.missing), left["IPv6 without a route"]) == (missing, six), kind
        assert (need.ours is None) == (kind == "ipv6"), "one for IPv6 takes no table for IPv4"
