"""Two stacks of one account for minutes: nobody whom a rule let in is forgotten, or cut by both.

An account moves from one organizational unit to another: one StackSet deletes, another one makes.
"""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import recall_memory
from autopilot.aws import connection_memory, step
from autopilot.aws.errors import AccessDenied, Throttled
from autopilot.connections.facts import AUTOPILOT, Connection, ConnectionFacts, Remembered
from autopilot.connections.inherited import SINCE
from autopilot.connections.remembered import CONNECTIONS, kept, remembered
from autopilot.notify.ledger import Key, Row, Write
from autopilot.policy.model import Policy
from autopilot.reconcile.beside import (
    AFTER,
    BESIDE,
    SUCCESSION,
    Beside,
    Stack,
    beside_in,
    yields,
)

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

    def acts_at(self, now: datetime) -> bool:
        return not yields(self.rows(SUCCESSION), now)

    def sees(self) -> Beside:
        seen = beside_in(self.rows(SUCCESSION))
        assert seen
        return seen

    def connection(self, subject: str = SUBJECT) -> Remembered | None:
        row = self.held.get(Key(CONNECTIONS, subject))
        return remembered(row) if row else None

    def note(self, state: Any, by: str = AUTOPILOT, at: datetime = NOW, claimed: str = "") -> None:
        old = self.connection()
        new = Remembered(state, by, "a rule", "", at.isoformat(), claimed_by=claimed)
        self.write([kept(SUBJECT, new, old)])


class Account:
    """An account with the ledgers of its stacks, the youngest first, and CloudFormation's words."""

    def __init__(self, **_: Any) -> None:
        self.tables: dict[str, Table] = {NEW: Table(), OLD: Table()}
        self.states = {stack_of(NEW): "CREATE_IN_PROGRESS", stack_of(OLD): "CREATE_COMPLETE"}
        self.told: list[dict[str, Any]] = []

    @property
    def old(self) -> Table:
        return self.tables[OLD]

    @property
    def new(self) -> Table:
        return self.tables[NEW]

    def stacks(self, _prefixes: str, own: str) -> list[Stack]:
        assert own in self.tables
        made = range(len(self.tables), 0, -1)
        return [
            Stack(stack_of(name), name, soon(n).isoformat(), self.states.get(stack_of(name), ""))
            for n, name in zip(made, self.tables, strict=True)
        ]

    def recall(self, event: Mapping[str, Any], now: datetime = NOW, own: str = NEW) -> None:
        os.environ["LEDGER_TABLE"] = own
        ledger: Any = self.tables.__getitem__
        recall_memory.handler(
            event,
            CONTEXT,
            stacks=self.stacks,
            ledger=ledger,
            send=lambda _url, body: self.told.append(json.loads(body)),
            pause=lambda _seconds: None,
            now=lambda: now,
        )

    def made(self, now: datetime = NOW, own: str = NEW) -> None:
        self.recall(request("Create"), now, own)
        assert self.told[-1]["Status"] == "SUCCESS"
        self.states[stack_of(own)] = "CREATE_COMPLETE"

    def an_hour_later(self, hours: float = 1, own: str = NEW) -> None:
        self.recall({"trigger": "again"}, NOW + timedelta(hours=hours), own)


def stack_of(table: str) -> str:
    return table.rsplit("-", 2)[0]


def request(kind: str) -> dict[str, Any]:
    ids = {name: name for name in ("ResponseURL", "StackId", "RequestId", "LogicalResourceId")}
    return {"RequestType": kind, **ids}


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Account:
    monkeypatch.setenv("LEDGER_TABLE", NEW)  # so that it is put back
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


def test_a_persons_answer_is_not_undone_by_a_rule_that_let_in_elsewhere(account: Account) -> None:
    account.made()
    account.new.note("accepted", by=ALICE, at=soon(1))
    account.old.note("accepted", at=soon(2))
    account.an_hour_later()
    found = account.new.connection()
    assert found
    assert found.by == ALICE, "else it would be cut once no rule names it"
    account.old.note("rejected", at=soon(3))
    account.an_hour_later()
    assert said(account.new) == said(account.old), "what a policy denies is over all the same"


def test_what_was_forgotten_long_ago_does_not_come_back(account: Account) -> None:
    account.old.note("accepted", at=soon(-600))
    account.made()
    del account.new.held[Key(CONNECTIONS, SUBJECT)]
    account.an_hour_later()
    assert account.new.connection() is None


def test_after_a_day_what_we_have_forgotten_does_not_come_back(account: Account) -> None:
    account.made()
    account.old.note("accepted", at=soon(60))
    account.an_hour_later(hours=2)
    del account.new.held[Key(CONNECTIONS, SUBJECT)]
    account.an_hour_later(hours=27)
    assert account.new.connection() is None


def test_a_row_of_anybody_elses_is_left_aside(account: Account) -> None:
    account.made()
    strange = Row(Key(CONNECTIONS, "another"), 1, True, "", "", {"state": "x"})
    account.old.held[strange.key] = strange
    account.old.note("accepted", at=soon(3))
    account.an_hour_later()
    assert set(account.new.held) == {SINCE, BESIDE, Key(CONNECTIONS, SUBJECT)}


def live() -> ConnectionFacts:
    connection = Connection("vpce-1", "vpce-svc-1", "222222222222", "available")
    return ConnectionFacts(connections=(connection,), looked_at="all")


def test_the_earlier_stack_decides_nothing_once_it_is_followed(account: Account) -> None:
    account.old.note("accepted")
    account.old.held[BESIDE] = aware(datetime.now(UTC))
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
    account.old.held[AFTER] = Row(AFTER, 1, True, "", "", {"table": NEW}, 2_000_000_000)
    assert connection_memory.recall(live(), "EndpointAutopilot", account.old).connections


def test_while_another_stack_acts_steps_plan_in_audit(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(step, "bundled_policy", Policy)
    monkeypatch.setattr(step, "ledger", lambda: account.old)
    assert step.acting_policy().mode == "enforce"
    account.made(datetime.now(UTC))
    assert step.acting_policy().mode == "audit"
    monkeypatch.delenv("OF_FLEET")
    assert step.acting_policy().mode == "enforce", "a single account's asks nobody"


def test_a_later_stack_that_is_gone_gives_back_within_the_hour(account: Account) -> None:
    account.old.held[BESIDE] = aware()
    account.made()
    account.new.note("accepted", at=soon(5))
    del account.states[stack_of(NEW)]
    assert account.old.acts_at(soon(30)) is False, "it doesn't know yet whom the later one let in"
    account.an_hour_later(own=OLD)
    assert account.old.acts_at(soon(61))
    assert account.old.connection() == account.new.connection()


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED"])
def test_a_later_stack_that_failed_gives_back_within_the_hour(
    account: Account, status: str
) -> None:
    """It has told us that it follows, and then was never awake, or is no more."""
    account.old.held[BESIDE] = aware()
    account.made()
    account.states[stack_of(NEW)] = status
    account.an_hour_later(own=OLD)
    assert account.old.acts_at(soon(61))


class Busy(Table):
    """A ledger that has no time to say who was let in."""

    def rows(self, pk: str, prefix: str = "") -> list[Row]:
        if pk == CONNECTIONS:
            raise Throttled("dynamodb:Query: slow")
        return super().rows(pk, prefix)


def test_who_cannot_learn_whom_the_other_let_in_does_not_act_yet(account: Account) -> None:
    account.old.held[BESIDE] = aware()
    account.made()
    account.an_hour_later(own=OLD)
    del account.states[stack_of(NEW)]
    account.tables[NEW] = Busy(*account.new.held.values())
    with pytest.raises(Throttled):
        account.an_hour_later(2, own=OLD)
    assert not account.old.acts_at(soon(121))


def test_who_is_followed_goes_on_waiting_while_the_later_one_stands(account: Account) -> None:
    account.old.held[BESIDE] = aware()
    account.made()
    for hours in range(1, 60):
        account.an_hour_later(hours, own=OLD)
        account.an_hour_later(hours)
    assert not account.old.acts_at(soon(60 * 60))
    assert account.new.acts_at(soon(60 * 60))


def test_where_nobody_looks_any_more_a_note_holds_for_a_day(account: Account) -> None:
    """Requests must not wait for ever."""
    account.made()
    assert not account.old.acts_at(soon(60 * 23))
    assert account.old.acts_at(soon(60 * 25))


def aware(at: datetime = NOW) -> Row:
    """What a stack of a fleet has noted that is alone."""
    body = {"beside": json.dumps({"at": at.isoformat(), "others": [], "yields_to": ""})}
    return Row(BESIDE, 1, True, "beside", at.isoformat(), body)


# --- one that can't know ---

SINGLE = f"EndpointAutopilot-{TABLE}-A"


@pytest.fixture
def beside_a_single_one(account: Account) -> Account:
    account.tables = {NEW: Table(), SINGLE: Table()}
    account.states = {stack_of(NEW): "CREATE_IN_PROGRESS", "EndpointAutopilot": "UPDATE_COMPLETE"}
    return account


def test_a_spoke_stands_back_for_a_stack_of_no_fleet_until_it_is_gone(
    beside_a_single_one: Account,
) -> None:
    account, single = beside_a_single_one, beside_a_single_one.tables[SINGLE]
    account.made()
    assert not account.new.acts_at(NOW), "from the first moment on"
    single.note("accepted", at=soon(60 * 30))
    account.an_hour_later(31)
    assert not account.new.acts_at(soon(60 * 31)), "for as long as it takes"
    seen = account.new.sees()
    assert seen.yields_to == "EndpointAutopilot"
    assert seen.others[0].alone
    assert seen.others[0].since == NOW.isoformat()
    single.note("rejected", by=ALICE, at=soon(60 * 31.5))
    del account.states["EndpointAutopilot"]
    account.an_hour_later(32)
    assert account.new.acts_at(soon(60 * 32))
    assert account.new.connection() == single.connection(), "and it knows all by then"


def test_nor_where_nothing_but_the_last_look_has_it_stand_back(
    beside_a_single_one: Account,
) -> None:
    account = beside_a_single_one
    account.made()
    account.tables[SINGLE] = Busy()
    del account.states["EndpointAutopilot"]
    with pytest.raises(Throttled):
        account.an_hour_later(2)
    assert not account.new.acts_at(soon(121))


@pytest.mark.parametrize(
    ("status", "acts"),
    [
        ("UPDATE_COMPLETE", False),
        ("UPDATE_ROLLBACK_FAILED", False),
        ("CREATE_IN_PROGRESS", False),
        ("DELETE_IN_PROGRESS", False),  # it is at something still
        ("DELETE_FAILED", True),  # what wakes it goes first
        ("ROLLBACK_COMPLETE", True),
        ("", True),
    ],
)
def test_it_stands_back_while_the_other_one_may_act(
    status: str, acts: bool, beside_a_single_one: Account
) -> None:
    account = beside_a_single_one
    account.states["EndpointAutopilot"] = status
    account.made()
    assert account.new.acts_at(NOW) is acts
    assert [each.status for each in account.new.sees().others] == [status] * bool(status)


def test_one_that_is_made_beside_a_spoke_is_seen_within_the_hour(account: Account) -> None:
    account.tables = {NEW: Table()}
    account.made()
    assert account.new.acts_at(NOW)
    account.tables = {SINGLE: Table(), NEW: account.new}
    account.states["EndpointAutopilot"] = "CREATE_COMPLETE"
    account.an_hour_later()
    assert not account.new.acts_at(soon(61))


def test_what_cannot_be_seen_is_an_error_and_changes_nothing(account: Account) -> None:
    account.made()
    before = dict(account.new.held)

    def denied(_prefixes: str, own: str) -> list[Stack]:
        raise AccessDenied(f"cloudformation:DescribeStacks: no, {own}")

    account.stacks = denied  # type: ignore[method-assign] # as a policy of the organization does
    with pytest.raises(AccessDenied):
        account.an_hour_later()
    assert account.new.held == before


# --- there and back again, whatever is late or fails ---

A1, B1, A2 = (
    f"StackSet-EndpointAutopilot-{unit}-{n}-{TABLE}-T" for unit, n in (("a", 1), ("b", 1), ("a", 2))
)
MOVES = ("A1 goes", "B1 comes", "B1 goes", "A2 comes")


def orders() -> list[tuple[str, ...]]:
    """Every order of a move and its way back, and each deletion may fail: it never happens. A stack
    is made before it goes, and A2 after B1."""
    found = {
        tuple(each for each in order if each not in fails)
        for order in itertools.permutations(MOVES)
        for fails in ((), ("A1 goes",), ("B1 goes",), ("A1 goes", "B1 goes"), ("A2 comes",))
    }
    return sorted(each for each in found if is_possible(each))


def is_possible(order: tuple[str, ...]) -> bool:
    place = {each: n for n, each in enumerate(order)}
    left = {"A1 goes", "B1 goes"} <= place.keys() and "A2 comes" not in place
    return not left and all(
        place[first] < place[then]
        for first, then in (("B1 comes", "B1 goes"), ("B1 comes", "A2 comes"))
        if {first, then} <= place.keys()
    )


class Moving(Account):
    """An account in which each stack lets in whom it may whenever it acts, once every hour."""

    def __init__(self) -> None:
        super().__init__()
        self.tables, self.states, self.let_in, self.hour = {}, {}, 0, 0
        self.comes(A1)

    def comes(self, table: str) -> None:
        self.tables = {table: Table(), **self.tables}
        self.states[stack_of(table)] = "CREATE_IN_PROGRESS"
        self.made(self.now, table)

    def goes(self, table: str) -> None:
        del self.states[stack_of(table)]

    @property
    def now(self) -> datetime:
        return NOW + timedelta(hours=self.hour)

    @property
    def acting(self) -> list[str]:
        return [
            name
            for name, table in self.tables.items()
            if stack_of(name) in self.states and table.acts_at(self.now)
        ]

    def an_hour(self) -> None:
        """Whoever acts lets somebody in; then every stack looks about."""
        assert len(self.acting) <= 1, "never two"
        for name in self.acting:
            self.let_in += 1
            new = Remembered("accepted", AUTOPILOT, "a rule", "", self.now.isoformat())
            self.tables[name].write([kept(f"vpce-svc-1/vpce-{self.let_in}", new, None)])
        self.hour += 1
        for name in self.tables:
            if stack_of(name) in self.states:
                self.recall({"trigger": "again"}, self.now, name)


@pytest.mark.parametrize("hours", [1, 30])
@pytest.mark.parametrize("order", orders(), ids=" ".join)
def test_there_and_back_one_acts_and_knows_whom_all_have_let_in(
    order: tuple[str, ...], hours: int, account: Account
) -> None:
    """`account`: for its environment."""
    moving = Moving()
    for event in order:
        for _ in range(hours):
            moving.an_hour()
        name = {"A1": A1, "B1": B1, "A2": A2}[event[:2]]
        (moving.comes if event.endswith("comes") else moving.goes)(name)
        assert len(moving.acting) <= 1, f"two act once {event}"
    moving.an_hour()
    (acts,) = moving.acting
    rows = moving.tables[acts].rows(CONNECTIONS)
    assert len(rows) == moving.let_in > 0


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
