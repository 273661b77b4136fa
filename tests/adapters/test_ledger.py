"""The ledger on a DynamoDB in process, and on answers that moto never gives."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from autopilot.aws.errors import AccessDenied, RefusedByAws, ServiceUnavailable, Throttled
from autopilot.aws.ledger import Ledger
from autopilot.notify.ledger import Key, Row, Write
from botocore.exceptions import ClientError, ConnectTimeoutError

from tests.adapters.tables import TABLE

ROW = Row(
    Key("finding", "RouteTableBusy/vpc-1/s3"),
    1,
    False,
    "execution-1",
    "2026-11-24T23:06:00+00:00",
    {"kind": "RouteTableBusy", "data": '{"route_table_ids": ["rtb-1"]}'},
)


@pytest.fixture
def ledger(dynamodb: Any) -> Ledger:
    return Ledger(TABLE, dynamodb)


def put(row: Row, replaces: int | None = None) -> Write:
    return Write(row.key, row, replaces)


def at(sk: str, **changes: Any) -> Row:
    return replace(ROW, key=Key("finding", sk), **changes)


def test_reads_back_what_it_wrote(ledger: Ledger) -> None:
    row = replace(ROW, body={**ROW.body, "streak": 3, "first": True}, expires_at=1_800_000_000)
    assert ledger.write([put(row)]) == frozenset()

    [read] = ledger.rows("finding")
    assert read == row
    assert {type(value) for value in read.body.values()} == {str, int, bool}
    assert type(read.version) is int
    assert type(read.expires_at) is int


def test_keeps_the_columns_readable_in_the_console(ledger: Ledger, dynamodb: Any) -> None:
    ledger.write([put(replace(ROW, expires_at=1_800_000_000))])

    [item] = dynamodb.scan(TableName=TABLE)["Items"]
    assert item == {
        "pk": {"S": "finding"},
        "sk": {"S": "RouteTableBusy/vpc-1/s3"},
        "version": {"N": "1"},
        "told": {"BOOL": False},
        "claimed_by": {"S": "execution-1"},
        "claimed_at": {"S": "2026-11-24T23:06:00+00:00"},
        "kind": {"S": "RouteTableBusy"},
        "data": {"S": '{"route_table_ids": ["rtb-1"]}'},
        "expires_at": {"N": "1800000000"},
    }


def test_reads_all_pages_of_one_partition_and_prefix(ledger: Ledger) -> None:
    big = {"data": "x" * 20_000}  # DynamoDB cuts a page at one megabyte
    ledger.write([put(at(f"a/{number:03}", body=big)) for number in range(130)])
    ledger.write([put(replace(ROW, key=Key("state", "a/sweep"))), put(at("b/1"))])

    assert len(ledger.rows("finding", "a/")) == 130
    assert len(ledger.rows("finding")) == 131
    assert ledger.rows("nothing") == ()


def test_refuses_to_read_everything(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="partition"):
        ledger.rows("")


def test_a_row_is_made_once(ledger: Ledger) -> None:
    assert ledger.write([put(ROW)]) == frozenset()
    assert ledger.write([put(replace(ROW, claimed_by="execution-2"))]) == {ROW.key}

    [read] = ledger.rows("finding")
    assert read.claimed_by == "execution-1"


def test_a_row_is_replaced_and_deleted_only_by_who_knows_its_version(ledger: Ledger) -> None:
    ledger.write([put(ROW)])
    newer = replace(ROW, version=2, told=True)

    assert ledger.write([put(newer, replaces=7)]) == {ROW.key}
    assert ledger.write([put(newer, replaces=1)]) == frozenset()
    assert ledger.rows("finding") == (newer,)
    assert ledger.write([Write(ROW.key, None, 1)]) == {ROW.key}
    assert ledger.write([Write(ROW.key, None, 2)]) == frozenset()
    assert ledger.rows("finding") == ()
    assert ledger.write([Write(ROW.key, None, 2)]) == {ROW.key}, "gone already"


def test_what_is_refused_holds_nothing_else_up(ledger: Ledger) -> None:
    taken = [at(f"{number:03}") for number in (0, 99, 100, 249)]
    ledger.write([put(row) for row in taken])
    everything = [put(at(f"{number:03}", claimed_by="me")) for number in range(250)]

    assert ledger.write(everything) == {row.key for row in taken}
    mine = [row for row in ledger.rows("finding") if row.claimed_by == "me"]
    assert len(mine) == 246


def test_writes_nothing_when_there_is_nothing_to_write() -> None:
    assert Ledger(TABLE, object()).write([]) == frozenset()


class Answering:
    """A client whose calls raise what they are given."""

    def __init__(self, *errors: Exception) -> None:
        self._errors = list(errors)
        self.calls = 0

    def transact_write_items(self, **_request: Any) -> None:
        self.calls += 1
        if self._errors:
            raise self._errors.pop(0)

    def get_paginator(self, _name: str) -> Any:
        return self

    def paginate(self, **request: Any) -> Any:
        if self._errors:
            raise self._errors.pop(0)
        return [{"Items": []}] if request["ConsistentRead"] else None


def refused(code: str, *reasons: str) -> ClientError:
    response: Any = {
        "Error": {"Code": code, "Message": "no"},
        "CancellationReasons": [{"Code": reason} for reason in reasons],
    }
    return ClientError(response, "TransactWriteItems")


CANCELLED = "TransactionCanceledException"


@pytest.mark.parametrize(
    ("error", "named"),
    [
        (refused(CANCELLED, "TransactionConflict", "None"), Throttled),
        (refused(CANCELLED, "ConditionalCheckFailed", "ThrottlingError"), Throttled),
        (refused(CANCELLED, "ProvisionedThroughputExceeded", "None"), Throttled),
        (refused(CANCELLED, "ValidationError", "None"), RefusedByAws),
        (refused(CANCELLED), RefusedByAws),
        (refused("ProvisionedThroughputExceededException"), Throttled),
        (refused("ThrottlingException"), Throttled),
        (refused("AccessDeniedException"), AccessDenied),
        (refused("InternalServerError"), ServiceUnavailable),
        (ConnectTimeoutError(endpoint_url="https://example.com"), ServiceUnavailable),
    ],
)
def test_names_every_other_refusal(error: Exception, named: type[Exception]) -> None:
    with pytest.raises(named, match=r"^dynamodb:TransactWriteItems: "):
        Ledger(TABLE, Answering(error)).write([put(ROW), put(at("b"))])


def test_tries_the_rest_again_when_a_condition_fails() -> None:
    client = Answering(
        refused(CANCELLED, "ConditionalCheckFailed", "None", "None"),
        refused(CANCELLED, "None", "ConditionalCheckFailed"),
    )
    kept = Ledger(TABLE, client).write([put(at("a")), put(at("b")), put(at("c"))])

    assert kept == {Key("finding", "a"), Key("finding", "c")}
    assert client.calls == 3


def test_reads_what_the_last_write_left() -> None:
    assert Ledger(TABLE, Answering()).rows("finding") == ()


def test_names_what_keeps_it_from_reading() -> None:
    with pytest.raises(AccessDenied, match=r"^dynamodb:Query: "):
        Ledger(TABLE, Answering(refused("AccessDeniedException"))).rows("finding")


class Pages:
    """A DynamoDB that answers a SELECT page by page."""

    def __init__(self, *pages: list[dict[str, Any]]) -> None:
        self._pages = pages
        self.asked: list[dict[str, Any]] = []

    def execute_statement(self, **request: Any) -> dict[str, Any]:
        self.asked.append(request)
        number = len(self.asked)
        more = {"NextToken": str(number)} if number < len(self._pages) else {}
        return {"Items": self._pages[number - 1], **more}


def item(pk: str, sk: str) -> dict[str, Any]:
    texts = {"pk": pk, "sk": sk, "claimed_by": "one", "claimed_at": "2026-11-24T23:06:00+00:00"}
    return {
        **{name: {"S": text} for name, text in texts.items()},
        "version": {"N": "1"},
        "told": {"BOOL": True},
    }


def test_reads_many_partitions_at_once_page_by_page() -> None:
    dynamodb = Pages([item("a", "2"), item("c", "1")], [item("a", "1")])

    found = Ledger(TABLE, dynamodb).partitions(["a", "b", "c"])

    assert {pk: [row.key.sk for row in there] for pk, there in found.items()} == {
        "a": ["1", "2"],
        "b": [],
        "c": ["1"],
    }
    first = {
        "Statement": 'SELECT * FROM "ledger" WHERE pk IN [?, ?, ?]',
        "Parameters": [{"S": "a"}, {"S": "b"}, {"S": "c"}],
        "ConsistentRead": True,
    }
    assert dynamodb.asked == [first, {**first, "NextToken": "1"}]


@pytest.mark.parametrize("pks", [[], [""], ["a", ""]])
def test_refuses_to_read_the_whole_table(ledger: Ledger, pks: list[str]) -> None:
    with pytest.raises(ValueError, match="partitions"):
        ledger.partitions(pks)
