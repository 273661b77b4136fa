"""Heartbeats: what a spoke's ledger says of it, bounded, the worst first."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from autopilot.connections.holds import opening, put
from autopilot.fleet import beat
from autopilot.fleet.beat import About, Looked, heartbeat
from autopilot.fleet.wire import HEARTBEAT, Heartbeat
from autopilot.notify.finding import Finding
from autopilot.notify.ledger import Key, Memory, Row
from autopilot.policy.model import Policy
from autopilot.reconcile.beside import Stack, beside, note
from autopilot.reconcile.codec import decode, encode

from tests.unit.connections.reports import connections as of_connections
from tests.unit.connections.reports import held, hold
from tests.unit.notify.reports import NOW, busy, compared, finding, place, report

ABOUT = About("r-1", "code-1", "workloads", "StackSet-X", {"answer": "arn:1"})
POO = "\N{PILE OF POO}"  # twelve bytes of JSON
HERE = place("arn:aws:states:us-east-1:111111111111:execution:Network:n-1")


def stored(of: Any) -> list[Row]:
    """The ledger's rows of what was told."""
    return [
        each.delivery.settle.row
        for each in compared(of, Memory()).findings
        if each.delivery.settle.row
    ]


def waiting(endpoint: str = "vpce-1", at: datetime = NOW, **changes: Any) -> Row:
    row = replace(opening(hold(endpoint), "execution", at), state="open", **changes)
    write = put(row, None, at)
    assert write.row
    return write.row


def beats(
    findings: Sequence[Row] = (),
    holds: Sequence[Row] = (),
    state: Sequence[Row] = (),
    succession: Sequence[Row] = (),
    **more: Any,
) -> Heartbeat:
    rows = {"finding": findings, "hold": holds, "state": state, "succession": succession}
    given: dict[str, Any] = {"looked": None, "undelivered": 0, **more}
    return heartbeat(rows, ABOUT, Policy(), HERE, **given)


def test_it_says_what_runs_here() -> None:
    found = beats(undelivered=3)
    assert (found.release, found.version, found.target, found.stack, found.mode) == (
        "r-1", "code-1", "workloads", "StackSet-X", "enforce",
    )  # fmt: skip
    assert found.asks == {"answer": "arn:1"}
    assert found.undelivered == 3
    assert (found.coverage, found.cents) == ({}, None), "not known before the first look"
    assert found.policy == beat.digest(Policy()) != beat.digest(Policy(mode="audit"))


def test_it_says_who_stands_beside_it_and_acts_in_its_place() -> None:
    assert (beats().beside, beats().yields_to) == ((), "")
    stacks = [
        Stack("StackSet-X", "ours", "2026-11-30T08:00:00+00:00"),
        Stack("EndpointAutopilot", "other", "2026-11-29T08:00:00+00:00", "CREATE_COMPLETE"),
    ]
    row = note(beside("ours", stacks, (), None, NOW), (), NOW).row
    assert row
    found = beats(succession=[row])
    (seen,) = found.beside
    assert (seen.stack, seen.status, seen.alone) == ("EndpointAutopilot", "CREATE_COMPLETE", True)
    assert found.yields_to == "EndpointAutopilot"
    unread = replace(row, body={"beside": "{"})
    assert beats(succession=[unread]).beside == ()


def test_findings_come_worst_first_with_their_gist() -> None:
    found = beats(stored(report(findings=[busy(), finding("ChangeFailed", error="AccessDenied")])))
    assert [each.severity for each in found.findings] == ["failure", "action"]
    assert found.finding_count == 2
    assert all("vpc-1" not in each.title for each in found.findings)
    assert all(each.since for each in found.findings)


def test_what_is_over_or_forgotten_stands_no_more() -> None:
    (row,) = stored(report(findings=[busy()]))
    over = replace(row, body={**row.body, "change": "resolved"})
    expired = replace(row, expires_at=int((NOW - timedelta(1)).timestamp()))
    assert beats([over]).finding_count == beats([expired]).finding_count == 0


def test_a_kind_that_this_version_does_not_know_is_told_by_its_name() -> None:
    (row,) = stored(report(findings=[busy()]))
    other = replace(row, body={**row.body, "kind": "FromTheFuture"})
    (told,) = beats([other]).findings
    assert told.title.startswith("FromTheFuture")


def test_who_waits_is_told_with_whose_it_is_and_until_when() -> None:
    told = stored(of_connections(findings=[held("vpce-svc-1/vpce-1")]))
    found = beats(told, [waiting("vpce-1")])
    (one,) = found.holds
    assert (one.endpoint_id, one.service_id, one.hold) == (
        "vpce-1",
        "vpce-svc-1",
        hold("vpce-1").name,
    )
    assert one.owner
    assert one.until > one.since
    assert found.hold_count == 1


def test_a_hold_that_is_answered_or_over_waits_no_more() -> None:
    answered = waiting(at=NOW)
    answered = replace(answered, body={**answered.body, "state": "answered", "at": NOW.isoformat()})
    closed = replace(answered, body={**answered.body, "state": "closed"})
    late = waiting(at=NOW - timedelta(days=300))
    assert beats(holds=[answered, closed, late]).hold_count == 0


def test_the_oldest_hold_comes_first() -> None:
    rows = [waiting("vpce-2"), waiting("vpce-1", NOW - timedelta(hours=1))]
    assert [each.endpoint_id for each in beats(holds=rows).holds] == ["vpce-1", "vpce-2"]


def sweep(name: str, *, goes_on: bool = False) -> Row:
    return Row(Key("state", name), 1, True, "e", NOW.isoformat(), {"goes_on": goes_on})


def test_sweeps_that_have_ended_are_told_by_workflow() -> None:
    state = [sweep("sweep"), sweep("services-sweep"), sweep("connections-sweep", goes_on=True)]
    assert beats(state=state).sweeps == {"network": NOW.isoformat(), "services": NOW.isoformat()}


def test_an_enormous_ledger_makes_a_small_heartbeat_that_counts_all() -> None:
    rows = stored(report(findings=[busy(f"vpc-{n:017x}/{POO * 280}") for n in range(900)]))
    holds = [waiting(f"vpce-{n:017x}") for n in range(300)]
    found = beats(rows, holds)
    assert (found.finding_count, found.hold_count) == (900, 300)
    assert 0 < len(found.findings) < 900
    assert 0 < len(found.holds) <= 50
    assert len(json.dumps(encode(found))) <= 100_000


def test_what_is_counted_once_a_day_is_kept_until_the_next() -> None:
    looked = Looked(NOW.isoformat(), {"vpcs": 3}, 1234)
    write = beat.note(looked, {}, NOW)
    assert write.row
    rows = {"state": [write.row]}
    assert beat.looked_at(rows) == looked
    again = beat.note(looked, rows, NOW)
    assert again.replaces == write.row.version
    assert beats(looked=looked).coverage == {"vpcs": 3}
    assert beats(looked=looked).cents == 1234


@pytest.mark.parametrize(("hours", "due"), [(0, False), (22, False), (23, True), (50, True)])
def test_it_is_counted_anew_once_a_day(hours: int, due: bool) -> None:
    looked = Looked(NOW.isoformat())
    assert beat.is_due(looked, NOW + timedelta(hours=hours)) is due
    assert beat.is_due(None, NOW)


def test_it_is_an_event_of_the_contracts_type() -> None:
    event = beat.event_of(beats())
    assert event.detail_type == HEARTBEAT
    assert decode(Heartbeat, json.loads(json.dumps(event.detail))) == beats()


def test_a_finding_that_tells_of_a_hold_is_the_same_endpoints() -> None:
    told: list[Finding] = [held("vpce-svc-1/vpce-2")]
    (one,) = beats(stored(of_connections(findings=told)), [waiting("vpce-1")]).holds
    assert one.owner == ""
