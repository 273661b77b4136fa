"""The hub's table: a ledger that also reads many rows at once, and writes what belongs together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from autopilot.aws import settings
from autopilot.aws.errors import Throttled, aws_errors
from autopilot.aws.ledger import _AT_ONCE, Ledger, _row
from autopilot.notify.ledger import Key, Row, Write

# DynamoDB takes 4 MB in a transaction (its guide, "Quotas"): a hundred heartbeats may be more.
_MOST_BYTES = 3_000_000
# Of a row's columns beside its body, and of the names of all.
_AROUND = 2_000


class HubTable(Ledger):
    """Rows of the hub's table."""

    def of(self, keys: Sequence[Key]) -> dict[Key, Row]:
        """The rows of these keys, as the last write left them; who isn't there is missing.

        A call for a hundred (DynamoDB API, BatchGetItem). Raises as `rows` does.
        """
        found: dict[Key, Row] = {}
        left = [{"pk": {"S": key.pk}, "sk": {"S": key.sk}} for key in dict.fromkeys(keys)]
        while left:
            wanted = {"Keys": left[:_AT_ONCE], "ConsistentRead": True}
            with aws_errors("dynamodb", "BatchGetItem"):
                answer = self._dynamodb.batch_get_item(RequestItems={self._table: wanted})
            rows = [_row(item) for item in answer["Responses"].get(self._table, ())]
            unread = answer.get("UnprocessedKeys", {}).get(self._table, {}).get("Keys", [])
            if not rows and unread:
                raise Throttled("dynamodb:BatchGetItem: it read nothing of what was asked")
            found |= {row.key: row for row in rows}
            left = [*unread, *left[_AT_ONCE:]]
        return found

    def write(self, writes: Sequence[Write]) -> frozenset[Key]:
        """As a ledger does, with no more in a call than it takes."""
        refused = frozenset[Key]()
        for some in _in_calls(writes):
            refused |= super().write(some)
        return refused

    def write_together(self, groups: Sequence[Sequence[Write]]) -> frozenset[int]:
        """Write each group as a whole or not at all; the numbers of those that a condition refuses.

        All of them make one transaction: a hundred writes, 4 MB. Raises as `write` does; then none
        is written.
        """
        left = dict(enumerate(groups))
        while left:
            whose = [number for number, group in left.items() for _ in group]
            reasons = self._transact([write for group in left.values() for write in group])
            if not reasons:
                break
            refused = {number for number, each in zip(whose, reasons, strict=True) if each}
            left = {number: group for number, group in left.items() if number not in refused}
        return frozenset(range(len(groups))) - left.keys()


def _in_calls(writes: Sequence[Write]) -> Iterator[list[Write]]:
    some, size = list[Write](), 0
    for write in writes:
        bytes_ = _AROUND + (sum(map(_size, write.row.body.values())) if write.row else 0)
        if some and (len(some) == _AT_ONCE or size + bytes_ > _MOST_BYTES):
            yield some
            some, size = [], 0
        some.append(write)
        size += bytes_
    if some:
        yield some


def _size(value: str | int | bool) -> int:
    return len(str(value).encode())


@dataclass(frozen=True)
class _Table:
    """What the environment tells of it."""

    ledger_table: str


@cache
def hub_table() -> HubTable:
    """The hub's table. Raises SettingsMissing."""
    return HubTable(settings.read(_Table).ledger_table)
