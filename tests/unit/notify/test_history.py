"""What is remembered of what happened: who or what did what, when and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from autopilot.aws.errors import RefusedByAws, Throttled
from autopilot.notify.history import KEPT, Entry, about, day, entry_of
from autopilot.notify.ledger import Row, Write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.connections.happenings import anything
from tests.unit.connections.reports import ALICE, answer, connections, hold, hold_end, why
from tests.unit.notify.account import Account, later, recording
from tests.unit.notify.reports import NOW, FakeLedger, busy, done, execution, report

TODAY = day(NOW.isoformat())
ACCEPTED = "ConnectionAccepted"


@pytest.fixture(autouse=True, scope="module")
def environment() -> Iterator[None]:
    with recording():
        yield


@pytest.fixture
def account() -> Account:
    return Account()


def history(account: Account, partition: str = TODAY) -> list[Entry]:
    rows = [row for key, row in account.ledger.table.items() if key.pk == partition]
    return [entry_of(row) for row in sorted(rows, key=lambda row: row.key)]


def turns(account: Account, partition: str = TODAY) -> list[tuple[str, str, str]]:
    return [(e.kind, e.change, ", ".join(e.subjects)) for e in history(account, partition)]


def rows_of_history(account: Account) -> dict[Any, Row]:
    return {
        key: row
        for key, row in account.ledger.table.items()
        if key.pk.startswith(("day/", "about/"))
    }


def test_a_change_is_remembered_by_day_and_by_each_thing_that_it_is_about(
    account: Account,
) -> None:
    account.record(report(done("vpc-1/s3"), name="a"))

    (entry,) = history(account)
    assert entry == Entry(
        at=NOW.isoformat(timespec="seconds"),
        kind="GatewayEndpointsChanged",
        change="done",
        subjects=("vpc-1/s3",),
        count=1,
        names={},
        what=entry.what,
        why="the VPC is new, 1 route table is without a route to S3",
        by="autopilot",
        execution=execution("a"),
    )
    assert entry.what.startswith("Gateway endpoints in vpc-1: 1 created: ")
    partitions = {key.pk for key in rows_of_history(account)}
    assert partitions == {TODAY, *map(about, ("vpc-1", "vpce-1-s3", "rtb-1"))}
    assert all(history(account, each) == [entry] for each in partitions)


def test_a_row_lasts_400_days_and_its_key_tells_time_execution_and_kind(account: Account) -> None:
    account.record(report(findings=[busy()], name="a"))

    for key, row in rows_of_history(account).items():
        assert key.sk.startswith("2026-11-24T23:06:00+00:00/a/RouteTableBusy/")
        assert row.expires_at == int((NOW + KEPT).timestamp())
        assert timedelta(days=400) == KEPT


def test_a_finding_is_remembered_as_it_appears_changes_and_goes(account: Account) -> None:
    one, two = busy(tables=["rtb-1"]), busy(tables=["rtb-1", "rtb-2"])
    for minute, found in enumerate([[one], [one], [two], []]):
        account.record(report(findings=found, name=str(minute)), later(minute))

    assert turns(account, about("vpc-1")) == [
        ("RouteTableBusy", "opened", "vpc-1/s3"),
        ("RouteTableBusy", "changed", "vpc-1/s3"),
        ("RouteTableBusy", "resolved", "vpc-1/s3"),
    ]
    (last,) = [entry for entry in history(account) if entry.change == "resolved"]
    assert (last.by, last.execution) == ("autopilot", execution("3"))
    assert turns(account, about("rtb-2"))[0] == ("RouteTableBusy", "changed", "vpc-1/s3")


@pytest.mark.parametrize(
    ("by", "reason"), [("autopilot", "a rule names it"), ("expiry", "nobody decided in time")]
)
def test_of_an_accepted_connection_it_says_by_whom_and_why(
    account: Account, by: str, reason: str
) -> None:
    given = answer("vpce-1", by=by, why=why(reason=reason))
    account.record(connections(given))

    for id_ in ("vpce-1", "vpce-svc-1", "222222222222"):
        (entry,) = [e for e in history(account, about(id_)) if e.kind == ACCEPTED]
        assert (entry.by, entry.why) == (by, reason)
        assert "(rule: account 222222222222)" in entry.what


def test_a_person_who_ends_a_hold_is_named_as_they_were_given(account: Account) -> None:
    given = answer("vpce-1", by=ALICE)
    account.record(hold_end("accept", given, of=hold("vpce-1"), by=ALICE))

    (entry,) = [e for e in history(account, about("vpce-1")) if e.kind == "HoldAnswered"]
    assert entry.by == ALICE


def test_a_flood_is_one_entry_of_its_day_and_one_of_each_thing(account: Account) -> None:
    account.record(connections(*(answer(f"vpce-{n}") for n in range(200))))

    (entry,) = [e for e in history(account) if e.kind == ACCEPTED]
    assert (entry.count, len(entry.subjects)) == (200, 20)
    (one,) = [e for e in history(account, about("vpce-7")) if e.kind == ACCEPTED]
    assert one.subjects == ("vpce-svc-1/vpce-7",)
    (all_,) = [e for e in history(account, about("vpce-svc-1")) if e.kind == ACCEPTED]
    assert all_.count == 200
    assert len(rows_of_history(account)) == 1 + 1 + 1 + 200  # day, service, account, endpoints


def test_what_nobody_hears_is_remembered_too_and_that_it_is_over(account: Account) -> None:
    account.ops.listeners = 0
    account.record(report(done("vpc-2/s3"), findings=[busy()], name="a"))
    account.record(report(name="b"), later(5))

    assert turns(account) == [
        ("GatewayEndpointsChanged", "done", "vpc-2/s3"),
        ("RouteTableBusy", "opened", "vpc-1/s3"),
        ("RouteTableBusy", "resolved", "vpc-1/s3"),
    ]
    assert account.ops.messages == []


def of_history(writes: Sequence[Write]) -> bool:
    return any(write.key.pk.startswith("day/") for write in writes)


@pytest.mark.parametrize("listeners", [0, 1])
def test_a_ledger_that_refuses_history_keeps_no_news_back_and_that_is_an_error(
    account: Account, listeners: int, caplog: pytest.LogCaptureFixture
) -> None:
    account.ops.listeners = listeners

    def refuses(writes: Sequence[Write]) -> None:
        if of_history(writes):
            raise RefusedByAws("dynamodb:TransactWriteItems: ValidationException: no")

    same = report(done("vpc-2/s3"), findings=[busy()])
    account.ledger.before_write = refuses
    with pytest.raises(RefusedByAws):
        account.record(same)

    assert len(account.ops.messages) == listeners
    waits = [key.sk for key in account.ledger.table if key.pk == "untold"]
    assert bool(waits) == (not listeners)
    assert len(account.bus.events) == 1
    assert rows_of_history(account) == {}
    (said,) = [each for each in caplog.records if each.message == "not remembered as history"]
    logged = str(vars(said))
    assert "GatewayEndpointsChanged/" in logged
    assert "RouteTableBusy/" in logged

    account.ledger.before_write = lambda _: None
    account.record(same, later(1))
    assert ("GatewayEndpointsChanged", "done", "vpc-2/s3") in turns(account)
    assert len(account.ops.messages) == listeners
    if listeners:
        assert ("RouteTableBusy", "opened", "vpc-1/s3") in turns(account)


def test_who_dies_at_any_write_remembers_it_once(account: Account) -> None:
    same = report(done("vpc-2/s3"), findings=[busy()])
    for survives in range(6):
        account = Account()
        left = survives

        def dies(_writes: object) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise KeyboardInterrupt

        account.ledger.before_write = dies
        with pytest.raises(KeyboardInterrupt):
            account.record(same)
            raise KeyboardInterrupt
        account.ledger.before_write = lambda _: None
        account.record(same, later(3))
        assert turns(account) == [
            ("GatewayEndpointsChanged", "done", "vpc-2/s3"),
            ("RouteTableBusy", "opened", "vpc-1/s3"),
        ], survives


def test_what_another_execution_tells_is_its_to_remember(account: Account) -> None:
    def the_other_is_faster(_writes: object) -> None:
        account.ledger.before_write = lambda _: None
        account.record(report(findings=[busy()], name="b"))

    account.ledger.before_write = the_other_is_faster
    account.record(report(findings=[busy()], name="a"))

    assert [entry.execution for entry in history(account)] == [execution("b")]


def test_the_same_try_after_an_error_of_sns_remembers_it_as_of_the_first(account: Account) -> None:
    account.ops.broken = [Throttled("sns:Publish: slow down")]
    same = report(done("vpc-2/s3"), findings=[busy()])
    with pytest.raises(Throttled):
        account.record(same)
    first = rows_of_history(account)

    account.record(same, later(7))
    account.record(same, later(9))
    assert rows_of_history(account) == first
    assert {entry.at for entry in history(account)} == {NOW.isoformat(timespec="seconds")}


def test_hostile_text_stays_within_a_row(account: Account) -> None:
    given = answer("vpce-1", why=why(reason="\x1b[2J<script>" * 5000, rule="x" * 5000))
    account.record(connections(given))

    for row in rows_of_history(account).values():
        assert sum(len(str(value)) for value in row.body.values()) < 1500


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(anything, max_size=3), st.booleans())
def test_recording_twice_remembers_once_and_every_told_thing_is_remembered(
    reports: list[Any], heard: bool
) -> None:
    account = Account(ledger=FakeLedger())
    account.ops.listeners = int(heard)
    for number, each in enumerate(reports):
        at: datetime = later(20 * number)
        told = account.record(each, at)
        once = rows_of_history(account)
        entries = [entry_of(row) for key, row in once.items() if key.pk.startswith("day/")]
        remembered = {(e.kind, e.change, subject) for e in entries for subject in e.subjects}
        for kind, change, subjects in told:
            assert {(kind, change, subject) for subject in subjects} <= remembered
        account.record(each, at + timedelta(minutes=3))
        assert rows_of_history(account) == once
