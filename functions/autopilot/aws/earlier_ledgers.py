"""The tables that earlier deployments of the stack have left behind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autopilot.aws.clients import client
from autopilot.aws.errors import NotFound, aws_errors


def youngest_first(prefix: str, own: str) -> Iterator[str]:
    """The names of all tables that begin so but one's own, the youngest first.

    Raises AwsError's subclasses, ValueError for no prefix.
    """
    if not prefix:
        raise ValueError("without a prefix every table would be an earlier one")
    found = [name for name in _names() if name.startswith(prefix) and name != own]
    tables = [table for table in map(_table, found) if table]
    for table in sorted(tables, key=lambda each: each["CreationDateTime"], reverse=True):
        yield table["TableName"]


def _names() -> Iterator[str]:
    with aws_errors("dynamodb", "ListTables"):
        for page in client("dynamodb").get_paginator("list_tables").paginate():
            yield from page["TableNames"]


def _table(name: str) -> dict[str, Any] | None:
    """What AWS says of a table that can be read, None for others: somebody deletes it."""
    try:
        with aws_errors("dynamodb", "DescribeTable"):
            table: dict[str, Any] = client("dynamodb").describe_table(TableName=name)["Table"]
    except NotFound:
        return None
    return table if table["TableStatus"] in ("ACTIVE", "UPDATING") else None
