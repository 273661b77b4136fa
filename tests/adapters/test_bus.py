"""The event bus: everything arrives, and what doesn't is noticed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from autopilot.aws.errors import AccessDenied, RefusedByAws, ServiceUnavailable, Throttled
from autopilot.aws.outlets import Bus
from autopilot.gateway.messages import ENDPOINTS_CHANGED

from tests.unit.notify.reports import done, execution

MANY = [*ENDPOINTS_CHANGED.done([done(f"vpc-{n}/s3") for n in range(23)]).on_bus(execution())]


def test_a_rule_sees_the_events(client: Callable[[Any], Any]) -> None:
    events, sqs = client("events"), client("sqs")
    url = sqs.create_queue(QueueName="watching")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    pattern = {"source": ["endpoint-autopilot"], "detail-type": ["Gateway Endpoint Created"]}
    events.put_rule(Name="watch", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="watch", Targets=[{"Id": "queue", "Arn": arn["QueueArn"]}])

    Bus(events).put(MANY[:1])

    [seen] = sqs.receive_message(QueueUrl=url)["Messages"]
    event = json.loads(seen["Body"])
    assert event["resources"] == ["vpc-0", "vpce-0-s3", "rtb-1"]
    assert event["detail"] == {
        "id": "network-1/vpc-0/s3/Gateway Endpoint Created",
        "vpc_id": "vpc-0",
        "service": "s3",
        "endpoint_id": "vpce-0-s3",
        "route_table_ids": ["rtb-1"],
        "cause": "new-vpc",
        "reason": "the VPC is new, 1 route table is without a route to S3",
        "execution": execution(),
    }


class Answering:
    """An EventBridge client that leaves the last event of each call out, with `code`."""

    def __init__(self, code: str | None = None) -> None:
        self._code = code
        self.sizes: list[int] = []

    def put_events(self, *, Entries: list[Any]) -> dict[str, Any]:  # noqa: N803 - AWS's name
        self.sizes.append(len(Entries))
        taken: list[dict[str, str]] = [{"EventId": "1"} for _ in Entries]
        if self._code:
            taken[-1] = {"ErrorCode": self._code, "ErrorMessage": "no"}
        return {"FailedEntryCount": 1 if self._code else 0, "Entries": taken}


def test_puts_ten_at_a_time() -> None:
    client = Answering()
    Bus(client).put(MANY)

    assert client.sizes == [10, 10, 3]


@pytest.mark.parametrize(
    ("code", "named"),
    [
        ("ThrottlingException", Throttled),
        ("InternalFailure", ServiceUnavailable),
        ("InternalException", ServiceUnavailable),
        ("AccessDeniedException", AccessDenied),
        ("NotAuthorizedForSourceException", RefusedByAws),
        ("MalformedDetail", RefusedByAws),
    ],
)
def test_raises_what_a_call_that_took_no_event_only_reports(
    code: str, named: type[Exception]
) -> None:
    with pytest.raises(named, match=rf"^events:PutEvents: {code}: 1 of 10 events: no"):
        Bus(Answering(code)).put(MANY)


def test_puts_nothing_when_there_is_nothing_to_put() -> None:
    client = Answering("MalformedDetail")
    Bus(client).put([])

    assert client.sizes == []
