"""What the hub hears: a batch of its queue, read and put in order.

Who speaks is the event's account and Region, which EventBridge sets; whatever else stands in it is
the spoke's word, is bounded in size, and only ever becomes text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, TypeVar

from autopilot.fleet import wire
from autopilot.fleet.wire import SCHEMA, Heartbeat, News, Spoke
from autopilot.notify import history
from autopilot.notify.bus import SOURCE
from autopilot.notify.names import clean
from autopilot.policy.tags import owner_in
from autopilot.reconcile.batch import Unreadable
from autopilot.reconcile.codec import decode

Word = TypeVar("Word", Heartbeat, News)
_ACCOUNT = re.compile(r"\d{12}")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d{1,2}")
_PLAIN_ID = re.compile(r"[!-~]{1,128}")
# A row takes 400 KB: a heartbeat's texts are its findings' and holds', a mail has up to 30,000.
_LONGEST, _LONGEST_TEXT, _MANY = 500, 50_000, 100
_MOST_BYTES = 300_000
_DEEPEST = 6
# A number of a row has 38 digits (DynamoDB guide, "Data types").
_NO_SCHEMA = 1_000_000
# Of a number: what all spokes' add up to has to stay one that can be shown.
_MOST = 10**12
# A kind is a name: it becomes an attribute of an SNS message, which takes no empty one.
_NO_NAME = re.compile(r"[^0-9A-Za-z._-]")
_MOST_KINDS, _LONGEST_KIND = 20, 80
# As spokes cut them: a mail names some of each account's, three times.
_LONGEST_ID = 200
# What a newer schema may have made of a field that this one can't do without.
_EMPTY: Mapping[str, Any] = {"kinds": []}


@dataclass(frozen=True)
class Beat:
    """A heartbeat, who gave it and when: `at` is ISO 8601, UTC, to the millisecond."""

    message_id: str
    spoke: Spoke
    at: str
    heartbeat: Heartbeat
    newer: bool


@dataclass(frozen=True)
class Told:
    """A piece of news, who tells it, and when it was."""

    message_id: str
    spoke: Spoke
    at: str
    news: News


@dataclass(frozen=True)
class HeardBatch:
    """The messages of one batch, each in one of these."""

    beats: tuple[Beat, ...] = ()
    news: tuple[Told, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()


class _Unread(Exception):
    """Raised on an event that nobody could act on; says why."""


def sort(records: Iterable[Mapping[str, Any]], now: datetime) -> HeardBatch:
    """Read the records that Lambda hands over from SQS. None of them keeps another back."""
    said: list[Beat | Told] = []
    unreadable: list[Unreadable] = []
    for record in records:
        message_id, body = str(record["messageId"]), str(record["body"])
        try:
            said.append(_said(message_id, body, now))
        except _Unread as error:
            unreadable.append(Unreadable(message_id, body, str(error)))
        except Exception as error:  # noqa: BLE001 it is put aside with the reason, and told so
            why = f"the hub itself fails at it: {type(error).__name__}: {error}"
            unreadable.append(Unreadable(message_id, body, why))
    return HeardBatch(
        tuple(each for each in said if isinstance(each, Beat)),
        tuple(each for each in said if isinstance(each, Told)),
        tuple(unreadable),
    )


def _said(message_id: str, body: str, now: datetime) -> Beat | Told:
    event = _object(body)
    spoke, detail = _who(event), event.get("detail")
    if not isinstance(detail, Mapping):
        raise _Unread("it has no detail")
    newer = _schema(detail) > SCHEMA
    match event.get("detail-type"):
        case wire.HEARTBEAT:
            beat = _read(Heartbeat, detail, newer)
            at = moment_of(beat.at, now)
            return Beat(message_id, spoke, at, replace(beat, at=at), newer)
        case wire.NEWS:
            news = _read(News, detail, newer)
            if not news.id:
                raise _Unread("the news has no id")
            ids = tuple(clean(each, _LONGEST_ID) for each in news.ids)
            owners = tuple(dict.fromkeys(filter(None, map(owner_in, news.owners))))
            kinds = _kinds(news.kinds)
            news = replace(news, id=_key(news.id), kinds=kinds, ids=ids, owners=owners)
            return Told(message_id, spoke, moment_of(news.at, now), news)
        case other:
            raise _Unread(f"its detail type is {str(other)[:80]!r}")


def _object(body: str) -> Mapping[str, Any]:
    try:
        event = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _Unread(f"it is no JSON: {error}") from error
    if not isinstance(event, Mapping):
        raise _Unread("it is no event")
    if event.get("source") != SOURCE:
        raise _Unread(f"its source is {str(event.get('source'))[:80]!r}")
    return event


def _who(event: Mapping[str, Any]) -> Spoke:
    account, region = str(event.get("account")), str(event.get("region"))
    if not (_ACCOUNT.fullmatch(account) and _REGION.fullmatch(region)):
        raise _Unread(f"nobody knows who speaks: {account[:40]!r} in {region[:40]!r}")
    return Spoke(account, region)


def _schema(detail: Mapping[str, Any]) -> int:
    """The schema. Raises _Unread for one that is older than the one before this."""
    schema = detail.get("schema", SCHEMA)
    if type(schema) is not int or not SCHEMA - 1 <= schema < _NO_SCHEMA:
        raise _Unread(f"its schema is {str(schema)[:40]}; this hub reads {SCHEMA - 1} and later")
    return schema


def _read(kind: type[Word], detail: Mapping[str, Any], newer: bool) -> Word:
    """What it says; of a newer schema as far as it can be read."""
    left: dict[str, Any] = dict(_bounded(detail))
    if len(json.dumps(left, ensure_ascii=False).encode()) > _MOST_BYTES:
        raise _Unread("it is too long")
    for _ in range(2 * len(kind.__dataclass_fields__)):
        try:
            return decode(kind, left)
        except (KeyError, ValueError) as error:
            if not newer:
                raise _Unread(str(error.args[0])) from error
            _leave_out(str(error.args[0]), left)
    raise _Unread(f"nothing of its schema {left.get('schema')} can be read")


def _leave_out(words: str, left: dict[str, Any]) -> None:
    """Take away what the codec's words name; what it can't do without becomes empty."""
    found = re.match(r"\w+", words)
    key = found[0] if found else ""
    if left.pop(key, None) is None:
        left[key] = _EMPTY.get(key, "")


def _bounded(value: Any, longest: int = _LONGEST, depth: int = 0) -> Any:
    """JSON with every text, number, list and object cut to what a row has room for."""
    if depth > _DEEPEST:
        return None
    match value:
        case str():
            return _writable(value[:longest])
        case list():
            return [_bounded(each, longest, depth + 1) for each in value[:_MANY]]
        case Mapping():
            return {
                _writable(key[:_LONGEST]): _bounded(
                    each, _LONGEST_TEXT if key == "text" and not depth else longest, depth + 1
                )
                for key, each in list(value.items())[:_MANY]
            }
        case _:
            return _number(value)


def _number(value: Any) -> Any:
    """No larger than anybody counts; true, false and null as they are."""
    if value is None or isinstance(value, bool):
        return value
    return max(-_MOST, min(value, _MOST))


def _kinds(said: Sequence[str]) -> tuple[str, ...]:
    named = (_NO_NAME.sub("", each)[:_LONGEST_KIND] for each in said)
    return tuple(filter(None, named))[:_MOST_KINDS]


def _writable(text: str) -> str:
    """Without the halves of characters that JSON may hold."""
    return text.encode(errors="replace").decode()


def _key(id_: str) -> str:
    """An id as a row's key: a long or strange one by what it hashes to."""
    return id_ if _PLAIN_ID.fullmatch(id_) else sha256(id_.encode(errors="replace")).hexdigest()


def moment_of(said: str, now: datetime) -> str:
    """When it was: as said, but never later than now; now for what is no time, and for one that
    is older than history: none of our events can be."""
    try:
        at = datetime.fromisoformat(said)
        at = min((at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC), now)
    except (ValueError, OverflowError):
        at = now
    at = now if at < now - history.KEPT else at
    return at.isoformat(timespec="milliseconds")


def youngest(beats: Sequence[Beat]) -> dict[Spoke, list[Beat]]:
    """By spoke its heartbeats, in order of their time."""
    found: dict[Spoke, list[Beat]] = {}
    for beat in sorted(beats, key=lambda each: each.at):
        found.setdefault(beat.spoke, []).append(beat)
    return found
