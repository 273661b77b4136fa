"""What is wanted of every connection: accept, reject, hold, cut or leave, and the reason."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime
from typing import assert_never

from autopilot.connections.decision import (
    ConnectionRequest,
    DecidedFacts,
    DecidedRequest,
    DecisionContext,
    Verdict,
)
from autopilot.connections.facts import ConnectionFacts, Organization, Remembered, Service
from autopilot.connections.in_vain import DENIED, NOT_PERMITTED
from autopilot.connections.locks import (
    all_known,
    any_known,
    asks_for_units,
    is_permitted,
    overshadowed,
    rule_matches,
)
from autopilot.connections.plan import LeftAlone
from autopilot.policy.model import Rule

_BESIDE = "; the entries of its users and roles name nobody while * is on the list beside them"

Ask = Callable[[Collection[str], bool], Organization]
"""Says where owners stand in the organization; with the units above them, if those matter."""


def decided(facts: ConnectionFacts, context: DecisionContext, ask: Ask) -> DecidedFacts:
    """Every connection with its verdict; asked for are the owners whose place could change one."""
    found = verdicts(facts, context)
    owners = frozenset(each.owner for each in found if each.verdict.unknown)
    if owners:
        listed = [each for entries in facts.permissions.values() for each in entries]
        units = asks_for_units(context.policy.connections.rules, listed)
        context = replace(context, organization=ask(owners, units))
        found = verdicts(facts, context)
    return DecidedFacts(facts, found, context)


def verdicts(facts: ConnectionFacts, context: DecisionContext) -> tuple[DecidedRequest, ...]:
    """Every connection with its verdict, in the order of their services and ids."""
    services = {service.id: service for service in facts.services}
    requests = [
        ConnectionRequest(
            connection=connection,
            service=services.get(connection.service_id),
            permissions=facts.permissions.get(connection.service_id),
            memory=facts.memory.get(connection.subject),
        )
        for connection in sorted(facts.connections, key=lambda c: (c.subject, c.state))
    ]
    return tuple(DecidedRequest(each, _unless_answered(each, facts, context)) for each in requests)


def _unless_answered(
    request: ConnectionRequest, facts: ConnectionFacts, context: DecisionContext
) -> Verdict:
    """A person's answer to the hold goes before whatever the policy says meanwhile."""
    row = facts.holds.get(request.connection.endpoint_id)
    if row and row.being_answered(context.now) and request.connection.stage == "asking":
        reason = f"{row.by} has answered it"
        return Verdict("leave", reason, left="another execution answers it")
    return decide(request, context)


def against_accepting(request: ConnectionRequest, context: DecisionContext) -> str:
    """Why a request must not be accepted though a person says so, or "": deny and the list stay."""
    owner, service = request.connection.owner, request.service
    if service and _first(context.policy.connections.deny, request, service, context)[0]:
        return f"{DENIED} {owner}"
    known = context.organization
    if is_permitted(request.permissions, owner, context.stack.account, known) is False:
        return f"{NOT_PERMITTED} {owner}"
    return ""


def decide(request: ConnectionRequest, context: DecisionContext) -> Verdict:
    """Decide one connection. The same request and context always give the same verdict."""
    if aside := _aside(request, context):
        return aside
    if request.service is None or not request.connection.owner:
        return _leave("its service isn't there", "service not there")
    asking = request.connection.stage == "asking"
    return (_answer if asking else _keep)(request, request.service, context)


def _aside(request: ConnectionRequest, context: DecisionContext) -> Verdict | None:
    """The verdict on what is nobody's to decide now."""
    connection, memory = request.connection, request.memory
    if not connection.endpoint_id:
        return _leave("a transit gateway's attachment", "transit gateway attachment")
    if connection.stage in ("over", "unknown"):
        return _leave(f"its state is {connection.state}", "over or under way")
    if memory and memory.under_way_elsewhere(context.execution, context.now):
        return _leave("another execution is answering it", "another execution answers it")
    return None


def _answer(request: ConnectionRequest, service: Service, context: DecisionContext) -> Verdict:
    """The verdict on a request."""
    owner = request.connection.owner
    denied, by = _first(context.policy.connections.deny, request, service, context)
    if denied:
        return Verdict("reject", f"deny names {owner}", str(by))
    if request.memory and _decided(request.memory, context.now):
        return _leave("it was answered; AWS doesn't show it yet", "over or under way")
    if denied is None:
        return _hold(f"whether deny names {owner} isn't known: {context.organization.why}", True)
    return _answer_undenied(request, service, context)


def _answer_undenied(
    request: ConnectionRequest, service: Service, context: DecisionContext
) -> Verdict:
    owner = request.connection.owner
    allowed, rule = _first(context.policy.connections.allow, request, service, context)
    admitted = is_permitted(request.permissions, owner, context.stack.account, context.organization)
    match all_known(allowed, admitted):
        case True:
            reason = f"a rule names {owner}, the permission list admits it"
            return Verdict("accept", reason, str(rule))
        case None:
            return _hold(
                f"whether {owner} may connect isn't known: {context.organization.why}", True
            )
        case False if admitted is False:
            return _otherwise(f"the service's permission list doesn't admit {owner}", context)
        case False:
            beside = overshadowed(request.permissions, owner)
            return _otherwise(f"no rule names {owner}{_BESIDE if beside else ''}", context)


def _keep(request: ConnectionRequest, service: Service, context: DecisionContext) -> Verdict:
    """The verdict on a live connection."""
    owner = request.connection.owner
    denied, by = _first(context.policy.connections.deny, request, service, context)
    if denied:
        return _cut(f"deny names {owner}", str(by), context)
    verdict = _keep_undenied(request, service, context)
    return replace(verdict, unknown=True) if denied is None else verdict


def _keep_undenied(
    request: ConnectionRequest, service: Service, context: DecisionContext
) -> Verdict:
    owner, memory = request.connection.owner, request.memory
    allowed, rule = _first(context.policy.connections.allow, request, service, context)
    admitted = is_permitted(request.permissions, owner, context.stack.account, context.organization)
    if memory and memory.a_person_accepted:
        return _by_person(owner, memory.by, admitted)
    match all_known(allowed, admitted):
        case True:
            return Verdict("leave", f"{rule} still allows it", str(rule))
        case None:
            return Verdict("leave", f"whether {owner} may stay isn't known", unknown=True)
        case False:
            gone = "no rule names" if allowed is False else "the permission list doesn't admit"
            return _not_allowed(f"{gone} {owner}", request, service, context)


def _not_allowed(
    reason: str, request: ConnectionRequest, service: Service, context: DecisionContext
) -> Verdict:
    """Only what we accepted is cut; what nobody remembers may have been there before us."""
    if request.memory and request.memory.we_accepted:
        return _cut(f"{reason} any more", request.memory.rule, context)
    if not service.acceptance_required:
        return Verdict("leave", f"{reason}; the service accepts by itself")
    return Verdict("leave", reason, left="reported, not cut", report=True)


def _by_person(owner: str, by: str, admitted: bool | None) -> Verdict:
    """A person's acceptance stands for the rule, and is never undone for want of one."""
    if admitted is False:
        reason = f"{by} accepted it; the permission list doesn't admit {owner} any more"
        return Verdict("leave", reason, left="reported, not cut", report=True)
    return Verdict("leave", f"{by} accepted it", unknown=admitted is None)


def _cut(reason: str, rule: str, context: DecisionContext) -> Verdict:
    match context.policy.connections.no_longer_allowed:
        case "reject":
            return Verdict("cut", reason, rule)
        case "alert":
            return Verdict("leave", reason, rule, "reported, not cut", report=True)
        case unknown:
            assert_never(unknown)


def _decided(memory: Remembered, now: datetime) -> bool:
    """Whether an answer that is remembered stands, though AWS still shows the request.

    A person's always does: answering again would undo it.
    """
    return memory.state in ("accepted", "rejected", "cutting") and (
        memory.a_person_decided or memory.fresh(now)
    )


def _first(
    rules: tuple[Rule, ...], request: ConnectionRequest, service: Service, context: DecisionContext
) -> tuple[bool | None, Rule | None]:
    """Whether one of the rules names the owner, and the first that does."""
    owner, asking = request.connection.owner, request.connection.stage == "asking"
    listed, known = request.permissions, context.organization
    answers = [
        (rule_matches(rule, service, owner, listed, known, asking=asking), rule) for rule in rules
    ]
    return any_known(answer for answer, _ in answers), next(
        (rule for answer, rule in answers if answer), None
    )


def _otherwise(reason: str, context: DecisionContext) -> Verdict:
    match context.policy.connections.otherwise:
        case "hold":
            return _hold(reason)
        case "reject":
            return Verdict("reject", reason, "otherwise")
        case unknown:
            assert_never(unknown)


def _hold(reason: str, unknown: bool = False) -> Verdict:
    return Verdict("hold", reason, left="held", unknown=unknown)


def _leave(reason: str, left: LeftAlone) -> Verdict:
    return Verdict("leave", reason, left=left)
