"""What the owner tag says: whose an endpoint is."""

from __future__ import annotations

from collections.abc import Mapping

from autopilot.reconcile.names import OWNER_TAG

Tags = Mapping[str, str]


def owned_by(tags: Tags, owner: str) -> bool:
    """Whether the tags say that the stack `owner` made it. An empty owner owns nothing."""
    return bool(owner) and tags.get(OWNER_TAG) == owner
