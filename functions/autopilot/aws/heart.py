"""What a spoke's heartbeat reads, and the news that the hub hasn't got: counted, and sent again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from aws_lambda_powertools import Logger

from autopilot.aws import overview
from autopilot.aws.errors import AwsError, RefusedByAws
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

AGAIN = '{"trigger": "again"}'
"""The body of a wish for a heartbeat that comes after a deployment's own."""
_AT_ONCE = 10  # SQS API reference, ReceiveMessage
# Longer than the function runs: what it has in hand isn't handed out a second time.
_IN_HAND = 900
_MOST_REDRIVEN = 1000
# Held in memory until they are put aside; each is as large as an event.
_MOST_REFUSED = 50
_MICRO_USD_A_CENT = 10_000


PutAside = Callable[[str, str, str], None]
"""Puts a body into the queue of an address, with a reason."""


class Letters(Protocol):
    """A queue of events that could not be delivered."""

    def waiting(self) -> int:
        """How many there are, roughly."""

    def some(self) -> list[tuple[str, str]]:
        """Receipts and bodies of some of them, [] if there are none."""

    def forget(self, receipt: str) -> None:
        """Delete one."""


class Refused(NamedTuple):
    """A letter that the bus doesn't take, or nobody can read, and why."""

    receipt: str
    body: str
    why: str


class Redriven(NamedTuple):
    """How many were sent again, which ones can't be, and what ended it before its end, if so."""

    sent: int
    refused: tuple[Refused, ...] = ()
    error: AwsError | None = None


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


class Wanted:
    """The queue of whoever wants a heartbeat."""

    def __init__(self, url: str) -> None:
        self._url = url

    def in_seconds(self, delays: Iterable[int]) -> None:
        """Have one said after each delay, with what waits sent again. Raises AwsErrors."""
        for seconds in delays:
            wish = {"MessageBody": AGAIN, "DelaySeconds": seconds}
            call("sqs", "SendMessage", QueueUrl=self._url, **wish)


def redrive(
    letters: Letters, bus: Puts, us: StackIdentity, *, goes_on: Callable[[], bool] = lambda: True
) -> Redriven:
    """Put what the hub hasn't got on our own bus again.

    By our own bus, not straight into the hub's: AWS stamps an event with the Region whose bus takes
    it first, and the hub knows by that stamp who speaks. So only what bore our own before gets it
    anew: a default bus may be sent others' events. A letter is deleted only when the bus has taken
    it. One that it refuses keeps no other back; what AWS denies, or has no time for, ends it. Old
    heartbeats are dropped: the next one says more. Raises no AwsError.
    """
    sent, refused = 0, list[Refused]()
    try:
        while goes_on() and sent < _MOST_REDRIVEN and len(refused) < _MOST_REFUSED:
            found = letters.some()
            if not found:
                break
            for receipt, body in found:
                try:
                    sent += _sent_again(body, bus, us)
                except (ValueError, RefusedByAws) as error:
                    logger.exception("undelivered event not sent again")
                    refused.append(Refused(receipt, body, f"not sent to the hub: {error}"))
                    continue
                letters.forget(receipt)
    except AwsError as error:
        logger.exception("not sent again")
        return Redriven(sent, tuple(refused), error)
    return Redriven(sent, tuple(refused))


def _sent_again(body: str, bus: Puts, us: StackIdentity) -> int:
    """How many were sent: 1, or none of an old heartbeat. Raises ValueError, AwsErrors."""
    event = _event(body, us)
    if event is None:
        return 0
    bus.put([event])
    return 1


def put_aside(refused: Iterable[Refused], letters: Letters, queue_url: str, put: PutAside) -> None:
    """Move them to the queue that an alarm watches, with the reason: there they wait for people.

    What can't be moved stays, and is met again. Raises AwsErrors at the end.
    """
    errors = list[AwsError]()
    for each in refused:
        try:
            put(queue_url, each.body, each.why)
            letters.forget(each.receipt)
        except AwsError as error:
            logger.exception("undelivered event not put aside")
            errors.append(error)
    if errors:
        raise errors[0]


def _event(body: str, us: StackIdentity) -> BusEvent | None:
    """The news in an undelivered event, None for an old heartbeat.

    Raises ValueError for what nobody can read, or isn't ours.
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
