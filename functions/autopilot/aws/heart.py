"""What a spoke's heartbeat reads, and the news that the hub hasn't got: counted, and sent again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Protocol

from aws_lambda_powertools import Logger

from autopilot.aws import overview
from autopilot.aws.errors import AwsError
from autopilot.aws.outlets import Puts
from autopilot.aws.pages import call
from autopilot.aws.spending import spending_of
from autopilot.fleet.beat import Looked
from autopilot.fleet.wire import NEWS
from autopilot.notify.bus import BusEvent
from autopilot.policy.model import Policy
from autopilot.reconcile.identity import StackIdentity
from autopilot.view.coverage import coverage
from autopilot.view.model import WORST_FIRST
from autopilot.view.routes import routes

logger = Logger()

_AT_ONCE = 10  # SQS API reference, ReceiveMessage
# Longer than the function runs: what it has in hand isn't handed out a second time.
_IN_HAND = 900
_MOST_REDRIVEN = 1000
_MICRO_USD_A_CENT = 10_000


class Letters(Protocol):
    """A queue of events that could not be delivered."""

    def waiting(self) -> int:
        """How many there are, roughly."""

    def some(self) -> list[tuple[str, str]]:
        """Receipts and bodies of some of them, [] if there are none."""

    def forget(self, receipt: str) -> None:
        """Delete one."""


class Undelivered:
    """The dead-letter queue of the rule that tells the hub."""

    def __init__(self, url: str) -> None:
        self._url = url

    def waiting(self) -> int:
        """How many there are, roughly, those in hand too. Raises AwsErrors."""
        names = [f"ApproximateNumberOfMessages{which}" for which in ("", "NotVisible")]
        found = call("sqs", "GetQueueAttributes", QueueUrl=self._url, AttributeNames=names)
        return sum(int(found.get("Attributes", {}).get(name, 0)) for name in names)

    def some(self) -> list[tuple[str, str]]:
        """Receipts and bodies of up to ten. Raises AwsErrors."""
        asked = {"MaxNumberOfMessages": _AT_ONCE, "VisibilityTimeout": _IN_HAND}
        found = call("sqs", "ReceiveMessage", QueueUrl=self._url, **asked)
        return [(each["ReceiptHandle"], each["Body"]) for each in found.get("Messages", ())]

    def forget(self, receipt: str) -> None:
        """Delete one. Raises AwsErrors."""
        call("sqs", "DeleteMessage", QueueUrl=self._url, ReceiptHandle=receipt)


def redrive(
    letters: Letters, bus: Puts, us: StackIdentity, *, goes_on: Callable[[], bool] = lambda: True
) -> int:
    """Put what the hub hasn't got on our own bus again; how much that was.

    By our own bus, not straight into the hub's: AWS stamps an event with the Region whose bus takes
    it first, and the hub knows by that stamp who speaks. So only what bore our own before gets it
    anew: a default bus may be sent others' events. A letter is deleted only when the bus has taken
    it; the first that it refuses ends it. Old heartbeats are dropped: the next one says more.
    Raises AwsErrors.
    """
    sent = 0
    while goes_on() and sent < _MOST_REDRIVEN:
        found = letters.some()
        if not found:
            break
        for receipt, body in found:
            try:
                event = _event(body, us)
            except ValueError:
                logger.exception("undelivered event not read")
                continue
            if event:
                bus.put([event])
                sent += 1
            letters.forget(receipt)
    return sent


def _event(body: str, us: StackIdentity) -> BusEvent | None:
    """The news in an undelivered event, None for an old heartbeat.

    Raises ValueError for what nobody can read, or isn't ours: that stays, is counted, and lies
    there for people.
    """
    try:
        event = json.loads(body)
    except RecursionError as error:
        raise ValueError("it is too deep") from error
    if not isinstance(event, dict) or not isinstance(event.get("detail"), dict):
        raise ValueError("it is no event of EventBridge's")
    if (event.get("account"), event.get("region")) != (us.account, us.region):
        raise ValueError("it is another account's or Region's event")
    if event.get("detail-type") != NEWS:
        return None
    # Ours bear no resources; the queue's other writers might name anything.
    return BusEvent(NEWS, (), event["detail"])


def look(policy: Policy, stack: StackIdentity, ledger: overview.Ledger, now: datetime) -> Looked:
    """Count what is covered and what it costs, as the dashboard does; what can't be read isn't
    known. Raises no AwsError."""
    seen = overview.read(policy, stack, ledger, now)
    counted = {} if "VPCs" in seen.unread else dict(_counted(coverage(seen, routes(seen))))
    if "connections" not in seen.unread:
        counted["connections"] = len(seen.connections.connections)
    return Looked(now.isoformat(timespec="seconds"), counted, _cents(seen))


def _counted(vpcs: Any) -> Iterator[tuple[str, int]]:
    """Ways from a subnet to a service, by how it goes there."""
    ways = [line.reach for vpc in vpcs for line in vpc.subnets]
    yield "vpcs", len(vpcs)
    yield "ways", len(ways)
    for reach in WORST_FIRST:
        yield f"ways_{reach.replace(' ', '_')}", ways.count(reach)


def _cents(seen: Any) -> int | None:
    try:
        costs = spending_of(seen)
    except AwsError:
        logger.exception("costs not read")
        return None
    parts = (costs.hours_micro_usd, costs.data_micro_usd)
    known = [part for part in parts if part is not None]
    return round(sum(known) / _MICRO_USD_A_CENT) if len(known) == len(parts) else None
