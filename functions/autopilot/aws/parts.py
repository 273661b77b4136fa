"""What the dashboard's widget can show: for each part what it reads, and who draws it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from aws_lambda_powertools import Logger

from autopilot.aws import history
from autopilot.aws.errors import AwsError
from autopilot.aws.ledger import Ledger
from autopilot.aws.overview import overview
from autopilot.aws.spending import spending
from autopilot.policy.model import Policy
from autopilot.reconcile.identity import StackIdentity
from autopilot.view.done import Day, Done
from autopilot.view.overview import place_of
from autopilot.view.widget import costs_widget, shows, widget
from autopilot.view.widget_done import done
from autopilot.view.widget_page import Asked

logger = Logger()
_DAYS, _MOST_A_DAY = 7, 300

PARTS: Mapping[str, str] = {
    "waiting": "what waits and what failed",
    "coverage": "how subnets reach services",
    "connections": "who is connected, why, in which zones",
    "done": f"who did what in the last {_DAYS} days",
    "costs": "what interface endpoints cost a month, and what would save some of it",
}
"""What each part shows, by the name that the widget's parameter `part` gives."""


@dataclass(frozen=True)
class Here:
    """What a part may read from."""

    policy: Policy
    stack: StackIdentity
    ledger: Ledger
    now: datetime


def shown(here: Here, asked: Asked) -> str:
    """The HTML of the part of PARTS that is asked for. Raises AwsErrors.

    A part that needs other facts than the overview is a case of its own.
    """
    match asked.part:
        case "done":
            return done(_done(here), asked)
        case "costs":
            return _of_costs(here, asked)
        case _:
            return _of_overview(here, asked)


def _done(here: Here) -> Done:
    today = here.now.astimezone(UTC).date()
    place = place_of(here.policy, here.stack, here.now)
    try:
        past = history.by_day(here.ledger, today - timedelta(_DAYS - 1), today, _MOST_A_DAY)
    except AwsError as error:
        logger.error("history not read", error=str(error))
        return Done(place, unread=str(error))
    return Done(place, tuple(Day(day.isoformat(), *found) for day, found in past.items()))


def _of_costs(here: Here, asked: Asked) -> str:
    seen = spending(here.policy, here.stack, here.ledger, here.now)
    logger.info("costs read", unread=[*seen.unread])
    return costs_widget(seen, asked)


def _of_overview(here: Here, asked: Asked) -> str:
    seen = overview(here.policy, here.stack, here.ledger, here.now, shows(asked))
    logger.info("overview read", unread=[each.what for each in seen.unknown])
    return widget(seen, asked)
