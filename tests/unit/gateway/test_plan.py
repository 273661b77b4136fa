"""What the workflow carries from step to step: the same on both sides."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from autopilot.gateway.messages import CHANGE_FAILED
from autopilot.gateway.plan import Item, NetworkOutcome, NetworkRequest
from autopilot.notify.finding import Finding
from autopilot.reconcile.codec import decode, encode
from autopilot.reconcile.scope import WHOLE_NETWORK, NetworkScope

from tests.unit.gateway.builders import outcome

ITEM = Item(
    id="vpc-1/s3",
    action="create",
    vpc_id="vpc-1",
    service="s3",
    service_name="com.amazonaws.us-east-1.s3",
    endpoint_id=None,
    route_table_ids=("rtb-1", "rtb-2"),
    endpoint_policy="org-only",
    set_policy=True,
    reason="the VPC is new",
    cause="new-vpc",
)
DONE = NetworkOutcome(replace(ITEM, endpoint_id="vpce-1"), "done")


def through_json(data: Any) -> Any:
    return json.loads(json.dumps(data))


def test_an_item() -> None:
    assert decode(Item, through_json(encode(ITEM))) == ITEM


def test_outcomes() -> None:
    good = DONE
    bad = NetworkOutcome(ITEM, "stale", "RouteAlreadyExists", "ec2:CreateVpcEndpoint: no")

    assert decode(NetworkOutcome, through_json(encode(good))) == good
    assert decode(NetworkOutcome, through_json(encode(bad))) == bad
    assert (good.result, good.item.endpoint_id, good.error) == ("done", "vpce-1", None)
    assert (bad.result, bad.error) == ("stale", "RouteAlreadyExists")
    assert (good.item.reason, good.item.cause) == (ITEM.reason, ITEM.cause)


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ('{"errorMessage": "ec2:X: no", "errorType": "AccessDenied"}', "ec2:X: no"),
        ("ec2:X: no", "ec2:X: no"),
        ('{"errorMessage": "cut o', '{"errorMessage": "cut o'),
        ('{"errorType": "Runtime.ExitError"}', '{"errorType": "Runtime.ExitError"}'),
        ("", ""),
    ],
)
def test_an_outcome_that_the_workflow_made_of_a_failure(message: str, words: str) -> None:
    failed = {
        **encode(ITEM),
        "result": "failed",
        "error": "AccessDenied",
        "message": message,
    }

    read = decode(NetworkOutcome, through_json(failed))

    assert (read.result, read.error, read.message) == ("failed", "AccessDenied", words)
    assert read.item.endpoint_id is None


def test_a_finding() -> None:
    finding = Finding("QuotaNear", "us-east-1", "action", {"used": 16, "limit": 20})

    assert finding.id == "QuotaNear/us-east-1"
    assert Finding.from_json(through_json(finding.to_json())) == finding


@pytest.mark.parametrize(
    ("subject", "vpc_id"),
    [("vpc-1/s3", "vpc-1"), ("vpc-1/s3/vpce-2", "vpc-1"), ("us-east-1", None)],
)
def test_a_finding_knows_its_vpc(subject: str, vpc_id: str | None) -> None:
    assert Finding("ChangeFailed", subject, "failure").vpc_id == vpc_id


def test_a_failed_change_becomes_a_finding_that_names_the_action() -> None:
    failed = outcome(
        ITEM, result="failed", error="AccessDenied", message="ec2:CreateVpcEndpoint: no"
    )
    finding = CHANGE_FAILED.about(failed.id, failed.told)

    assert (finding.id, finding.severity) == ("ChangeFailed/vpc-1/s3", "failure")
    assert finding.data["message"] == "ec2:CreateVpcEndpoint: no"
    assert finding.data["route_table_ids"] == ["rtb-1", "rtb-2"]


def test_a_person_may_ask_for_a_look_with_nothing() -> None:
    assert decode(NetworkRequest, {}) == NetworkRequest(
        trigger="person", scope=WHOLE_NETWORK, round_number=1
    )


def test_a_request_is_read_in_full() -> None:
    read = decode(
        NetworkRequest,
        {
            "trigger": "event",
            "scope": {"vpc_ids": ["vpc-2", "vpc-1"], "route_table_ids": [], "endpoint_ids": []},
            "expect": ["vpc-1"],
            "round": 2,
            "outcomes": [encode(DONE)],
            "execution": "arn:aws:states:us-east-1:111111111111:execution:a:b",
        },
    )

    assert read.scope == NetworkScope(vpc_ids=("vpc-1", "vpc-2"))
    assert (read.trigger, read.expect, read.round_number) == ("event", ("vpc-1",), 2)
    assert read.outcomes == (DONE,)


@pytest.mark.parametrize("bad", [{"trigger": "cron"}, {"scope": "some"}])
def test_a_request_that_cannot_be_read_says_so(bad: Any) -> None:
    with pytest.raises(ValueError, match=next(iter(bad))):
        decode(NetworkRequest, bad)


@pytest.mark.parametrize(
    "scope",
    [WHOLE_NETWORK, NetworkScope(), NetworkScope(False, ("vpc-1",), ("rtb-1",), ("vpce-1",))],
)
def test_a_scope(scope: NetworkScope) -> None:
    assert decode(NetworkScope, through_json(encode(scope))) == scope


def test_a_scope_may_lack_lists() -> None:
    assert decode(NetworkScope, {"vpc_ids": ["vpc-1"]}) == NetworkScope(vpc_ids=("vpc-1",))
