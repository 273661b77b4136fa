"""Hub's ear: heartbeats and news of all spokes, from the hub's queue into its table.

It calls dynamodb:BatchGetItem, dynamodb:PutItem (in transactions) on the hub's table, and
sqs:SendMessage on the hub's dead-letter queue. Environment: LEDGER_TABLE, DEAD_LETTER_QUEUE_URL.
The event source: the hub's queue, up to 100 messages, with ReportBatchItemFailures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, Protocol

from autopilot.aws import queue, settings, step
from autopilot.aws.errors import AwsError, RefusedByAws
from autopilot.aws.hub_table import hub_table
from autopilot.fleet import news
from autopilot.fleet.heard import Heard, heard_of, spoke_key
from autopilot.fleet.hearing import Beat, Told, sort, youngest
from autopilot.fleet.heartbeats import after, write_of
from autopilot.fleet.wire import Spoke
from autopilot.notify.ledger import Key, Row, Write
from autopilot.reconcile.batch import Unreadable

logger = step.logger
Beats = Mapping[Spoke, list[Beat]]
PutAside = Callable[[str, str, str], None]
# How often somebody else may write a spoke's row between our look and our write.
_ROUNDS = 3


@dataclass(frozen=True)
class Settings:
    """What the environment tells: where events go that nobody can read."""

    dead_letter_queue_url: str


class Table(Protocol):
    """The hub's table."""

    def of(self, keys: Sequence[Key]) -> Mapping[Key, Row]:
        """The rows of these keys."""

    def write(self, writes: Sequence[Write]) -> frozenset[Key]:
        """Write what may be written; the keys of what may not."""

    def write_together(self, groups: Sequence[Sequence[Write]]) -> frozenset[int]:
        """Write each group whole or not at all; the numbers of what may not."""


@cache
def _settings() -> Settings:
    return settings.read(Settings)


@logger.inject_lambda_context(clear_state=True)
def handler(
    event: Mapping[str, Any],
    _context: object,
    *,
    ledger: Callable[[], Table] = hub_table,
    put_aside: PutAside = queue.put_aside,
    now: Callable[[], datetime] = step.now,
) -> dict[str, Any]:
    """Hear a batch of SQS messages; the answer names those that SQS must deliver again."""
    batch, at, table = sort(event["Records"], now()), now(), ledger()
    again = {each.message_id for each in batch.unreadable if not _put_aside(each, put_aside)}
    again |= _hear_news(batch.news, table, at)
    again |= _hear_beats(batch.beats, table, at)
    logger.info("heard", heartbeats=len(batch.beats), news=len(batch.news), again=len(again))
    return {"batchItemFailures": [{"itemIdentifier": each} for each in sorted(again)]}


def _put_aside(message: Unreadable, put_aside: PutAside) -> bool:
    try:
        put_aside(_settings().dead_letter_queue_url, message.body, message.reason)
    except AwsError:
        logger.exception("event neither read nor put aside", message_id=message.message_id)
        return False
    logger.warning("event put aside", message_id=message.message_id, reason=message.reason)
    return True


def _hear_news(told: Sequence[Told], table: Table, at: datetime) -> set[str]:
    """Keep all news, each once; the messages whose news couldn't be kept."""
    failed: set[tuple[Spoke, str]] = set()
    for pack in news.packs(news.once(told)):
        failed |= {(each.spoke, each.news.id) for each in _unkept(pack, table, at)}
    return {each.message_id for each in told if (each.spoke, each.news.id) in failed}


def _unkept(pack: Sequence[Told], table: Table, at: datetime) -> Sequence[Told]:
    """Those that couldn't be kept. What AWS never takes of one, or this code fails at, keeps no
    other's from being heard: halves are tried again."""
    half = len(pack) // 2
    try:
        if twice := table.write_together([news.writes_of(each, at) for each in pack]):
            logger.info("news heard before", count=len(twice))
    except Exception as error:  # SQS delivers them again, then an alarm tells
        if _by_itself(error) and half:
            return [*_unkept(pack[:half], table, at), *_unkept(pack[half:], table, at)]
        logger.exception("news not kept", count=len(pack))
        return pack
    return ()


def _by_itself(error: Exception) -> bool:
    """Whether it may be about one of many, and not about the table."""
    return isinstance(error, RefusedByAws) or not isinstance(error, AwsError)


def _hear_beats(beats: Sequence[Beat], table: Table, at: datetime) -> set[str]:
    """Note how the spokes stand; the messages of those whose row couldn't be written."""
    left = _unnoted(youngest(beats), table, at)
    return {beat.message_id for of_one in left.values() for beat in of_one}


def _unnoted(left: Beats, table: Table, at: datetime) -> Beats:
    """Those whose row couldn't be written; as with news, one's is not another's."""
    try:
        for _ in range(_ROUNDS):
            if not left:
                return {}
            left = _note(left, table, at)
    except Exception as error:  # SQS delivers them again, then an alarm tells
        some, half = [*left], len(left) // 2
        if _by_itself(error) and half:
            parts = ({spoke: left[spoke] for spoke in of} for of in (some[:half], some[half:]))
            return {k: v for part in parts for k, v in _unnoted(part, table, at).items()}
        logger.exception("heartbeats not noted", spokes=len(left))
    return left


def _note(left: Beats, table: Table, at: datetime) -> Beats:
    """Those whose row somebody else has written in between."""
    rows = table.of([spoke_key(spoke) for spoke in left])
    seen = (_seen(rows.get(spoke_key(spoke)), of_one, at) for spoke, of_one in left.items())
    refused = table.write([write_of(heard, at) for heard in seen if heard])
    return {spoke: of_one for spoke, of_one in left.items() if spoke_key(spoke) in refused}


def _seen(row: Row | None, beats: Sequence[Beat], at: datetime) -> Heard | None:
    """The spoke after its heartbeats, None if they change nothing.

    A row that nobody can read, by another version's hand, gives way.
    """
    if row is None:
        return after(None, beats, at)
    try:
        return after(heard_of(row), beats, at)
    except (KeyError, ValueError):
        logger.exception("a spoke's row can't be read", spoke=row.key.sk)
        heard = after(None, beats, at)
        return replace(heard, version=row.version) if heard else None
