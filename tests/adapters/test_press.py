"""The buttons' function `press`: what it passes on, what it refuses, what it says of it."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import press
import pytest
from autopilot.aws import clients, hold_answers
from autopilot.aws.errors import AccessDenied, AwsError, RefusedByAws
from botocore.exceptions import ClientError

ARN = "arn:aws:lambda:us-east-1:111111111111:function:Press"
CONTEXT = SimpleNamespace(
    invoked_function_arn=ARN, function_name="Press", memory_limit_in_mb=512, aws_request_id="1"
)
ID = "vpce-0123456789abcdef0"
FILLED = {"by": "  Alice <b> ", "reason": 'known "partner" 🎉'}


@pytest.fixture(autouse=True)
def _set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSWER_HOLD_FUNCTION", "AnswerHold")


class Given:
    """Notes what is passed on; refuses it if there is an error."""

    def __init__(self, error: AwsError | None = None) -> None:
        self.all: list[tuple[str, Mapping[str, str]]] = []
        self.error = error

    def __call__(self, function: str, said: Mapping[str, str]) -> None:
        self.all.append((function, said))
        if self.error:
            raise self.error


def pressed(given: Given, forms: Any = FILLED, theme: str = "light", **params: Any) -> Any:
    about = {"theme": theme, "forms": {"all": forms}}
    return press.handler({**params, "widgetContext": about}, CONTEXT, give=given)


@pytest.mark.parametrize(("answer", "word"), [("accept", "Approve"), ("reject", "Reject")])
def test_an_answer_is_passed_on_with_name_and_reason(answer: str, word: str) -> None:
    given = Given()
    html = pressed(given, answer=answer, endpoint_id=ID)
    said = {"endpoint_id": ID, "answer": answer, "by": "Alice <b>", "reason": FILLED["reason"]}
    assert given.all == [("AnswerHold", said)]
    assert f"● {word} is passed on for {ID}, by Alice &lt;b&gt;: known &quot;partner&quot;" in html
    assert "The name is as given: nobody checks it." in html
    assert "in the Invoke event of the function Press" in html


@pytest.mark.parametrize(
    ("forms", "lacking"),
    [
        ({}, "write your name and a reason first"),
        ({"by": "me", "reason": " "}, "write a reason first"),
        ({"by": "\t", "reason": "so"}, "write your name first"),
        ({"by": ["me"], "reason": {"a": 1}}, "write your name and a reason first"),
        (None, "write your name and a reason first"),
        ("x", "write your name and a reason first"),
    ],
)
def test_name_and_reason_are_needed(forms: Any, lacking: str) -> None:
    given = Given()
    html = pressed(given, forms, answer="accept", endpoint_id=ID)
    assert given.all == []
    assert f"✕ Nothing is answered: {lacking}." in html
    assert 'name="by"' in html and f"Approve {ID}" in html


def test_what_was_filled_in_stays() -> None:
    html = pressed(Given(), {"by": 'a"><script>', "reason": ""}, answer="accept", endpoint_id=ID)
    assert 'value="a&quot;&gt;&lt;script&gt;"' in html


HOSTILE = (
    None,
    1,
    [ID],
    {"a": 1},
    "",
    "vpce-",
    "vpce-XYZ",
    f"{ID}\n",
    f"{ID} ",
    f"x{ID}",
    "vpce-" + "a" * 99,
)


@pytest.mark.parametrize("endpoint_id", HOSTILE)
def test_what_is_no_endpoint_goes_nowhere(endpoint_id: Any) -> None:
    given = Given()
    html = pressed(given, answer="accept", endpoint_id=endpoint_id)
    assert given.all == []
    assert "the button names no endpoint" in html
    assert "<button" not in html


@pytest.mark.parametrize("answer", [None, "", "Accept", "expired", "closed", ["accept"], {"a": 1}])
def test_what_is_no_answer_goes_nowhere(answer: Any) -> None:
    given = Given()
    assert "neither accept nor reject" in pressed(given, answer=answer, endpoint_id=ID)
    assert given.all == []


def test_lengths_are_cut() -> None:
    given = Given()
    pressed(given, {"by": "b" * 5000, "reason": "r" * 5000}, answer="accept", endpoint_id=ID)
    ((_, said),) = given.all
    assert (len(said["by"]), len(said["reason"])) == (200, 400)


def test_a_refusal_is_said_with_its_words() -> None:
    given = Given(RefusedByAws("no hold <of> it"))
    html = pressed(given, theme="dark", answer="accept", endpoint_id=ID)
    assert "✕ Nothing is answered: no hold &lt;of&gt; it." in html
    assert html.startswith('<div class="ea ea-dark">')


def test_it_describes_itself() -> None:
    told: Any = press.handler({"describe": True}, CONTEXT)
    assert "waiting" in told["markdown"]


def lambda_that(answers: Any, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """A Lambda service whose Invoke answers so, or raises it; what it is asked."""
    asked: list[dict[str, Any]] = []

    def invoke(**request: Any) -> Any:
        asked.append(request)
        if isinstance(answers, Exception):
            raise answers
        return answers

    clients.client.cache_clear()
    monkeypatch.setattr(clients, "make", lambda *_: SimpleNamespace(invoke=invoke))
    return asked


def test_the_answer_goes_to_the_function(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = lambda_that({"Payload": io.BytesIO(b"{}")}, monkeypatch)
    hold_answers.give("AnswerHold", {"answer": "accept"})
    assert [each["FunctionName"] for each in asked] == ["AnswerHold"]
    assert json.loads(asked[0]["Payload"]) == {"answer": "accept"}


@pytest.mark.parametrize(
    ("payload", "words"),
    [(b'{"errorMessage": "no hold"}', "no hold"), (b'{"errorType": "E"}', "E"), (b"", "it failed")],
)
def test_the_functions_own_refusal_is_an_error(
    payload: bytes, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lambda_that({"FunctionError": "Unhandled", "Payload": io.BytesIO(payload)}, monkeypatch)
    with pytest.raises(RefusedByAws, match=words):
        hold_answers.give("AnswerHold", {})


def test_a_denied_call_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    error: Any = {"Code": "AccessDeniedException", "Message": "no"}
    lambda_that(ClientError({"Error": error}, "Invoke"), monkeypatch)
    with pytest.raises(AccessDenied):
        hold_answers.give("AnswerHold", {})
