"""Whether an endpoint's private DNS can be on now, and what stands in the way."""

from __future__ import annotations

from typing import Literal

from autopilot.core.interfaces.facts import Endpoint, Offer, Vpc
from autopilot.core.policy import InterfaceProfile

Obstacle = Literal[
    "VPC attributes",  # enableDnsSupport or enableDnsHostnames is off
    "not accepted yet",  # the service requires acceptance (aws-vpce-operator: on once available)
    "name not verified",  # the service's owner has not proven its private name
    "refused",  # AWS refused it, as with a name that a hosted zone or another endpoint holds
]


def wanted(profile: InterfaceProfile, offer: Offer) -> bool:
    """Whether the policy wants private DNS on and the service has a private name at all."""
    return profile.private_dns and offer.private_dns


def obstacle(offer: Offer, vpc: Vpc, endpoint: Endpoint | None) -> Obstacle | None:
    """What keeps private DNS off, as far as it can be known before AWS is asked.

    `endpoint` None: it is not made yet. Attributes that nobody asked for count as on.
    """
    if vpc.dns is not None and not (vpc.dns.support and vpc.dns.hostnames):
        return "VPC attributes"
    if not offer.verified:
        return "name not verified"
    accepted = endpoint is not None and endpoint.standing == "available"
    return "not accepted yet" if offer.acceptance and not accepted else None
