"""The partition keys that a request to DynamoDB names: the condition key dynamodb:LeadingKeys."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ministack.services import dynamodb

_EQUALS = re.compile(r"([#\w.-]+)\s*=\s*(:\w+)")
_SELECT = re.compile(r'SELECT .+ FROM "([\w.-]+)"(?: WHERE (\w+) (?:= \?|IN \[([?, ]+)\]))?')


@dataclass(frozen=True)
class Select:
    """A SELECT of PartiQL: its table, and the partition keys that it names. Without any it reads
    the whole table.
    """

    table: str
    keys: tuple[str, ...]


def select_in(body: bytes) -> Select | None:
    """The SELECT of an ExecuteStatement, in the one form that the lab reads; None for others."""
    asked = json.loads(body or b"{}")
    found = _SELECT.fullmatch(" ".join(str(asked.get("Statement", "")).split()))
    if found is None:
        return None
    table = dynamodb._tables.get(found[1])
    by_key = table is not None and found[2] == table["pk_name"]
    values = asked.get("Parameters", ()) if by_key else ()
    return Select(found[1], tuple(str(each) for value in values for each in value.values()))


def leading_keys(body: bytes) -> list[str]:
    """The partition keys that a request names; of a transaction, those of all its items."""
    asked = json.loads(body or b"{}")
    if select := select_in(body):
        return sorted(select.keys)
    items = [part for item in asked.get("TransactItems", ()) for part in item.values()]
    return sorted({key for item in items or [asked] for key in _named(item)})


def _named(item: dict[str, Any]) -> Iterator[str]:
    table = dynamodb._tables.get(str(item.get("TableName", "")).rpartition("/")[2])
    name = table["pk_name"] if table else ""
    values = {**item.get("Item", {}), **item.get("Key", {})}
    for left, right in _EQUALS.findall(item.get("KeyConditionExpression", "")):
        attribute = item.get("ExpressionAttributeNames", {}).get(left, left)
        values[attribute] = item.get("ExpressionAttributeValues", {}).get(right, {})
    yield from (str(value) for value in values.get(name, {}).values())
