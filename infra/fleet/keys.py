"""fleet.yaml's keys, section by section."""

from __future__ import annotations

from collections.abc import Mapping

from infra.policy.keys import home as policy_home

KEYS: Mapping[str, tuple[str, ...]] = {
    "the fleet": (
        "organization",
        "hub",
        "emails",
        "owners",
        "approvers",
        "chat_buttons",
        "silent_after",
        "targets",
        "waves",
        "plain",
    ),
    "hub": ("account", "region"),
    "a target": ("unit", "regions", "overlay", "accounts"),
    "an entry of waves": ("targets", "wait", "tolerance"),
    "an entry of plain": ("regions", "overlay"),
}


def home(key: str) -> str | None:
    """Where a key belongs that stands in the wrong section, here or in the policy."""
    here = next((section for section, keys in KEYS.items() if key in keys), None)
    return here or ("overlay, or in autopilot.yaml" if policy_home(key) else None)
