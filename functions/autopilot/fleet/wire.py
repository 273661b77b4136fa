"""What spokes and hub say to each other: events upward, calls of functions downward.

Whoever reads takes this SCHEMA and the one before, and leaves aside what it doesn't know; the codec
fills what an older one leaves out by the defaults here. So a field is only ever added, with a
default, and never changes its meaning. Who speaks isn't said here: EventBridge stamps an event with
the account and Region that put it (its guide, "Sending and receiving events between accounts").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

SCHEMA = 1

# Detail types, all of the source `endpoint-autopilot`.
NEWS = "Endpoint Autopilot News"
HEARTBEAT = "Endpoint Autopilot Heartbeat"
UPWARD = (NEWS, HEARTBEAT)


@dataclass(frozen=True, order=True)
class Spoke:
    """One account in one Region."""

    account: str
    region: str

    def __str__(self) -> str:
        return f"{self.account}/{self.region}"


@dataclass(frozen=True)
class News:
    """One message as the spoke tells it; `id` stays the same however often it is sent.

    `kinds`, `severity` and `change` are the notice's (notify/notice.py); `account` and `region`
    aren't here. `title`: its gist, alike for the same thing in any account. `text`: the mail's.
    `ids`: what it is about. `owners`: whose that is, by the tag that the account's policy names, a
    hundred at most. `by`: who decided, a person's name or "" for the automation. `at`: ISO
    8601, UTC.
    """

    id: str
    kinds: tuple[str, ...]
    severity: str
    change: str
    title: str
    subject: str
    text: str
    at: str
    ids: tuple[str, ...] = ()
    by: str = ""
    owners: tuple[str, ...] = ()
    schema: int = SCHEMA


@dataclass(frozen=True)
class OpenFinding:
    """A finding that stands; `title` its gist, `since` ISO 8601 or ""."""

    id: str
    kind: str
    severity: str
    title: str
    since: str = ""


@dataclass(frozen=True)
class Held:
    """A request that waits for a person.

    `hold`: the name of the hold, which an answer must bear: a later one of the same endpoint has
    another. `until`: when it is rejected by itself, ISO 8601.
    """

    endpoint_id: str
    hold: str
    owner: str
    service_id: str
    service_name: str
    since: str
    until: str
    why: str = ""


@dataclass(frozen=True)
class Another:
    """Another one of our stacks in the same account and Region, with CloudFormation's word on it.

    `since`: when it was first seen, ISO 8601. `alone`: it belongs to no fleet, as far as shows.
    """

    stack: str
    status: str
    since: str
    alone: bool = False


@dataclass(frozen=True)
class Heartbeat:
    """How a spoke stands.

    `release`: which release of the hub's it runs, `version`: the digest of its code, `policy`: of
    its policy. `sweeps`: when each workflow's last sweep ended. `findings` and `holds` are the
    first of `finding_count` and `hold_count`, the most urgent and the oldest. `coverage`: how many
    of what ("ways" to services, "ways_private", …). `cents`: what its endpoints cost a month,
    None for not known. `undelivered`: news that wait for the hub. `asks`: ARNs of the functions
    that take the hub's questions, by what they take: "answer", "look". `beside`: other stacks that
    stand there; `yields_to`: which of them acts in its place, "" for none.
    """

    at: str
    release: str
    version: str
    policy: str
    target: str
    stack: str = ""
    mode: str = ""
    sweeps: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[OpenFinding, ...] = ()
    finding_count: int = 0
    holds: tuple[Held, ...] = ()
    hold_count: int = 0
    coverage: Mapping[str, int] = field(default_factory=dict)
    cents: int | None = None
    undelivered: int = 0
    asks: Mapping[str, str] = field(default_factory=dict)
    beside: tuple[Another, ...] = ()
    yields_to: str = ""
    schema: int = SCHEMA


@dataclass(frozen=True)
class AskedAnswer:
    """The hub hands a person's answer to a spoke: who, what, and until when it may be carried out.

    `id`: of the question, the same however often it is asked. `by`: the person. `until`, `at`: ISO
    8601, UTC.
    """

    id: str
    endpoint_id: str
    hold: str
    answer: Literal["accept", "reject"]
    by: str
    reason: str
    at: str
    until: str
    schema: int = SCHEMA


@dataclass(frozen=True)
class Answered:
    """What the spoke says of it at once: whether the answer was taken, and if not, why."""

    id: str
    taken: bool
    why: str = ""
    schema: int = SCHEMA
