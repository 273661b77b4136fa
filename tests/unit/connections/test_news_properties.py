"""What holds of news on connections, whatever three workflows report in whatever order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from autopilot.connections.report import ConnectionReport, HoldReport, answered, failed
from autopilot.connections.zones import ZonesReport
from autopilot.notify.delta import EXECUTIONS, Delta
from autopilot.notify.digest import digests
from autopilot.notify.finding import Finding
from autopilot.notify.ledger import FINDINGS, Memory
from autopilot.notify.render import message
from autopilot.notify.report import Report
from autopilot.notify.sweeps import sweep_row
from autopilot.reconcile.codec import decode
from autopilot.workflows import CATALOG
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.connections.happenings import (
    anything,
    ends,
    looks,
)
from tests.unit.connections.reports import (
    answer,
    connections,
    hold_end,
    payload,
    why,
)
from tests.unit.notify.reports import (
    NOW,
    FakeLedger,
    check_limits,
    compared,
    finding,
    place,
)

histories = st.lists(anything, max_size=4)


def recall(ledger: FakeLedger, of: Report) -> Memory:
    sweep = ledger.rows(*sweep_row(of.workflow)) if of.trigger == "sweep" else ()
    return Memory(
        {row.key.sk: row for row in ledger.rows(FINDINGS)},
        {row.key.sk: row for row in ledger.rows(EXECUTIONS, of.execution)},
        sweep[0] if sweep else None,
    )


def tell(ledger: FakeLedger, of: Report) -> Delta:
    """Record a report without a hitch."""
    news = compared(of, recall(ledger, of), NOW)
    assert not ledger.write(news.claims)
    for digest in digests(news, (), place(), CATALOG):
        assert not ledger.write(digest.settle)
        check_limits(message(digest.notice, place()))
    if news.on_the_bus:
        ledger.write([news.on_the_bus.settle])
    assert not ledger.write(news.silent)
    return news


def told_before(history: list[Any]) -> FakeLedger:
    ledger = FakeLedger()
    for number, each in enumerate(history):
        data = {**payload(each), "execution": f"{each.execution}-{number}"}
        tell(ledger, decode(type(each), data))
    return ledger


@given(histories, anything)
def test_recording_the_same_twice_says_nothing_the_second_time(
    history: list[Any], same: Report
) -> None:
    ledger = told_before(history)
    tell(ledger, same)
    again = compared(same, recall(ledger, same), NOW + timedelta(hours=1))

    assert not (again.findings or again.claims or again.silent)
    assert all(each.delivery is None for each in again.changes)
    assert again.on_the_bus is None


@given(histories, anything)
def test_nothing_of_another_scope_is_taken_back(history: list[Any], now: Report) -> None:
    ledger = told_before(history)
    before = {row.key.sk: row for row in ledger.rows(FINDINGS)}
    tell(ledger, now)
    gone = set(before) - {row.key.sk for row in ledger.rows(FINDINGS)}

    if not now.went_well:
        assert not gone
    for id_ in gone:
        kind, _, subject = id_.partition("/")
        data = str(before[id_].body["data"])
        if kind == "WorkflowFailed":
            assert subject.startswith(f"{now.workflow}/"), data
        else:
            assert may_settle(now, kind, subject)


def may_settle(now: Report, kind: str, subject: str) -> bool:
    if isinstance(now, HoldReport):
        return kind in ("ConnectionHeld", "AnswerFailed") and subject == now.subject
    if not isinstance(now, ConnectionReport):
        return kind in ("RouteTableBusy", "EventsNotArriving")
    assert now.plan
    in_scope = now.plan.looked_at == "all" or subject.split("/")[0] in now.plan.looked_at
    ours = kind not in ("RouteTableBusy", "EventsNotArriving")
    return ours and (in_scope or (kind == "NotificationsNotArriving" and now.trigger == "sweep"))


@given(histories, st.one_of(looks(), ends()))
def test_every_answer_that_failed_leads_to_a_failure_that_ops_know(
    history: list[Any], now: ConnectionReport | HoldReport
) -> None:
    ledger = told_before(history)
    tell(ledger, now)

    rows = {row.key.sk: row for row in ledger.rows(FINDINGS)}
    assert all(row.told for row in rows.values())
    failures = {f"AnswerFailed/{subject}" for subject in failed(now.outcomes)}
    if now.failure:
        failures.add(f"WorkflowFailed/{now.workflow}/{now.failure.state}")
    registered = now.registered if isinstance(now, ConnectionReport) else ()
    failures |= {
        f"NotificationsNotRegistered/{each.service_id}"
        for each in registered
        if each.result == "failed"
    }
    assert failures <= set(rows)
    assert {rows[id_].body["severity"] for id_ in failures} <= {"failure"}


@given(histories, looks())
def test_every_answer_is_told_and_announced_once(history: list[Any], now: ConnectionReport) -> None:
    ledger = told_before(history)
    news = tell(ledger, now)

    done = {each.subject for each in answered(now.outcomes)}
    told = [subject.id for each in news.changes for subject in each.change.notice(place()).subjects]
    assert sorted(told) == sorted(done)
    ids = [event.detail["id"] for event in news.events]
    assert len(ids) == len(set(ids))
    assert len(ids) == len(done) + len(now.plan.holds if now.plan else ())


@given(histories, looks(failure=None, looked_at="all", more=0, close_holds=()))
def test_what_a_look_at_everything_does_not_see_is_over(
    history: list[Any], now: ConnectionReport
) -> None:
    ledger = told_before(history)
    tell(ledger, now)

    assert now.plan
    seen: list[Finding] = [*now.plan.findings, *(now.zones.findings if now.zones else ())]
    there = {each.id for each in seen}
    there |= {f"AnswerFailed/{subject}" for subject in failed(now.outcomes)}
    there |= {
        f"NotificationsNotRegistered/{each.service_id}"
        for each in now.registered
        if each.result == "failed"
    }
    left = {
        row.key.sk
        for row in ledger.rows(FINDINGS)
        if not row.key.sk.startswith(
            ("WorkflowFailed", "RouteTableBusy", "EventsNotArriving", "NotificationsNotArriving")
        )
    }
    assert left == there


@given(st.lists(st.text(max_size=2_000), min_size=1, max_size=200), st.text(max_size=2_000))
def test_no_change_is_larger_to_tell_than_sns_takes(texts: list[str], words: str) -> None:
    endpoints = [f"vpce-{number}{text}".replace("/", "") for number, text in enumerate(texts)]
    for verdict in ("accept", "reject", "cut"):
        done = answer(*endpoints, verdict=verdict, why=why(reason=words, rule=words, owner=words))
        for each in compared(connections(done)).changes:
            check_limits(message(each.change.notice(place()), place()))
    end = hold_end("accept", answer("vpce-1"), by=words, reason=words * 20)
    for each in compared(end).changes:
        check_limits(message(each.change.notice(place()), place()))


def test_only_what_no_look_can_see_the_end_of_expires() -> None:
    refused = {"StillServing", "RouteContested", "WithdrawalPlanned", "WithdrawalFailed"}
    assert {kind for kind, each in CATALOG.items() if each.lasts} == {"ZoneAdvice"} | refused
    row = (
        compared(
            connections(zones=ZonesReport((), (finding("ZoneAdvice", "vpc-1/x", "info"),), ()))
        )
        .claims[0]
        .row
    )
    assert row
    assert row.expires_at == int((NOW + timedelta(days=1)).timestamp())
