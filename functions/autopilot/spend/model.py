"""What it costs and what would save something: plain data, for terminal, CloudWatch and JSON.

Amounts are whole micro-USD (`..._micro_usd`) for a month of 730 hours at list prices; None where
the price isn't known. Names are Name tags and may hold any text: each face escapes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

SavingKind = Literal[
    "idle endpoint",
    "idle zone",
    "gateway endpoint would do",
    "duplicate",
    "NAT traffic",
    "unused service",
]


@dataclass(frozen=True)
class Line:
    """What interface endpoints cost, by service, zone or VPC (`id`).

    `zones`: how many endpoints stand in how many zones, summed up: each is paid for by the hour.
    `bytes`: of data in a month, as far as measured. `data_micro_usd`: their price; 0 of a zone,
    whose data is counted by service and VPC.
    """

    id: str
    name: str
    endpoints: int
    zones: int
    hours_micro_usd: int | None
    bytes: int = 0
    data_micro_usd: int | None = 0

    @property
    def micro_usd(self) -> int:
        """All of it; 0 where the price isn't known."""
        return (self.hours_micro_usd or 0) + (self.data_micro_usd or 0)


@dataclass(frozen=True)
class Saving:
    """Something that costs without need, or may.

    `subject`: what it is about: "vpce-…", "vpce-…/subnet-…", "vpc-…/<service>", "vpc-…",
    "vpce-svc-…". `sure`: false where the amount is the most that it could be. `ids`: all that is
    meant. `reason`: a sentence. `do`: what to do, a sentence, with a `command` if there is one.
    """

    kind: SavingKind
    subject: str
    name: str
    micro_usd: int | None
    sure: bool
    reason: str
    do: str
    command: str = ""
    vpc_id: str = ""
    ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Costs:
    """All of it, each list with the greatest amount first.

    `prices`: where they are from, a sentence; `known`: whether this Region's are. `days`: of the
    window that CloudWatch was asked about, 0 if it couldn't be. `saves_micro_usd`: what all that is
    sure would save together; `may_save_micro_usd`: what the others would at most. `notes`: what
    isn't in it. `unread`: what couldn't be read, with AWS's words: nothing that needs it counts as
    fine.
    """

    region: str
    at: str
    prices: str
    known: bool
    days: int
    hours_micro_usd: int | None
    data_micro_usd: int | None
    bytes: int
    endpoints: int
    zones: int
    saves_micro_usd: int | None
    may_save_micro_usd: int | None
    by_service: tuple[Line, ...] = ()
    by_zone: tuple[Line, ...] = ()
    by_vpc: tuple[Line, ...] = ()
    savings: tuple[Saving, ...] = ()
    notes: tuple[str, ...] = ()
    unread: Mapping[str, str] = field(default_factory=dict)

    @property
    def seen(self) -> bool:
        """Whether the endpoints could be read: else all of it stands for nothing."""
        return "VPC endpoints" not in self.unread

    @property
    def micro_usd(self) -> int:
        """Hours and data together; 0 where the price isn't known."""
        return (self.hours_micro_usd or 0) + (self.data_micro_usd or 0)
