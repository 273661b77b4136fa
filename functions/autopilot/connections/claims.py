"""Claims: what the ledger keeps of an answer before and after its call, and what came of it.

No crash can make our own answer look like a person's, or the reverse.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from autopilot.connections import remembered
from autopilot.connections.answering import CLAIMED, PendingAnswer
from autopilot.connections.decision import DecidedRequest, DecisionContext
from autopilot.connections.facts import AUTOPILOT, NOBODY, ConnectionState, Remembered
from autopilot.connections.plan import STANDS_OTHERWISE, UNSUCCESSFUL, Answer, AnswerOutcome
from autopilot.notify.ledger import Write

_DONE: dict[Answer, ConnectionState] = {
    "accept": "accepted",
    "reject": "rejected",
    "cut": "rejected",
}
_MOST_WORDS = 500


@dataclass(frozen=True)
class Claim:
    """The right to answer one connection, and its end, as writes.

    `take` is refused if somebody else was faster. `settle` remembers the answer; `give_back` what
    was there before, for an answer that wasn't given. `tags`: what AWS is to remember, too.
    """

    of: DecidedRequest
    take: Write
    settle: Write
    give_back: Write
    tags: Mapping[str, str]


def claims_for(pending: PendingAnswer, context: DecisionContext) -> tuple[Claim, ...]:
    """What to claim before the call, one for each endpoint that still wants the answer."""
    return tuple(_claim(each, pending, context) for each in pending.kept)


def _claim(each: DecidedRequest, pending: PendingAnswer, context: DecisionContext) -> Claim:
    old, verdict = each.request.memory, pending.item.verdict
    accepted_by = old.accepted_by if old else NOBODY
    claimed = Remembered(
        state=CLAIMED[verdict],
        by=accepted_by if verdict == "cut" else pending.by,
        rule=each.verdict.rule,
        reason=each.verdict.reason,
        at=context.now.isoformat(),
        claimed_by=context.execution,
        version=(old.version if old else 0) + 1,
    )
    by_rule = verdict == "accept" and pending.by == AUTOPILOT and each.request.connection.id
    return Claim(
        each,
        take=remembered.kept(each.subject, claimed, old),
        settle=remembered.kept(
            each.subject, replace(claimed, state=_DONE[verdict], by=pending.by), claimed
        ),
        # What only tags tell (version 0) is no row of the ledger's.
        give_back=remembered.kept(each.subject, old, claimed)
        if old and old.version
        else remembered.forgotten(each.subject, claimed),
        tags=remembered.mark(context.stack.owner, claimed) if by_rule else {},
    )


def ends(claims: Iterable[Claim], done: Collection[str]) -> list[Write]:
    """The writes after the call; `done` are the endpoints that were answered."""
    return [c.settle if c.of.endpoint_id in done else c.give_back for c in claims]


def to_mark(
    claims: Iterable[Claim], done: Collection[str]
) -> list[tuple[Mapping[str, str], list[str]]]:
    """Tags, and the ids of the connections that are to bear them."""
    alike: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for claim in claims:
        if claim.tags and claim.of.endpoint_id in done:
            ids = alike.setdefault(tuple(claim.tags.items()), [])
            ids.append(claim.of.request.connection.id)
    return [(dict(tags), ids) for tags, ids in alike.items()]


def outcome(
    pending: PendingAnswer,
    claims: Iterable[Claim],
    done: Collection[str],
    context: DecisionContext,
    *,
    error: str = STANDS_OTHERWISE,
    message: str = "",
) -> AnswerOutcome:
    """What became of the answer; `error` and `message` are of the endpoints that didn't get it."""
    item, given = pending.item, {*pending.before, *done}
    stale = tuple(id_ for id_ in item.endpoint_ids if id_ not in given)
    reasons = {**item.reasons, **{claim.of.endpoint_id: claim.of.why for claim in claims}}
    return AnswerOutcome(
        replace(item, endpoint_ids=tuple(sorted(given)), reasons=reasons),
        "done" if given else "stale",
        error if stale else None,
        (message or pending.moved) if stale else None,
        stale=stale,
        by=pending.by,
        at=context.now.isoformat(),
    )


def unsuccessful(missed: Mapping[str, str]) -> dict[str, str]:
    """The error and the message, where AWS lists endpoints as unsuccessful with its words."""
    words = "; ".join(f"{id_}: {why}" for id_, why in sorted(missed.items()))
    return {"error": UNSUCCESSFUL, "message": words[:_MOST_WORDS]} if missed else {}
