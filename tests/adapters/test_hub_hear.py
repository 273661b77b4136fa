"""The hub's ear on a table: once each, whole or not at all, and what fails comes again."""

from __future__ import annotations

import json
from datetime import date
from types import SimpleNamespace
from typing import Any

import hub_hear
import pytest
from autopilot.aws import history
from autopilot.aws.errors import RefusedByAws, Throttled
from autopilot.aws.hub_table import HubTable
from autopilot.fleet.heard import SPOKES, WAITING, heard_of
from autopilot.fleet.news import happened, news_of, waiting_of
from autopilot.fleet.wire import OpenFinding, Spoke
from autopilot.notify.ledger import Key, Row, Write

from tests.adapters.tables import TABLE
from tests.unit.fleet.said import NOW, SPOKE, ago, beat, event, news, records

OTHER = Spoke("333333333333", "us-east-1")


class Counted(HubTable):
    """A table that counts its calls, and fails on demand."""

    def __init__(self, client: Any) -> None:
        super().__init__(TABLE, client)
        self.calls = 0
        self.fails: set[str] = set()
        self.largest = 0
        self.refuses, self.error = "", Exception()

    def _transact(self, writes: Any) -> list[bool]:
        self.calls += 1
        said = [json.dumps(each.row.body) for each in writes if each.row]
        self.largest = max(self.largest, sum(map(len, said)))
        if self.refuses and any(self.refuses in each for each in said):
            raise self.error
        if self.fails & {write.key.pk.partition("/")[0] for write in writes}:
            raise Throttled("dynamodb:TransactWriteItems: TransactionConflict")
        return super()._transact(writes)


@pytest.fixture
def table(dynamodb: Any, monkeypatch: pytest.MonkeyPatch) -> Counted:
    monkeypatch.setenv("DEAD_LETTER_QUEUE_URL", "https://dead")
    hub_hear._settings.cache_clear()
    return Counted(dynamodb)


def hear(table: Any, *events: Any, aside: list[Any] | None = None) -> list[str]:
    """What SQS is to deliver again."""
    put_aside = (lambda *given: aside.append(given)) if aside is not None else _refuse
    answer = hub_hear.handler(
        {"Records": records(*events)},
        SimpleNamespace(
            function_name="f", memory_limit_in_mb="1", invoked_function_arn="a", aws_request_id="r"
        ),
        ledger=lambda: table,
        put_aside=put_aside,
        now=lambda: NOW,
    )
    return [each["itemIdentifier"] for each in answer["batchItemFailures"]]


def _refuse(*_given: str) -> None:
    raise Throttled("sqs:SendMessage: no")


def test_keeps_news_whole_waiting_and_as_history(table: Counted) -> None:
    given = news(by="Ann", text="All of it.")
    assert hear(table, event(given)) == []

    [row] = table.rows(WAITING)
    waiting = waiting_of(row)
    assert (waiting.spoke, waiting.kinds, waiting.title) == (SPOKE, given.kinds, given.title)
    whole = table.of([waiting.whole])[waiting.whole]
    assert news_of(whole) == given
    assert whole.expires_at == int(NOW.timestamp()) + 35 * 86400
    [entry] = history.of_days(table, date(2026, 11, 29), NOW.date()).entries
    assert (entry.what, entry.by, entry.subjects) == (given.title, "Ann", ("vpc-1",))
    [about] = table.rows(f"about/{SPOKE.account}")
    assert (happened(about).spoke, happened(about).news) == (SPOKE, waiting.whole)


def test_news_that_comes_twice_is_news_once(table: Counted) -> None:
    hear(table, event(news()), event(news()))
    table.write([Write(row.key, None, row.version) for row in table.rows(WAITING)])

    assert hear(table, event(news()), event(news("n-2"))) == []

    assert [waiting_of(row).id for row in table.rows(WAITING)] == ["n-2"]
    assert len(table.rows("day/2026-11-30")) == 2


def test_the_same_id_of_another_spoke_is_other_news(table: Counted) -> None:
    hear(table, event(news()), event(news(), OTHER))

    assert {waiting_of(row).spoke for row in table.rows(WAITING)} == {SPOKE, OTHER}


def test_a_hundred_news_take_four_calls_and_ten_thousand_four_hundred(table: Counted) -> None:
    hear(table, *(event(news(f"n-{n}")) for n in range(100)))

    assert table.calls == 4
    assert len(table.rows(WAITING)) == 100


def test_long_news_share_a_transaction_only_as_far_as_it_goes(table: Counted) -> None:
    hear(table, *(event(news(f"n-{n}", text="x" * 50_000)) for n in range(50)))

    assert len(table.rows(WAITING)) == 50
    assert table.calls == 2


def test_what_cant_be_written_comes_again_and_only_that(table: Counted) -> None:
    table.fails = {"heard"}
    assert hear(table, event(news()), event(beat())) == ["m-0"]
    assert len(table.rows(SPOKES)) == 1

    table.fails = {"spoke"}
    young = beat(at=ago())
    assert hear(table, event(news()), event(young), event(beat(), OTHER)) == ["m-1", "m-2"]

    table.fails = set()
    assert hear(table, event(young), event(beat(), OTHER)) == []
    assert {heard_of(row).at for row in table.rows(SPOKES)} == {ago(), ago(minutes=1)}


def test_what_nobody_reads_is_put_aside_once_and_comes_again_if_it_cant_be(table: Counted) -> None:
    aside: list[Any] = []
    assert hear(table, "{", event(beat()), aside=aside) == []
    [(url, body, why)] = aside
    assert (url, body) == ("https://dead", "{")
    assert "no JSON" in why

    assert hear(table, "{", event(beat())) == ["m-0"]


def test_a_spoke_that_another_batch_writes_meanwhile_is_read_anew(table: Counted) -> None:
    class Raced(Counted):
        raced = False

        def of(self, keys: Any) -> dict[Key, Row]:
            found = super().of(keys)
            if not self.raced:
                self.raced = True
                hear(table, event(beat(at=ago(), release="theirs")))
            return found

    assert hear(Raced(table._dynamodb), event(beat(at=ago(hours=1)))) == []

    [row] = table.rows(SPOKES)
    assert heard_of(row).heartbeat.release == "theirs"
    assert heard_of(row).first_heard == ago(hours=1)


def test_a_row_that_nobody_can_read_gives_way(table: Counted) -> None:
    strange = Row(Key(SPOKES, str(SPOKE)), 4, True, "", NOW.isoformat(), {"what": "else"})
    table.write([Write(strange.key, strange, None)])

    assert hear(table, event(beat())) == []

    [row] = table.rows(SPOKES)
    assert (row.version, heard_of(row).heartbeat) == (5, beat())


def test_two_hundred_and_fifty_spokes_are_read_in_three_calls(table: Counted) -> None:
    spokes = [Spoke(f"{n:012}", "eu-central-1") for n in range(250)]
    hear(table, *(event(beat(), spoke) for spoke in spokes))

    assert len(table.of([Key(SPOKES, str(spoke)) for spoke in spokes])) == 250


def test_heartbeats_of_a_batch_are_one_write_a_spoke(table: Counted) -> None:
    hear(table, *(event(beat(at=ago(minutes=n))) for n in range(50)))

    [row] = table.rows(SPOKES)
    assert (row.version, table.calls) == (1, 1)
    assert json.loads(str(row.body["heartbeat"]))["at"] == ago()


def test_long_heartbeats_share_a_transaction_only_as_far_as_it_goes(table: Counted) -> None:
    """After a change of policy all have findings at once: Lambda hands over 6 MB, DynamoDB takes 4
    in a transaction (their guides, "Quotas")."""
    long = tuple(OpenFinding(f"{n}", "K", "failure", "x" * 490) for n in range(100))
    spokes = [Spoke(f"{n:012}", "eu-central-1") for n in range(100)]

    assert hear(table, *(event(beat(findings=long), spoke) for spoke in spokes)) == []

    assert len(table.rows(SPOKES)) == 100
    assert table.largest < 4_000_000


@pytest.mark.parametrize("error", [RefusedByAws("dynamodb: never"), ZeroDivisionError("a slip")])
def test_what_is_never_taken_keeps_nothing_else_from_being_heard(
    table: Counted, error: Exception
) -> None:
    """By AWS, or since this code fails at it."""
    table.refuses, table.error = "poison", error
    told = (event(news("n-1", text="poison")), event(news("n-2")))
    beats = (event(beat(mode="poison")), event(beat(), OTHER))

    assert hear(table, *told, *beats) == ["m-0", "m-2"]

    assert [waiting_of(row).id for row in table.rows(WAITING)] == ["n-2"]
    assert [heard_of(row).spoke for row in table.rows(SPOKES)] == [OTHER]
