"""Reading what the workflow hands to the record step."""

from __future__ import annotations

import json
from typing import Any

import pytest
from autopilot.core.report import Failure, Report

from tests.unit.reports import done, failed, payload, report


def test_reads_back_a_whole_report() -> None:
    whole = report(done(), failed("vpc-2/s3"), failure=Failure("Carry out", "Throttled", "slow"))

    assert Report.from_json(payload(whole)) == whole


def test_reads_an_execution_that_never_got_to_look() -> None:
    data: dict[str, Any] = {
        "execution": "arn",
        "trigger": "sweep",
        "round": 1,
        "plan": None,
        "outcomes": [],
        "failure": {"state": "Plan the changes", "error": "States.Timeout", "cause": None},
    }
    read = Report.from_json(data)

    broke = Failure("Plan the changes", "States.Timeout", "")
    assert read == Report("arn", "sweep", None, (), broke)
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
    read = Failure.from_json({"state": "s", "error": "e", "cause": cause})
    assert read == Failure("s", "e", words)


def test_a_report_without_its_execution_is_a_mistake() -> None:
    with pytest.raises(KeyError, match="execution"):
        Report.from_json({"trigger": "event"})
