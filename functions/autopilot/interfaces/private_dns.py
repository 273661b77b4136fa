"""Whether an endpoint's private DNS can be on now, and what stands in the way."""

from __future__ import annotations

from typing import Literal

from autopilot.interfaces.facts import DnsAttributes, Endpoint, Offer
from autopilot.interfaces.messages import PRIVATE_DNS_OFF
from autopilot.interfaces.situation import DesiredEndpoint, Draft, Situation
from autopilot.notify.finding import Finding
from autopilot.policy.model import InterfaceProfile
from autopilot.reconcile.outcome import tries

Obstacle = Literal[
    "VPC attributes",  # enableDnsSupport or enableDnsHostnames is off
    "not accepted yet",  # the service requires acceptance (aws-vpce-operator: on once available)
    "name not verified",  # the service's owner has not proven its private name
    "no gateway endpoint",  # private DNS for inbound resolvers only relies on one in the VPC
    "refused",  # AWS refused it, as with a name that a hosted zone or another endpoint holds
]


def decide(
    desired: DesiredEndpoint, offer: Offer, now: Situation, draft: Draft
) -> tuple[bool, bool | None]:
    """Whether private DNS shall be on now, and whether for inbound resolvers only.

    If it shall not although it is wanted, ops hear why.
    """
    existing = desired.existing
    if not desired.private_dns:
        return False, None
    only = inbound_only(desired.profile, offer, existing)
    if existing is not None and existing.private_dns:
        return True, only
    hindered = obstacle(offer, now.facts.dns.get(desired.vpc.id), existing)
    if hindered is None and only and (desired.vpc.id, offer.name) not in now.facts.gateways:
        hindered = "no gateway endpoint"
        # The network's workflow makes it about now, where the policy has it.
        draft.under_way |= desired.service in now.policy.gateway_endpoints.services
    refused = [
        o for o in tries(now.request.outcomes, desired.subject) if o.error == "PrivateDnsRefused"
    ]
    if hindered is None and not refused:
        return True, only
    if hindered != "not accepted yet":
        message = refused[-1].message if refused else None
        draft.findings.append(_off(desired, hindered or "refused", message))
    return False, None


def inbound_only(
    profile: InterfaceProfile, offer: Offer, existing: Endpoint | None = None
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
    serves_all = existing and existing.private_dns and existing.inbound_only is False
    return not serves_all


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


def obstacle(offer: Offer, vpc: DnsAttributes | None, endpoint: Endpoint | None) -> Obstacle | None:
    """What keeps private DNS off, as far as it can be known before AWS is asked.

    `vpc` None: nobody asked for its attributes, they count as on. `endpoint` None: it is not made
    yet.
    """
    if vpc is not None and not (vpc.support and vpc.hostnames):
        return "VPC attributes"
    if not offer.verified:
        return "name not verified"
    accepted = endpoint is not None and endpoint.standing == "available"
    return "not accepted yet" if offer.acceptance and not accepted else None


def _off(desired: DesiredEndpoint, why: Obstacle, message: str | None) -> Finding:
    there = desired.existing
    data = {
        "endpoint_id": there.id if there else None,
        "profile": desired.profile.name,
        "why": why,
        "message": message,
        "serves": there is not None and there.standing == "available",
    }
    return PRIVATE_DNS_OFF.about(desired.subject, data)
