"""What the stack marks its own by: the owner tag."""

from __future__ import annotations

from collections.abc import Mapping

OWNER_TAG = "endpoint-autopilot:owner"
PROFILE_TAG = "endpoint-autopilot:profile"

Tags = Mapping[str, str]


def owned_by(tags: Tags, owner: str) -> bool:
    """Whether the tags say that the stack `owner` made it. An empty owner owns nothing."""
    return bool(owner) and tags.get(OWNER_TAG) == owner


def endpoint_tags(owner: str, service: str) -> dict[str, str]:
    """The tags of an endpoint that the stack `owner` makes for `service`."""
    return {OWNER_TAG: owner, "Name": f"endpoint-autopilot-{service}"}


def profile_tags(owner: str, profile: str, name: str) -> dict[str, str]:
    """The tags of what the stack `owner` makes for a profile of interface endpoints."""
    return {OWNER_TAG: owner, PROFILE_TAG: profile, "Name": f"endpoint-autopilot-{name}"}
