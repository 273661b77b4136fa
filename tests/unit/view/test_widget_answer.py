"""Approve and Reject beside a request that waits."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace

import pytest
from autopilot.view.model import Overview
from autopilot.view.widget import widget
from autopilot.view.widget_answer import endpoint_of

from tests.unit.view.widgets import PLACE, PRESS, Read, asked, problem, request

ACTION = re.compile(
    r'>(\w+)</button><cwdb-action action="call" display="widget" endpoint="([^"]*)"'
    r' confirmation="([^"]*)">([^<]*)</cwdb-action>'
)


def waiting(*items: object, answers: str = PRESS) -> str:
    seen = Overview(PLACE, waiting=items)  # type: ignore[arg-type]  # a test's items
    return widget(seen, replace(asked("waiting"), answers=answers))


def test_a_request_can_be_approved_and_rejected_after_a_question() -> None:
    found = ACTION.findall(waiting(request(10)))
    told = [(words, to, json.loads(html.unescape(params))) for words, to, _, params in found]
    assert told == [
        ("Approve", PRESS, {"answer": "accept", "endpoint_id": "vpce-a"}),
        ("Reject", PRESS, {"answer": "reject", "endpoint_id": "vpce-a"}),
    ]
    assert found[0][2] == (
        "Accept the request of vpce-a from account 222222222222, in the name and for the reason"
        " that are filled in?"
    )


def test_one_form_asks_for_name_and_reason() -> None:
    told = Read(waiting(request(1), request(2)))
    names = [value for name, value in told.attributes if name == "name"]
    assert names == ["by", "reason"]
    labels = {value for name, value in told.attributes if name == "for"}
    assert labels <= {value for name, value in told.attributes if name == "id"}
    assert "in the Invoke event of the function press, if a trail records" in told.text


def test_only_requests_have_buttons() -> None:
    busy = replace(request(), kind="RouteTableBusy")
    assert "button" not in Read(waiting(busy)).tags
    seen = Overview(PLACE, problems=(problem(),))
    assert "form" not in Read(widget(seen, asked("waiting"))).tags


def test_without_the_buttons_function_there_are_none() -> None:
    assert not {"button", "form"} & set(Read(waiting(request(), answers="")).tags)


@pytest.mark.parametrize(
    ("subject", "endpoint_id"),
    [
        ("vpce-svc-1/vpce-0a", "vpce-0a"),
        ("vpce-0a", "vpce-0a"),
        ("vpce-svc-1/vpce-0g", ""),
        ('vpce-svc-1/vpce-0"', ""),
        ("vpce-svc-1", ""),
        ("", ""),
    ],
)
def test_the_endpoint_in_a_subject(subject: str, endpoint_id: str) -> None:
    assert endpoint_of(subject) == endpoint_id
