"""The second look at what is to be answered, right before the call."""

from __future__ import annotations

from dataclasses import dataclass, replace

from autopilot.connections.decision import DecidedRequest, DecisionContext, Verdict
from autopilot.connections.desired import against_accepting, verdicts
from autopilot.connections.facts import AUTOPILOT, EXPIRY, ConnectionFacts, ConnectionState
from autopilot.connections.holds import Hold, HoldAnswer, closed, put, timely
from autopilot.connections.in_vain import REPLACED, TOO_LATE
from autopilot.connections.plan import Answer, AnswerItem, Why
from autopilot.connections.request import AnswerRequest
from autopilot.notify.ledger import Write
from autopilot.notify.phrases import span

_AUDIT = "audit mode changes nothing"
CLAIMED: dict[Answer, ConnectionState] = {
    "accept": "accepting",
    "reject": "rejecting",
    "cut": "cutting",
}
"""The state in which the ledger remembers an answer from before its call until after it."""


@dataclass(frozen=True)
class PendingAnswer:
    """An answer to give: the item, by whom, and those of its endpoints that still want it.

    `moved` says of the first of the others why it doesn't. `before`: those that an earlier try of
    this execution answered. `closing`: the write that closes the hold's row after the answer, so
    that another hold may follow.
    """

    item: AnswerItem
    by: str
    kept: tuple[DecidedRequest, ...] = ()
    moved: str = ""
    before: frozenset[str] = frozenset()
    closing: tuple[Write, ...] = ()


def pending_answer(
    asked: AnswerRequest, facts: ConnectionFacts, context: DecisionContext
) -> PendingAnswer:
    """What of an item, or of the answer to a hold, may be carried out as things stand now."""
    if asked.hold and asked.answer:
        made = _by_person(asked.hold, asked.answer, facts, context)
    elif asked.item:
        made = _by_policy(asked.item, facts, context)
    else:
        raise ValueError("neither an item nor a hold with its answer")
    before = _done_before(made.item, facts, context)
    return replace(made, before=before, closing=_closing(asked, facts, context))


def _closing(
    asked: AnswerRequest, facts: ConnectionFacts, context: DecisionContext
) -> tuple[Write, ...]:
    row = facts.holds.get(asked.hold.endpoint_id) if asked.hold else None
    if not (row and asked.hold and asked.answer and row.is_of(asked.hold)):
        return ()
    said = timely(asked.answer, asked.hold, row)
    return (put(closed(row, said, context.now), row, context.now),)


def _by_policy(item: AnswerItem, facts: ConnectionFacts, context: DecisionContext) -> PendingAnswer:
    """What of the item the policy still wants."""
    if context.policy.mode == "audit":
        return PendingAnswer(item, AUTOPILOT, moved=_AUDIT)
    named = [each for each in verdicts(facts, context) if each.endpoint_id in item.endpoint_ids]
    kept = tuple(each for each in named if each.verdict.action == item.verdict)
    others = [each.verdict.reason for each in named if each not in kept]
    gone = len(named) < len(item.endpoint_ids)
    moved = others[0] if others else ("an endpoint is gone" if gone else "")
    return PendingAnswer(item, AUTOPILOT, kept, moved)


def _by_person(
    hold: Hold, answer: HoldAnswer, facts: ConnectionFacts, context: DecisionContext
) -> PendingAnswer:
    """What of the answer to a hold may be carried out.

    A person's acceptance stands for the first lock, the rule; the second, the permission list,
    stays, and so does deny. Expiry rejects only what the policy would still hold.
    """
    row = facts.holds.get(hold.endpoint_id)
    said = timely(answer, hold, row)
    others = replace(facts, holds={})  # the person's answer that we carry out must not stop us
    found = next((d for d in verdicts(others, context) if d.endpoint_id == hold.endpoint_id), None)
    item, by = _item(hold, said), EXPIRY if said.answer == "expired" else said.by
    if row and not row.is_of(hold):
        return PendingAnswer(item, by, moved=f"{REPLACED}: {row.name}")
    if found is None or found.request.connection.stage != "asking":
        return PendingAnswer(item, by, moved=TOO_LATE)
    if against := _against(said, found, context):
        return PendingAnswer(item, by, moved=against)
    why = item.reasons[hold.endpoint_id]
    as_said = replace(found, verdict=Verdict(item.verdict, why.reason, why.rule))
    return PendingAnswer(item, by, (as_said,))


def _done_before(
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
        and memory.state == CLAIMED[item.verdict]
        and connection.stage == ("live" if item.verdict == "accept" else "over")
    )


def _against(said: HoldAnswer, found: DecidedRequest, context: DecisionContext) -> str:
    """What speaks against carrying out the answer, "" if nothing."""
    if found.verdict.action == "leave":
        return found.verdict.reason
    if said.answer == "expired":
        return _against_expiry(found, context)
    return against_accepting(found.request, context) if said.answer == "accept" else ""


def _against_expiry(found: DecidedRequest, context: DecisionContext) -> str:
    if context.policy.mode == "audit":
        return _AUDIT
    decided = f"the policy decides it now: {found.verdict.reason}"
    return decided if found.verdict.action != "hold" else ""


def _item(hold: Hold, said: HoldAnswer) -> AnswerItem:
    verdict: Answer = "accept" if said.answer == "accept" else "reject"
    if said.answer == "expired":
        reason = f"nobody answered within {span(hold.hold_for_seconds)}"
    else:
        reason = said.reason or f"{said.by} said so"
    return AnswerItem(
        id=f"{hold.service_id}/{verdict}/{hold.name}",
        service_id=hold.service_id,
        service_name=hold.service_name,
        verdict=verdict,
        endpoint_ids=(hold.endpoint_id,),
        reasons={hold.endpoint_id: Why(reason, "", hold.owner, hold.created)},
    )
