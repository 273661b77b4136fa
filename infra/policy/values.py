"""Single values of the policy file: text in, value out, ValueError with what is wrong."""

from __future__ import annotations

import re
from datetime import time
from ipaddress import ip_network
from zoneinfo import ZoneInfo, available_timezones

from autopilot.policy.tags import owner_in

MINUTES = {"minute": 1, "hour": 60, "day": 24 * 60}
SHORTEST_SWEEP = 5
LONGEST_SWEEP = 31 * 24 * 60
LONGEST_GRACE = 3600
# An execution lives for a year at most.
LONGEST_HOLD = 300 * 24 * 60


def email(text: str) -> str:
    """An address that SNS can subscribe: one @, a domain with a dot, no blanks."""
    if not re.fullmatch(r"[^@\s,;<>]+@[^@\s,;<>.]+(\.[^@\s,;<>.]+)+", text):
        raise ValueError
    return text


def owner_tag(text: str) -> str:
    """The key of a tag that says whose a thing is; not one of the automation's own."""
    if not text or len(text) > 128:
        raise ValueError
    if text.startswith("endpoint-autopilot"):
        raise ValueError(f'is "{text}", which the automation writes itself')
    return text


def owner(text: str) -> str:
    """An owner as messages call him: a filter matches nothing else."""
    if not text or owner_in(text) != text:
        raise ValueError(f"is {text!r}, which no message has")
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


def true(text: str) -> str:
    """The word true: the key says it all."""
    if text.lower() != "true":
        raise ValueError
    return "true"


def account(text: str) -> str:
    """An account id as written: to YAML an unquoted one is a number, its text is still there."""
    if re.fullmatch(r"\d+", text) and len(text) != 12:
        raise ValueError(f'is "{text}", which has {len(text)} digits')
    if not re.fullmatch(r"[0-9]{12}", text):
        raise ValueError(f'is "{text}", which is no account id')
    return text


def organization_id(text: str) -> str:
    """An organization's id (Organizations API reference, "OrganizationId")."""
    if not re.fullmatch(r"o-[a-z0-9]{10,32}", text):
        raise ValueError(f'is "{text}", which is no organization\'s id')
    return text


def unit_id(text: str) -> str:
    """An organizational unit's id (Organizations API reference, "OrganizationalUnitId")."""
    if re.fullmatch(r"r-[a-z0-9]{4,32}", text):
        raise ValueError(f'is "{text}", the root: that is everybody in the organization')
    if not re.fullmatch(r"ou-[a-z0-9]{4,32}-[a-z0-9]{8,32}", text):
        raise ValueError(f'is "{text}", which is no organizational unit\'s id')
    return text


def service_id(text: str) -> str:
    """The id of an endpoint service."""
    if not re.fullmatch(r"vpce-svc-[0-9a-f]{8,17}", text):
        raise ValueError(f'is "{text}", which is no endpoint service\'s id')
    return text


def reader(text: str) -> str | None:
    """Whom to ask the organization as: None for ourselves (`self`), else a role's ARN."""
    if text == "self":
        return None
    if not re.fullmatch(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+", text):
        raise ValueError(f'is "{text}"')
    return text


def hold_seconds(text: str) -> int:
    """`7 days` as seconds."""
    found = re.fullmatch(r"([1-9]\d{0,5}) (minute|hour|day)s?", text)
    if not found:
        raise ValueError
    minutes = int(found[1]) * MINUTES[found[2]]
    if minutes > LONGEST_HOLD:
        raise ValueError(f'is "{text}": no execution waits that long')
    return minutes * 60


def grace_seconds(text: str) -> int:
    """`10 minutes` as seconds; the workflow that waits lives for two hours."""
    found = re.fullmatch(r"([1-9]\d{0,5}) (second|minute|hour)s?", text)
    if not found:
        raise ValueError
    seconds = int(found[1]) * {"second": 1, "minute": 60, "hour": 3600}[found[2]]
    if seconds > LONGEST_GRACE:
        raise ValueError(f'is "{text}": what brings no endpoint would go without')
    return seconds


def days(text: str, least: int, most: int) -> int:
    """`30 days` as a number."""
    found = re.fullmatch(r"([1-9]\d{0,5}) days?", text)
    if not found or not least <= int(found[1]) <= most:
        raise ValueError
    return int(found[1])


def boolean(text: str) -> bool:
    """true or false; YAML's other spellings would be guesses."""
    if text.lower() not in ("true", "false"):
        raise ValueError
    return text.lower() == "true"


def port(text: str) -> int:
    """A TCP port."""
    if not re.fullmatch(r"[1-9]\d{0,4}", text) or int(text) > 65535:
        raise ValueError
    return int(text)


def service(text: str) -> str:
    """An endpoint service: short ("ecr.api") or full ("com.amazonaws.us-east-1.logs")."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*)*", text):
        raise ValueError(f'is "{text}", which is no service')
    return text


def cidr(text: str) -> str:
    """A CIDR block as AWS writes it. The whole Internet is 0.0.0.0/0 or ::/0, in full."""
    try:
        network = ip_network(text)
    except ValueError as problem:
        raise ValueError(f'is "{text}", which is no CIDR block: {problem}') from problem
    if str(network) != text:
        raise ValueError(f'is "{text}"; AWS writes it {network}')
    return text


def region(text: str) -> str:
    """A Region's code."""
    if not re.fullmatch(r"[a-z]{2,4}(-[a-z]+)+-\d", text):
        raise ValueError(f'is "{text}", which is no Region')
    return text
