"""Which news go into one message, and what an execution counts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from autopilot.notify.bus import BusEvent
from autopilot.notify.delta import Delta
from autopilot.notify.finding import Kind
from autopilot.notify.ledger import Delivery, Key, Memory, Write
from autopilot.notify.notice import Notice, Place
from autopilot.notify.remembered import EXPIRING, FindingNews
from autopilot.notify.reported import Counts
from autopilot.words import about, did

# Failures are put right error by error.
_BY_ERROR: tuple[Kind, ...] = (
    "ChangeFailed",
    "AnswerFailed",
    "NotificationsNotRegistered",
    "ServiceChangeFailed",
    "InterfaceChangeFailed",
    "WithdrawalFailed",
    "RetirementFailed",
)


_HELD = "ConnectionHeld/"


@dataclass(frozen=True)
class Digest:
    """One notice, and what to write once it is out."""

    notice: Notice
    settle: tuple[Write, ...]


def tellings(news: Delta, refused: Collection[Key], place: Place) -> tuple[Digest, ...]:
    """The notices to publish: one for each kind of news, without those whose claim was refused.

    Failures come first: should the step die half-way, the most urgent is out.
    """
    groups: dict[tuple[str, ...], list[FindingNews]] = {}
    for each in news.findings:
        if each.delivery.key not in refused:
            groups.setdefault(_group(each), []).append(each)
    told = [_about(group, place) for group in groups.values()]
    for deed in news.deeds:
        if deed.delivery and deed.delivery.key not in refused:
            told.append(Digest(did(deed.deed, place), (deed.delivery.settle,)))
    urgency = ("failure", "action", "info")
    return tuple(sorted(told, key=lambda telling: urgency.index(telling.notice.severity)))


def counts(news: Delta, memory: Memory, now: datetime) -> Counts:
    """What the execution counts, by the metric's name: percent, seconds or plain numbers.

    Several numbers of one name are several measurements.
    """
    standing = dict(_standing(news, memory))
    counted: dict[str, int | tuple[int, ...]] = {
        **news.view.counted,
        "ActionsTaken": len(news.events),
        "OpenFindings": len(standing),
    }
    if news.sweep:
        counted["FoundBySweep"] = 0 if news.sweep.first else news.sweep.found
    held = [since for id_, since in standing.items() if id_.startswith(_HELD)]
    # Once more after the last has ended: its alarm keeps the last value that it has seen.
    if held or any(id_.startswith(_HELD) for id_ in memory.findings):
        ages = [(now - datetime.fromisoformat(since)).total_seconds() for since in held]
        counted["HoldsOpen"] = len(held)
        counted["OldestHoldAge"] = round(max(ages, default=0))
    return counted


def bus_errand(
    news: Delta, refused: Collection[Key]
) -> tuple[Delivery, tuple[BusEvent, ...]] | None:
    """The errand to put what was done on the bus, if it is ours and there is anything."""
    if news.on_the_bus is None or news.on_the_bus.key in refused:
        return None
    return news.on_the_bus, news.events


def _group(news: FindingNews) -> tuple[str, ...]:
    error = news.finding.data.get("error") if news.finding.kind in _BY_ERROR else ""
    return news.finding.kind, news.change, "" if news.change == "resolved" else str(error)


def _about(group: Sequence[FindingNews], place: Place) -> Digest:
    notice = about(group[0].change, [news.finding for news in group], place)
    if len(group) == 1:
        # What is told later of the same finding goes into the same thread of a chat.
        notice = replace(notice, thread=f"{group[0].finding.id} {group[0].since}")
    return Digest(notice, tuple(news.delivery.settle for news in group))


def _standing(news: Delta, memory: Memory) -> Iterator[tuple[str, str]]:
    """The findings that stand once all is told, with the ISO time since when."""
    since: Mapping[str, str] = {
        **{id_: str(row.body["first_seen"]) for id_, row in memory.findings.items()},
        **{each.finding.id: each.since for each in news.findings},
    }
    over = {each.finding.id for each in news.findings if each.change == "resolved"}
    over |= {write.key.sk for write in news.silent} | {row.key.sk for row in news.lapsed}
    for id_, first_seen in since.items():
        if id_ not in over and id_.partition("/")[0] not in EXPIRING:
            yield id_, first_seen
