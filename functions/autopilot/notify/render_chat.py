"""Notices in Amazon Q Developer's custom notification schema (its guide, "Custom notifications").

`threadId` brings together what is told of one thing. `relatedResources` and `additionalContext` are
for buttons, which are custom actions: each takes its variables out of the notification (Amazon Q
Developer in chat applications API, CustomActionAttachment). The stack's own are in infra/chat.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autopilot.notify.names import clean, named
from autopilot.notify.notice import Notice, Place, Step
from autopilot.notify.phrases import in_title, listed
from autopilot.notify.render_json import id_of

_LINES = 10
_TEXT = 2_500  # Slack shows 3,000 characters in one block
# Slack's mentions and links stand in angle brackets, other chats' links in [these](and these).
_HARMLESS = str.maketrans({"<": "\u2039", ">": "\u203a"})
_WITHOUT_MARKUP = str.maketrans(dict.fromkeys("`*~|[]"))
_FOR_BUTTONS = ("endpoint_id", "service_id", "service_name", "vpc_id", "owner", "spoke", "held")
_WAITS = ("expires", "spoke")
"""What only a request has that waits here, or in a hub's spoke."""


def chat(notice: Notice, place: Place) -> dict[str, Any]:
    """The notice as a chat shows it."""
    names = {id_: _plain(name) for id_, name in place.names.items()}

    def say(words: str) -> str:
        return named(words, names).translate(_HARMLESS).replace("](", "] (")

    lines = [*notice.what, *_subjects(notice), *notice.why]
    theirs = [_plain(each) for each in notice.owners]
    whose = [f"Owner: {listed(theirs)}"] if theirs else []
    heading = say(in_title(notice.title, {}))
    return {
        "version": "1.0",
        "source": "custom",
        "id": id_of(notice, place),
        "content": {
            "textType": "client-markdown",
            "title": heading,
            "description": "\n".join([*whose, *map(say, lines)])[:_TEXT],
            "nextSteps": [_step(step, say(step.text)) for step in notice.steps],
            "keywords": [notice.kind, notice.severity, place.account, place.region, *theirs[:5]],
        },
        "metadata": {
            "threadId": notice.thread or thread_of(notice, place),
            "summary": heading,
            "eventType": notice.kind,
            **_context(notice, place),
        },
    }


def _plain(name: str) -> str:
    """Somebody else's text, without whatever a chat would make of it."""
    return clean(name).translate(_WITHOUT_MARKUP).translate(_HARMLESS)


def thread_of(notice: Notice, place: Place) -> str:
    """The one thing, or else the VPC or service, that it is about; the execution, of several."""
    whole = {subject.id for subject in notice.subjects}
    places = {id_.partition("/")[0] for id_ in whole}
    about = whole if len(whole) == 1 else places
    if len(about) != 1:
        return f"{notice.kind}/{place.execution}"
    return f"{place.account}/{place.region}/{about.pop()}"


def _step(step: Step, said: str) -> str:
    return (f"{said}\n`{step.command}`" if step.command else said)[:_TEXT]


def _subjects(notice: Notice) -> Iterator[str]:
    yield from (f"• {subject.id}: {subject.line}" for subject in notice.subjects[:_LINES])
    if (more := len(notice.subjects) - _LINES) > 0:
        yield f"• and {more} more"


def _context(notice: Notice, place: Place) -> dict[str, Any]:
    """What a button needs to know of the one thing that a notice is about.

    `answered_by`: the function that takes an answer, where the thing waits for one.
    """
    if len(notice.subjects) != 1:
        return {}
    (subject,) = notice.subjects
    facts = {name: subject.facts.get(name) for name in _FOR_BUTTONS}
    known = {name: str(value) for name, value in facts.items() if value}
    asks = any(subject.facts.get(name) for name in _WAITS)
    waits = asks and notice.change in ("opened", "changed")
    buttons = {"answered_by": place.answer_hold} if waits and place.answer_hold else {}
    return {
        "relatedResources": subject.id.split("/"),
        "additionalContext": {**known, **buttons},
        **({"enableCustomActions": True} if buttons else {}),
    }
