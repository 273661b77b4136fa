"""Whether an endpoint's private DNS can be on now, and what stands in the way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from autopilot.interfaces.desired import DesiredEndpoint
from autopilot.interfaces.draft import Draft, Situation
from autopilot.interfaces.facts import Endpoint, Facts, Offer, Vpc
from autopilot.interfaces.messages import PRIVATE_DNS_OFF
from autopilot.policy.model import InterfaceProfile

Obstacle = Literal[
    "VPC attributes",  # enableDnsSupport or enableDnsHostnames is off
    "not accepted yet",  # the service requires acceptance (aws-vpce-operator: on once available)
    "name not verified",  # the service's owner has not proven its private name
    "no gateway endpoint",  # private DNS for inbound resolvers only relies on one in the VPC
    "refused",  # AWS refused it, as with a name that a hosted zone or another endpoint holds
]


def wanted(profile: InterfaceProfile, offer: Offer) -> bool:
    """Whether the policy wants private DNS on and the service has a private name at all."""
    return profile.private_dns and offer.private_dns


def inbound_only(
    profile: InterfaceProfile, offer: Offer, ours: Endpoint | None = None
) -> bool | None:
    """Whether private DNS shall be for inbound resolvers only; None where AWS knows no such choice.

    AWS knows it where the service has gateway endpoints too, as S3 has; those take the VPC's own
    traffic then (botocore's EC2 model; terraform-provider-aws #31117, #46102). Unless the policy
    says it, traffic that takes our endpoint goes on: a table without the gateway's route would have
    no way to the service.
    """
    if not offer.gateway:
        return None
    if profile.inbound_only is not None:
        return profile.inbound_only
    return not (ours is not None and ours.private_dns and ours.inbound_only is False)


def whose_traffic(only: bool | None) -> str:
    """What that means for the VPC's own traffic, as the end of a reason; "" without the choice."""
    if only is None:
        return ""
    if only:
        return (
            "; its private DNS is for inbound resolvers only, so the VPC's own traffic takes the"
            " gateway endpoint"
        )
    return "; its private DNS is for everybody, so the VPC's own traffic takes it, too"


def lacks_gateway(facts: Facts, vpc: Vpc, offer: Offer, only: bool | None) -> bool:
    """Whether private DNS is to rely on a gateway endpoint that isn't there (yet)."""
    return bool(only) and (vpc.id, offer.name) not in facts.gateways


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


def decide(
    want: DesiredEndpoint, offer: Offer, ours: Endpoint | None, now: Situation, draft: Draft
) -> bool:
    """Whether private DNS shall be on now; if not although it is wanted, ops hear why."""
    if not wanted(want.profile, offer):
        return False
    if ours is not None and ours.private_dns:
        return True
    hindered = obstacle(offer, want.vpc, ours)
    only = inbound_only(want.profile, offer, ours)
    if hindered is None and lacks_gateway(now.facts, want.vpc, offer, only):
        hindered = "no gateway endpoint"
        # The network's workflow makes it about now, where the policy has it.
        draft.under_way |= want.service in now.policy.gateway_endpoints.services
    refused = [o for o in now.of(want.subject) if o.error == "PrivateDnsRefused"]
    if hindered is None and not refused:
        return True
    if hindered != "not accepted yet":
        data: Mapping[str, Any] = {
            "endpoint_id": ours.id if ours else None,
            "profile": want.profile.name,
            "why": hindered or "refused",
            "message": refused[-1].message if refused else None,
        }
        draft.findings.append(PRIVATE_DNS_OFF.about(want.subject, data))
    return False
