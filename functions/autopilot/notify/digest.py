"""Which news go into one message, what the message says, and what an execution counts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from autopilot.notify.bus import CompletedChange
from autopilot.notify.combine import combined, too_many
from autopilot.notify.delta import ChangeDelta, Delta
from autopilot.notify.finding import Catalog
from autopilot.notify.ledger import FindingDelta, Key, Memory, Write
from autopilot.notify.notice import Notice, Place
from autopilot.notify.owners import Whose, together, whose, whose_all
from autopilot.notify.report import Counts

_HELD = "ConnectionHeld/"


@dataclass(frozen=True)
class Digest:
    """One notice, and what to write once it is out."""

    notice: Notice
    settle: tuple[Write, ...]


def digests(
    delta: Delta, refused: Collection[Key], place: Place, catalog: Catalog
) -> tuple[Digest, ...]:
    """What to publish: a notice for each owner of all that is new, and one of what is nobody's.

    Without what was refused to be claimed. Of a flood each kind by itself: programs are given the
    facts of every subject.
    """
    told: list[tuple[Whose, ChangeDelta | FindingDelta]] = []
    for done in delta.changes:
        if done.delivery and done.delivery.key not in refused:
            told.append((_owners_of(done, place), done))
    for each in delta.findings:
        if each.delivery.key not in refused:
            told.append((whose(each.finding.subject, each.finding.data, place.owners), each))
    return tuple(
        digest
        for owners, news in together(told)
        for digest in _joined(tuple(_each(news, place, catalog)), owners)
    )


def _owners_of(done: ChangeDelta, place: Place) -> Whose:
    return whose_all(done.change.notice(place).subjects, place.owners) if place.owners else ()


def _joined(told: Sequence[Digest], owners: Whose) -> Sequence[Digest]:
    if too_many(digest.notice for digest in told):
        return [Digest(each.notice._replace(owners=owners), each.settle) for each in told]
    settle = tuple(write for digest in told for write in digest.settle)
    whole = combined([digest.notice for digest in told])._replace(owners=owners)
    return (Digest(whole, settle),)


def _each(
    news: Sequence[ChangeDelta | FindingDelta], place: Place, catalog: Catalog
) -> Iterator[Digest]:
    """A notice for what was done of each kind, then for each kind of finding, change and error."""
    kinds: dict[str, list[ChangeDelta]] = {}
    groups: dict[tuple[str, ...], list[FindingDelta]] = {}
    for each in news:
        if isinstance(each, ChangeDelta):
            kinds.setdefault(each.change.kind, []).append(each)
        else:
            groups.setdefault(_group(each, catalog), []).append(each)
    for alike in kinds.values():
        for done in CompletedChange.joined([each.change for each in alike]):
            settle = tuple(each.delivery.settle for each in alike if each.delivery)
            yield Digest(done.notice(place), settle)
    yield from (_about(group, place, catalog) for group in groups.values())


def counts(delta: Delta, memory: Memory, catalog: Catalog, now: datetime) -> Counts:
    """What the execution counts, by the metric's name: percent, seconds or plain numbers.

    Several numbers of one name are several measurements.
    """
    standing = dict(_standing(delta, memory, catalog))
    counted: dict[str, int | tuple[int, ...]] = {
        **delta.view.counted,
        "ActionsTaken": len(delta.events),
        "OpenFindings": len(standing),
    }
    if delta.sweep:
        counted["FoundBySweep"] = 0 if delta.sweep.first else delta.sweep.found
    held = [since for id_, since in standing.items() if id_.startswith(_HELD)]
    # Once more after the last has ended: its alarm keeps the last value that it has seen.
    if held or any(id_.startswith(_HELD) for id_ in memory.findings):
        ages = [(now - datetime.fromisoformat(since)).total_seconds() for since in held]
        counted["HoldsOpen"] = len(held)
        counted["OldestHoldAge"] = round(max(ages, default=0))
    return counted


def _group(news: FindingDelta, catalog: Catalog) -> tuple[str, ...]:
    """A kind and a change make a message, and of failures each error."""
    kind = news.finding.kind
    error = "" if news.change == "resolved" else catalog[kind].alike(news.finding)
    return kind, news.change, error


def _about(group: Sequence[FindingDelta], place: Place, catalog: Catalog) -> Digest:
    first = group[0]
    findings = [each.finding for each in group]
    notice = catalog[first.finding.kind].notice(first.change, findings, place)
    return Digest(notice, tuple(each.delivery.settle for each in group))


def _standing(delta: Delta, memory: Memory, catalog: Catalog) -> Iterator[tuple[str, str]]:
    """The findings that stand once all is told, with the ISO time since when."""
    since: Mapping[str, str] = {
        **{id_: str(row.body["first_seen"]) for id_, row in memory.findings.items()},
        **{each.finding.id: each.since for each in delta.findings},
    }
    over = {each.finding.id for each in delta.findings if each.change == "resolved"}
    over |= {write.key.sk for write in delta.silent} | {row.key.sk for row in delta.lapsed}
    for id_, first_seen in since.items():
        definition = catalog.get(id_.partition("/")[0])
        if id_ not in over and not (definition and definition.lasts):
            yield id_, first_seen
