"""Reading what the workflow hands to the record step."""

from __future__ import annotations

import json
from typing import Any

import pytest
from autopilot.connections.holds import HoldAnswer
from autopilot.connections.plan import RegistrationOutcome
from autopilot.connections.report import HoldReport
from autopilot.connections.zones import ZonesReport
from autopilot.gateway.report import NetworkReport
from autopilot.reconcile.codec import decode
from autopilot.reconcile.report import Failure
from autopilot.workflows import report_in

from tests.unit.connections.reports import (
    ALICE,
    ANSWERED,
    answer,
    closure,
    connections,
    held,
    hold,
    hold_end,
    not_answered,
    of_connection,
)
from tests.unit.connections.reports import payload as connections_payload
from tests.unit.notify.reports import done, failed, payload, report


def test_reads_back_a_whole_report() -> None:
    whole = report(done(), failed("vpc-2/s3"), failure=Failure("Carry out", "Throttled", "slow"))

    assert decode(NetworkReport, payload(whole)) == whole


def test_reads_an_execution_that_never_got_to_look() -> None:
    data: dict[str, Any] = {
        "execution": "arn",
        "trigger": "sweep",
        "round": 1,
        "plan": None,
        "outcomes": [],
        "failure": {"state": "Plan the changes", "error": "States.Timeout", "cause": None},
    }
    read = decode(NetworkReport, data)

    broke = Failure("Plan the changes", "States.Timeout", "")
    assert read == NetworkReport("arn", "sweep", None, (), broke)
    assert not read.went_well


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (
            json.dumps({"errorMessage": "ec2:DescribeVpcs: no", "errorType": "AccessDenied"}),
            "ec2:DescribeVpcs: no",
        ),
        ('{"errorType": "AccessDenied"}', '{"errorType": "AccessDenied"}'),
        ('["no document"]', '["no document"]'),
        ("{broken", "{broken"),
        ("plain words", "plain words"),
    ],
)
def test_takes_the_words_out_of_a_lambdas_error_document(cause: str, words: str) -> None:
    read = decode(Failure, {"state": "s", "error": "e", "cause": cause})
    assert read == Failure("s", "e", words)


def test_reads_back_a_report_on_connections() -> None:
    zones = ZonesReport((), (of_connection("ZonesMisaligned"),), ("vpce-svc-1/vpce-1",))
    whole = connections(
        answer("vpce-1"),
        not_answered("vpce-2"),
        findings=[held()],
        holds=(hold(),),
        close_holds=(closure("vpce-3"),),
        registered=[RegistrationOutcome("vpce-svc-1", "failed", "Throttled", "slow")],
        zones=zones,
        compared=["vpce-svc-1/vpce-1"],
        failure=Failure("Answer", "Throttled", "slow"),
    )

    assert report_in(json.loads(json.dumps(connections_payload(whole)))) == whole
    assert whole.goes_on


def test_reads_back_the_end_of_a_hold() -> None:
    end = hold_end("accept", answer("vpce-1"), by=ALICE, reason="ticket", at=ANSWERED)
    assert report_in(json.loads(json.dumps(connections_payload(end)))) == end
    assert end.went_well

    expired = connections_payload(end) | {"answer": {"answer": "expired"}, "outcomes": None}
    read = report_in(expired)
    assert isinstance(read, HoldReport)
    assert (read.answer, read.outcomes) == (HoldAnswer("expired"), ())


def test_a_report_of_no_named_workflow_is_the_networks() -> None:
    assert report_in({"execution": "arn", "trigger": "event"}) == NetworkReport("arn", "event")


def test_a_report_of_an_unknown_workflow_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="write one of network, connections, hold"):
        report_in({"execution": "arn", "trigger": "event", "workflow": "tides"})


def test_a_report_without_its_execution_is_a_mistake() -> None:
    with pytest.raises(KeyError, match="execution"):
        decode(NetworkReport, {"trigger": "event"})


def test_a_plan_without_its_findings_is_refused_rather_than_read_as_all_is_well() -> None:
    told = payload(report(done()))
    del told["plan"]["findings"]

    with pytest.raises(KeyError, match=r"plan\.findings"):
        report_in(told)
