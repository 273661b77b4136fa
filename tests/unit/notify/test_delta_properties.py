"""What holds of news whatever an execution reports and whatever was told before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from autopilot.gateway.messages import ENDPOINTS_CHANGED
from autopilot.gateway.report import NetworkReport
from autopilot.notify.delta import EXECUTIONS, Delta
from autopilot.notify.digest import digests
from autopilot.notify.finding import Finding
from autopilot.notify.ledger import FINDINGS, Memory
from autopilot.notify.render import message
from autopilot.notify.sweeps import sweep_row
from autopilot.reconcile.report import Failure
from autopilot.workflows import CATALOG
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.notify.reports import (
    NOW,
    FakeLedger,
    about,
    check_limits,
    compared,
    done,
    failed,
    finding,
    place,
    report,
)

VPCS = ("vpc-1", "vpc-2", "vpc-3")
ITEMS = [f"{vpc}/{service}" for vpc in VPCS for service in ("s3", "dynamodb")]

items = st.sampled_from(ITEMS)
tables = st.lists(st.sampled_from(["rtb-1", "rtb-2", "rtb-3"]), unique=True)
of_vpcs = st.one_of(
    st.builds(lambda s, t: finding("RouteTableBusy", s, route_table_ids=t), items, tables),
    st.builds(
        lambda s, t: finding(
            "PlannedChange", s, "info", action="create", route_table_ids=t, reason="no endpoint"
        ),
        items,
        tables,
    ),
    st.builds(lambda s: finding("EndpointFailed", s, "failure", endpoint_id="vpce-1"), items),
)
of_the_region = st.one_of(
    st.builds(
        lambda left: finding(
            "QuotaReached",
            "us-east-1",
            limit=20,
            used=20,
            left_undone=left,
            left_undone_count=len(left),
        ),
        st.lists(items, unique=True, min_size=1),
    ),
    st.just(finding("QuotaNear", "us-east-1", limit=20, used=16)),
)
outcomes = st.one_of(
    st.builds(done, items),
    st.builds(failed, items, st.sampled_from(["AccessDenied", "RefusedByAws"])),
)


def distinct(findings: list[Finding]) -> list[Finding]:
    return list({each.id: each for each in findings}.values())


@st.composite
def reports(draw: st.DrawFn, /, **fixed: Any) -> NetworkReport:
    """Reports as the workflow makes them: a look speaks only of the VPCs it looked at."""
    looked_at = draw(st.one_of(st.just("all"), st.lists(st.sampled_from(VPCS), unique=True)))
    seen = [
        each
        for each in draw(st.lists(of_vpcs, max_size=6))
        if looked_at == "all" or each.vpc_id in looked_at
    ]
    tried = {
        each.id: each
        for each in draw(st.lists(outcomes, max_size=4))
        if looked_at == "all" or each.item.vpc_id in looked_at
    }
    given: dict[str, Any] = {
        "findings": distinct([*seen, *draw(st.lists(of_the_region, max_size=1))]),
        "looked_at": looked_at if looked_at == "all" else tuple(looked_at),
        "trigger": draw(st.sampled_from(["event", "sweep", "window", "person"])),
        "name": draw(st.sampled_from(["a", "b", "c", "d", "e", "f"])),
        "more": draw(st.sampled_from([0, 0, 7])),
        "failure": draw(st.sampled_from([None, None, Failure("Carry out", "Throttled", "slow")])),
    }
    return report(*tried.values(), **{**given, **fixed})


def recall(ledger: FakeLedger, of: NetworkReport) -> Memory:
    sweep = ledger.rows(*sweep_row(of.workflow))
    return Memory(
        {row.key.sk: row for row in ledger.rows(FINDINGS)},
        {row.key.sk: row for row in ledger.rows(EXECUTIONS, of.execution)},
        sweep[0] if sweep else None,
    )


def tell(ledger: FakeLedger, of: NetworkReport) -> Delta:
    """Record a report without a hitch."""
    news = compared(of, recall(ledger, of), NOW)
    assert not ledger.write(news.claims)
    for digest in digests(news, (), place(), CATALOG):
        assert not ledger.write(digest.settle)
    if news.on_the_bus:
        ledger.write([news.on_the_bus.settle])
    return news


def told_before(history: list[NetworkReport]) -> FakeLedger:
    ledger = FakeLedger()
    for number, each in enumerate(history):
        tell(
            ledger,
            NetworkReport(
                f"{each.execution}-{number}", each.trigger, each.plan, each.outcomes, each.failure
            ),
        )
    return ledger


histories = st.lists(reports(), max_size=3)


@given(histories, reports())
def test_recording_the_same_twice_says_nothing_the_second_time(
    history: list[NetworkReport], same: NetworkReport
) -> None:
    ledger = told_before(history)
    tell(ledger, same)
    again = compared(same, recall(ledger, same), NOW + timedelta(hours=1))

    assert again.findings == ()
    assert all(each.delivery is None for each in again.changes)
    assert again.on_the_bus is None
    assert again.claims == ()


@given(histories, reports())
def test_every_finding_that_ops_did_not_know_is_told_exactly_once(
    history: list[NetworkReport], new: NetworkReport
) -> None:
    ledger = told_before(history)
    known = set(recall(ledger, new).findings)
    opened = [each.finding.id for each in tell(ledger, new).findings if each.change == "opened"]

    assert new.plan
    unknown = {each.id for each in new.plan.findings} - known
    if "QuotaReached/us-east-1" in known and new.plan.looked_at != "all":
        unknown -= {"QuotaNear/us-east-1"}  # ops know worse
    assert unknown <= set(opened)
    assert len(opened) == len(set(opened))
    assert not known & set(opened)


@given(histories, reports(failure=None, looked_at="all", more=0))
def test_every_finding_that_a_look_at_all_no_longer_sees_is_resolved_exactly_once(
    history: list[NetworkReport], now: NetworkReport
) -> None:
    ledger = told_before(history)
    known = recall(ledger, now).findings
    news = tell(ledger, now)
    resolved = [each.finding.id for each in news.findings if each.change == "resolved"]

    assert now.plan
    there = {each.id for each in now.plan.findings}
    there |= {f"ChangeFailed/{outcome.id}" for outcome in now.failed}
    left = {item for each in now.plan.findings for item in each.data.get("left_undone", ())}
    finished = {outcome.id for outcome in now.outcomes if outcome.result == "done"}
    there |= {f"ChangeFailed/{item}" for item in left - finished}  # put off, not done
    if "QuotaReached/us-east-1" in there:
        there |= {"QuotaNear/us-east-1"}
    gone = {id_ for id_ in known if id_ not in there and id_ != "EventsNotArriving/sweep"}
    told_as_done = {f"PlannedChange/{item}" for item in finished}
    assert set(resolved) - {"EventsNotArriving/sweep"} == gone - told_as_done
    assert {write.key.sk for write in news.silent} == gone & told_as_done
    assert len(resolved) == len(set(resolved))
    assert not set(resolved) & {row.key.sk for row in ledger.rows(FINDINGS)}


@given(histories, reports())
def test_nothing_outside_what_was_looked_at_is_taken_back(
    history: list[NetworkReport], now: NetworkReport
) -> None:
    ledger = told_before(history)
    resolved = [each.finding for each in tell(ledger, now).findings if each.change == "resolved"]

    assert now.plan
    if now.failure:
        assert not resolved
    if now.plan.looked_at != "all":
        for each in resolved:
            about_us = each.kind in ("WorkflowFailed", "EventsNotArriving")
            assert about_us or str(each.vpc_id) in now.plan.looked_at


@given(histories, reports())
def test_every_failure_is_known_to_ops_afterwards(
    history: list[NetworkReport], now: NetworkReport
) -> None:
    ledger = told_before(history)
    news = tell(ledger, now)

    rows = {row.key.sk: row for row in ledger.rows(FINDINGS)}
    for outcome in now.failed:
        row = rows[f"ChangeFailed/{outcome.id}"]
        assert row.told
        assert str(outcome.error) in str(row.body["data"])
    if now.failure:
        assert rows[f"WorkflowFailed/network/{now.failure.state}"].told
    assert all(row.told for row in rows.values())
    done = tuple(each for each in now.outcomes if each.result == "done")
    assert [each.change for each in news.changes] == (
        [ENDPOINTS_CHANGED.done(done)] if done else []
    )


@given(histories, reports())
def test_of_two_that_record_the_same_at_once_one_tells(
    history: list[NetworkReport], same: NetworkReport
) -> None:
    ledger = told_before(history)
    other = NetworkReport(
        f"{same.execution}-other", same.trigger, same.plan, same.outcomes, same.failure
    )
    ours = compared(same, recall(ledger, same), NOW)
    theirs = compared(other, recall(ledger, other), NOW)
    assert not ledger.write(ours.claims)
    refused = ledger.write(theirs.claims)

    contested = {each.delivery.key for each in theirs.findings}
    assert contested <= refused
    assert [t.notice.kind for t in digests(theirs, refused, place(), CATALOG)] == (
        ["GatewayEndpointsChanged"] if theirs.changes else []
    ), "what an execution did itself is its own to tell"


wild = st.text(max_size=3_000)


@settings(deadline=None)  # an example words every kind
@given(st.lists(wild, min_size=1, max_size=300), wild, st.sampled_from(["opened", "resolved"]))
def test_no_message_is_larger_than_sns_takes(texts: list[str], words: str, change: Any) -> None:
    data: dict[str, Any] = {
        "error": words,
        "message": words * 20,
        "cause": words * 20,
        "reason": words,
        "route_table_ids": texts,
        "left_undone": texts,
        "endpoint_id": words,
        "until": words,
        "limit": 20,
        "used": 20,
        "state": words,
        "why_not_read": words,
    }
    told = {kind for kind, each in CATALOG.items() if each.ending or change == "opened"}
    for kind in told:
        found = [finding(kind, f"vpc-{number}/{text}", **data) for number, text in enumerate(texts)]
        check_limits(message(about(change, found, place()), place()))
    did = [done("vpc-1/s3", route_table_ids=tuple(texts), endpoint_id=text) for text in texts]
    check_limits(message(ENDPOINTS_CHANGED.done(did).notice(place()), place()))
