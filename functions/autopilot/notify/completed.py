"""What an execution did, to be told once and for all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from autopilot.connections.holds import Hold, HoldAnswer
from autopilot.connections.plan import Answer, AnswerOutcome
from autopilot.connections.report import Answered
from autopilot.connections.zones import Alignment
from autopilot.gateway.plan import NetworkOutcome
from autopilot.interfaces.plan import InterfaceOutcome
from autopilot.reconcile.removal import RemovalOutcome
from autopilot.services.plan import ServiceOutcome

AnswerKind = Literal["ConnectionAccepted", "ConnectionRejected", "ConnectionCut"]
PublishKind = Literal[
    "ServicesPublished", "ServicesChanged", "PrincipalsChanged", "ServicesRetired"
]
DeedKind = Literal[
    "GatewayEndpointsChanged",
    "InterfaceEndpointsChanged",
    AnswerKind,
    "HoldAnswered",
    PublishKind,
    "SteppedAside",
    "Retired",
]
ANSWER_KINDS: dict[Answer, AnswerKind] = {
    "accept": "ConnectionAccepted",
    "reject": "ConnectionRejected",
    "cut": "ConnectionCut",
}


@dataclass(frozen=True)
class Changes:
    """Gateway endpoints were made or changed."""

    outcomes: tuple[NetworkOutcome, ...]

    @property
    def kind(self) -> DeedKind:
        """What ops know it as."""
        return "GatewayEndpointsChanged"


@dataclass(frozen=True)
class Answers:
    """Connections were answered, all in the same way; `zones`: those compared, by subject."""

    kind: AnswerKind
    connections: tuple[Answered, ...]
    zones: Mapping[str, Alignment] = field(default_factory=dict)


@dataclass(frozen=True)
class HoldEnd:
    """A person decided on a held request; `outcome` None: they used AWS's own means."""

    hold: Hold
    answer: HoldAnswer
    outcome: AnswerOutcome | None

    @property
    def kind(self) -> DeedKind:
        """What ops know it as."""
        return "HoldAnswered"


@dataclass(frozen=True)
class ServiceDeed:
    """Endpoint services were published, changed or retired, all in the same way."""

    kind: PublishKind
    outcomes: tuple[ServiceOutcome, ...]


@dataclass(frozen=True)
class InterfaceChanges:
    """Interface endpoints, their groups or parameters were made, changed or deleted."""

    outcomes: tuple[InterfaceOutcome, ...]

    @property
    def kind(self) -> DeedKind:
        """What ops know it as."""
        return "InterfaceEndpointsChanged"


@dataclass(frozen=True)
class SteppedAside:
    """Things of ours were in the way of others' calls, and gave way."""

    outcomes: tuple[RemovalOutcome, ...]

    @property
    def kind(self) -> DeedKind:
        """What ops know it as."""
        return "SteppedAside"


@dataclass(frozen=True)
class Retired:
    """Things of ours went for good, since a person said so."""

    outcomes: tuple[RemovalOutcome, ...]

    @property
    def kind(self) -> DeedKind:
        """What ops know it as."""
        return "Retired"


CompletedChange = (
    Changes | Answers | HoldEnd | ServiceDeed | InterfaceChanges | SteppedAside | Retired
)


def by_verdict(
    connections: tuple[Answered, ...], compared: Iterable[Alignment] = ()
) -> tuple[Answers, ...]:
    """The deeds that `connections` come to, one for each verdict."""
    zones = {alignment.subject: alignment for alignment in compared}
    deeds = (
        Answers(kind, tuple(each for each in connections if each.verdict == verdict), zones)
        for verdict, kind in ANSWER_KINDS.items()
    )
    return tuple(deed for deed in deeds if deed.connections)
