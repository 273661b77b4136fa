"""A person's answer by a button: its form, what is read of it, and what came of it, in HTML.

A function can't see who pressed a button: CloudWatch invokes it as whoever looks at the dashboard
(CloudWatch guide, "Security and JavaScript for custom CloudWatch widgets"). So a name is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from autopilot.view.html import NOTHING, Html, button, joined, tag
from autopilot.view.widget_page import framed

PROOF = (
    "The name is as given: nobody checks it. Who pressed is in CloudTrail, in the Invoke event of"
    " the function {0}, if a trail records data events of Lambda functions."
)
_ENDPOINT = re.compile(r"vpce-[0-9a-f]{1,40}")
_FUNCTION = re.compile(r"arn:[\w-]{3,20}:lambda:[\w-]{3,30}:\d{12}:function:[\w:-]{1,200}")
_MOST_NAME, _MOST_REASON = 200, 400
_WORDS = {"accept": ("Approve", "Accept"), "reject": ("Reject", "Reject")}


@dataclass(frozen=True)
class Pressed:
    """What a button and its form say, as far as it makes sense; `wrong`: what is wrong.

    `back`: the ARN of the function that shows the list, "" if the button doesn't say.
    """

    answer: str
    endpoint_id: str
    by: str
    reason: str
    wrong: str = ""
    back: str = ""

    @property
    def said(self) -> dict[str, str]:
        """What the function AnswerHold takes."""
        given = {"endpoint_id": self.endpoint_id, "answer": self.answer}
        return {**given, "by": self.by, "reason": self.reason}


def endpoint_of(subject: str) -> str:
    """The endpoint that a request is about, "" if its subject holds none."""
    found = subject.rpartition("/")[2]
    return found if _ENDPOINT.fullmatch(found) else ""


def pressed(event: Mapping[str, Any]) -> Pressed:
    """What was pressed and filled in. Anything may be in it."""
    forms = _mapping(_mapping(_mapping(event.get("widgetContext")).get("forms")).get("all"))
    answer = event.get("answer")
    endpoint_id, back = _like(_ENDPOINT, event, "endpoint_id"), _like(_FUNCTION, event, "back")
    if not endpoint_id:
        return Pressed("", "", "", "", "the button names no endpoint", back)
    if not isinstance(answer, str) or answer not in _WORDS:
        return Pressed("", endpoint_id, "", "", "the button says neither accept nor reject", back)
    by, reason = _field(forms, "by", _MOST_NAME), _field(forms, "reason", _MOST_REASON)
    blank = [label for label, text in (("your name", by), ("a reason", reason)) if not text]
    wrong = f"write {' and '.join(blank)} first" if blank else ""
    return Pressed(answer, endpoint_id, by, reason, wrong, back)


def followed(event: Mapping[str, Any]) -> str:
    """The endpoint whose answer is to be followed, "" for none. Anything may be in it."""
    return _like(_ENDPOINT, event, "followed")


def _like(shape: re.Pattern[str], event: Mapping[str, Any], key: str) -> str:
    value = event.get(key)
    return value if isinstance(value, str) and shape.fullmatch(value) else ""


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _field(forms: Mapping[str, Any], name: str, most: int) -> str:
    text = forms.get(name)
    return text.strip()[:most].strip() if isinstance(text, str) else ""


def form(function: str, by: str = "", reason: str = "") -> Html:
    """Whose answer it is and why; the buttons beside each request send both along.

    Two fields and no submit button: the Enter key submits nothing (HTML standard, "Implicit
    submission").
    """
    fields = tag(
        "form",
        _input("by", "Your name", by, _MOST_NAME),
        _input("reason", "Reason", reason, _MOST_REASON),
        class_="ea-form",
    )
    words = f"Both are needed to approve or reject. {PROOF.format(function.rpartition(':')[2])}"
    return joined((fields, tag("p", words, class_="ea-quiet")))


def _input(name: str, label: str, value: str, most: int) -> Html:
    id_ = f"ea-{name}"
    field = tag(
        "input", id=id_, name=name, value=value, maxlength=most, required="", autocomplete="off"
    )
    return tag("div", tag("label", label, for_=id_), field)


def buttons(function: str, endpoint_id: str, about: str = "", back: str = "") -> Html:
    """Approve and Reject, each asked again before it counts; `about`: whose request it is; `back`:
    the function that shows the list.
    """
    if not function or not endpoint_id:
        return NOTHING
    return tag("p", *(_button(function, each, endpoint_id, about, back) for each in _WORDS))


def _button(function: str, answer: str, endpoint_id: str, about: str, back: str) -> Html:
    words, verb = _WORDS[answer]
    return button(
        words,
        function,
        {"answer": answer, "endpoint_id": endpoint_id, **({"back": back} if back else {})},
        label=f"{words} {endpoint_id}",
        asks=f"{verb} the request of {endpoint_id}{about}, in the name and for the reason"
        " that are filled in?",
    )


def look(words: str, back: str, endpoint_id: str) -> Html:
    """A button to the list, with how the request of this endpoint stands by then."""
    if not back or not endpoint_id:
        return NOTHING
    params = {"part": "waiting", "followed": endpoint_id}
    return tag("p", button(words, back, params, label=f"{words}: {endpoint_id}"))


def taken(given: Pressed, function: str, dark: bool) -> str:
    """The HTML that says that the answer is on its way, and where its end will be seen."""
    words = (
        f"● {_WORDS[given.answer][0]} is passed on for {given.endpoint_id}, by {given.by}:"
        f" {given.reason}"
    )
    after = (
        "The policy still judges it: an owner whom it denies is not let in. How it ends shows in"
        " some seconds; ops are told, too."
    )
    proof = PROOF.format(function.rpartition(":")[2])
    return framed(
        dark,
        tag("p", words, class_="ea-note", role="status"),
        tag("p", after),
        look("See how it ended", given.back, given.endpoint_id),
        tag("p", proof, class_="ea-quiet"),
    )


def refused(given: Pressed, why: str, function: str, dark: bool) -> str:
    """The HTML that says that nothing was answered and why, with the form once more."""
    note = tag("p", f"✕ Nothing is answered: {why}.", class_="ea-note", role="alert")
    if not given.endpoint_id:
        return framed(dark, note)
    again = tag("p", "For ", tag("code", given.endpoint_id), ":")
    filled = form(function, given.by, given.reason)
    answers = buttons(function, given.endpoint_id, back=given.back)
    return framed(
        dark, note, again, filled, answers, look("Back to the list", given.back, given.endpoint_id)
    )
