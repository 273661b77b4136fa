"""Approve and Reject beside a request that waits."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace

import pytest
from autopilot.view.model import Overview
from autopilot.view.widget import widget
from autopilot.view.widget_answer import endpoint_of, followed, pressed, refused, taken

from tests.unit.view.widgets import ME, PLACE, PRESS, Read, asked, problem, request

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
        ("Approve", PRESS, {"answer": "accept", "endpoint_id": "vpce-a", "back": ME}),
        ("Reject", PRESS, {"answer": "reject", "endpoint_id": "vpce-a", "back": ME}),
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


@pytest.mark.parametrize(
    "back",
    ["", None, 5, ["arn"], "arn:aws:s3:::bucket", f"{ME}<b>", f'{ME}"', f"{ME} x", "x" * 9999],
)
def test_the_way_back_leads_to_a_function_or_nowhere(back: object) -> None:
    form = {"widgetContext": {"forms": {"all": {"by": "me", "reason": "so"}}}}
    given = pressed({"answer": "accept", "endpoint_id": "vpce-1", "back": back, **form})
    assert given.back == ""
    assert "button" not in Read(taken(given, PRESS, dark=False)).tags


@pytest.mark.parametrize("back", [ME, f"{ME}:live", ME.replace(":aws:", ":aws-us-gov:")])
def test_what_came_of_it_is_a_button_away(back: str) -> None:
    form = {"widgetContext": {"forms": {"all": {"by": "me", "reason": "so"}}}}
    given = pressed({"answer": "accept", "endpoint_id": "vpce-1", "back": back, **form})
    for words, told in (
        ("See how it ended", taken(given, PRESS, dark=True)),
        ("Back to the list", refused(given, "no", PRESS, dark=True)),
    ):
        action = rf'{words}</button><cwdb-action [^>]*endpoint="([^"]+)">([^<]+)<'
        (found,) = re.findall(action, told)
        params = json.loads(html.unescape(found[1]))
        assert (found[0], params) == (back, {"part": "waiting", "followed": "vpce-1"})


@pytest.mark.parametrize("id_", ["vpce-<b>", None, 7, {"a": 1}, "vpc-1", "vpce-1 "])
def test_only_an_endpoint_is_followed(id_: object) -> None:
    assert followed({"followed": id_}) == ""
