"""What tags say: whose an endpoint is, and what the operator has opted out."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

from autopilot.reconcile.names import OWNER_TAG

Tags = Mapping[str, str]


def owned_by(tags: Tags, owner: str) -> bool:
    """Whether the tags say that the stack `owner` made it. An empty owner owns nothing."""
    return bool(owner) and tags.get(OWNER_TAG) == owner


def opted_out(tags: Tags, skip_tags: Mapping[str, str]) -> bool:
    """Whether one of the policy's skip tags is there with its value (`*`: with any value)."""
    return any(key in tags and value in ("*", tags[key]) for key, value in skip_tags.items())


def matches(tags: Tags, wanted: Tags) -> bool:
    """Whether all of `wanted` are there; their values may hold `*` and `?`."""
    return all(key in tags and fnmatchcase(tags[key], value) for key, value in wanted.items())
