"""Heartbeat: how a spoke stands, for the hub. Once an hour, after news, and once it is deployed.

The hourly one looks closer once a day, and sends again what the hub hasn't got. An alarm of the
stack's comes here too, and goes on as news.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from autopilot.aws import heart, settings
from autopilot.aws.custom_resource import Kind, Send, serve
from autopilot.aws.errors import AwsError
from autopilot.aws.ledger import Ledger
from autopilot.aws.outlets import Bus, Puts
from autopilot.aws.step import bundled_policy, identity, ledger, logger, now
from autopilot.fleet import beat, upward
from autopilot.fleet.alarms import news_of_alarm
from autopilot.notify.notice import Place
from autopilot.policy.model import Policy

HOURLY = "hourly"
# Milliseconds that are left for what comes after sending again.
_RESERVE = 60_000
# Seconds. The role is as new as the stack: what it is allowed is not known everywhere at once (IAM
# guide, "Changes that I make are not always immediately visible").
_PATIENCE = (5, 10, 20, 40)


@dataclass(frozen=True)
class Settings:
    """What the environment tells: what runs here, and where lies what the hub hasn't got."""

    undelivered_queue_url: str
    stack_name: str
    code_version: str
    release: str = ""
    target: str = ""
    take_answer_function: str = ""
    look_ahead_function: str = ""

    @property
    def about(self) -> beat.About:
        """The same for the heartbeat."""
        asks = {"answer": self.take_answer_function, "look": self.look_ahead_function}
        known = {what: arn for what, arn in asks.items() if arn}
        return beat.About(self.release, self.code_version, self.target, self.stack_name, known)


@dataclass(frozen=True)
class Means:
    """What it works with."""

    ledger: Ledger
    policy: Policy
    bus: Puts
    letters: heart.Letters
    look: Callable[..., beat.Looked]
    now: datetime


def _means() -> Means:
    queue = heart.Undelivered(settings.read(Settings).undelivered_queue_url)
    return Means(ledger(), bundled_policy(), Bus(), queue, heart.look, now())


@logger.inject_lambda_context(clear_state=True)
def handler(
    event: Mapping[str, Any],
    context: Any,
    *,
    means: Callable[[], Means] = _means,
    send: Send | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Say it. Raises AwsErrors: Lambda, or the queue, then tries again."""
    if "RequestType" in event:
        # At an update as at first; the deletion has nothing to say.
        kind: Kind = "Update" if event["RequestType"] == "Update" else "Create"
        serve(event, kind, lambda: _patiently(lambda: _beat(means()), pause), send)
    elif event.get("source") == "aws.cloudwatch":
        if told := news_of_alarm(event["detail"]):
            means().bus.put([upward.event_of(told)])
    elif event.get("trigger") == HOURLY:
        _hourly(means(), context.get_remaining_time_in_millis)
    else:
        _beat(means())


def _hourly(to: Means, milliseconds_left: Callable[[], int]) -> None:
    """A heartbeat in any case; what kept something from being sent again is raised last."""
    refused = None
    try:
        sent = heart.redrive(
            to.letters, to.bus, identity(), goes_on=lambda: milliseconds_left() > _RESERVE
        )
        if sent:
            logger.info("sent again", count=sent)
    except AwsError as error:
        logger.exception("not sent again")
        refused = error
    _beat(to, looks=True)
    if refused:
        raise refused


def _beat(to: Means, *, looks: bool = False) -> None:
    us, rows = identity(), to.ledger.partitions(beat.PARTITIONS)
    looked = beat.looked_at(rows)
    if looks and beat.is_due(looked, to.now):
        looked = to.look(to.policy, us, to.ledger, to.now)
        to.ledger.write([beat.note(looked, rows, to.now)])
    about = settings.read(Settings).about
    at = to.now.isoformat(timespec="milliseconds")
    place = Place(us.account, us.region, us.owner, "", at, deployed_as=about.stack)
    said = beat.heartbeat(rows, about, to.policy, place, looked, to.letters.waiting())
    to.bus.put([beat.event_of(said)])
    logger.info(
        "heartbeat",
        findings=said.finding_count,
        holds=said.hold_count,
        undelivered=said.undelivered,
    )


def _patiently(work: Callable[[], None], pause: Callable[[float], None]) -> None:
    for seconds in _PATIENCE:
        try:
            return work()
        except AwsError as error:
            logger.warning("not said so far", error=str(error))
            pause(seconds)
    return work()
