"""A person's answer by a button of the hub's dashboard: read, handed on, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from autopilot.fleet.asking import Refused, Told, hold_name, spoke_named
from autopilot.fleet.wire import Held, Spoke
from autopilot.view.html import NOTHING, Html, button, tag
from autopilot.view.widget_answer import PROOF, Pressed, form, pressed
from autopilot.view.widget_page import framed

_WORDS = {"accept": ("Approve", "Accept"), "reject": ("Reject", "Reject")}


@dataclass(frozen=True)
class PressedInHub:
    """What was pressed and filled in, for which hold of which spoke; `wrong`: what is wrong."""

    said: Pressed
    spoke: Spoke | None = None
    hold: str = ""
    wrong: str = ""

    @property
    def question(self) -> dict[str, Any]:
        """What the function HubAsk takes."""
        payload = {**self.said.said, "hold": self.hold}
        return {"spoke": str(self.spoke), "ask": "answer", "payload": payload}


def pressed_in_hub(event: Mapping[str, Any]) -> PressedInHub:
    """What was pressed. Anything may be in it."""
    said, hold = pressed(event), hold_name(event.get("hold"))
    try:
        spoke = spoke_named(event.get("spoke"))
    except Refused:
        return PressedInHub(said, wrong="the button names no account and Region")
    if not hold:
        return PressedInHub(said, wrong="the button doesn't say which request it is about")
    return PressedInHub(said, spoke, hold, said.wrong)


def buttons(function: str, spoke: Spoke, held: Held, back: str = "") -> Html:
    """Approve and Reject for a request that waits in a spoke, each asked again before it counts.

    `function`: the ARN of HubPress, "" for no buttons; `back`: the function that shows the list.
    The form that goes with them is `view.widget_answer.form(function)`, once on a page.
    """
    if not function or not held.hold:
        return NOTHING
    return _buttons(function, held.endpoint_id, str(spoke), held.hold, back)


def _buttons(function: str, endpoint_id: str, spoke: str, hold: str, back: str) -> Html:
    about = {"endpoint_id": endpoint_id, "spoke": spoke, "hold": hold}
    more = {"back": back} if back else {}
    return tag(
        "p",
        *(
            button(
                words,
                function,
                {"answer": answer, **about, **more},
                label=f"{words} {endpoint_id} in {spoke}",
                asks=f"{verb} the request of {endpoint_id} in {spoke}, in the name and for the"
                " reason that are filled in?",
            )
            for answer, (words, verb) in _WORDS.items()
        ),
    )


def came_of(given: PressedInHub, told: Told, function: str, dark: bool) -> str:
    """The HTML of what the spoke said, or why it couldn't be asked."""
    if told.answer is None:
        return refused(given, f"{told.spoke} couldn't be asked ({told.refused}): {told.why}",
                       function, dark)  # fmt: skip
    if not told.answer.get("taken"):
        return refused(given, f"{told.spoke} says: {told.answer.get('why')}", function, dark)
    return _taken(given, function, dark)


def _taken(given: PressedInHub, function: str, dark: bool) -> str:
    said = given.said
    words = (
        f"● {_WORDS[said.answer][0]} is taken by {given.spoke} for {said.endpoint_id}, by"
        f" {said.by}: {said.reason}"
    )
    after = (
        "The account's own policy still judges it: an owner whom it denies is not let in. How it"
        " ends is among its news within a minute or so; ops are told, too."
    )
    return framed(
        dark,
        tag("p", words, class_="ea-note", role="status"),
        tag("p", after),
        _back(given),
        tag("p", PROOF.format(function.rpartition(":")[2]), class_="ea-quiet"),
    )


def refused(given: PressedInHub, why: str, function: str, dark: bool) -> str:
    """The HTML that says that nothing was answered and why, with the form once more."""
    said = given.said
    note = tag("p", f"✕ Nothing is answered: {why}.", class_="ea-note", role="alert")
    if not given.hold or not said.endpoint_id:
        return framed(dark, note, _back(given))
    again = tag("p", "For ", tag("code", said.endpoint_id), f" in {given.spoke}:")
    filled = form(function, said.by, said.reason)
    answers = _buttons(function, said.endpoint_id, str(given.spoke), given.hold, said.back)
    return framed(dark, note, again, filled, answers, _back(given))


def _back(given: PressedInHub) -> Html:
    if not given.said.back:
        return NOTHING
    label = "Back to the list"
    return tag("p", button(label, given.said.back, {"part": "requests"}, label=label))
