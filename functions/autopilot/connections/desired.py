"""What is wanted of every connection, and what else must be read before that can be said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from autopilot.connections.decision import ConnectionRequest, DecisionContext, Verdict, decide
from autopilot.connections.facts import ConnectionFacts
from autopilot.connections.locks import asks_for_units
from autopilot.connections.plan import Answer, Why

ANSWERS: tuple[Answer, ...] = ("accept", "reject", "cut")


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


def verdicts(facts: ConnectionFacts, context: DecisionContext) -> tuple[DecidedRequest, ...]:
    """Every connection with its verdict, in the order of their services and ids."""
    services = {service.id: service for service in facts.services}
    requests = [
        ConnectionRequest(
            connection=connection,
            service=services.get(connection.service_id),
            permissions=facts.permissions.get(connection.service_id),
            memory=facts.memory.get(connection.subject),
            zones=facts.alignments.get(connection.endpoint_id),
        )
        for connection in sorted(facts.connections, key=lambda c: (c.subject, c.state))
    ]
    return tuple(DecidedRequest(each, _unless_answered(each, facts, context)) for each in requests)


def to_answer(decided: Iterable[DecidedRequest]) -> tuple[DecidedRequest, ...]:
    """Those that ask for a call."""
    return tuple(each for each in decided if each.verdict.action in ANSWERS)


def held(decided: Iterable[DecidedRequest]) -> tuple[DecidedRequest, ...]:
    """Those that wait for a person."""
    return tuple(each for each in decided if each.verdict.action == "hold")


def owners_to_ask_for(
    facts: ConnectionFacts, context: DecisionContext
) -> tuple[frozenset[str], bool]:
    """The owners whose place in the organization could change a verdict; whether units matter."""
    owners = frozenset(d.owner for d in verdicts(facts, context) if d.verdict.unknown)
    rules = (*context.policy.connections.allow, *context.policy.connections.deny)
    listed = [each for entries in facts.permissions.values() for each in entries]
    return owners, asks_for_units(rules, listed)


def speaks_of_tags(context: DecisionContext) -> bool:
    """Whether a rule speaks of services by their tags: then those must be read again, too."""
    rules = (*context.policy.connections.allow, *context.policy.connections.deny)
    return any(rule.services is not None and rule.services.tags for rule in rules)


def _unless_answered(
    request: ConnectionRequest, facts: ConnectionFacts, context: DecisionContext
) -> Verdict:
    """A person's answer to the hold goes before whatever the policy says meanwhile."""
    row = facts.holds.get(request.connection.endpoint_id)
    if row and row.being_answered(context.now) and request.connection.stage == "asking":
        reason = f"{row.by} has answered it"
        return Verdict("leave", reason, left="another execution answers it")
    return decide(request, context)
