"""A decision: what is decided on, by what, and what it comes to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from autopilot.connections.facts import (
    Connection,
    ConnectionFacts,
    Organization,
    Permission,
    Remembered,
    Service,
)
from autopilot.connections.plan import Answer, LeftAlone, Why
from autopilot.policy.model import Policy
from autopilot.reconcile.identity import StackIdentity

ANSWERS: tuple[Answer, ...] = ("accept", "reject", "cut")


@dataclass(frozen=True)
class DecisionContext:
    """What is the same for every connection of one look; `execution` is the ARN of our own."""

    policy: Policy
    stack: StackIdentity
    organization: Organization
    now: datetime
    execution: str = ""


@dataclass(frozen=True)
class ConnectionRequest:
    """One connection with all that is known of it.

    `service` None: it isn't there. `permissions` None: not read.
    """

    connection: Connection
    service: Service | None
    permissions: tuple[Permission, ...] | None = None
    memory: Remembered | None = None


@dataclass(frozen=True)
class Verdict:
    """What to do and why. `rule` is the one that decides, in the policy file's words, or "".

    `left`: how a connection that is left alone is counted. `unknown`: facts on the organization
    could change it. `report`: ops should know that it is live though nothing allows it.
    """

    action: Literal["accept", "reject", "hold", "cut", "leave"]
    reason: str
    rule: str = ""
    left: LeftAlone = "decided and as it should be"
    unknown: bool = False
    report: bool = False


@dataclass(frozen=True)
class DecidedRequest:
    """A request with its verdict."""

    request: ConnectionRequest
    verdict: Verdict

    @property
    def endpoint_id(self) -> str:
        """The consumer's endpoint."""
        return self.request.connection.endpoint_id

    @property
    def service_id(self) -> str:
        """The service that it asks for."""
        return self.request.connection.service_id

    @property
    def service_name(self) -> str:
        """The service's name, "" if it isn't there."""
        return self.request.service.name if self.request.service else ""

    @property
    def subject(self) -> str:
        """What findings and the ledger call the connection."""
        return self.request.connection.subject

    @property
    def owner(self) -> str:
        """The consumer's account."""
        return self.request.connection.owner

    @property
    def about(self) -> dict[str, str]:
        """What findings on it begin with."""
        return {
            "service_id": self.service_id,
            "service_name": self.service_name,
            "endpoint_id": self.endpoint_id,
            "owner": self.owner,
        }

    @property
    def why(self) -> Why:
        """Why it gets its answer."""
        created = self.request.connection.created
        return Why(self.verdict.reason, self.verdict.rule, self.owner, created)


@dataclass(frozen=True)
class DecidedFacts:
    """What a look hands on: how connections stand, and each of them with its verdict.

    They are in the order of their services and ids. `context`: what has decided them, with what of
    the organization matters.
    """

    facts: ConnectionFacts
    connections: tuple[DecidedRequest, ...]
    context: DecisionContext

    @property
    def to_answer(self) -> tuple[DecidedRequest, ...]:
        """Those that ask for a call."""
        return tuple(each for each in self.connections if each.verdict.action in ANSWERS)

    @property
    def held(self) -> tuple[DecidedRequest, ...]:
        """Those that wait for a person."""
        return tuple(each for each in self.connections if each.verdict.action == "hold")
