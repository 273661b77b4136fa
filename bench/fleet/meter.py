"""What a table in memory would have cost: DynamoDB's units, by what goes in and out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

Item = Mapping[str, Mapping[str, Any]]


@dataclass
class Units:
    """Calls, read units, write units, and bytes that were read.

    As the DynamoDB guide counts them ("Read consistency", "Capacity unit consumption"): a unit for
    each 4 KB of a consistent read, a unit for each KB of a write, twice that in a transaction.
    """

    calls: int = 0
    reads: int = 0
    writes: int = 0
    bytes: int = 0


def size_of(item: Item) -> int:
    """Bytes of an item: its attributes' names and values (DynamoDB guide, "Item sizes")."""
    return sum(len(name.encode()) + _bytes(value) for name, value in item.items())


def _bytes(value: Mapping[str, Any]) -> int:
    ((kind, held),) = value.items()
    match kind:
        case "S":
            return len(str(held).encode())
        case "N":
            return len(str(held)) // 2 + 2
        case _:
            return 1


class Metered:
    """A DynamoDB client that counts in `units` what passes."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.units = Units()

    def batch_get_item(self, **request: Any) -> Any:
        """Each item by itself, one that isn't there too."""
        answer = self._client.batch_get_item(**request)
        asked = sum(len(each["Keys"]) for each in request["RequestItems"].values())
        found = [item for items in answer["Responses"].values() for item in items]
        self.units.calls += 1
        self.units.reads += asked - len(found) + sum(_read(size_of(item)) for item in found)
        return answer

    def transact_write_items(self, **request: Any) -> Any:
        """A deletion is taken for one of a KB."""
        answer = self._client.transact_write_items(**request)
        self.units.calls += 1
        for each in request["TransactItems"]:
            put = each.get("Put")
            self.units.writes += 2 * (ceil(size_of(put["Item"]) / 1024) if put else 1)
        return answer

    def execute_statement(self, **request: Any) -> Any:
        """A SELECT: all items of an answer together."""
        answer = self._client.execute_statement(**request)
        self.units.calls += 1
        self.units.reads += max(1, _read(_together(answer["Items"])))
        return answer

    def put(self, table: str, items: Iterable[Item]) -> None:
        """Put up to 25 items there, uncounted."""
        puts = [{"PutRequest": {"Item": item}} for item in items]
        self._client.batch_write_item(RequestItems={table: puts})

    def get_paginator(self, operation: str) -> _Pages:
        """Of `query`: all items of a page together."""
        return _Pages(self._client.get_paginator(operation), self.units)


@dataclass
class _Pages:
    paginator: Any
    units: Units

    def paginate(self, **request: Any) -> Iterator[Mapping[str, Any]]:
        for page in self.paginator.paginate(**request):
            self.units.calls += 1
            bytes_ = _together(page["Items"])
            self.units.reads += max(1, _read(bytes_))
            self.units.bytes += bytes_
            yield page


def _together(items: Iterable[Item]) -> int:
    return sum(map(size_of, items))


def _read(bytes_: int) -> int:
    return ceil(bytes_ / 4096)
