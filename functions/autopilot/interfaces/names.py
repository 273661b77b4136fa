"""Names and tags of what profiles make, and of the parameters that hold DNS names."""

from __future__ import annotations

from autopilot.reconcile.tags import OWNER_TAG

PROFILE_TAG = "endpoint-autopilot:profile"
ROOT = "/endpoint-autopilot"
"""Where the parameters with DNS names lie."""


def tags(owner: str, profile: str, name: str) -> dict[str, str]:
    """The tags of what the stack `owner` makes for a profile."""
    return {OWNER_TAG: owner, PROFILE_TAG: profile, "Name": f"endpoint-autopilot-{name}"}


def parameter(vpc_id: str, service_id: str, zone_id: str | None = None) -> str:
    """The parameter with the DNS name of an endpoint in a VPC, or with its name in a zone."""
    name = f"{ROOT}/{vpc_id}/{service_id}/dns"
    return name if zone_id is None else f"{name}/{zone_id}"
