"""Where an endpoint stands, and of which families: properties, and the cases that have a story."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from autopilot.interfaces.facts import Offer, Subnet
from autopilot.interfaces.placement import Places, choose, has_zone, remote_zones, takes
from autopilot.interfaces.plan import EndpointItem
from autopilot.policy.model import AddressType
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.interfaces import builders
from tests.unit.interfaces.builders import (
    endpoint,
    facts,
    group,
    planned,
    policy,
    profile,
    situation,
    vpc,
)

Case = tuple[list[Subnet], Offer, frozenset[str], frozenset[str]]
HOME = "us-east-1"
TAGS = {"Name": "private-*"}
ZONES = ["use1-az1", "use1-az2", "use1-az3", "use1-az4", "use1-bos1-az1"]
OFFERS = [
    Offer("com.amazonaws.us-east-1.logs", HOME, frozenset(ZONES[:4])),
    Offer("com.amazonaws.us-east-1.comprehend", HOME, frozenset(ZONES[1:3])),
    Offer("com.amazonaws.us-east-1.nowhere", HOME, frozenset()),
    Offer("com.amazonaws.vpce.us-west-2.vpce-svc-1", "us-west-2", None),
]


@st.composite
def places(draw: st.DrawFn) -> Case:
    """Subnets, a service, those that the endpoint has (one a zone, as AWS has it), withdrawn."""
    subnets = [
        Subnet(
            f"subnet-{number}",
            "vpc-1",
            draw(st.sampled_from(ZONES)),
            state=draw(st.sampled_from(["available", "available", "pending"])),
            free=draw(st.sampled_from([0, 1, 250])),
            tags={"Name": draw(st.sampled_from(["private-a", "private-b", "public-a"]))},
        )
        for number in range(draw(st.integers(0, 8)))
    ]
    ids = [subnet.id for subnet in subnets]
    some = st.sets(st.sampled_from(ids)) if ids else st.just(set())
    present: dict[str, str] = {}
    for subnet in subnets:
        if draw(st.booleans()):
            present.setdefault(subnet.zone_id, subnet.id)
    offer = draw(st.sampled_from(OFFERS))
    return subnets, offer, frozenset(present.values()), frozenset(draw(some))


@pytest.mark.parametrize(
    "zone", ["use1-az3", "usw1-az2", "apne1-az3", "apne2-az2", "apne2-az4", "use1-bos1-az1"]
)
def test_zones_without_remote_access_serve_their_own_region_only(zone: str) -> None:
    far = Offer("com.amazonaws.eu-west-1.s3", "eu-west-1", None)
    assert not has_zone(far, zone, HOME)
    assert has_zone(far, zone.replace("az2", "az1").replace("az3", "az1"), HOME) is (
        zone not in ("apne2-az4", "use1-bos1-az1")
    )
    assert has_zone(Offer("com.amazonaws.us-east-1.logs", HOME, frozenset({zone})), zone, HOME)


WORDS = "ec2:CreateVpcEndpoint: InvalidParameter: Only the following availability zones are"


@pytest.mark.parametrize(
    ("messages", "zones"),
    [
        ([], None),
        ([None, "something else"], None),
        ([f"{WORDS} supported for remote access: use1-az1, use1-az4."], {"use1-az1", "use1-az4"}),
        ([f"{WORDS} supported for remote access: use1-az1,use1-az2"], {"use1-az1", "use1-az2"}),
        (
            [f"{WORDS} supported for remote access: a-az1", f"{WORDS} supported for remote access:"
             " a-az2"],
            {"a-az2"},
        ),
    ],
)  # fmt: skip
def test_what_aws_lists_as_having_remote_access(
    messages: list[str | None], zones: set[str] | None
) -> None:
    assert remote_zones(messages) == zones


def _fits(subnet: Subnet, offer: Offer) -> bool:
    named = subnet.tags["Name"].startswith("private-")
    if offer.zone_ids is None:
        return named and subnet.zone_id not in ("use1-az3", "use1-bos1-az1")
    return named and subnet.zone_id in offer.zone_ids


def _chosen(case: Case) -> Places:
    subnets, offer, present, withdrawn = case
    return choose(subnets, TAGS, offer, HOME, present=present, withdrawn=withdrawn)


@given(places())
def test_stands_once_in_a_zone_at_every_moment(case: Case) -> None:
    subnets, _, present, _ = case
    made = _chosen(case)
    zone = {subnet.id: subnet.zone_id for subnet in subnets}
    for stands in ((present - set(made.remove)) | set(made.add), present | set(made.add)):
        zones = [zone[id_] for id_ in stands]
        assert len(zones) == len(set(zones))


@given(places())
def test_adds_only_what_has_the_tags_and_a_zone_of_the_service(case: Case) -> None:
    subnets, offer, present, withdrawn = case
    known = {subnet.id: subnet for subnet in subnets}
    for id_ in _chosen(case).add:
        assert _fits(known[id_], offer)
        assert known[id_].free > 0 and known[id_].state == "available"
        assert id_ not in withdrawn and id_ not in present


@given(places())
def test_a_subnet_that_it_has_and_that_fits_stays(case: Case) -> None:
    subnets, offer, _, _ = case
    fitting = {subnet.id for subnet in subnets if _fits(subnet, offer)}
    assert not set(_chosen(case).remove) & fitting


@given(places())
def test_a_withdrawn_subnet_is_left_alone(case: Case) -> None:
    made = _chosen(case)
    assert not {*made.add, *made.remove} & case[3]


@given(places())
def test_never_leaves_an_endpoint_with_no_subnet(case: Case) -> None:
    present = case[2]
    made = _chosen(case)
    assert not present or (present - set(made.remove)) | set(made.add)


@given(places())
def test_covers_every_zone_that_it_can(case: Case) -> None:
    subnets, offer, _, withdrawn = case
    zone = {subnet.id: subnet.zone_id for subnet in subnets}
    made = _chosen(case)
    covered = {zone[id_] for id_ in made.wanted}
    for subnet in subnets:
        ready = subnet.free > 0 and subnet.state == "available" and subnet.id not in withdrawn
        if _fits(subnet, offer) and ready:
            assert subnet.zone_id in covered


@given(places(), st.randoms(use_true_random=False))
def test_the_order_of_subnets_does_not_matter(case: Case, chance: random.Random) -> None:
    subnets = list(case[0])
    chance.shuffle(subnets)
    assert _chosen(case) == _chosen((subnets, *case[1:]))


@given(places())
def test_comes_to_rest_and_stays_there(case: Case) -> None:
    subnets, offer, present, withdrawn = case
    for _ in range(len(ZONES) + 1):
        made = choose(subnets, TAGS, offer, HOME, present=present, withdrawn=withdrawn)
        present = (present - frozenset(made.remove)) | frozenset(made.add)
    made = choose(subnets, TAGS, offer, HOME, present=present, withdrawn=withdrawn)
    assert not made.add and not made.remove


def test_the_first_by_name_is_chosen_then_by_id() -> None:
    subnets = [
        Subnet("subnet-1", "vpc-1", "use1-az1", tags={"Name": "private-z"}),
        Subnet("subnet-3", "vpc-1", "use1-az1", tags={"Name": "private-a"}),
        Subnet("subnet-2", "vpc-1", "use1-az1", tags={"Name": "private-a"}),
    ]
    assert choose(subnets, TAGS, OFFERS[0], HOME).add == ("subnet-2",)


def test_a_new_zone_joins_and_the_rest_stays() -> None:
    one = Subnet("subnet-9", "vpc-1", "use1-az1", tags={"Name": "private-z"})
    better = Subnet("subnet-1", "vpc-1", "use1-az1", tags={"Name": "private-a"})
    new = Subnet("subnet-2", "vpc-1", "use1-az2", tags={"Name": "private-b"})
    made = choose([one, better, new], TAGS, OFFERS[0], HOME, present=["subnet-9"])
    assert made == Places(("subnet-2", "subnet-9"), add=("subnet-2",))


def test_a_subnet_in_a_taken_zone_waits_until_the_zone_is_free() -> None:
    old = Subnet("subnet-1", "vpc-1", "use1-az1", tags={"Name": "public"})
    new = Subnet("subnet-2", "vpc-1", "use1-az1", tags={"Name": "private-a"})
    other = Subnet("subnet-3", "vpc-1", "use1-az2", tags={"Name": "private-b"})
    subnets = [old, new, other]
    first = choose(subnets, TAGS, OFFERS[0], HOME, present=["subnet-1", "subnet-3"])
    assert (first.remove, first.add) == (("subnet-1",), ())
    assert choose(subnets, TAGS, OFFERS[0], HOME, present=["subnet-3"]).add == ("subnet-2",)


@pytest.mark.parametrize(
    ("tags", "wanted", "fits"),
    [
        ({"Name": "private-a"}, {"Name": "private-*"}, True),
        ({"Name": "Private-a"}, {"Name": "private-*"}, False),
        ({"Name": "private-a", "tier": "app"}, {"Name": "private-*", "tier": "*"}, True),
        ({"Name": "private-a"}, {"Name": "private-*", "tier": "*"}, False),
        ({}, {}, True),
        ({}, {"Name": "*"}, False),
    ],
)
def test_tags_match_all_and_by_pattern(
    tags: dict[str, str], wanted: dict[str, str], fits: bool
) -> None:
    one = replace(Subnet("subnet-1", "vpc-1", "use1-az1"), tags=tags)
    assert bool(choose([one], wanted, OFFERS[0], HOME).add) is fits


BOTH = frozenset({"ipv4", "ipv6"})
SIX = vpc(cidrs=("10.0.0.0/16", "2600:1f18::/56"))


def four(number: int, **more: Any) -> Subnet:
    return builders.subnet(number, **more)


def both(number: int, **more: Any) -> Subnet:
    return builders.subnet(number, ipv6=True, **more)


def native(number: int, **more: Any) -> Subnet:
    return builders.subnet(number, ipv4=False, ipv6=True, free=0, **more)


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
    seen = facts(SIX, *subnets, group(), builders.offer(families=families))
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
    seen = facts(SIX, *ALL_BOTH, group(), builders.offer(families=BOTH))
    for allowed, made in ((("10.0.0.0/8",), "ipv4"), (("10.0.0.0/8", "fd00::/8"), "dualstack")):
        wanted = profile(ip_address_type="dualstack", allow_from=allowed)
        items = planned(situation(seen, policy(wanted))).items
        assert [i.ip_address_type for i in items if isinstance(i, EndpointItem)] == [made]


def test_an_endpoint_changes_its_type_and_one_that_is_not_told_is_left() -> None:
    ours = endpoint(subnet_ids=("subnet-1", "subnet-2"), address_type="ipv4")
    now = profile(ip_address_type="dualstack")
    seen = facts(SIX, *ALL_BOTH, group(ingress=_ingress()), builders.offer(families=BOTH), ours)
    (item,) = planned(situation(seen, policy(now))).items
    assert isinstance(item, EndpointItem) and item.ip_address_type == "dualstack"
    assert "address type" in item.reason
    unknown = replace(seen, endpoints=(replace(ours, address_type=None),))
    assert not planned(situation(unknown, policy(now))).items


def test_an_endpoint_with_both_families_keeps_them_when_a_zone_without_ipv6_is_added() -> None:
    ours = endpoint(subnet_ids=("subnet-1", "subnet-2"), address_type="dualstack")
    things = (*ALL_BOTH, group(ingress=_ingress()), builders.offer(families=BOTH), ours)
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
    things = (*ALL_BOTH, group(ingress=_ingress()), builders.offer())
    for kind, count in (("ipv4", 1), (None, 1), ("dualstack", 0)):
        wanted = policy(profile(ip_address_type=kind or "ipv4"))
        seen = facts(SIX, *things, replace(ours, address_type=kind))
        seen = replace(
            seen, offers={o.name: replace(o, families=BOTH) for o in (builders.offer(),)}
        )
        assert planned(situation(seen, wanted)).left.get("IPv6 not served", 0) == count
    seen = facts(vpc(), *ALL_FOUR, group(), builders.offer(), ours)
    assert "IPv6 not served" not in planned(situation(seen)).left


def test_a_full_subnet_without_ipv4_takes_an_ipv6_endpoint() -> None:
    places = choose(
        [native(1)], {}, builders.offer(families=BOTH), "us-east-1", address_type="ipv6"
    )
    assert places.add == ("subnet-1",)
