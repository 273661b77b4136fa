"""Single values of the policy file: text in, value out, ValueError with what is wrong."""

from __future__ import annotations

import re
from datetime import time
from zoneinfo import ZoneInfo, available_timezones

MINUTES = {"minute": 1, "hour": 60, "day": 24 * 60}
SHORTEST_SWEEP = 5
LONGEST_SWEEP = 31 * 24 * 60


def email(text: str) -> str:
    """An address that SNS can subscribe: one @, a domain with a dot, no blanks."""
    if not re.fullmatch(r"[^@\s,;<>]+@[^@\s,;<>.]+(\.[^@\s,;<>.]+)+", text):
        raise ValueError
    return text


def wall_clock(text: str) -> time:
    """`HH:MM`, 00:00 to 23:59 (to YAML an unquoted 10:30 is a number; its text is still there)."""
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
        raise ValueError
    return time.fromisoformat(text)


def timezone(text: str) -> str:
    """An IANA time zone name that this machine knows."""
    if text not in available_timezones():
        raise ValueError(f'is "{text}", which is no time zone')
    return ZoneInfo(text).key


def sweep_minutes(text: str) -> int:
    """`every 6 hours` as minutes."""
    found = re.fullmatch(r"every (?:([1-9]\d{0,5}) )?(minute|hour|day)s?", text)
    if not found:
        raise ValueError
    minutes = int(found[1] or 1) * MINUTES[found[2]]
    if minutes < SHORTEST_SWEEP:
        raise ValueError(f'is "{text}", less than {SHORTEST_SWEEP} minutes')
    if minutes > LONGEST_SWEEP:
        raise ValueError(f'is "{text}": a lost event would wait that long')
    return minutes


def policy_name(text: str) -> str:
    """The name of an endpoint policy: small letters, digits and hyphens."""
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", text):
        raise ValueError
    return text
