"""The policy file's keys, section by section."""

from __future__ import annotations

from collections.abc import Mapping

from infra.policy.section import Section

KEYS: Mapping[str, tuple[str, ...]] = {
    "the policy": (
        "mode",
        "tag_values",
        "vpcs",
        "gateway_endpoints",
        "interface_endpoints",
        "retire",
        "idle",
        "endpoint_services",
        "connections",
        "organization",
        "zones",
        "notify",
        "sweep",
        "endpoint_policies",
    ),
    "vpcs": ("skip_tags",),
    "gateway_endpoints": ("services", "policy", "busy_route_tables", "change_window", "grace"),
    "gateway_endpoints.grace": ("wait", "for", "tags"),
    "gateway_endpoints.change_window": ("days", "from", "to", "timezone"),
    "idle": ("after", "wait", "keep_tags"),
    "endpoint_services": (
        "publish_load_balancers",
        "allowed_principals",
        "supported_regions",
        "private_dns_names",
        "retire",
    ),
    "endpoint_services.publish_load_balancers": ("tags",),
    "connections": ("allow", "deny", "otherwise", "no_longer_allowed", "hold_for"),
    "organization": ("id", "read_by"),
    "zones": ("require", "before_accepting", "peers"),
    "notify": ("emails", "owner_tag", "owners", "chat_buttons", "letter", "letter_at"),
    "notify.letter_at": ("day", "time", "timezone"),
}


def part(parent: Section, key: str) -> Section:
    """The section under a key, with the keys that it takes."""
    return parent.section(key, KEYS[parent.full(key)])


def home(key: str) -> str | None:
    """The section where a key belongs that stands in the wrong one."""
    return next((section for section, keys in KEYS.items() if key in keys), None)
