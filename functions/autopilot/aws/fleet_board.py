"""Reads what the hub's widgets show from its table."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from autopilot.aws.hub_table import HubTable
from autopilot.aws.step import logger
from autopilot.fleet.board import Board, board
from autopilot.fleet.facts import Member
from autopilot.fleet.heard import SPOKES, Heard, heard_of
from autopilot.fleet.news import Happened, happened
from autopilot.fleet.surveyed import SURVEY
from autopilot.fleet.widget_fleet import fleet
from autopilot.fleet.widget_news import news
from autopilot.fleet.widget_requests import requests
from autopilot.notify import history
from autopilot.notify.ledger import FINDINGS, Row, finding_of
from autopilot.reconcile.codec import decode
from autopilot.view.widget_page import Asked, framed

PARTS = {
    "fleet": "every account and Region, the worst first",
    "requests": "all requests that wait for a person, the oldest first",
    "news": "what spokes have told in the last days, the newest first",
}
_MOST_NEWS, _DAYS = 500, 8


def shown(table: HubTable, asked: Asked, now: datetime) -> str:
    """The HTML of a part's page. Raises AwsErrors, KeyError for no part."""
    if asked.part == "news":
        return framed(asked.dark, news(_news(table, now), asked))
    parts = {"fleet": fleet, "requests": requests}
    return framed(asked.dark, parts[asked.part](_board(table, now), asked))


def _board(table: HubTable, now: datetime) -> Board:
    heard = _heard(table.rows(SPOKES))
    found = [
        finding_of(row)
        for row in table.rows(FINDINGS)
        if row.body.get("change") != "resolved" and not _is_past(row, now)
    ]
    return board(heard, found, _members(table), now.isoformat(timespec="seconds"))


def _is_past(row: Row, now: datetime) -> bool:
    return row.expires_at is not None and row.expires_at <= now.timestamp()


def _heard(rows: Iterable[Row]) -> Iterator[Heard]:
    for row in rows:
        try:
            yield heard_of(row)
        except (KeyError, ValueError):
            logger.exception("a spoke's row can't be read", spoke=row.key.sk)


def _members(table: HubTable) -> Iterator[Member]:
    """What accounts are called."""
    for row in table.rows(SURVEY, "members/"):
        yield from decode(tuple[Member, ...], json.loads(str(row.body["of"])))


def _news(table: HubTable, now: datetime) -> list[Happened]:
    """The latest of a week, day by day until there are enough."""
    found = list[Row]()
    for back in range(_DAYS):
        day = history.day((now - timedelta(days=back)).isoformat())
        found += table.latest(day, _MOST_NEWS - len(found))
        if len(found) >= _MOST_NEWS:
            break
    return [happened(row) for row in found]
