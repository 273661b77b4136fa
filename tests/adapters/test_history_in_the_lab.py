"""History in the lab's DynamoDB: written with the news, read by id and by day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from autopilot.aws.history import of_days, of_id
from autopilot.aws.ledger import Ledger
from autopilot.notify.history import writes_of
from autopilot.notify.ledger import Memory
from autopilot.workflows import CATALOG

from tests.lab.ec2 import conftest as lab
from tests.lab.ec2.sdk import OWNER, Sdk, fresh
from tests.unit.connections.reports import answer, connections
from tests.unit.notify.reports import NOW, busy, compared, place, report

# pytest finds fixtures by their names.
sdk = lab.sdk
TODAY = NOW.date()


class Counting(Ledger):
    """The ledger, and how many transactions it made."""

    transactions = 0

    def _transact(self, writes: Any) -> Any:
        self.transactions += 1
        return super()._transact(writes)


@pytest.fixture
def ledger(sdk: Sdk) -> Iterator[Counting]:
    dynamodb, table = sdk.client(OWNER, service="dynamodb"), fresh("history")
    keys = {"pk": "HASH", "sk": "RANGE"}
    dynamodb.create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
    )
    yield Counting(table, dynamodb)
    dynamodb.delete_table(TableName=table)


def remember(ledger: Ledger, of: Any, days: int = 0) -> int:
    at, delta = NOW - timedelta(days=days), compared(of, Memory())
    writes = writes_of(delta, Memory(), place(of.execution), CATALOG, at)
    ledger.write(writes)
    return len(writes)


def test_one_things_history_is_read_newest_first_and_no_more_than_asked(ledger: Counting) -> None:
    for days in (0, 3, 1, 2):
        remember(ledger, report(findings=[busy()], name=f"days-{days}"), days)

    past = of_id(ledger, "vpc-1", date.min)
    assert [entry.at[:10] for entry in past.entries] == [
        (TODAY - timedelta(days)).isoformat() for days in range(4)
    ]
    assert not past.more
    assert of_id(ledger, "vpc-1", date.min, most=3) == (past.entries[:3], True)
    assert of_id(ledger, "vpc-1", TODAY - timedelta(1)).entries == past.entries[:2]
    assert of_id(ledger, "vpc-2", date.min).entries == ()


def test_days_are_read_newest_first_and_no_more_than_asked(ledger: Counting) -> None:
    for days in (0, 7, 9, 399, 401):
        remember(ledger, report(findings=[busy()], name=f"days-{days}"), days)

    week = of_days(ledger, TODAY - timedelta(7), TODAY)
    assert [entry.execution[-6:] for entry in week.entries] == ["days-0", "days-7"]
    every = of_days(ledger, date.min, TODAY)
    assert [entry.execution.rpartition("-")[2] for entry in every.entries] == [
        "0", "7", "9", "399",
    ]  # fmt: skip
    assert of_days(ledger, date.min, TODAY, most=2) == (every.entries[:2], True)


def test_two_hundred_connections_take_a_handful_of_transactions(ledger: Counting) -> None:
    many = connections(*(answer(f"vpce-{n:03}") for n in range(200)))

    assert remember(ledger, many) == 203
    assert ledger.transactions == 3
    assert remember(ledger, many) == 203, "another try writes nothing, and is no error"
    assert len(of_days(ledger, TODAY, TODAY).entries) == 1
    (entry,) = of_id(ledger, "vpce-123", TODAY).entries
    assert entry.subjects == ("vpce-svc-1/vpce-123",)
