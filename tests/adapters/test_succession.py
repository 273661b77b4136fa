"""Two stacks of one account for minutes: nobody whom a rule let in is forgotten, or cut by both.

An account moves from one organizational unit to another: one StackSet deletes, another one makes.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import recall_memory
from autopilot.aws import connection_memory
from autopilot.connections.facts import AUTOPILOT, Connection, ConnectionFacts, Remembered
from autopilot.connections.inherited import AFTER, LASTS, SINCE
from autopilot.connections.remembered import CONNECTIONS, kept, remembered
from autopilot.notify.ledger import Key, Row, Write

NOW = datetime(2026, 11, 30, 10, tzinfo=UTC)
TABLE = "LedgerTable9343E4AA"
OLD = f"StackSet-EndpointAutopilot-canary-1-{TABLE}-A"
NEW = f"StackSet-EndpointAutopilot-workloads-2-{TABLE}-B"
PREFIXES = f"EndpointAutopilot-{TABLE}- StackSet-EndpointAutopilot-*-{TABLE}-"
SUBJECT = "vpce-svc-1/vpce-1"
ALICE = "arn:aws:iam::111111111111:user/alice"
CONTEXT = SimpleNamespace(
    function_name="recall",
    memory_limit_in_mb=512,
    invoked_function_arn="arn:aws:lambda:us-east-1:111111111111:function:recall",
    aws_request_id="request",
)


class Table:
    """A ledger in memory, which honours the conditions of writes."""

    def __init__(self, *rows: Row) -> None:
        self.held = {row.key: row for row in rows}

    def rows(self, pk: str, prefix: str = "") -> list[Row]:
        return [row for key, row in self.held.items() if key.pk == pk and key.sk.startswith(prefix)]

    def write(self, writes: Sequence[Write]) -> frozenset[Key]:
        refused = set()
        for write in writes:
            there = self.held.get(write.key)
            if (there.version if there else None) != write.replaces:
                refused.add(write.key)
            elif write.row is None:
                del self.held[write.key]
            else:
                self.held[write.key] = write.row
        return frozenset(refused)

    def connection(self, subject: str = SUBJECT) -> Remembered | None:
        row = self.held.get(Key(CONNECTIONS, subject))
        return remembered(row) if row else None

    def note(self, state: Any, by: str = AUTOPILOT, at: datetime = NOW, claimed: str = "") -> None:
        old = self.connection()
        new = Remembered(state, by, "a rule", "", at.isoformat(), claimed_by=claimed)
        self.write([kept(SUBJECT, new, old)])


class Account:
    """An account with the ledgers of its stacks, by their tables' names, the youngest first."""

    def __init__(self, **_: Any) -> None:
        self.tables: dict[str, Table] = {NEW: Table(), OLD: Table()}
        self.told: list[dict[str, Any]] = []

    @property
    def old(self) -> Table:
        return self.tables[OLD]

    @property
    def new(self) -> Table:
        return self.tables[NEW]

    def recall(self, event: Mapping[str, Any], now: datetime = NOW) -> None:
        ledger: Any = self.tables.__getitem__
        recall_memory.handler(
            event,
            CONTEXT,
            earlier=lambda _prefixes, own: [name for name in self.tables if name != own],
            ledger=ledger,
            send=lambda _url, body: self.told.append(json.loads(body)),
            pause=lambda _seconds: None,
            now=lambda: now,
        )

    def made(self, now: datetime = NOW) -> None:
        self.recall(request("Create"), now)

    def an_hour_later(self, hours: float = 1) -> None:
        self.recall({"trigger": "again"}, NOW + timedelta(hours=hours))


def request(kind: str) -> dict[str, Any]:
    ids = {name: name for name in ("ResponseURL", "StackId", "RequestId", "LogicalResourceId")}
    return {"RequestType": kind, **ids}


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Account:
    monkeypatch.setenv("LEDGER_TABLE", NEW)
    monkeypatch.setenv("LEDGER_PREFIX", PREFIXES)
    monkeypatch.setenv("OF_FLEET", "yes")
    return Account()


def soon(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def test_who_was_let_in_before_is_known_at_once(account: Account) -> None:
    account.old.note("accepted", at=soon(-600))
    account.made()
    assert account.told[0]["Status"] == "SUCCESS"
    assert account.new.connection() == account.old.connection()


def test_who_is_let_in_meanwhile_is_known_within_the_hour(account: Account) -> None:
    account.made()
    account.old.note("accepted", at=soon(3))
    account.an_hour_later()
    assert account.new.connection() == account.old.connection()


def test_what_was_half_done_when_it_was_copied_is_known_as_it_ended(account: Account) -> None:
    account.old.note("accepting", at=soon(-1), claimed="execution-1")
    account.made()
    account.old.note("accepted", at=soon(1), claimed="execution-1")
    account.an_hour_later()
    found = account.new.connection()
    assert found
    assert found.we_accepted


def test_what_the_later_stack_knows_better_stays(account: Account) -> None:
    account.old.note("accepted", at=soon(-60))
    account.made()
    account.new.note("rejected", at=soon(5))
    account.old.note("accepted", at=soon(3))
    account.an_hour_later()
    found = account.new.connection()
    assert found
    assert found.state == "rejected"


@pytest.mark.parametrize("state", ["accepted", "rejected"])
def test_what_a_person_answered_while_only_the_earlier_one_listened_counts(
    account: Account, state: str
) -> None:
    account.old.note("accepted", at=soon(-60))
    account.made()
    account.old.note(state, by=ALICE, at=soon(2))
    account.an_hour_later()
    found = account.new.connection()
    assert found
    assert (found.state, found.by) == (state, ALICE)


def test_what_was_forgotten_long_ago_does_not_come_back(account: Account) -> None:
    account.old.note("accepted", at=soon(-600))
    account.made()
    del account.new.held[Key(CONNECTIONS, SUBJECT)]
    account.an_hour_later()
    assert account.new.connection() is None


def test_after_a_day_nobody_is_looked_after(account: Account) -> None:
    account.made()
    account.old.note("accepted", at=soon(60 * 26))
    account.an_hour_later(hours=27)
    assert account.new.connection() is None


def test_a_row_of_anybody_elses_is_left_aside(account: Account) -> None:
    account.made()
    strange = Row(Key(CONNECTIONS, "another"), 1, True, "", "", {"state": "x"})
    account.old.held[strange.key] = strange
    account.old.note("accepted", at=soon(3))
    account.an_hour_later()
    assert set(account.new.held) == {SINCE, Key(CONNECTIONS, SUBJECT)}


def live() -> ConnectionFacts:
    connection = Connection("vpce-1", "vpce-svc-1", "222222222222", "available")
    return ConnectionFacts(connections=(connection,), looked_at="all")


def test_the_earlier_stack_decides_nothing_once_it_is_followed(account: Account) -> None:
    account.old.note("accepted")
    seen = connection_memory.recall(live(), "EndpointAutopilot", account.old)
    assert seen.connections
    account.made(datetime.now(UTC))
    seen = connection_memory.recall(live(), "EndpointAutopilot", account.old)
    assert (seen.connections, seen.memory, seen.holds, seen.looked_at) == ((), {}, {}, ())
    assert connection_memory.recall(live(), "EndpointAutopilot", account.new).connections


def test_a_single_account_asks_nobody_whether_it_is_followed(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OF_FLEET")
    account.made(datetime.now(UTC))
    assert AFTER not in account.old.held
    account.old.held[AFTER] = Row(AFTER, 1, True, "", "", {"table": NEW}, 2_000_000_000)
    assert connection_memory.recall(live(), "EndpointAutopilot", account.old).connections


def test_a_later_stack_that_goes_gives_back(account: Account) -> None:
    account.made(datetime.now(UTC))
    assert AFTER in account.old.held
    account.recall(request("Delete"))
    assert AFTER not in account.old.held
    assert account.told[-1]["Status"] == "SUCCESS"


def test_who_is_followed_for_more_than_a_day_decides_again(account: Account) -> None:
    """Its deletion has failed, or there was none: requests must not wait for ever."""
    account.made(datetime.now(UTC) - LASTS - timedelta(hours=1))
    assert connection_memory.recall(live(), "EndpointAutopilot", account.old).connections


HAPPENS = ("begins", "made", "ends", "rejects")


def happen(account: Account, event: str, at: datetime) -> None:
    known = account.old.connection()
    half_done = known is not None and known.state == "accepting"
    if event == "begins" and known is None:
        account.old.note("accepting", at=at, claimed="e")
    elif event == "ends" and half_done:
        account.old.note("accepted", at=at, claimed="e")
    elif event == "rejects":
        account.old.note("rejected", by=ALICE, at=at)
    elif event == "made":
        account.made(at)


@pytest.mark.parametrize("order", list(itertools.permutations(HAPPENS)))
def test_in_whatever_order_it_happens_the_later_stack_knows_the_end(
    account: Account, order: tuple[str, ...]
) -> None:
    """The earlier stack's claim and its end, a person's answer, and the later stack's creation."""
    for minute, event in enumerate(order):
        happen(account, event, soon(minute))
    account.an_hour_later()
    assert said(account.new) == said(account.old)
    assert said(account.new)


def said(table: Table) -> Any:
    found = table.connection()
    return found and (found.state, found.by, found.at)
