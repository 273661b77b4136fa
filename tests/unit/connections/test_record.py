"""Stories: what ops hear of connections, as executions of three workflows are recorded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from autopilot.aws.errors import Throttled
from autopilot.connections.facts import EXPIRY
from autopilot.connections.plan import RegistrationOutcome
from autopilot.connections.report import ConnectionReport
from autopilot.connections.zones import Alignment, ZonesReport
from autopilot.reconcile.report import Failure

from tests.unit.connections.reports import (
    ALICE,
    MACHINES,
    OWNER,
    answer,
    closure,
    connections,
    held,
    hold,
    hold_end,
    not_answered,
    of_connection,
    why,
)
from tests.unit.notify.account import Account, later, recording
from tests.unit.notify.reports import NOW, busy, finding, report

FIRST = "vpce-svc-1/vpce-1"
ACTION = "ec2:AcceptVpcEndpointConnections"


@pytest.fixture(autouse=True, scope="module")
def environment() -> Iterator[None]:
    with recording():
        yield


@pytest.fixture
def account() -> Account:
    return Account()


def test_many_answers_are_one_message_for_each_verdict_and_an_event_each(
    account: Account,
) -> None:
    many = connections(
        answer("vpce-1", "vpce-2"),
        answer("vpce-3", service="vpce-svc-2"),
        answer("vpce-4", verdict="reject"),
        answer("vpce-5", verdict="cut"),
    )

    assert account.record(many) == [
        ("ConnectionAccepted", "done", [FIRST, "vpce-svc-1/vpce-2", "vpce-svc-2/vpce-3"]),
        ("ConnectionRejected", "done", ["vpce-svc-1/vpce-4"]),
        ("ConnectionCut", "done", ["vpce-svc-1/vpce-5"]),
    ]
    assert account.announced == [
        ("Endpoint Connection Accepted", "vpce-1"),
        ("Endpoint Connection Accepted", "vpce-2"),
        ("Endpoint Connection Accepted", "vpce-3"),
        ("Endpoint Connection Rejected", "vpce-4"),
        ("Endpoint Connection Cut", "vpce-5"),
    ]
    assert account.record(many, later(1)) == [], "once each"
    assert len(account.bus.events) == 5


def test_an_event_on_the_bus_says_who_why_and_by_which_rule(account: Account) -> None:
    account.record(connections(answer("vpce-1")))

    [event] = account.bus.events
    assert event.resources == ("vpce-svc-1", "vpce-1")
    assert event.detail == {
        "id": "connections-1/vpce-svc-1/vpce-1/Endpoint Connection Accepted",
        "service_id": "vpce-svc-1",
        "service_name": "com.amazonaws.vpce.us-east-1.vpce-svc-1",
        "endpoint_id": "vpce-1",
        "owner": "222222222222",
        "reason": "a rule names 222222222222, the permission list admits it",
        "rule": "account 222222222222",
        "by": "autopilot",
        "at": NOW.isoformat(),
        "execution": f"{MACHINES}Connections:connections-1",
    }


def test_held_requests_are_one_message_told_once_and_again_when_one_more_waits(
    account: Account,
) -> None:
    two = [held("vpce-svc-1/vpce-1"), held("vpce-svc-2/vpce-2")]
    holds = (hold("vpce-1"), hold("vpce-2", "vpce-svc-2"))

    assert account.record(connections(findings=two, holds=holds, name="a")) == [
        ("ConnectionHeld", "opened", ["vpce-svc-1/vpce-1", "vpce-svc-2/vpce-2"])
    ]
    assert account.announced == [
        ("Endpoint Connection Held", "vpce-1"),
        ("Endpoint Connection Held", "vpce-2"),
    ]
    assert account.record(connections(findings=two, name="b")) == []
    one_more = [*two, held("vpce-svc-1/vpce-3")]
    assert account.record(connections(findings=one_more, name="c")) == [
        ("ConnectionHeld", "opened", ["vpce-svc-1/vpce-3"])
    ]


def test_a_held_request_tells_how_to_answer_it_with_a_reason(account: Account) -> None:
    account.record(connections(findings=[held()]))

    assert any("--function-name answer-hold" in step for step in account.heard[0]["next"])


def test_an_answer_through_the_function_names_the_person_and_settles_the_hold_in_one_message(
    account: Account,
) -> None:
    account.record(connections(findings=[held()]))
    end = hold_end("accept", answer("vpce-1", by=ALICE), by=ALICE, reason="ticket 4711")

    assert account.record(end) == [("HoldAnswered", "done", [FIRST])]
    assert account.heard[-1]["data"]["subjects"][FIRST]["by"] == ALICE
    assert account.announced == [("Endpoint Connection Accepted", "vpce-1")]
    assert account.remembered == set()
    assert account.record(end, later(1)) == []
    assert account.record(connections(name="later")) == []


def test_an_answer_by_aws_own_means_is_told_by_the_hold_not_by_the_look_that_saw_it(
    account: Account,
) -> None:
    account.record(connections(findings=[held()], name="a"))

    assert account.record(connections(close_holds=(closure(),), name="b")) == []
    end = hold_end("closed", answered="accept", by=ALICE, reason="it was accepted by hand")
    assert account.record(end) == [("HoldAnswered", "done", [FIRST])]
    assert account.remembered == set()
    assert account.announced == [], "what a person did is not ours to announce"


@pytest.mark.parametrize("answered", ["gone", "policy"])
def test_a_hold_that_became_needless_is_told_as_settled(account: Account, answered: str) -> None:
    account.record(connections(findings=[held()]))

    end = hold_end("closed", answered=answered, reason="the policy decides it now")
    assert account.record(end) == [("ConnectionHeld", "resolved", [FIRST])]
    assert account.remembered == set()


def test_a_hold_that_nobody_answered_ends_as_a_rejection(account: Account) -> None:
    account.record(connections(findings=[held()]))
    rejected = answer(
        "vpce-1", verdict="reject", by=EXPIRY, why=why(reason="nobody answered", rule="")
    )

    assert account.record(hold_end("expired", rejected)) == [
        ("ConnectionRejected", "done", [FIRST])
    ]
    assert account.remembered == set()


def test_an_answer_that_no_longer_fitted_is_told_as_not_carried_out(account: Account) -> None:
    stale = answer("vpce-1", result="stale", error="NotFound", message="gone")

    account.record(hold_end("accept", stale, by=ALICE, reason="ticket"))
    assert "That was not carried out." in account.heard[-1]["what"]
    assert account.heard[-1]["severity"] == "action"


def test_a_person_who_answered_while_time_ran_out_is_named(account: Account) -> None:
    late = answer("vpce-1", by=ALICE, why=why(reason="ticket 4711", rule=""))

    assert account.record(hold_end("expired", late)) == [("HoldAnswered", "done", [FIRST])]
    assert account.heard[-1]["title"] == "Admin/alice accepted a request to vpce-svc-1"


def test_a_hold_that_another_one_replaced_settles_nothing(account: Account) -> None:
    account.record(connections(findings=[held(hold="hold-vpce-1-2")]))
    taken = hold_end("closed", answered="policy", reason="hold-vpce-1-2 asks already")

    assert account.record(taken) == []
    assert account.remembered == {f"ConnectionHeld/{FIRST}"}


def test_a_persons_answer_that_failed_is_a_failure_and_the_hold_stays_open(
    account: Account,
) -> None:
    account.record(connections(findings=[held()]))

    assert account.record(hold_end("accept", not_answered("vpce-1"), by=ALICE)) == [
        ("AnswerFailed", "opened", [FIRST])
    ]
    assert account.remembered == {f"ConnectionHeld/{FIRST}", f"AnswerFailed/{FIRST}"}
    assert "start-execution" not in account.heard[-1]["next"][-1], "a hold can't be started"


def test_a_hold_that_broke_off_is_told_and_settles_nothing(account: Account) -> None:
    account.record(connections(findings=[held()]))
    broke = Failure("Ask ops", "AccessDenied", "dynamodb:Query: no")

    assert account.record(hold_end(None, failure=broke)) == [
        ("WorkflowFailed", "opened", ["hold/Ask ops"])
    ]
    assert f"ConnectionHeld/{FIRST}" in account.remembered


def test_one_hold_takes_nothing_back_about_another(account: Account) -> None:
    others = [held(), held("vpce-svc-1/vpce-2"), finding("AnswerFailed", "vpce-svc-1/vpce-2")]
    account.record(connections(findings=[*others, of_connection("ConnectionNotAllowed")]))

    account.record(hold_end("accept", answer("vpce-1"), by=ALICE))
    assert account.remembered == {
        "ConnectionHeld/vpce-svc-1/vpce-2",
        "AnswerFailed/vpce-svc-1/vpce-2",
        f"ConnectionNotAllowed/{FIRST}",
    }


def test_no_workflow_takes_back_what_another_one_told(account: Account) -> None:
    told = {"RouteTableBusy/vpc-1/s3", f"ConnectionHeld/{FIRST}"}
    account.record(report(findings=[busy()], name="a"))
    account.record(connections(findings=[held()], name="a"))

    assert account.record(report(findings=[busy()], name="b")) == []
    assert account.record(connections(findings=[held()], name="b")) == []
    assert account.remembered == told

    broke = Failure("Tell ops what is new", "Throttled", "slow")
    account.record(report(findings=[busy()], name="c", failure=broke))
    assert account.record(connections(findings=[held()], name="c")) == []
    assert "WorkflowFailed/network/Tell ops what is new" in account.remembered


def test_a_look_at_one_service_takes_nothing_back_about_another(account: Account) -> None:
    account.record(connections(findings=[held(FIRST), held("vpce-svc-2/vpce-2")], name="a"))

    assert account.record(connections(looked_at=("vpce-svc-2",), name="b")) == [
        ("ConnectionHeld", "resolved", ["vpce-svc-2/vpce-2"])
    ]
    assert account.remembered == {f"ConnectionHeld/{FIRST}"}


def test_a_failed_answer_is_told_until_it_is_given(account: Account) -> None:
    failed = connections(not_answered("vpce-1", "vpce-2"), name="a")
    assert account.record(failed) == [("AnswerFailed", "opened", [FIRST, "vpce-svc-1/vpce-2"])]
    again = connections(not_answered("vpce-1", "vpce-2", message=f"{ACTION}: later"), name="b")
    assert account.record(again) == []
    assert account.record(connections(more=3, name="c")) == [], "put off"
    done = connections(answer("vpce-1"), name="d", more=3)
    assert account.record(done) == [
        ("ConnectionAccepted", "done", [FIRST]),
        ("AnswerFailed", "resolved", [FIRST]),
    ]
    assert account.record(connections(name="e")) == [
        ("AnswerFailed", "resolved", ["vpce-svc-1/vpce-2"])
    ]


def test_an_answer_that_failed_and_then_worked_is_no_failure(account: Account) -> None:
    told = account.record(connections(not_answered("vpce-1"), answer("vpce-1")))

    assert told == [("ConnectionAccepted", "done", [FIRST])]


def test_a_topic_that_could_not_be_registered_is_told_until_it_is(account: Account) -> None:
    failed = RegistrationOutcome(
        "vpce-svc-1", "failed", "AccessDenied", "ec2:CreateVpcEndpointConnectionNotification: no"
    )
    done = RegistrationOutcome("vpce-svc-1", "done")
    kind = "NotificationsNotRegistered"

    assert account.record(connections(registered=[failed], name="a")) == [
        (kind, "opened", ["vpce-svc-1"])
    ]
    scoped = ("vpce-svc-1",)
    assert account.record(connections(name="b", looked_at=scoped)) == [], (
        "this look didn't look at it"
    )
    assert account.record(connections(register=["vpce-svc-1"], name="c")) == []
    assert account.record(connections(registered=[done], name="d", looked_at=scoped)) == [
        (kind, "resolved", ["vpce-svc-1"])
    ]


def test_why_zones_are_unknown_is_told_with_the_acceptance(account: Account) -> None:
    why = f"account {OWNER} isn't among zones.peers"
    compared = ZonesReport((Alignment("vpce-svc-1", "vpce-1", OWNER, "unknown", why),), (), ())
    account.record(connections(answer("vpce-1", "vpce-2"), zones=compared))
    (told,) = account.heard
    facts = told["data"]["subjects"]
    assert facts[FIRST]["zones"] == {"status": "unknown", "why": why}
    assert "zones" not in facts["vpce-svc-1/vpce-2"]


def test_misaligned_zones_are_told_until_compared_anew_or_gone(account: Account) -> None:
    def zones(*subjects: str, looked_at: tuple[str, ...] = ()) -> ZonesReport:
        found = [
            of_connection("ZonesMisaligned", subject, status="partial", would_serve={})
            for subject in subjects
        ]
        return ZonesReport((), tuple(found), (*subjects, *looked_at))

    second, third = "vpce-svc-1/vpce-2", "vpce-svc-1/vpce-3"
    three = [FIRST, second, third]
    account.record(connections(zones=zones(FIRST, second, third), compared=three, name="a"))

    scoped = connections(looked_at=("vpce-svc-1",), name="b")
    assert account.record(scoped) == [], "this look compared no zones"
    aligned = connections(
        zones=zones(second, looked_at=(FIRST,)), compared=[FIRST, second], name="c"
    )
    assert account.record(aligned) == [("ZonesMisaligned", "resolved", [FIRST, third])], (
        "one fits, one is gone"
    )
    cut_short = connections(left={"zones of too many at once": 7}, name="d")
    assert account.record(cut_short) == []
    assert account.record(connections(name="e")) == [("ZonesMisaligned", "resolved", [second])]


def test_advice_is_told_once_a_day_and_never_settled(account: Account) -> None:
    subject = "vpc-1/com.amazonaws.vpce.us-east-1.vpce-svc-9"
    advice = finding("ZoneAdvice", subject, "info", refused=["subnet-1"], would_serve={})
    zones = ZonesReport((), (advice,), ())
    told = [("ZoneAdvice", "opened", [subject])]

    assert account.record(connections(zones=zones, name="a")) == told
    assert account.record(connections(zones=zones, name="b"), later(60)) == []
    assert account.record(connections(name="c"), later(61)) == []
    assert account.record(report(name="c"), later(62)) == []
    assert account.record(connections(zones=zones, name="d"), later(24 * 60 + 1)) == told


def sweep(*endpoints: str, name: str, **changes: Any) -> ConnectionReport:
    outcomes = [answer(*endpoints)] if endpoints else []
    return connections(*outcomes, trigger="sweep", name=name, **changes)


def test_two_sweeps_in_a_row_that_had_to_answer_mean_that_notifications_do_not_arrive(
    account: Account,
) -> None:
    account.record(sweep("vpce-1", name="first-ever"))
    account.record(report(trigger="sweep", name="of the network"))
    account.record(sweep("vpce-2", name="b"))
    assert [m[:2] for m in account.record(sweep("vpce-3", name="c"))] == [
        ("NotificationsNotArriving", "opened"),
        ("ConnectionAccepted", "done"),
    ]
    account.record(report(trigger="sweep", name="of the network again"))
    assert "NotificationsNotArriving/sweep" in account.remembered
    assert account.record(sweep(name="d")) == [("NotificationsNotArriving", "resolved", ["sweep"])]


def test_a_sweep_that_cuts_or_answers_what_ops_knew_of_finds_nothing(account: Account) -> None:
    account.record(sweep(name="first-ever"))
    for name in ("b", "c", "d"):
        account.record(connections(findings=[held()], name=f"{name}-event"))
        swept = connections(
            answer("vpce-1"), answer("vpce-9", verdict="cut"), trigger="sweep", name=name
        )
        account.record(swept)

    assert "NotificationsNotArriving" not in {m["kind"] for m in account.heard}


def test_a_crash_after_claiming_is_made_good_by_the_retry(account: Account) -> None:
    account.record(connections(findings=[held()]))
    account.ops.broken = [Throttled("sns:Publish: slow down")]
    end = hold_end("accept", answer("vpce-1", by=ALICE), by=ALICE)
    with pytest.raises(Throttled):
        account.record(end)
    assert f"ConnectionHeld/{FIRST}" in account.remembered

    assert account.record(end, later(1)) == [("HoldAnswered", "done", [FIRST])]
    assert account.remembered == set()


def emf(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    return {name: value for line in lines for name, value in line.items()}


def test_counts_answers_holds_and_times(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    late = why(created=(NOW - timedelta(seconds=45)).isoformat())
    unknown = why(created="")
    account.record(
        connections(
            answer("vpce-1"),
            answer("vpce-2", why=late),
            answer("vpce-3", verdict="reject", why=unknown),
            answer("vpce-4", verdict="cut", why=unknown),
            not_answered("vpce-5", "vpce-6"),
            findings=[held("vpce-svc-1/vpce-7")],
            holds=(hold("vpce-7"),),
        )
    )
    counted = emf(capsys)
    assert counted["ActionsTaken"] == [5.0], "four answers, one request held"
    assert counted["ChangesFailed"] == [2.0]
    assert counted["HoldsOpen"] == [1.0]
    assert counted["OldestHoldAge"] == [0.0]
    assert counted["AnswerTime"] == [20.0, 45.0]
    units = {m["Name"]: m["Unit"] for m in counted["_aws"]["CloudWatchMetrics"][0]["Metrics"]}
    assert units["AnswerTime"] == units["OldestHoldAge"] == "Seconds"

    account.record(connections(findings=[held("vpce-svc-1/vpce-7")], name="b"), later(90))
    assert emf(capsys)["OldestHoldAge"] == [5400.0]
    account.record(hold_end("accept", answer("vpce-7"), of=hold("vpce-7"), by=ALICE), later(91))
    counted = emf(capsys)
    assert (counted["HoldsOpen"], counted["OldestHoldAge"]) == ([0.0], [0.0])
    assert "AnswerTime" not in counted, "how long a person thinks is not ours"
