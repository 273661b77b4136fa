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
_MOST_NAME, _MOST_REASON = 200, 400
_WORDS = {"accept": ("Approve", "Accept"), "reject": ("Reject", "Reject")}


@dataclass(frozen=True)
class Pressed:
    """What a button and its form say, as far as it makes sense; `wrong`: what is wrong."""

    answer: str
    endpoint_id: str
    by: str
    reason: str
    wrong: str = ""

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
    answer, endpoint_id = event.get("answer"), event.get("endpoint_id")
    if not isinstance(endpoint_id, str) or not _ENDPOINT.fullmatch(endpoint_id):
        return Pressed("", "", "", "", "the button names no endpoint")
    if not isinstance(answer, str) or answer not in _WORDS:
        return Pressed("", endpoint_id, "", "", "the button says neither accept nor reject")
    by, reason = _field(forms, "by", _MOST_NAME), _field(forms, "reason", _MOST_REASON)
    blank = [label for label, text in (("your name", by), ("a reason", reason)) if not text]
    wrong = f"write {' and '.join(blank)} first" if blank else ""
    return Pressed(answer, endpoint_id, by, reason, wrong)


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


def buttons(function: str, endpoint_id: str, about: str = "") -> Html:
    """Approve and Reject, each asked again before it counts; `about`: whose request it is."""
    if not function or not endpoint_id:
        return NOTHING
    return tag(
        "p",
        *(
            button(
                words,
                function,
                {"answer": answer, "endpoint_id": endpoint_id},
                label=f"{words} {endpoint_id}",
                asks=f"{verb} the request of {endpoint_id}{about}, in the name and for the reason"
                " that are filled in?",
            )
            for answer, (words, verb) in _WORDS.items()
        ),
    )


def taken(given: Pressed, function: str, dark: bool) -> str:
    """The HTML that says that the answer is on its way."""
    words = (
        f"● {_WORDS[given.answer][0]} is passed on for {given.endpoint_id}, by {given.by}:"
        f" {given.reason}"
    )
    after = (
        "The policy still judges it: an owner whom it denies is not let in. Refresh this widget in"
        " some seconds; ops are told what came of it."
    )
    proof = PROOF.format(function.rpartition(":")[2])
    return framed(
        dark,
        tag("p", words, class_="ea-note", role="status"),
        tag("p", after),
        tag("p", proof, class_="ea-quiet"),
    )


def refused(given: Pressed, why: str, function: str, dark: bool) -> str:
    """The HTML that says that nothing was answered and why, with the form once more."""
    note = tag("p", f"✕ Nothing is answered: {why}.", class_="ea-note", role="alert")
    if not given.endpoint_id:
        return framed(dark, note)
    again = tag("p", "For ", tag("code", given.endpoint_id), ":")
    filled = form(function, given.by, given.reason)
    return framed(dark, note, again, filled, buttons(function, given.endpoint_id))
