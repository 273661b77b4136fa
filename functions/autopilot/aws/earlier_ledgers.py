"""The tables that earlier deployments of the stack have left behind, and what they remember."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from aws_lambda_powertools import Logger

from autopilot.aws.clients import client
from autopilot.aws.errors import AccessDenied, NotFound, aws_errors
from autopilot.connections.remembered import CONNECTIONS
from autopilot.notify.ledger import Rows, Write

logger = Logger()

Earlier = Callable[[str, str], Iterable[str]]
# Seconds. The role is as new as the stack: what it is allowed is not known everywhere at once (IAM
# guide, "Changes that I make are not always immediately visible").
_PATIENCE = (5, 10, 20, 40)


def recall(
    own: str,
    earlier: Callable[[], Iterable[str]],
    ledger: Callable[[str], Rows],
    pause: Callable[[float], None],
) -> None:
    """Copy what the earlier tables remember of connections into one's own.

    It may be done twice; what is denied at first may be allowed in a moment. Raises AwsError's
    subclasses.
    """
    for seconds in _PATIENCE:
        try:
            return _recall(own, earlier(), ledger)
        except AccessDenied as error:
            logger.warning("denied so far", error=str(error))
            pause(seconds)
    return _recall(own, earlier(), ledger)


def _recall(own: str, earlier: Iterable[str], ledger: Callable[[str], Rows]) -> None:
    """From the youngest table that remembers anything: each took over its predecessor's."""
    for name in earlier:
        if rows := ledger(name).rows(CONNECTIONS):
            there = ledger(own).write([Write(r.key, r, None) for r in rows])
            logger.info("memory recalled", table=name, rows=len(rows), there=len(there))
            return


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
