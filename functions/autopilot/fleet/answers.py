"""A person's answer on its way down: what the hub asks of a spoke, and what it keeps of that.

The rows of the partition `ASKED` are the hub's audit trail; a row's sort key is the question's id,
its body (texts but `tries`): spoke, endpoint_id, hold, answer, by, reason, at (when it was asked
first), until, tries, state, why. `state` is

- asking: it is on its way; a row that stays so: nobody knows whether the spoke heard it,
- taken: the spoke has given it to the hold; what became of it is in the spoke's news,
- refused: the spoke didn't take it, `why` in its words,
- unanswered: the spoke couldn't be asked, `why` says what AWS said.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Literal

from autopilot.connections.holds import spoken
from autopilot.fleet.asking import Question, Refused
from autopilot.fleet.roster import CHAT
from autopilot.fleet.wire import SCHEMA, Answered, AskedAnswer
from autopilot.notify.history import KEPT
from autopilot.notify.ledger import Key, Row, Write, noted
from autopilot.reconcile.codec import decode

ASKED = "asked"
"""The partition of the hub's audit trail."""
LASTS = timedelta(hours=1)
LONGEST = timedelta(days=1)
"""How long an answer may be on its way; whoever takes one takes none that says more."""
State = Literal["asking", "taken", "refused", "unanswered"]
_MOST_NAME, _MOST_WHY, _MOST_HOLD = 200, 1000, 200


@dataclass(frozen=True)
class Trail:
    """A row of the audit trail."""

    id: str
    spoke: str
    endpoint_id: str
    hold: str
    answer: Literal["accept", "reject"]
    by: str
    reason: str
    at: str
    until: str
    tries: int = 0
    state: State = "asking"
    why: str = ""
    version: int = 0

    @property
    def is_taken(self) -> bool:
        """Whether the spoke has taken it: nothing is left to ask."""
        return self.state == "taken"


def trail(asked: Question, approvers: Collection[str], now: datetime) -> Trail:
    """The answer that is to go down. Raises Refused."""
    given = asked.payload
    try:
        endpoint_id, said = spoken(given, now)
    except ValueError as error:
        raise Refused("BadQuestion", str(error)) from error
    hold = given.get("hold")
    if not isinstance(hold, str) or not hold or len(hold) > _MOST_HOLD:
        raise Refused("BadQuestion", f"hold is {hold!r}; write the hold's name, as the list has it")
    if not may_answer(said.by, approvers):
        raise Refused("NotApprover", not_approver(said.by))
    answer: Any = said.answer
    made = Trail("", str(asked.spoke), endpoint_id, hold, answer, said.by, said.reason,
                 now.isoformat(), (now + _lasts(given)).isoformat())  # fmt: skip
    return replace(made, id=_id(made))


def may_answer(by: str, approvers: Collection[str]) -> bool:
    """Whether the person may answer: without a list whoever IAM lets ask."""
    return len(by) <= _MOST_NAME and (not approvers or by in approvers)


def not_approver(by: str) -> str:
    """Why somebody may not answer."""
    why = f"{by[:_MOST_NAME]} is none of the approvers that fleet.yaml names"
    return f"{why}: a chat's button doesn't say who pressed it" if by == CHAT else why


def _lasts(given: Mapping[str, Any]) -> timedelta:
    minutes = given.get("minutes", LASTS.total_seconds() // 60)
    most = int(LONGEST.total_seconds() // 60)
    if isinstance(minutes, bool) or not isinstance(minutes, int | float):
        raise Refused("BadQuestion", f"minutes is {minutes!r}; write a number")
    if not 1 <= minutes <= most:
        raise Refused("BadQuestion", f"minutes is {minutes}; write 1 to {most}")
    return timedelta(minutes=int(minutes))


def _id(made: Trail) -> str:
    """The same for the same answer by the same person to the same hold."""
    of = "\n".join((made.spoke, made.endpoint_id, made.hold, made.answer, made.by))
    return sha256(of.encode(errors="replace")).hexdigest()[:32]


def asked_again(new: Trail, known: Trail | None, now: datetime) -> Trail:
    """The row of another try: it stays the same question, and its time the first one's.

    One whose time is over is asked anew: who asks again means it.
    """
    if known is None:
        return replace(new, tries=1)
    again = replace(known, tries=known.tries + 1, state="asking", why="")
    if now < datetime.fromisoformat(known.until):
        return again
    return replace(again, at=new.at, until=new.until, reason=new.reason)


def wire(of: Trail, schema: int) -> AskedAnswer:
    """What the spoke is asked, in the schema that it speaks."""
    return AskedAnswer(of.id, of.endpoint_id, of.hold, of.answer, of.by, of.reason, of.at, of.until,
                       min(schema, SCHEMA))  # fmt: skip


def answered(said: Mapping[str, Any], id_: str) -> Answered:
    """What a spoke's function says of a question. Raises Refused for what isn't an answer to it."""
    try:
        found = decode(Answered, said)
    except (KeyError, ValueError) as error:
        raise Refused("NotAnAnswer", f"the spoke's function said {str(said)[:200]}") from error
    if found.id != id_:
        raise Refused("NotAnAnswer", "the spoke answered another question")
    return replace(found, why=found.why[:_MOST_WHY])


def ended(of: Trail, answered: Answered) -> Trail:
    """The row with what the spoke said."""
    state: State = "taken" if answered.taken else "refused"
    return replace(of, state=state, why=answered.why)


def unanswered(of: Trail, why: str) -> Trail:
    """The row of a question that got no answer."""
    return replace(of, state="unanswered", why=why[:_MOST_WHY])


def trail_of(row: Row) -> Trail:
    """Read a row."""
    body: Any = row.body
    return Trail(id=row.key.sk, version=row.version, **body)


def put(new: Trail, old: Trail | None, now: datetime) -> Write:
    """The write of `new` where `old` is; refused if that has changed meanwhile."""
    body = {name: value for name, value in asdict(new).items() if name not in ("id", "version")}
    return noted(Key(ASKED, new.id), body, old, execution=new.by, now=now, expires=now + KEPT)
