"""Heartbeat: how a spoke stands, for the hub. Once an hour, after news, and once it is deployed.

The hourly one looks closer once a day, and sends again what the hub hasn't got; so do those that
follow a deployment within minutes. An alarm of the stack's comes here too, and goes on as news.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from autopilot.aws import heart, queue, settings
from autopilot.aws.custom_resource import Kind, Send, serve
from autopilot.aws.errors import AwsError
from autopilot.aws.ledger import Ledger
from autopilot.aws.outlets import Bus, Puts
from autopilot.aws.step import bundled_policy, identity, ledger, logger, now
from autopilot.fleet import beat, upward
from autopilot.fleet.alarms import news_of_alarm
from autopilot.notify.notice import Place
from autopilot.policy.model import Policy
from autopilot.reconcile.identity import StackIdentity

HOURLY = "hourly"
# Milliseconds that are left for what comes after sending again.
_RESERVE = 60_000
# Seconds. The role is as new as the stack: what it is allowed is not known everywhere at once (IAM
# guide, "Changes that I make are not always immediately visible").
_PATIENCE = (5, 10, 20, 40)
AGAIN_AFTER = (60, 180, 420)
"""Seconds after a deployment's own heartbeat, within a wave's ten minutes. A rule that is new may
not see an event yet, and its role not be known everywhere yet: EventBridge then takes the heartbeat
and gives it up at once (EventBridge API reference, PutRule; guide, "Retrying event delivery")."""


@dataclass(frozen=True)
class Settings:
    """What the environment tells: what runs here, and where lies what the hub hasn't got."""

    undelivered_queue_url: str
    wanted_queue_url: str
    dead_letter_queue_url: str
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
    again: Callable[[Iterable[int]], None]
    put_aside: heart.PutAside = queue.put_aside


def _means() -> Means:
    known = settings.read(Settings)
    letters, wanted = heart.Undelivered(known.undelivered_queue_url), known.wanted_queue_url
    again = heart.Wanted(wanted).in_seconds
    return Means(ledger(), bundled_policy(), Bus(), letters, heart.look, now(), again)


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
        serve(event, kind, lambda: _patiently(lambda: _deployed(means()), pause), send)
    elif event.get("source") == "aws.cloudwatch":
        if told := news_of_alarm(event["detail"]):
            means().bus.put([upward.event_of(told)])
    elif event.get("trigger") == HOURLY:
        _with_letters(means(), context.get_remaining_time_in_millis, looks=True)
    elif any(each.get("body") == heart.AGAIN for each in event.get("Records", ())):
        _with_letters(means(), context.get_remaining_time_in_millis)
    else:
        _beat(means())


def _deployed(to: Means) -> None:
    """A heartbeat now, and a few more: nobody tells whether this one got through."""
    _beat(to)
    to.again(AGAIN_AFTER)


def _with_letters(to: Means, left: Callable[[], int], *, looks: bool = False) -> None:
    """A heartbeat in any case; what kept something from being sent again is raised last.

    Where the bus takes the heartbeat, what it has refused is refused for itself. `left`:
    milliseconds.
    """
    done = heart.redrive(to.letters, to.bus, identity(), goes_on=lambda: left() > _RESERVE)
    if done.sent:
        logger.info("sent again", count=done.sent)
    _beat(to, looks=looks)
    aside = settings.read(Settings).dead_letter_queue_url
    heart.put_aside(done.refused, to.letters, aside, to.put_aside)
    if done.error:
        raise done.error


def _beat(to: Means, *, looks: bool = False) -> None:
    """Say it; what the closer look breaks at is raised once it is said."""
    us, rows = identity(), to.ledger.partitions(beat.PARTITIONS)
    looked, broken = beat.looked_at(rows), None
    if looks and beat.is_due(looked, to.now):
        try:
            looked = to.look(to.policy, us, to.ledger, to.now)
            to.ledger.write([beat.note(looked, rows, to.now)])
        except Exception as error:  # noqa: BLE001 raised below: a spoke that can't count isn't silent
            logger.exception("not looked closer")
            broken = error
    _say(to, us, rows, looked)
    if broken:
        raise broken


def _say(to: Means, us: StackIdentity, rows: beat.Rows, looked: beat.Looked | None) -> None:
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
