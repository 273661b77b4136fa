"""Whether a survey of published services shows what is known to be so."""

from __future__ import annotations

from collections.abc import Iterable

from autopilot.reconcile.visible import GONE
from autopilot.services.facts import Offer, PublishFacts
from autopilot.services.plan import ServiceItem, ServiceOutcome


def unseen(
    facts: PublishFacts, expect: Iterable[str], outcomes: Iterable[ServiceOutcome]
) -> tuple[str, ...]:
    """Those of `expect` that the survey doesn't show yet.

    An expectation is the ARN of a load balancer, `gone` of a service that was deleted, or the id of
    an item: what its last outcome tells must show, but for zones, which take minutes. A service
    that is gone asks for nothing, but for one that was just made.
    """
    last = {outcome.id: outcome for outcome in outcomes if outcome.result == "done"}
    balancers = {balancer.arn for balancer in facts.balancers}
    offers = {offer.id: offer for offer in facts.offers}

    def met(expected: str) -> bool:
        if expected.startswith("arn:"):
            return expected in balancers
        if expected.startswith(GONE):
            return expected.removeprefix(GONE) not in offers
        return expected not in last or _shows(last[expected].item, offers, facts)

    return tuple(expected for expected in expect if not met(expected))


def _shows(item: ServiceItem, offers: dict[str, Offer], facts: PublishFacts) -> bool:
    offer = offers.get(item.service_id)
    if item.action == "retire":
        return offer is None
    if offer is None:
        return item.action != "publish"
    return _stands(item, offer, facts.principals.get(offer.id))


def _stands(item: ServiceItem, offer: Offer, principals: frozenset[str] | None) -> bool:
    if item.action == "change":
        return _changed(item, offer)
    if principals is None:
        return True
    if item.action == "allow":
        return principals.issuperset(item.principals)
    return item.action != "revoke" or principals.isdisjoint(item.principals)


def _changed(item: ServiceItem, offer: Offer) -> bool:
    name = offer.private_name.name if offer.private_name else None
    return (
        set(item.add_balancers) <= set(offer.balancer_arns)
        and not set(item.remove_balancers) & set(offer.balancer_arns)
        and set(item.add_regions) <= set(offer.regions)
        and not set(item.remove_regions) & set(offer.regions)
        and item.private_name in (None, name)
        and (offer.acceptance_required or not item.require_acceptance)
    )
