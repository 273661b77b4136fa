"""The ledger, a DynamoDB table: what ops know already, who is telling them what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from aws_lambda_powertools import Logger
from botocore.exceptions import ClientError

from autopilot.aws.clients import client
from autopilot.aws.errors import Throttled, aws_errors
from autopilot.notify.ledger import Key, Row, Write

logger = Logger()

# TransactWriteItems takes that many writes (DynamoDB guide, "Quotas").
_AT_ONCE = 100
_COLUMNS = frozenset({"pk", "sk", "version", "told", "claimed_by", "claimed_at", "expires_at"})
_REFUSED = "ConditionalCheckFailed"
_IN_PARTITIONS = 'SELECT * FROM "{}" WHERE pk IN [{}]'


class Ledger:
    """Rows of one table. Every write is conditional: a lost race is an answer, not an error."""

    def __init__(self, table: str, dynamodb: Any = None) -> None:
        self._table = table
        self._dynamodb = dynamodb or client("dynamodb")

    def rows(self, pk: str, prefix: str = "") -> tuple[Row, ...]:
        """All rows under `pk` whose sort key begins with `prefix`, as the last write left them.

        Raises Throttled, ServiceUnavailable, AccessDenied, RefusedByAws.
        """
        if not pk:
            raise ValueError("a ledger query needs its partition")
        return tuple(_row(item) for page in self._pages(pk, prefix) for item in page["Items"])

    def latest(self, pk: str, most: int) -> tuple[Row, ...]:
        """Of a partition the `most` rows with the greatest sort keys, these first. No more is read.

        Raises as `rows` does.
        """
        if not pk:
            raise ValueError("a ledger query needs its partition")
        turned = {"ScanIndexForward": False, "Limit": most}
        items = (item for page in self._pages(pk, "", **turned) for item in page["Items"])
        return tuple(map(_row, islice(items, most)))

    def partitions(self, pks: Sequence[str]) -> dict[str, tuple[Row, ...]]:
        """All rows of up to 50 partitions: one call for a megabyte, however many they are.

        A SELECT that names partitions reads no others (DynamoDB guide, "PartiQL select
        statements"). Raises as `rows` does, ValueError without a partition.
        """
        if not all(pks) or not pks:
            raise ValueError("a ledger query needs its partitions")
        named = ", ".join("?" * len(pks))
        request = {
            "Statement": _IN_PARTITIONS.format(self._table, named),
            "Parameters": [{"S": pk} for pk in pks],
            "ConsistentRead": True,
        }
        found: dict[str, list[Row]] = {pk: [] for pk in pks}
        for item in self._selected(request):
            found[item["pk"]["S"]].append(_row(item))
        return {pk: tuple(sorted(rows, key=lambda row: row.key)) for pk, rows in found.items()}

    def _selected(self, request: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        more: dict[str, str] = {}
        while True:
            with aws_errors("dynamodb", "ExecuteStatement"):
                answer = self._dynamodb.execute_statement(**request, **more)
            yield from answer["Items"]
            if not answer.get("NextToken"):
                return
            more = {"NextToken": answer["NextToken"]}

    def write(self, writes: Sequence[Write]) -> frozenset[Key]:
        """Write all whose condition holds; the keys of those whose condition doesn't.

        Raises Throttled, ServiceUnavailable, AccessDenied, RefusedByAws.
        """
        refused: set[Key] = set()
        for start in range(0, len(writes), _AT_ONCE):
            refused |= self._write_all_that_may(list(writes[start : start + _AT_ONCE]))
        return frozenset(refused)

    def _pages(self, pk: str, prefix: str, **more: Any) -> Iterator[Mapping[str, Any]]:
        condition, values = "pk = :pk", {":pk": {"S": pk}}
        if prefix:
            condition += " AND begins_with(sk, :sk)"
            values[":sk"] = {"S": prefix}
        with aws_errors("dynamodb", "Query"):
            yield from self._dynamodb.get_paginator("query").paginate(
                TableName=self._table,
                KeyConditionExpression=condition,
                ExpressionAttributeValues=values,
                ConsistentRead=True,
                **more,
            )

    def _write_all_that_may(self, writes: list[Write]) -> set[Key]:
        """A transaction is all or nothing: leave out what it names as refused, until it is all."""
        refused: set[Key] = set()
        while writes:
            reasons = self._transact(writes)
            if not reasons:
                break
            refused |= {w.key for w, reason in zip(writes, reasons, strict=True) if reason}
            writes = [w for w in writes if w.key not in refused]
        return refused

    def _transact(self, writes: Sequence[Write]) -> list[bool]:
        """Try all writes at once; [] if they were made, else which of them was refused."""
        items = [self._item(write) for write in writes]
        with aws_errors("dynamodb", "TransactWriteItems"):
            try:
                self._dynamodb.transact_write_items(TransactItems=items)
            except ClientError as error:
                return _refusals(error)
        return []

    def _item(self, write: Write) -> dict[str, Any]:
        condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(pk)"}
        if write.replaces is not None:
            condition = {
                "ConditionExpression": "version = :version",
                "ExpressionAttributeValues": {":version": {"N": str(write.replaces)}},
            }
        if write.row is None:
            key = {"pk": {"S": write.key.pk}, "sk": {"S": write.key.sk}}
            return {"Delete": {"TableName": self._table, "Key": key, **condition}}
        return {"Put": {"TableName": self._table, "Item": _columns(write.row), **condition}}


def _refusals(error: ClientError) -> list[bool]:
    """Which writes of a transaction failed their condition. Raises `error` if that isn't all."""
    answer: Mapping[str, Any] = error.response
    codes = [reason.get("Code") or "None" for reason in answer.get("CancellationReasons", ())]
    others = set(codes) - {"None", _REFUSED}
    if others & {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}:
        raise Throttled(f"dynamodb:TransactWriteItems: {', '.join(sorted(others))}") from error
    if others or _REFUSED not in codes:
        raise error
    return [code == _REFUSED for code in codes]


def _columns(row: Row) -> dict[str, Any]:
    columns: dict[str, str | int | bool] = {
        **row.body,
        "pk": row.key.pk,
        "sk": row.key.sk,
        "version": row.version,
        "told": row.told,
        "claimed_by": row.claimed_by,
        "claimed_at": row.claimed_at,
    }
    if row.expires_at is not None:
        columns["expires_at"] = row.expires_at
    return {name: _typed(value) for name, value in columns.items()}


def _typed(value: str | int | bool) -> dict[str, Any]:
    if isinstance(value, bool):  # first: to Python a bool is an int
        return {"BOOL": value}
    return {"N": str(value)} if isinstance(value, int) else {"S": value}


def _plain(value: Mapping[str, Any]) -> str | int | bool:
    if "N" in value:
        return int(value["N"])
    return bool(value["BOOL"]) if "BOOL" in value else str(value["S"])


def _row(item: Mapping[str, Any]) -> Row:
    plain = {name: _plain(value) for name, value in item.items()}
    expires = plain.get("expires_at")
    return Row(
        key=Key(str(plain["pk"]), str(plain["sk"])),
        version=int(plain["version"]),
        told=bool(plain["told"]),
        claimed_by=str(plain["claimed_by"]),
        claimed_at=str(plain["claimed_at"]),
        body={name: value for name, value in plain.items() if name not in _COLUMNS},
        expires_at=None if expires is None else int(expires),
    )
