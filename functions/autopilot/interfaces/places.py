"""Where a wanted endpoint stands, and of which address type it is."""

from __future__ import annotations

from dataclasses import replace

from autopilot.interfaces.addresses import address_type
from autopilot.interfaces.choosing import Places, choose, may_hold, remote_zones
from autopilot.interfaces.desired import DesiredEndpoint
from autopilot.interfaces.draft import Situation
from autopilot.interfaces.facts import Offer
from autopilot.policy.model import AddressType


def placed(
    want: DesiredEndpoint, offer: Offer, present: tuple[str, ...], now: Situation
) -> tuple[AddressType | None, Places]:
    """The address type and the subnets of the endpoint, which stands in those of `present`.

    None: the service lacks what is wanted; an endpoint that is there stays where IPv4 would be.
    """
    offer = _as_told(want, offer, present, now)
    kind = _type_of(want, offer, present, now)
    return kind, _places_of(want, offer, present, now, kind or "ipv4")


def _as_told(
    want: DesiredEndpoint, offer: Offer, present: tuple[str, ...], now: Situation
) -> Offer:
    """What AWS said about zones in this execution goes before what we know of them."""
    told = remote_zones(outcome.message for outcome in now.of(want.subject))
    if told is None:
        return offer
    subnets = now.facts.subnets_of(want.vpc.id)
    stands = {subnet.zone_id for subnet in subnets if subnet.id in present}
    return replace(offer, zone_ids=told | stands)


def _type_of(
    want: DesiredEndpoint, offer: Offer, present: tuple[str, ...], now: Situation
) -> AddressType | None:
    tags, home = want.profile.subnet_tags, now.us.region
    every = now.facts.subnets_of(want.vpc.id)
    there = [subnet for subnet in every if may_hold(subnet, tags, offer, home)]
    before = want.ours.address_type if want.ours else None
    return address_type(want.profile, offer.families, there, present, before)


def _places_of(
    want: DesiredEndpoint, offer: Offer, present: tuple[str, ...], now: Situation, kind: AddressType
) -> Places:
    return choose(
        now.facts.subnets_of(want.vpc.id),
        want.profile.subnet_tags,
        offer,
        now.us.region,
        present=present,
        withdrawn=now.withdrawn,
        address_type=kind,
    )
