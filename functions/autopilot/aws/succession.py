"""From one stack of the account to the next: earlier ledgers, and what is taken over from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from aws_lambda_powertools import Logger

from autopilot.aws.clients import client
from autopilot.aws.errors import AccessDenied, NotFound, aws_errors
from autopilot.aws.pages import call
from autopilot.connections.inherited import (
    AFTER,
    LASTS,
    SUCCESSION,
    begun,
    begun_at,
    inherited,
    successor,
)
from autopilot.connections.remembered import CONNECTIONS
from autopilot.notify.ledger import Rows, Write
from autopilot.policy.tags import matches

logger = Logger()
_KEYS = ["pk", "sk"]
_MOST_EARLIER = 3


def youngest_first(prefixes: str, own: str) -> Iterator[str]:
    """The names of all tables that begin so but one's own, the youngest first.

    `prefixes`: separated by spaces; a * stands for anything. Only tables with the ledger's own
    keys: another product's may happen to be called alike.
    """
    if not prefixes:
        raise ValueError("without a prefix every table would be an earlier one")
    named = [f"{prefix}*" for prefix in prefixes.split()]
    found = [n for n in _tables() if n != own and any(matches(n, each) for each in named)]
    tables = [table for table in map(_described, found) if table]
    for table in sorted(tables, key=lambda each: each["CreationDateTime"], reverse=True):
        yield table["TableName"]


def _tables() -> Iterator[str]:
    with aws_errors("dynamodb", "ListTables"):
        for page in client("dynamodb").get_paginator("list_tables").paginate():
            yield from page["TableNames"]


def _described(name: str) -> dict[str, Any] | None:
    """What AWS says of a ledger that can be read, None for others: somebody deletes it."""
    try:
        table: dict[str, Any] = call("dynamodb", "DescribeTable", TableName=name)["Table"]
    except NotFound:
        return None
    if [each["AttributeName"] for each in table["KeySchema"]] != _KEYS:
        return None
    return table if table["TableStatus"] in ("ACTIVE", "UPDATING") else None


# Seconds. The role is as new as the stack: what it is allowed is not known everywhere at once (IAM
# guide, "Changes that I make are not always immediately visible").
_PATIENCE = (5, 10, 20, 40)


def take_over(
    partition: str, to: Rows, earlier: Callable[[], Iterable[Rows]], pause: Callable[[float], None]
) -> None:
    """Copy a partition from the first of the earlier ledgers that has any of it.

    Each took over its predecessor's. It may be done twice; what is denied at first may be allowed
    in a moment. Raises AwsErrors.
    """
    for seconds in _PATIENCE:
        try:
            return _take_over(partition, to, earlier())
        except AccessDenied as error:
            logger.warning("denied so far", error=str(error))
            pause(seconds)
    return _take_over(partition, to, earlier())


def _take_over(partition: str, to: Rows, earlier: Iterable[Rows]) -> None:
    for ledger in earlier:
        if rows := ledger.rows(partition):
            there = to.write([Write(row.key, row, None) for row in rows])
            logger.info("memory recalled", rows=len(rows), there=len(there))
            return


def succeed(to: Rows, own: str, earlier: Callable[[], Iterable[Rows]], now: datetime) -> None:
    """Note since when we remember by ourselves, and tell earlier stacks that they are followed.

    Right before their memory is copied: from then on they answer no connection, and what they were
    in the middle of is copied later. Raises AwsErrors.
    """
    to.write([begun(now)])
    for ledger in _latest(earlier()):
        told = [row.version for row in ledger.rows(SUCCESSION) if row.key == AFTER]
        write = successor(own, now)
        ledger.write([Write(AFTER, None, told[0])] if told else [])
        ledger.write([write])


def give_back(own: str, earlier: Iterable[Rows]) -> None:
    """We go: an earlier stack that is still there decides again. Raises AwsErrors."""
    for ledger in _latest(earlier):
        ledger.write(
            [
                Write(AFTER, None, row.version)
                for row in ledger.rows(SUCCESSION)
                if row.key == AFTER and row.body.get("table") == own
            ]
        )


def look_after(to: Rows, earlier: Callable[[], Iterable[Rows]], now: datetime) -> int:
    """Copy what earlier stacks have noted since; how many rows. Nothing after a day.

    Raises AwsErrors; nothing is lost by repeating.
    """
    since = begun_at(to.rows(SUCCESSION))
    if since is None or now - since > LASTS:
        return 0
    copied = 0
    for ledger in _latest(earlier()):
        own = {row.key.sk: row for row in to.rows(CONNECTIONS)}
        writes = inherited(ledger.rows(CONNECTIONS), own, since)
        copied += len(writes) - len(to.write(writes))
    logger.info("looked after", copied=copied)
    return copied


def _latest(earlier: Iterable[Rows]) -> list[Rows]:
    """The youngest: whoever is older has a successor already."""
    return [ledger for _, ledger in zip(range(_MOST_EARLIER), earlier, strict=False)]
