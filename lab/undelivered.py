"""What EventBridge does with an event that it can't deliver: tries again, or gives it up.

EventBridge guide, "Retrying event delivery" and "Using dead-letter queues": without a permission or
a target nothing is tried again; else for 24 hours and 185 times, unless the target's policy says
less. How long it waits in between is written nowhere (here twice as long each time).
"""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import stepfunctions

from lab import grants, iam, inside
from lab.checks import checked, flag, text

LONGEST, MOST = 86_400, 185
FIRST_WAIT, LONGEST_WAIT = 1.0, 600.0
SCHEDULER = "scheduler.amazonaws.com"
logger = logging.getLogger(__name__)
_RULES = {"bus": ("a bus's ARN", text), "down": ("true or false", flag)}


@dataclass(frozen=True)
class Failure:
    """Why an event wasn't delivered: EventBridge's code and words; `again`: it may pass."""

    code: str
    words: str
    again: bool = False


@dataclass(frozen=True)
class Delivery:
    """An event on its way to a target of a rule, or of a schedule, whose account sends it."""

    target: Mapping[str, Any]
    event: Any
    source: str
    service: str = "events.amazonaws.com"
    tries: int = 0
    since: float = 0.0

    def attributes(self, failure: Failure, exhausted: str | None) -> dict[str, str]:
        """What a dead letter bears (both guides, "dead-letter queue")."""
        named = "SCHEDULE_ARN" if self.service == SCHEDULER else "RULE_ARN"
        return {
            named: self.source,
            "TARGET_ARN": str(self.target.get("Arn")),
            "ERROR_CODE": failure.code,
            "ERROR_MESSAGE": failure.words,
            "RETRY_ATTEMPTS": str(max(0, self.tries - 1)),
            **({"EXHAUSTED_RETRY_CONDITION": exhausted} if exhausted else {}),
        }


def give_up(delivery: Delivery, failure: Failure, exhausted: str | None = None) -> None:
    """Put an event into its target's dead-letter queue, if there is one that takes it."""
    if _may_bury(delivery):
        inside.bury(delivery.target, delivery.event, delivery.attributes(failure, exhausted))


def _may_bury(delivery: Delivery) -> bool:
    arn = str((delivery.target.get("DeadLetterConfig") or {}).get("Arn") or "")
    role = str(delivery.target.get("RoleArn") or "")
    if not arn or not iam.enforced():
        return bool(arn)
    if role and delivery.service == SCHEDULER:
        # A schedule's role sends its dead letters; a rule's need the queue's policy.
        return iam.of_role(role, get_region(), [iam.Check("sqs:SendMessage", arn)]) is None
    return grants.of_delivery(delivery.service, arn, delivery.source) is None


class Outages:
    """Buses that can't be reached from elsewhere, and what waits for them; one per process."""

    def __init__(self) -> None:
        self._down: set[str] = set()
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._count = itertools.count()
        self._changed = threading.Condition()
        self._running = False

    def change(self, data: Any) -> None:
        """Cut a bus off or reach it again: `{"bus": its ARN, "down": true}`.

        What waits for any bus is tried again at once: invented, AWS waits. Raises BadInputError.
        """
        said = {"bus": "", "down": True, **checked(data, _RULES)}
        with self._changed:
            (self._down.add if said["down"] else self._down.discard)(said["bus"])
            if not said["down"]:
                self._due = [(0.0, number, act) for _, number, act in self._due]
                heapq.heapify(self._due)
            self._changed.notify()

    def clear(self) -> None:
        """Reach every bus again."""
        for bus in [*self._down]:
            self.change({"bus": bus, "down": False})

    def all(self) -> dict[str, Any]:
        """Which buses are cut off, and how many events wait."""
        with self._changed:
            return {"down": sorted(self._down), "waiting": len(self._due)}

    def cut_off(self, bus: str) -> bool:
        """Whether a bus can't be reached."""
        return bus in self._down

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        """Have something done in so many seconds, in the same account and Region."""
        account, region = get_account_id(), get_region()

        def acted() -> None:
            with inside.scope(account, region):
                act()

        with self._changed:
            heapq.heappush(self._due, (time.monotonic() + seconds, next(self._count), acted))
            if not self._running:
                self._running = True
                threading.Thread(target=self._run, name="lab-retries", daemon=True).start()
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._due or (wait := self._due[0][0] - time.monotonic()) > 0:
                    self._changed.wait(wait if self._due else None)
                act = heapq.heappop(self._due)[2]
            try:
                act()
            except Exception:  # one bad event must not stop the others
                logger.exception("an event could not be tried again")


#: MiniStack, which holds the buses, knows one world per process; so this is one as well.
OUTAGES = Outages()


def try_to(send: Callable[[Delivery], Failure | None], delivery: Delivery) -> None:
    """Deliver an event; try again while that may help, and give it up in the end."""
    delivery = replace(delivery, tries=delivery.tries + 1, since=delivery.since or time.monotonic())
    failure = send(delivery)
    if failure is None:
        return
    scale = float(stepfunctions._SFN_WAIT_SCALE)  # waits of the lab are as much shorter
    exhausted = _exhausted(delivery, scale) if failure.again else None
    if not failure.again or exhausted:
        give_up(delivery, failure, exhausted)
        return
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (delivery.tries - 1)) * scale
    OUTAGES.later(wait, lambda: try_to(send, delivery))


def _exhausted(delivery: Delivery, scale: float) -> str | None:
    policy = delivery.target.get("RetryPolicy") or {}
    if delivery.tries > int(policy.get("MaximumRetryAttempts", MOST)):
        return "MaximumRetryAttempts"
    age = int(policy.get("MaximumEventAgeInSeconds", LONGEST)) * scale
    return "MaximumEventAgeInSeconds" if time.monotonic() - delivery.since >= age else None
