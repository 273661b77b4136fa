"""The hub's buttons: what they hand on, what they refuse, what they say of it."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import hub_press
import pytest
from autopilot.aws.errors import AccessDenied
from autopilot.fleet.widget_answers import buttons
from autopilot.fleet.wire import Held, Spoke

ARN = "arn:aws:lambda:us-east-1:999999999999:function:HubPress"
BACK = "arn:aws:lambda:us-east-1:999999999999:function:HubShow"
CONTEXT = SimpleNamespace(
    invoked_function_arn=ARN, function_name="f", memory_limit_in_mb=1, aws_request_id="1"
)
ID, HOLD, SPOKE = (
    "vpce-0123456789abcdef0",
    "hold-vpce-0123456789abcdef0-1",
    "222222222222/us-east-1",
)
BUTTON = {"answer": "accept", "endpoint_id": ID, "spoke": SPOKE, "hold": HOLD, "back": BACK}
FILLED = {"by": "Alice <b>", "reason": "CHG-17"}


class Asked:
    """Notes what is handed on, and answers so."""

    def __init__(self, answer: Mapping[str, Any] | Exception) -> None:
        self.answer, self.all = answer, list[Any]()

    def __call__(self, function: str, question: Mapping[str, Any]) -> Mapping[str, Any]:
        self.all.append((function, question))
        if isinstance(self.answer, Exception):
            raise self.answer
        return {"spoke": SPOKE, **self.answer}


TAKEN = {"answer": {"id": "q", "taken": True}, "id": "q"}


def press(asked: Asked, forms: Any = FILLED, **event: Any) -> Any:
    about = {"theme": "dark", "forms": {"all": forms}}
    return hub_press.handler({**BUTTON, **event, "widgetContext": about}, CONTEXT, ask=asked)


@pytest.fixture(autouse=True)
def _set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_ASK_FUNCTION", "arn:ask")


def test_an_answer_is_handed_on_with_its_hold_and_name() -> None:
    asked = Asked(TAKEN)
    html = press(asked)
    payload = {"endpoint_id": ID, "answer": "accept", "hold": HOLD, "by": "Alice <b>",
               "reason": "CHG-17"}  # fmt: skip
    assert asked.all == [("arn:ask", {"spoke": SPOKE, "ask": "answer", "payload": payload})]
    assert f"Approve is taken by {SPOKE} for {ID}, by Alice &lt;b&gt;: CHG-17" in html
    assert "The name is as given: nobody checks it." in html and "Back to the list" in html


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"answer": {"id": "q", "taken": False, "why": "expired"}}, f"{SPOKE} says: expired."),
        (
            {"answer": None, "refused": "NotApprover", "why": "no <i>"},
            "(NotApprover): no &lt;i&gt;",
        ),
        (AccessDenied("lambda:Invoke: no"), "(AccessDenied): lambda:Invoke: no"),
    ],
)
def test_what_is_not_taken_is_said_with_the_form_once_more(answer: Any, words: str) -> None:
    html = press(Asked(answer))
    assert f"✕ Nothing is answered: {SPOKE}" in html and words in html
    assert 'value="Alice &lt;b&gt;"' in html and f"Approve {ID} in {SPOKE}" in html


@pytest.mark.parametrize(
    ("event", "forms", "words"),
    [
        ({}, {}, "write your name and a reason first"),
        ({"spoke": "x<y"}, FILLED, "the button names no account and Region"),
        ({"spoke": None}, FILLED, "the button names no account and Region"),
        ({"hold": "a b"}, FILLED, "which request it is about"),
        ({"hold": ["x"]}, FILLED, "which request it is about"),
        ({"endpoint_id": "*"}, FILLED, "the button names no endpoint"),
        ({"answer": "yes"}, FILLED, "neither accept nor reject"),
    ],
)
def test_what_makes_no_sense_is_handed_to_nobody(
    event: Mapping[str, Any], forms: Any, words: str
) -> None:
    asked = Asked(TAKEN)
    html = press(asked, forms, **event)
    assert words in html and asked.all == [] and "x<y" not in html


def test_a_widget_gets_both_buttons_for_a_request_that_waits() -> None:
    held = Held(ID, HOLD, "4" * 12, "vpce-svc-0a", "name", "2026-11-29", "2026-12-06")
    html = str(buttons(ARN, Spoke(*SPOKE.split("/")), held, BACK))
    assert html.count("<cwdb-action") == 2 and HOLD in html and SPOKE in html
    assert str(buttons("", Spoke(*SPOKE.split("/")), held)) == ""


def test_it_describes_itself() -> None:
    told = hub_press.handler({"describe": True}, CONTEXT)
    assert isinstance(told, dict) and "requests" in told["markdown"]
