"""Claims: what the ledger keeps of an answer before and after its call, and what came of it.

No crash can make an answer of ours look like a person's, or the reverse.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from autopilot.connections.answering import CLAIMED, PendingAnswer
from autopilot.connections.attribution import mark
from autopilot.connections.decision import DecisionContext
from autopilot.connections.desired import DecidedRequest
from autopilot.connections.plan import STANDS_OTHERWISE, UNSUCCESSFUL, Answer, AnswerOutcome
from autopilot.connections.remembered import (
    AUTOPILOT,
    NOBODY,
    ConnectionState,
    Remembered,
    forgotten,
    noted,
)
from autopilot.notify.ledger import Key, Write

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


def claims(pending: PendingAnswer, context: DecisionContext) -> tuple[Claim, ...]:
    """What to claim before the call, one for each endpoint that still wants the answer."""
    return tuple(_claim(each, pending, context) for each in pending.kept)


def _claim(each: DecidedRequest, pending: PendingAnswer, context: DecisionContext) -> Claim:
    old, verdict = each.request.memory, pending.item.verdict
    claimed = Remembered(
        state=CLAIMED[verdict],
        by=_accepted_by(old) if verdict == "cut" else pending.by,
        rule=each.verdict.rule,
        reason=each.verdict.reason,
        at=context.now.isoformat(),
        claimed_by=context.execution,
        version=(old.version if old else 0) + 1,
    )
    by_rule = verdict == "accept" and pending.by == AUTOPILOT and each.request.connection.id
    return Claim(
        each,
        take=noted(each.subject, claimed, old),
        settle=noted(each.subject, replace(claimed, state=_DONE[verdict], by=pending.by), claimed),
        # What only tags tell (version 0) is no row of the ledger's.
        give_back=noted(each.subject, old, claimed)
        if old and old.version
        else forgotten(each.subject, claimed),
        tags=mark(context.stack.owner, claimed) if by_rule else {},
    )


def _accepted_by(memory: Remembered | None) -> str:
    return memory.accepted_by if memory else NOBODY


def granted(taken: Iterable[Claim], refused: Collection[Key]) -> tuple[Claim, ...]:
    """The claims that nobody else was faster to take."""
    return tuple(claim for claim in taken if claim.take.key not in refused)


def ends(ours: Iterable[Claim], done: Collection[str]) -> list[Write]:
    """The writes after the call; `done` are the endpoints that were answered."""
    return [c.settle if c.of.endpoint_id in done else c.give_back for c in ours]


def to_mark(
    ours: Iterable[Claim], done: Collection[str]
) -> list[tuple[Mapping[str, str], list[str]]]:
    """Tags, and the ids of the connections that are to bear them."""
    alike: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for claim in ours:
        if claim.tags and claim.of.endpoint_id in done:
            ids = alike.setdefault(tuple(claim.tags.items()), [])
            ids.append(claim.of.request.connection.id)
    return [(dict(tags), ids) for tags, ids in alike.items()]


def answered(
    pending: PendingAnswer,
    ours: Sequence[Claim],
    missed: Mapping[str, str],
    context: DecisionContext,
) -> AnswerOutcome:
    """The outcome of a call; `missed`: what AWS lists as unsuccessful, with its words."""
    done = {claim.of.endpoint_id for claim in ours} - set(missed)
    if not missed:
        return outcome(pending, ours, done, context)
    words = "; ".join(f"{id_}: {why}" for id_, why in sorted(missed.items()))[:_MOST_WORDS]
    return outcome(pending, ours, done, context, error=UNSUCCESSFUL, message=words)


def outcome(
    pending: PendingAnswer,
    ours: Iterable[Claim],
    done: Collection[str],
    context: DecisionContext,
    *,
    error: str = STANDS_OTHERWISE,
    message: str | None = None,
) -> AnswerOutcome:
    """What became of the answer; `error` and `message` are of the endpoints that didn't get it."""
    item, given = pending.item, {*pending.before, *done}
    stale = tuple(id_ for id_ in item.endpoint_ids if id_ not in given)
    reasons = {**item.reasons, **{claim.of.endpoint_id: claim.of.why for claim in ours}}
    return AnswerOutcome(
        replace(item, endpoint_ids=tuple(sorted(given)), reasons=reasons),
        "done" if given else "stale",
        error if stale else None,
        (pending.moved if message is None else message) if stale else None,
        stale=stale,
        by=pending.by,
        at=context.now.isoformat(),
    )
