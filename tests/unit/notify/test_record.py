"""Stories: what ops hear, and hear again, as executions are recorded one after the other."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import pytest
from autopilot.aws.errors import AccessDenied, Throttled
from autopilot.gateway.plan import QuotaUse
from autopilot.gateway.report import NetworkReport
from autopilot.notify.ledger import Row
from autopilot.notify.sweeps import sweep_row
from autopilot.reconcile.report import Failure

from tests.unit.notify.account import Account, later, recording
from tests.unit.notify.reports import FakeLedger, busy, done, execution, failed, finding, report


@pytest.fixture(autouse=True, scope="module")
def environment() -> Iterator[None]:
    with recording():
        yield


@pytest.fixture
def account() -> Account:
    return Account()


def test_tells_of_a_finding_when_it_appears_changes_and_goes_and_not_in_between(
    account: Account,
) -> None:
    one, two = busy(tables=["rtb-1"]), busy(tables=["rtb-1", "rtb-2"])

    assert account.record(report(findings=[one], name="a")) == [
        ("RouteTableBusy", "opened", ["vpc-1/s3"])
    ]
    assert account.record(report(findings=[one], name="b")) == []
    assert account.record(report(findings=[two], name="c")) == [
        ("RouteTableBusy", "changed", ["vpc-1/s3"])
    ]
    assert account.record(report(findings=[two], name="d")) == []
    assert account.record(report(name="e")) == [("RouteTableBusy", "resolved", ["vpc-1/s3"])]
    assert account.record(report(name="f")) == []
    assert account.remembered == set()


def test_a_look_at_one_vpc_takes_nothing_back_about_another(account: Account) -> None:
    account.record(report(findings=[busy("vpc-1/s3"), busy("vpc-2/s3")], name="a"))

    assert account.record(report(looked_at=("vpc-2",), name="b")) == [
        ("RouteTableBusy", "resolved", ["vpc-2/s3"])
    ]
    assert account.remembered == {"RouteTableBusy/vpc-1/s3"}


def test_groups_what_is_new_by_kind(account: Account) -> None:
    findings = [busy("vpc-1/s3"), busy("vpc-2/s3"), finding("QuotaNear", "us-east-1", limit=20)]

    told = account.record(report(done("vpc-3/s3"), done("vpc-3/dynamodb"), findings=findings))

    assert sorted(told) == [
        ("GatewayEndpointsChanged", "done", ["vpc-3/s3", "vpc-3/dynamodb"]),
        ("QuotaNear", "opened", ["us-east-1"]),
        ("RouteTableBusy", "opened", ["vpc-1/s3", "vpc-2/s3"]),
    ]


def test_a_repeated_record_tells_nothing_twice(account: Account) -> None:
    same = report(
        done("vpc-1/s3"), failed("vpc-2/s3"), findings=[busy("vpc-3/s3")], trigger="sweep"
    )
    first = account.record(same)
    events = list(account.bus.events)

    assert len(first) == 3
    assert account.record(same, later(1)) == []
    assert account.bus.events == events


def test_two_executions_that_find_the_same_at_the_same_time_tell_once(account: Account) -> None:
    found = [busy()]
    told_by_the_other: list[Any] = []

    def the_other_is_faster(_writes: object) -> None:
        account.ledger.before_write = lambda _: None
        told_by_the_other.extend(account.record(report(findings=found, name="b")))

    account.ledger.before_write = the_other_is_faster
    told = account.record(report(findings=found, name="a"))

    assert told_by_the_other == [("RouteTableBusy", "opened", ["vpc-1/s3"])]
    assert told == told_by_the_other, "both read what was published; only one published"
    assert len(account.ops.messages) == 1


def test_a_claim_of_another_execution_is_left_alone_for_a_while_then_taken_over(
    account: Account,
) -> None:
    account.ops.broken = [Throttled("sns:Publish: slow down")]
    with pytest.raises(Throttled):
        account.record(report(findings=[busy()], name="a"))

    assert account.record(report(findings=[busy()], name="b"), later(14)) == []
    assert account.record(report(findings=[busy()], name="c"), later(16)) == [
        ("RouteTableBusy", "opened", ["vpc-1/s3"])
    ]


def test_a_crash_between_publishing_and_noting_it_tells_twice_but_not_thrice(
    account: Account,
) -> None:
    writes = 0

    def dies(_writes: object) -> None:
        nonlocal writes
        writes += 1
        if writes == 3:  # after the claim and history
            raise Throttled("dynamodb:TransactWriteItems: slow down")

    account.ledger.before_write = dies
    with pytest.raises(Throttled):
        account.record(report(findings=[busy()]))
    assert len(account.ops.messages) == 1

    assert len(account.record(report(findings=[busy()]), later(1))) == 1
    assert account.record(report(findings=[busy()]), later(2)) == []
    assert account.heard[0]["id"] == account.heard[1]["id"], "so that a reader can tell"


def test_two_tries_of_one_execution_at_the_same_time_tell_once(account: Account) -> None:
    same = report(done("vpc-1/s3"))

    def the_other_is_faster(_writes: object) -> None:
        account.ledger.before_write = lambda _: None
        account.record(same)

    account.ledger.before_write = the_other_is_faster
    account.record(same)

    assert len(account.ops.messages) == 1
    assert len(account.bus.events) == 1


def test_an_all_clear_that_died_half_way_is_outdone_by_the_finding_being_back(
    account: Account,
) -> None:
    account.record(report(findings=[busy()], name="a"))
    account.ops.broken = [Throttled("sns:Publish: slow down")]
    with pytest.raises(Throttled):
        account.record(report(name="b"))

    assert account.record(report(findings=[busy()], name="c"), later(1)) == [
        ("RouteTableBusy", "opened", ["vpc-1/s3"])
    ]
    assert account.record(report(findings=[busy()], name="d"), later(2)) == []


def test_an_all_clear_waits_while_another_execution_is_telling_of_the_finding(
    account: Account,
) -> None:
    account.ops.broken = [Throttled("sns:Publish: slow down")]
    with pytest.raises(Throttled):
        account.record(report(findings=[busy()], name="a"))

    assert account.record(report(name="b"), later(14)) == []
    assert account.record(report(name="c"), later(16)) == [
        ("RouteTableBusy", "resolved", ["vpc-1/s3"])
    ]


def test_other_news_of_a_finding_does_not_wait_for_a_claim(account: Account) -> None:
    account.ops.broken = [Throttled("sns:Publish: slow down")]
    with pytest.raises(Throttled):
        account.record(report(findings=[busy(tables=["rtb-1"])], name="a"))

    assert account.record(report(findings=[busy(tables=["rtb-2"])], name="b"), later(1)) == [
        ("RouteTableBusy", "opened", ["vpc-1/s3"])
    ]


def test_an_execution_that_is_redriven_and_finds_otherwise_remembers_that(
    account: Account,
) -> None:
    account.ops.broken = [Throttled("sns:Publish: slow down")]
    with pytest.raises(Throttled):
        account.record(report(findings=[busy(tables=["rtb-1"])], name="a"))
    now = report(findings=[busy(tables=["rtb-2"])], name="a")
    assert len(account.record(now, later(1))) == 1

    again = report(findings=[busy(tables=["rtb-2"])], name="b")
    assert account.record(again, later(2)) == []


def test_a_crash_after_claiming_is_made_good_by_the_retry(account: Account) -> None:
    account.ops.broken = [Throttled("sns:Publish: slow down")]
    same = report(done("vpc-1/s3"))
    with pytest.raises(Throttled):
        account.record(same)

    assert account.record(same, later(1)) == [("GatewayEndpointsChanged", "done", ["vpc-1/s3"])]


def test_a_message_that_does_not_get_through_is_told_whole_by_the_retry(account: Account) -> None:
    account.ops.broken = [AccessDenied("sns:Publish: no")]
    same = report(done("vpc-3/s3"), failed("vpc-1/s3"), findings=[busy("vpc-2/s3")])
    with pytest.raises(AccessDenied):
        account.record(same)
    assert len(account.bus.events) == 1, "others aren't kept waiting for it"

    told = account.record(same, later(1))
    assert [each[0] for each in told] == [
        "ChangeFailed",
        "RouteTableBusy",
        "GatewayEndpointsChanged",
    ]


def test_one_execution_is_one_message(account: Account) -> None:
    account.record(report(failed("vpc-1/s3"), findings=[busy("vpc-2/s3")], name="a"))
    account.record(report(done("vpc-1/s3"), done("vpc-4/s3"), name="b"))

    assert len(account.ops.messages) == 2


def test_what_was_planned_and_is_done_now_is_told_as_done_only(account: Account) -> None:
    planned = [finding("PlannedChange", f"vpc-{n}/s3", action="create") for n in (1, 2)]
    account.record(report(findings=planned, name="audit"))

    assert account.record(report(done("vpc-1/s3"), name="enforce")) == [
        ("GatewayEndpointsChanged", "done", ["vpc-1/s3"]),
        ("PlannedChange", "resolved", ["vpc-2/s3"]),
    ], "nobody wants the other any more"
    assert account.remembered == set()


def test_a_bus_that_refuses_is_tried_again_without_telling_ops_again(account: Account) -> None:
    account.bus.broken = [Throttled("events:PutEvents: slow down")]
    same = report(done("vpc-1/s3"))
    with pytest.raises(Throttled):
        account.record(same)
    assert len(account.ops.messages) == 1

    assert account.record(same, later(1)) == []
    assert [event.detail_type for event in account.bus.events] == ["Gateway Endpoint Created"]


def test_losing_the_ledger_loses_memory_and_nothing_else(account: Account) -> None:
    account.record(report(findings=[busy()], name="a"))
    account.ledger.table.clear()

    assert account.record(report(findings=[busy()], name="b")) == [
        ("RouteTableBusy", "opened", ["vpc-1/s3"])
    ]


def test_a_failed_change_is_told_until_a_look_succeeds_or_no_longer_wants_it(
    account: Account,
) -> None:
    assert account.record(report(failed(), name="a")) == [("ChangeFailed", "opened", ["vpc-1/s3"])]
    message = "ec2:CreateVpcEndpoint: UnauthorizedOperation: request 2"
    assert account.record(report(failed(message=message), name="b")) == []
    assert account.record(report(failed(error="RefusedByAws"), name="c")) == [
        ("ChangeFailed", "changed", ["vpc-1/s3"])
    ]
    assert account.record(report(done(), name="d")) == [
        ("GatewayEndpointsChanged", "done", ["vpc-1/s3"]),
        ("ChangeFailed", "resolved", ["vpc-1/s3"]),
    ]


def test_a_failed_change_stays_open_while_it_is_merely_put_off(account: Account) -> None:
    account.record(report(failed(), name="a"))
    full = finding("QuotaReached", "us-east-1", limit=20, left_undone=["vpc-1/s3"])

    assert account.record(report(more=3, name="b")) == []
    assert account.record(report(findings=[full], name="c")) == [
        ("QuotaReached", "opened", ["us-east-1"])
    ]
    assert "ChangeFailed/vpc-1/s3" in account.remembered


def test_failures_of_different_errors_get_messages_of_their_own(account: Account) -> None:
    told = account.record(
        report(failed("vpc-1/s3"), failed("vpc-2/s3"), failed("vpc-3/s3", "PolicyRejected"))
    )

    assert told == [
        ("ChangeFailed", "opened", ["vpc-1/s3", "vpc-2/s3"]),
        ("ChangeFailed", "opened", ["vpc-3/s3"]),
    ]


def test_a_change_that_came_out_stale_and_then_done_is_no_failure(account: Account) -> None:
    stale = failed(error="RouteAlreadyExists")
    told = account.record(
        report(type(stale)(**{**vars(stale), "result": "stale"}), done("vpc-1/s3"))
    )

    assert told == [("GatewayEndpointsChanged", "done", ["vpc-1/s3"])]


def test_a_workflow_that_broke_off_is_told_and_takes_nothing_back(account: Account) -> None:
    account.record(report(findings=[busy()], name="a"))
    broke = Failure("Plan the changes", "AccessDenied", "ec2:DescribeVpcs: no")

    assert account.record(report(failure=broke, name="b")) == [
        ("WorkflowFailed", "opened", ["network/Plan the changes"])
    ]
    assert account.record(NetworkReport(execution("c"), "event", None, (), broke)) == []
    assert account.record(report(findings=[busy()], name="d")) == [
        ("WorkflowFailed", "resolved", ["network/Plan the changes"])
    ]


def test_a_sweep_that_broke_off_is_not_settled_by_one_vpc_that_went_well(account: Account) -> None:
    broke = Failure("Plan the changes", "Throttled", "ec2:DescribeVpcs: slow")
    account.record(NetworkReport(execution("a"), "sweep", None, (), broke))

    assert account.record(report(looked_at=("vpc-1",), name="b")) == []
    assert account.record(report(looked_at=("vpc-1",), trigger="sweep", name="c")) == [
        ("WorkflowFailed", "resolved", ["network/Plan the changes"])
    ]


def test_what_a_broken_off_workflow_did_is_told_all_the_same(account: Account) -> None:
    broke = Failure("Plan the changes", "Throttled", "slow")

    assert account.record(report(done("vpc-1/s3"), failed("vpc-2/s3"), failure=broke)) == [
        ("ChangeFailed", "opened", ["vpc-2/s3"]),
        ("WorkflowFailed", "opened", ["network/Plan the changes"]),
        ("GatewayEndpointsChanged", "done", ["vpc-1/s3"]),
    ]


def test_a_quota_stopped_in_one_vpc_and_then_another_names_both(account: Account) -> None:
    def full(*items: str) -> Any:
        return finding(
            "QuotaReached",
            "us-east-1",
            limit=20,
            used=20,
            left_undone=list(items),
            left_undone_count=len(items),
        )

    account.record(report(findings=[full("vpc-1/s3")], looked_at=("vpc-1",), name="a"))
    account.record(report(findings=[full("vpc-2/s3")], looked_at=("vpc-2",), name="b"))
    assert account.heard[-1]["change"] == "changed"
    assert account.heard[-1]["data"]["subjects"]["us-east-1"]["left_undone"] == [
        "vpc-1/s3",
        "vpc-2/s3",
    ]

    again = report(findings=[full("vpc-1/s3")], looked_at=("vpc-1",), name="c")
    assert account.record(again) == [], "a look at some must not forget the others"
    assert account.record(report(findings=[full("vpc-1/s3", "vpc-2/s3")], name="d")) == []


def test_a_quota_that_is_reached_is_not_also_called_near(account: Account) -> None:
    near = finding("QuotaNear", "us-east-1", limit=20)
    full = finding("QuotaReached", "us-east-1", limit=20, left_undone=["vpc-1/s3"])
    account.record(report(findings=[near], name="a"))

    assert account.record(report(findings=[full], name="b")) == [
        ("QuotaReached", "opened", ["us-east-1"])
    ], "near is not settled by getting worse"
    assert account.record(report(findings=[near], looked_at=("vpc-2",), name="c")) == []
    assert account.record(report(name="d")) == [
        ("QuotaNear", "resolved", ["us-east-1"]),
        ("QuotaReached", "resolved", ["us-east-1"]),
    ]


def test_a_look_at_some_vpcs_calls_no_quota_near_that_stopped_us_elsewhere(
    account: Account,
) -> None:
    near = finding("QuotaNear", "us-east-1", limit=20)
    full = finding("QuotaReached", "us-east-1", limit=20, left_undone=["vpc-1/s3"])
    account.record(report(findings=[full], name="a"))

    assert account.record(report(findings=[near], looked_at=("vpc-2",), name="b")) == []
    assert account.record(report(findings=[near], name="c")) == [
        ("QuotaNear", "opened", ["us-east-1"]),
        ("QuotaReached", "resolved", ["us-east-1"]),
    ]


def test_a_window_that_moves_on_is_no_news_but_that_there_is_one_is(account: Account) -> None:
    def until(moment: str | None, name: str) -> list[Any]:
        waiting = finding("RouteTableBusy", route_table_ids=["rtb-1"], until=moment)
        return account.record(report(findings=[waiting], name=name))

    until("2026-11-28T01:00:00+00:00", "a")
    assert until("2026-11-29T01:00:00+00:00", "b") == []
    assert until(None, "c") == [("RouteTableBusy", "changed", ["vpc-1/s3"])]


def test_a_finding_that_gets_worse_is_news(account: Account) -> None:
    account.record(report(findings=[finding("EndpointFailed", severity="info")], name="a"))

    worse = report(findings=[finding("EndpointFailed", severity="failure")], name="b")
    assert account.record(worse) == [("EndpointFailed", "changed", ["vpc-1/s3"])]


def sweep(*items: str, name: str, **changes: Any) -> NetworkReport:
    return report(*map(done, items), trigger="sweep", name=name, **changes)


def test_two_sweeps_in_a_row_that_had_to_heal_mean_that_events_do_not_arrive(
    account: Account,
) -> None:
    changed = ("GatewayEndpointsChanged", "done")

    assert account.record(sweep("vpc-1/s3", "vpc-2/s3", name="first-ever"))[0][:2] == changed
    assert [m[:2] for m in account.record(sweep("vpc-3/s3", name="b"))] == [changed]
    assert [m[:2] for m in account.record(sweep("vpc-4/s3", name="c"))] == [
        ("EventsNotArriving", "opened"),
        changed,
    ]
    assert [m[:2] for m in account.record(sweep("vpc-5/s3", name="d"))] == [changed]
    assert account.record(report(name="by an event")) == []
    assert account.record(sweep(name="e")) == [("EventsNotArriving", "resolved", ["sweep"])]
    assert [m[:2] for m in account.record(sweep("vpc-6/s3", name="f"))] == [changed]


def test_a_sweep_repeated_after_a_crash_counts_once(account: Account) -> None:
    account.record(sweep(name="first-ever"))
    account.ops.broken = [Throttled("sns:Publish: slow down")]
    with pytest.raises(Throttled):
        account.record(sweep("vpc-1/s3", name="b"))

    told = account.record(sweep("vpc-1/s3", name="b"), later(1))
    assert [m[0] for m in told] == ["GatewayEndpointsChanged"]


def test_a_roll_out_in_several_executions_is_one_sweep(account: Account) -> None:
    account.record(sweep("vpc-1/s3", name="a", more=400))
    account.record(sweep("vpc-2/s3", name="b", more=200))
    account.record(sweep("vpc-3/s3", name="c"))
    assert {m["kind"] for m in account.heard} == {"GatewayEndpointsChanged"}

    account.record(sweep("vpc-4/s3", name="d", more=200))
    account.record(sweep("vpc-5/s3", name="e"))
    assert {m["kind"] for m in account.heard} == {"GatewayEndpointsChanged"}


@pytest.mark.parametrize(
    "known",
    [
        busy("vpc-1/s3"),
        finding("PlannedChange", "vpc-1/s3"),
        finding("ChangeFailed", "vpc-1/s3", error="AccessDenied"),
        finding("QuotaReached", "us-east-1", limit=20, left_undone=["vpc-1/s3"]),
    ],
    ids=lambda finding: str(finding.kind),
)
def test_a_sweep_that_does_what_ops_knew_of_finds_nothing(account: Account, known: Any) -> None:
    account.record(sweep(name="first-ever"))
    for name in ("b", "c", "d"):
        account.record(report(findings=[known], name=f"{name}-event"))
        account.record(sweep("vpc-1/s3", name=name))

    assert "EventsNotArriving" not in {m["kind"] for m in account.heard}


def test_events_are_believed_to_arrive_again_only_after_a_whole_sweep_with_nothing_to_do(
    account: Account,
) -> None:
    account.record(sweep(name="first-ever"))
    account.record(sweep("vpc-1/s3", name="b"))
    account.record(sweep("vpc-2/s3", name="c"))
    before = len(account.heard)

    account.record(sweep(name="goes on", more=200))
    del account.ledger.table[sweep_row("network")]
    account.record(sweep(name="first that is remembered"))
    account.record(sweep("vpc-3/s3", name="found something"))
    assert "EventsNotArriving" not in {m["kind"] for m in account.heard[before:]}

    account.record(sweep(name="clean"))
    assert account.heard[-1]["change"] == "resolved"


def test_most_urgent_news_comes_first(account: Account) -> None:
    account.record(report(done("vpc-1/s3"), failed("vpc-2/s3"), findings=[busy("vpc-3/s3")]))

    (message,) = account.heard
    assert [part["severity"] for part in message["parts"]] == ["failure", "action", "info"]
    assert (message["severity"], message["kind"]) == ("failure", "ChangeFailed")
    assert message["kinds"] == ["ChangeFailed", "RouteTableBusy", "GatewayEndpointsChanged"]
    assert account.ops.messages[0].attributes["kind"] == tuple(message["kinds"]), "for filters"


def test_puts_an_event_on_the_bus_for_each_change(account: Account) -> None:
    account.record(
        report(
            done("vpc-1/s3"),
            done("vpc-2/s3", action="modify", set_policy=False),
            done("vpc-3/s3", action="modify", route_table_ids=()),
            failed("vpc-4/s3"),
        )
    )

    assert [(event.detail_type, event.detail["vpc_id"]) for event in account.bus.events] == [
        ("Gateway Endpoint Created", "vpc-1"),
        ("Gateway Endpoint Attached", "vpc-2"),
        ("Gateway Endpoint Policy Restored", "vpc-3"),
    ]


def test_counts_in_emf(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    account.record(sweep(name="first-ever"))
    capsys.readouterr()
    account.record(
        report(
            done("vpc-1/s3", route_table_ids=("rtb-1", "rtb-2")),
            failed("vpc-2/s3"),
            failed("vpc-3/s3", "PolicyRejected"),
            findings=[busy("vpc-4/s3")],
            trigger="sweep",
            name="b",
            quota=QuotaUse(17, 20),
        )
    )

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    [emf] = [line for line in lines if "_aws" in line]
    assert emf["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "EndpointAutopilot"
    names = [metric["Name"] for metric in emf["_aws"]["CloudWatchMetrics"][0]["Metrics"]]
    assert {name: emf[name] for name in names} == {
        "ActionsTaken": [1],
        "ChangesFailed": [2],
        "OpenFindings": [3],
        "FoundBySweep": [1],
        "GatewayEndpointQuotaUse": [85],
    }


class WatchedLedger(FakeLedger):
    """Notes which partitions are read."""

    read: ClassVar[list[str]] = []

    def rows(self, pk: str, prefix: str = "") -> Sequence[Row]:
        self.read.append(pk)
        return super().rows(pk, prefix)


def test_reads_no_more_of_the_ledger_than_it_needs() -> None:
    WatchedLedger.read.clear()
    Account(WatchedLedger()).record(report())

    assert WatchedLedger.read == ["finding", "untold"]
