"""The partition keys that a request to DynamoDB names: the condition key dynamodb:LeadingKeys."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from ministack.services import dynamodb

_EQUALS = re.compile(r"([#\w.-]+)\s*=\s*(:\w+)")


def leading_keys(body: bytes) -> list[str]:
    """The partition keys that a request names; of a transaction, those of all its items."""
    asked = json.loads(body or b"{}")
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
