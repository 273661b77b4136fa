"""The second look at what is to be answered, right before the call, and what to remember of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from autopilot.connections.decision import DecisionContext, Verdict
from autopilot.connections.facts import ConnectionFacts
from autopilot.connections.holds import Hold, HoldAnswer, HoldRow
from autopilot.connections.items import DecidedRequest
from autopilot.connections.locks import any_known, is_permitted, rule_matches
from autopilot.connections.plan import Answer, AnswerItem, AnswerOutcome, Why
from autopilot.connections.planning import verdicts
from autopilot.connections.remembered import (
    AUTOPILOT,
    EXPIRY,
    NOBODY,
    ConnectionState,
    Remembered,
    forgotten,
    noted,
)
from autopilot.notify.ledger import Write
from autopilot.policy.model import Rule

OTHERWISE_NOW = "StandsOtherwise"
"""The `error` of an outcome whose endpoints are not to be answered like that any more."""
_AUDIT = "audit mode changes nothing"

_CLAIM: dict[Answer, ConnectionState] = {
    "accept": "accepting",
    "reject": "rejecting",
    "cut": "cutting",
}
_DONE: dict[Answer, ConnectionState] = {
    "accept": "accepted",
    "reject": "rejected",
    "cut": "rejected",
}


@dataclass(frozen=True)
class PendingAnswer:
    """An answer to give: the item, by whom, and those of its endpoints that still want it.

    `moved` says of the first of the others why it doesn't.
    """

    item: AnswerItem
    by: str
    kept: tuple[DecidedRequest, ...]
    moved: str = ""


def by_policy(item: AnswerItem, facts: ConnectionFacts, context: DecisionContext) -> PendingAnswer:
    """What of the item the policy still wants, as things stand now."""
    if context.policy.mode == "audit":
        return PendingAnswer(item, AUTOPILOT, (), _AUDIT)
    named = [each for each in verdicts(facts, context) if each.endpoint_id in item.endpoint_ids]
    kept = tuple(each for each in named if each.verdict.action == item.verdict)
    others = [each.verdict.reason for each in named if each not in kept]
    gone = len(named) < len(item.endpoint_ids)
    moved = others[0] if others else ("an endpoint is gone" if gone else "")
    return PendingAnswer(item, AUTOPILOT, kept, moved)


def by_person(
    hold: Hold,
    answer: HoldAnswer,
    row: HoldRow | None,
    facts: ConnectionFacts,
    context: DecisionContext,
) -> PendingAnswer:
    """What of the answer to a hold may be carried out, as things stand now.

    A person's acceptance stands for the first lock, the rule; the second, the permission list,
    stays, and so does deny. Expiry rejects only what the policy would still hold.
    """
    item, by = _item(hold, answer), EXPIRY if answer.answer == "expired" else answer.by
    found = next((d for d in verdicts(facts, context) if d.endpoint_id == hold.endpoint_id), None)
    if row and row.name != hold.name:
        return PendingAnswer(item, by, (), f"another hold took its place: {row.name}")
    if found is None or found.case.connection.stage != "asking":
        return PendingAnswer(item, by, (), "the request is answered or gone")
    left = found.verdict.reason if found.verdict.action == "leave" else ""
    if against := left or _against(answer, found, context):
        return PendingAnswer(item, by, (), against)
    why = item.reasons[hold.endpoint_id]
    as_said = replace(found, verdict=Verdict(item.verdict, why.reason, why.rule))
    return PendingAnswer(item, by, (as_said,))


def claims(attempt: PendingAnswer, context: DecisionContext) -> dict[str, Remembered]:
    """What to remember before the call, by subject."""
    return {
        each.case.connection.subject: Remembered(
            state=_CLAIM[attempt.item.verdict],
            by=_accepted_by(each) if attempt.item.verdict == "cut" else attempt.by,
            rule=each.verdict.rule,
            reason=each.verdict.reason,
            at=context.now.isoformat(),
            claimed_by=context.execution,
            version=(each.case.memory.version if each.case.memory else 0) + 1,
        )
        for each in attempt.kept
    }


def claim_writes(attempt: PendingAnswer, claimed: dict[str, Remembered]) -> list[Write]:
    """The writes that claim; refused ones are somebody else's now."""
    return [
        noted(each.case.connection.subject, claimed[each.case.connection.subject], each.case.memory)
        for each in attempt.kept
    ]


def settle_writes(
    attempt: PendingAnswer, claimed: dict[str, Remembered], done: Collection[str]
) -> list[Write]:
    """The writes after the call: what was done is remembered, any other claim taken back."""
    return [_settled(attempt, each, claimed, done) for each in attempt.kept]


def outcome(
    attempt: PendingAnswer,
    done: Collection[str],
    error: str | None,
    message: str | None,
    context: DecisionContext,
) -> AnswerOutcome:
    """What became of the attempt; `done` are the endpoints that were answered."""
    item = attempt.item
    missed = tuple(id_ for id_ in item.endpoint_ids if id_ not in done)
    reasons = {**item.reasons, **{each.endpoint_id: each.why for each in attempt.kept}}
    return AnswerOutcome(
        id=item.id,
        service_id=item.service_id,
        service_name=item.service_name,
        verdict=item.verdict,
        endpoint_ids=tuple(sorted(done)),
        stale=missed,
        result="done" if done else "stale",
        error=error if missed else None,
        message=message if missed else None,
        reasons=reasons,
        by=attempt.by,
        at=context.now.isoformat(),
    )


def done_before(
    item: AnswerItem, facts: ConnectionFacts, context: DecisionContext
) -> frozenset[str]:
    """The endpoints that an earlier try of this execution answered, whose answer was lost.

    An endpoint that is live under our own claim to accept it: our call did it, or a person in that
    very moment; it counts as answered, and what is remembered stays what it is: not known.
    """
    return frozenset(
        connection.endpoint_id
        for connection in facts.connections
        if connection.endpoint_id in item.endpoint_ids
        and (memory := facts.memory.get(connection.subject))
        and memory.claimed_by == context.execution
        and memory.state == _CLAIM[item.verdict]
        and connection.stage == ("live" if item.verdict == "accept" else "over")
    )


def speaks_of_tags(context: DecisionContext) -> bool:
    """Whether a rule speaks of services by their tags: then those must be read again, too."""
    rules = (*context.policy.connections.allow, *context.policy.connections.deny)
    return any(rule.services is not None and rule.services.tags for rule in rules)


def _settled(
    attempt: PendingAnswer,
    each: DecidedRequest,
    claimed: dict[str, Remembered],
    done: Collection[str],
) -> Write:
    subject, old = each.case.connection.subject, each.case.memory
    claim = claimed[subject]
    if each.endpoint_id in done:
        new = replace(claim, state=_DONE[attempt.item.verdict], by=attempt.by)
        return noted(subject, new, claim)
    # What only tags tell (version 0) is no row of the ledger's.
    return noted(subject, old, claim) if old and old.version else forgotten(subject, claim)


def _accepted_by(each: DecidedRequest) -> str:
    memory = each.case.memory
    known = memory and (memory.we_accepted or memory.a_person_accepted)
    return memory.by if memory and known else NOBODY


def _against(answer: HoldAnswer, found: DecidedRequest, context: DecisionContext) -> str:
    """What speaks against carrying out the answer, "" if nothing."""
    if answer.answer == "expired" and context.policy.mode == "audit":
        return _AUDIT
    if answer.answer == "expired" and found.verdict.action != "hold":
        return f"the policy decides it now: {found.verdict.reason}"
    if answer.answer != "accept":
        return ""
    case, owner = found.case, found.case.connection.owner
    if _is_denied(found, context.policy.connections.deny, context):
        return f"deny names {owner}"
    if is_permitted(case.permissions, owner, context.us.account, context.organization) is False:
        return f"the service's permission list doesn't admit {owner}"
    return ""


def _is_denied(found: DecidedRequest, rules: Iterable[Rule], context: DecisionContext) -> bool:
    case, service = found.case, found.case.service
    if service is None:
        return False
    owner, listed = case.connection.owner, case.permissions
    return bool(
        any_known(
            rule_matches(rule, service, owner, listed, context.organization, asking=True)
            for rule in rules
        )
    )


def _item(hold: Hold, answer: HoldAnswer) -> AnswerItem:
    verdict: Answer = "accept" if answer.answer == "accept" else "reject"
    if answer.answer == "expired":
        reason = f"nobody answered within {_span(hold.hold_for_seconds)}"
    else:
        reason = answer.reason or f"{answer.by} said so"
    return AnswerItem(
        id=f"{hold.service_id}/{verdict}/{hold.name}",
        service_id=hold.service_id,
        service_name=hold.service_name,
        verdict=verdict,
        endpoint_ids=(hold.endpoint_id,),
        reasons={hold.endpoint_id: Why(reason, "", hold.owner, hold.created)},
    )


def _span(seconds: int) -> str:
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds % length == 0 and seconds >= length:
            count = seconds // length
            return f"{count} {unit}" + ("s" if count > 1 else "")
    return f"{seconds} seconds"
