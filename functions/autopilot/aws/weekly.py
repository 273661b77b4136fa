"""Writes the weekly letter: reads all there is, and sends it once a week."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from autopilot.aws import history
from autopilot.aws.errors import AwsError
from autopilot.aws.ledger import Ledger
from autopilot.aws.overview import read
from autopilot.aws.spending import spending_of
from autopilot.notify.ledger import Delivery
from autopilot.notify.notice import Place
from autopilot.policy.model import Policy
from autopilot.reconcile.identity import StackIdentity
from autopilot.view.letter import COVERS, Week, letter
from autopilot.view.letter_mail import letter_message
from autopilot.view.letter_week import LETTERS, right_to_send, week_of
from autopilot.view.overview import overview

if TYPE_CHECKING:
    from autopilot.notify.render import Message

# Entries of history: so many are about a megabyte, which is one call.
_MOST = 1000


class Ops(Protocol):
    """The ops topic."""

    def publish(self, message: Message) -> None:
        """Publish one message."""


def send(
    policy: Policy, stack: StackIdentity, ledger: Ledger, ops: Ops, call: str, now: datetime
) -> bool:
    """Send the letter of this week; False: it has been sent, or somebody is at it.

    `call`: of this try; another one of the same call goes on with what the first began. Raises
    AwsErrors: a crash between sending and noting it sends twice, never not at all.
    """
    known = {row.key.sk: row for row in ledger.rows(LETTERS, week_of(now))}
    right = right_to_send(known.get(week_of(now)), call, now)
    if right is None or not _claimed(right, ledger):
        return False
    ops.publish(_written(policy, stack, ledger, now))
    ledger.write([right.settle])
    return True


def _claimed(right: Delivery, ledger: Ledger) -> bool:
    return right.claim is None or not ledger.write([right.claim])


def _written(policy: Policy, stack: StackIdentity, ledger: Ledger, now: datetime) -> Message:
    seen = read(policy, stack, ledger, now)
    made = letter(overview(seen), spending_of(seen), _week(ledger, now))
    time = now.isoformat(timespec="seconds")
    return letter_message(made, Place(stack.account, stack.region, stack.owner, "", time))


def _week(ledger: Ledger, now: datetime) -> Week:
    """The last seven days; what can't be read is said in the letter."""
    since, until = (now - COVERS).date(), now.date()
    try:
        past = history.of_days(ledger, since, until, _MOST)
    except AwsError as error:
        return Week(since.isoformat(), until.isoformat(), forgotten=str(error))
    return Week(since.isoformat(), until.isoformat(), past.entries, past.more)
