"""What becomes of a spoke's news: kept whole, waiting to be told, and history (decision 0027)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from autopilot.fleet.heard import WAITING, news_partition, spoke_in
from autopilot.fleet.hearing import Told
from autopilot.fleet.wire import News, Spoke
from autopilot.notify import history
from autopilot.notify.ledger import Key, Row, Write, noted
from autopilot.notify.notice import URGENCY
from autopilot.notify.phrases import title
from autopilot.reconcile.codec import decode, encode

KEPT_WHOLE = timedelta(days=35)
WAITS = timedelta(days=90)
"""So long news wait for somebody who listens."""
ROWS = 4
"""Of each piece of news."""
# DynamoDB takes a hundred writes and 4 MB in a transaction (its API reference, TransactWriteItems).
_MOST_AT_ONCE, _MOST_BYTES = 100 // ROWS, 2_000_000
_MOST_IDS = 20
UNREAD = "unread"
"""The group of news that this hub can't read."""
_UNREAD = "News that this version of the hub can't read"
_CHANGES = ("opened", "changed", "resolved", "done")


@dataclass(frozen=True)
class Waiting:
    """News that ops haven't been told; `group`: what it shares with those that are the same."""

    group: str
    spoke: Spoke
    id: str
    kinds: tuple[str, ...]
    title: str
    change: str
    severity: str
    at: str
    ids: tuple[str, ...]
    row: Row
    owners: tuple[str, ...] = ()

    @property
    def whole(self) -> Key:
        """Where its text is."""
        return Key(news_partition(self.spoke), self.id)


@dataclass(frozen=True)
class Happened:
    """An entry of the fleet's history, and where it was; `news`: under which its text is kept."""

    entry: history.Entry
    spoke: Spoke
    severity: str
    news: Key


def once(news: Iterable[Told]) -> list[Told]:
    """Each piece of news once."""
    return list({(each.spoke, each.news.id): each for each in news}.values())


def packs(news: Sequence[Told]) -> Iterator[list[Told]]:
    """As many as one transaction takes, one after the other."""
    pack, size = list[Told](), 0
    for told in news:
        bytes_ = len(_whole(told.news).encode()) + 8_000
        if pack and (len(pack) == _MOST_AT_ONCE or size + bytes_ > _MOST_BYTES):
            yield pack
            pack, size = [], 0
        pack.append(told)
        size += bytes_
    if pack:
        yield pack


def writes_of(told: Told, now: datetime) -> tuple[Write, ...]:
    """All rows of one piece of news, to be written together."""
    spoke, news = told.spoke, told.news
    at = datetime.fromisoformat(told.at)
    whole = {"news": _whole(news), "at": told.at}
    sort = f"{told.at}/{spoke}/{news.id}"
    entry = _entry(told)

    def row(key: Key, body: Mapping[str, Any], expires: datetime) -> Write:
        return noted(key, body, None, execution=str(spoke), now=now, expires=expires)

    return (
        row(Key(news_partition(spoke), news.id), whole, now + KEPT_WHOLE),
        row(Key(WAITING, f"{group_of(news)}/{spoke}/{news.id}"), _waits(told), now + WAITS),
        row(Key(history.day(told.at), sort), entry, at + history.KEPT),
        row(Key(history.about(spoke.account), sort), entry, at + history.KEPT),
    )


def _whole(news: News) -> str:
    return json.dumps(encode(news), ensure_ascii=False)


def group_of(news: News) -> str:
    """Alike for news that is the same, and the same owners', in any account: 16 characters."""
    whose = [sorted(news.owners)] if news.owners else []
    said = json.dumps([sorted(news.kinds), news.title, news.change, *whose])
    return sha256(said.encode(errors="replace")).hexdigest()[:16]


def waiting_of(row: Row) -> Waiting:
    """What a row of WAITING holds."""
    body: Mapping[str, Any] = row.body
    group, account, region, id_ = row.key.sk.split("/", 3)
    return Waiting(
        group=group,
        spoke=Spoke(account, region),
        id=id_,
        kinds=tuple(json.loads(body["kinds"])),
        title=body["title"],
        change=body["change"],
        severity=body["severity"],
        at=body["at"],
        ids=tuple(json.loads(body["ids"])),
        owners=tuple(json.loads(body.get("owners", "[]"))),
        row=row,
    )


def unread(row: Row) -> Waiting:
    """What can be told of a row that another version wrote: whose it is, as far as its key says."""
    said = [*row.key.sk.split("/", 3), "", "", ""]
    account, region, id_ = (each or "unknown" for each in said[1:4])
    spoke = Spoke(account, region)
    return Waiting(UNREAD, spoke, id_, ("News",), _UNREAD, "done", "action", "", (), row)


def news_of(row: Row) -> News:
    """The news that a row of a spoke's partition holds."""
    return decode(News, json.loads(str(row.body["news"])))


def happened(row: Row) -> Happened:
    """What a row of the fleet's history holds; the hub's own findings are the hub's."""
    body: Mapping[str, Any] = row.body
    spoke = Spoke(str(body.get("account", "")), str(body.get("region", "")))
    news = Key(news_partition(spoke), str(body.get("news", "")))
    return Happened(history.entry_of(row), spoke, str(body.get("severity", "")), news)


def _waits(told: Told) -> dict[str, str | int | bool]:
    news = told.news
    return {
        "kinds": json.dumps(news.kinds),
        "title": title(news.title),
        "change": _change(news),
        "severity": _severity(news),
        "at": told.at,
        "ids": json.dumps(news.ids[:_MOST_IDS]),
        **({"owners": json.dumps(news.owners, ensure_ascii=False)} if news.owners else {}),
    }


def _entry(told: Told) -> dict[str, str | int | bool]:
    """As notify/history writes it, with who told it beside."""
    news, spoke = told.news, told.spoke
    return {
        "kind": news.kinds[0] if news.kinds else "News",
        "change": _change(news),
        "subjects": json.dumps(news.ids[:_MOST_IDS]),
        "count": len(news.ids),
        "what": title(news.title),
        "why": "",
        "by": news.by or history.AUTOPILOT,
        "account": spoke.account,
        "region": spoke.region,
        "severity": _severity(news),
        "news": news.id,
    }


def _change(news: News) -> str:
    return news.change if news.change in _CHANGES else "done"


def _severity(news: News) -> str:
    """As said; what nobody knows is not taken lightly."""
    return news.severity if news.severity in URGENCY else "action"


def spoke_of_news(partition: str) -> Spoke:
    """Whose news a partition holds."""
    return spoke_in(partition.removeprefix("heard/"))
