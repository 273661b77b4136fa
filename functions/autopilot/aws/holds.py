"""Starts the executions that wait for a person, notes how to reach them, ends their waiting."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from autopilot.aws import connection_memory
from autopilot.aws.errors import HoldUnknown, NotFound, Throttled
from autopilot.aws.executions import begin
from autopilot.aws.pages import call
from autopilot.connections import holds
from autopilot.connections.in_vain import why_not
from autopilot.connections.request import HoldsRequest, OpenHoldRequest
from autopilot.notify.ledger import Rows
from autopilot.reconcile.codec import encode

End = Callable[[str, holds.HoldAnswer], bool]
_TRIES = 3


class Waiting(Protocol):
    """The executions that wait."""

    def start(self, state_machine: str, hold: holds.Hold) -> bool:
        """Start one; False if it was started before."""

    def end(self, token: str, answer: holds.HoldAnswer) -> bool:
        """Give one its answer; False if it doesn't wait any more."""


def start(state_machine: str, hold: holds.Hold) -> bool:
    """Start the hold's execution; False if it was started before."""
    return begin(state_machine, hold.name, {"hold": encode(hold)})


def end(token: str, answer: holds.HoldAnswer) -> bool:
    """Give the waiting execution its answer; False if it doesn't wait any more."""
    if not token:
        raise ValueError("no task token: whose waiting?")
    output = json.dumps(encode(answer))
    try:
        call("states", "SendTaskSuccess", taskToken=token, output=output)
    except NotFound:
        return False
    return True


def sync(
    asked: HoldsRequest, machine: str, ledger: Rows, waiting: Waiting, now: datetime
) -> dict[str, int]:
    """Start holds, end those that have become needless; how many."""
    known = connection_memory.holds(ledger)
    started = [h for h in _to_start(asked, known, ledger, now) if waiting.start(machine, h)]
    closed = [each for each in asked.close_holds if _close(each, known, ledger, waiting, now)]
    return {"started": len(started), "closed": len(closed)}


def _to_start(
    asked: HoldsRequest, known: Mapping[str, holds.HoldRow], ledger: Rows, now: datetime
) -> list[holds.Hold]:
    """Claim: what another look claimed is left to it; a retry finds its own claims."""
    rows = [(hold, known.get(hold.endpoint_id)) for hold in asked.holds]
    free = [(hold, row) for hold, row in rows if holds.is_free(hold, row, now)]
    refused = ledger.write(
        [holds.put(holds.opening(h, asked.execution, now), row, now) for h, row in free]
    )
    lost = {key.sk for key in refused}
    begun = [hold for hold, row in rows if holds.is_begun(hold, row, asked.execution)]
    return [hold for hold, _ in free if hold.endpoint_id not in lost] + begun


def _close(
    closure: holds.HoldClosure,
    known: Mapping[str, holds.HoldRow],
    ledger: Rows,
    waiting: Waiting,
    now: datetime,
) -> bool:
    """Note that it is over, then end the waiting: an execution that is only about to ask sees it.

    A person who answers at the same moment was faster if the note is refused. What a try noted that
    died before the end is ended again.
    """
    row = known.get(closure.endpoint_id)
    if row is None:
        return False
    if row.service_id != closure.service_id or row.state == "closed":
        noted = row.state == "closed" and row.answer == closure.answered
    else:
        noted = not ledger.write([holds.put(holds.closed(row, closure.said, now), row, now)])
    return noted and bool(row.token) and waiting.end(row.token, closure.said)


def note(asked: OpenHoldRequest, ledger: Rows, now: datetime) -> holds.HoldAnswer | None:
    """Put the token into the hold's row; what ends the hold at once, if anything does."""
    hold = asked.hold
    for _ in range(_TRIES):
        row = connection_memory.holds(ledger, hold.endpoint_id).get(hold.endpoint_id)
        if over := holds.needless(hold, row):
            return over
        new = holds.opened(hold, row, asked.token, asked.execution, now)
        if not ledger.write([holds.put(new, row, now)]):
            return None
    raise Throttled("dynamodb:TransactWriteItems: others write the same hold")


def answer(
    endpoint_id: str, said: holds.HoldAnswer, ledger: Rows, end: End, now: datetime, only: str = ""
) -> None:
    """Note a person's answer, and give it to the execution. The same may be given again.

    `only`: the name of the hold that it is for; "": whichever waits. Raises HoldUnknown if there is
    no such hold, or it is over; other AwsErrors.
    """
    row = connection_memory.holds(ledger, endpoint_id).get(endpoint_id)
    if row is None or only not in ("", row.name):
        raise HoldUnknown(f"no request of {endpoint_id} waits for {only or 'an answer'}")
    if not holds.same_answer(row, said):
        if row.state != "open":
            raise HoldUnknown(why_not(row))
        if ledger.write([holds.put(holds.answered(row, said), row, now)]):
            raise HoldUnknown(f"too late: somebody else answered {endpoint_id} at the same moment")
    if not end(row.token, said):
        raise HoldUnknown(f"too late: {endpoint_id}'s time was just over; look at its state")
