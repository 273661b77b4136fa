"""The hub's look at its fleet: judges it, tells what is new of it, and passes on spokes' news."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import NamedTuple

from autopilot.aws.hub_table import HubTable
from autopilot.aws.outlets import Outlets
from autopilot.aws.step import logger
from autopilot.aws.tell import (
    look_who_listens,
    remembered,
    somebody_listens,
    tell,
)
from autopilot.fleet.facts import Known, Survey
from autopilot.fleet.grouping import Group, mails
from autopilot.fleet.heard import SPOKES, WAITING, Heard, heard_of
from autopilot.fleet.judging import Judged, judge
from autopilot.fleet.looking import LookReport, Looks, view_of
from autopilot.fleet.mail import message_of, message_of_rest
from autopilot.fleet.messages import CATALOG, DEAF, SILENT
from autopilot.fleet.news import Waiting, news_of, unread, waiting_of
from autopilot.fleet.roster import Roster
from autopilot.fleet.surveyed import SURVEY, due, since_when, survey_in, writes_of
from autopilot.fleet.wire import News, Spoke
from autopilot.notify.delta import delta_in
from autopilot.notify.ledger import Memory, Row, Write
from autopilot.notify.notice import Place
from autopilot.notify.render import Message

MODE = "hub"


class Looked(NamedTuple):
    """What a look did: how many messages it sent, of how many of spokes' news. `deaf`: the hub
    hears nobody."""

    messages: int = 0
    news: int = 0
    deaf: bool = False

    @property
    def counts(self) -> dict[str, int]:
        """What it did, for whoever called."""
        return {"messages": self.messages, "news": self.news}


@dataclass(frozen=True)
class Fleet:
    """Where a look looks and tells: `ask` asks AWS how things stand."""

    table: HubTable
    roster: Roster
    to: Outlets
    place: Place
    ask: Callable[[Roster], Survey]
    wanted: str
    now: datetime


def look(fleet: Fleet, right: Looks) -> Looked:
    """One look. What fails, AWS or our own code, is raised at the end; it keeps nothing
    else from being told.
    """
    errors: list[Exception] = []
    told = [
        _tried(lambda: _findings(fleet, right, errors), errors),
        _tried(lambda: _news(fleet, errors), errors),
    ]
    if errors:
        raise errors[0]
    messages, news = sum(each.messages for each in told), sum(each.news for each in told)
    return Looked(messages, news, any(each.deaf for each in told))


def _tried(work: Callable[[], Looked], errors: list[Exception]) -> Looked:
    try:
        return work()
    except Exception as error:  # noqa: BLE001 the look's edge: it is raised once all else is told
        logger.exception("look broken off")
        errors.append(error)
        return Looked()


def _findings(fleet: Fleet, right: Looks, errors: list[Exception]) -> Looked:
    """Judge the fleet and tell what is new."""
    memory = remembered(fleet.table)
    known = _known(fleet, right, memory, errors)
    judged = judge(known, fleet.now)
    for error in judged.broken:
        logger.error("not judged", exc_info=error)
    errors.extend(judged.broken)
    report = LookReport(fleet.place.execution, judged.kinds)
    to, view = fleet.to, view_of(judged)
    delta = delta_in(report, view, memory, CATALOG, fleet.now)
    told = tell(delta, memory, to, fleet.place, mode=MODE, now=fleet.now)
    welcomed = 0 if told.messages else look_who_listens(to, fleet.place, mode=MODE, now=fleet.now)
    _forget(judged, fleet.table)
    logger.info("looked", spokes=len(known.spokes), findings=len(judged.findings))
    if told.forgotten:
        raise told.forgotten
    return Looked(told.messages + welcomed, deaf=judged.deaf)


def _known(fleet: Fleet, right: Looks, memory: Memory, errors: list[Exception]) -> Known:
    """What is known; by the survey before where a new one breaks off."""
    spokes = dict(_spokes(fleet.table.rows(SPOKES)))
    rows = fleet.table.rows(SURVEY)
    known = Known(
        *(fleet.roster, spokes, survey_in(rows), right.since, fleet.wanted, right.wanted_since),
        deaf=any(str(row.body["kind"]) == DEAF.kind for row in memory.findings.values()),
    )
    wonders = due(known.survey, fleet.now, wondering=_wonders(known, memory, fleet.now))
    try:
        return _surveyed(known, rows, fleet) if wonders else known
    except Exception as error:  # noqa: BLE001 raised once all else is told
        logger.exception("survey broken off")
        errors.append(error)
        return known


def _wonders(known: Known, memory: Memory, now: datetime) -> bool:
    """Whether somebody is silent of whom ops haven't heard: perhaps the account is suspended."""
    silent = (each.id for each in judge(known, now).findings if each.kind == SILENT.kind)
    return any(id_ not in memory.findings for id_ in silent)


def _surveyed(known: Known, rows: Sequence[Row], fleet: Fleet) -> Known:
    """With what AWS says now, which is kept for the looks to come."""
    survey = since_when(fleet.ask(fleet.roster), known.survey, fleet.now)
    fleet.table.write(writes_of(survey, rows, fleet.now))
    return replace(known, survey=survey)


def _spokes(rows: Sequence[Row]) -> Iterator[tuple[Spoke, Heard]]:
    for row in rows:
        try:
            heard = heard_of(row)
        except (KeyError, ValueError):
            logger.exception("a spoke's row can't be read", spoke=row.key.sk)
            continue
        yield heard.spoke, heard


def _forget(judged: Judged, table: HubTable) -> None:
    if judged.forget:
        table.write([Write(each.key, None, each.version) for each in judged.forget])
        logger.info("spokes forgotten", count=len(judged.forget))


def _news(fleet: Fleet, errors: list[Exception]) -> Looked:
    """Pass on what spokes tell, once somebody listens."""
    table, to = fleet.table, fleet.to
    rows = table.rows(WAITING)
    if not rows or not somebody_listens(to.ops, Memory()):
        return Looked()
    found = mails(_waiting(rows))
    wholes = _wholes([group.first for group in found.own], table)
    sent = 0
    for group in found.own:
        example = wholes.get((group.first.spoke, group.first.id))
        mail = partial(message_of, group, example, fleet.place)
        sent += _tried(partial(_sent, mail, [group], fleet), errors).messages
    if found.rest:
        mail = partial(message_of_rest, found.rest, fleet.place)
        sent += _tried(partial(_sent, mail, found.rest, fleet), errors).messages
    return Looked(sent, len(rows))


def _waiting(rows: Sequence[Row]) -> Iterator[Waiting]:
    for row in rows:
        try:
            yield waiting_of(row)
        except (KeyError, ValueError, TypeError):
            logger.exception("news can't be read", news=row.key.sk)
            yield unread(row)


def _wholes(firsts: Sequence[Waiting], table: HubTable) -> dict[tuple[Spoke, str], News]:
    """The examples' whole texts, in one call."""
    rows, found = table.of([each.whole for each in firsts]), dict[tuple[Spoke, str], News]()
    for each in firsts:
        try:
            found[each.spoke, each.id] = news_of(rows[each.whole])
        except (KeyError, ValueError):  # gone, or another version's: its title is told without it
            logger.info("no whole text", news=each.whole.sk)
    return found


def _sent(write: Callable[[], Message], groups: Sequence[Group], fleet: Fleet) -> Looked:
    """Publish, then note that ops know. Raises AwsErrors."""
    fleet.to.ops.publish(write())
    rows = [each.row for group in groups for each in group.news]
    fleet.table.write([Write(row.key, None, row.version) for row in rows])
    return Looked(1)
