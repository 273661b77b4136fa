"""Notices as the topic's subscribers get them: plain text, JSON, a chat's schema.

A protocol's own text goes under its name in a message with `MessageStructure` json (SNS API,
Publish). Amazon Q Developer in chat applications, AWS Chatbot until 2025, subscribes by `https`;
what isn't an AWS service's own message it shows in its custom notification schema only (its guide,
"Custom notifications"). Public code feeds it under that key: go-to-k/image-scanner-with-trivy.
Whoever else subscribes by `https` gets that schema too (decision 0004).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from autopilot.notify.notice import Notice, Place, Step, Subject
from autopilot.notify.phrases import instant, moment

LARGEST = 262_144 - 4_096
"""Bytes: SNS takes 256 KiB for a message, its attributes included."""

# How many subjects to name, how long texts may be: the first pair that fits is taken.
_SIZES = ((200, 6_000), (50, 6_000), (10, 2_000), (1, 200))
# A line of an email is a sentence: readable on a phone. A number of a list ends none.
_SENTENCE_END = re.compile(r"(?<=[A-Za-z)][.?]) (?=[A-Z])")
_CHAT_LINES = 10
_CHAT_TEXT = 2_500  # Slack shows 3,000 characters in one block
_JSON_READERS = ("sqs", "lambda", "firehose")


@dataclass(frozen=True)
class Message:
    """What goes to SNS: `body` is a JSON object of texts by protocol, `attributes` are strings."""

    subject: str
    body: str
    attributes: Mapping[str, str]


def message(notice: Notice, place: Place) -> Message:
    """Render `notice`, naming fewer subjects and words until SNS's limit holds."""
    attributes = {
        "severity": notice.severity,
        "kind": notice.kind,
        "account": place.account,
        "region": place.region,
    }
    body = ""
    for most, longest in _SIZES:
        body = _body(_cut(notice, longest), place, most)
        if len(body.encode()) <= LARGEST:
            break
    return Message(notice.title, body, attributes)


def text(notice: Notice, place: Place, most: int = _SIZES[0][0]) -> str:
    """The notice as an email: a sentence a line, commands on lines of their own."""
    lines = [_by_sentence(words) for words in notice.what]
    lines += ["", "WHERE", *_subject_lines(notice, most, "- ")]
    lines += ["", "WHY", *map(_by_sentence, notice.why), "", "WHAT TO DO"]
    for number, step in enumerate(notice.steps, 1):
        lines.append(_by_sentence(f"{number}. {step.text}", "   "))
        lines += ["", step.command, ""] if step.command else []
    lines += [
        "",
        "--",
        f"endpoint-autopilot, stack {place.stack}",
        f"Account {place.account}, {place.region}, {moment(place.time)}",
        place.execution,
    ]
    return "\n".join(lines).replace("\n\n\n", "\n\n").rstrip() + "\n"


def document(notice: Notice, place: Place, most: int = _SIZES[0][0]) -> dict[str, Any]:
    """The notice for programs. `id` is the same for the same news: told twice, it comes twice."""
    subjects = [subject.id for subject in notice.subjects]
    told = [place.execution, notice.kind, notice.change, notice.title, *subjects]
    return {
        "version": 1,
        "id": sha256("\n".join(told).encode(errors="replace")).hexdigest()[:32],
        "kind": notice.kind,
        "change": notice.change,
        "severity": notice.severity,
        "account": place.account,
        "region": place.region,
        "title": notice.title,
        "what": " ".join(notice.what),
        "why": " ".join(notice.why),
        "next": [str(step) for step in notice.steps],
        "subjects": subjects[:most],
        "data": {
            "count": len(subjects),
            "subjects": {s.id: _timed(dict(s.facts)) for s in notice.subjects[:most]},
            **({"by_kind": dict(notice.counts)} if notice.counts else {}),
        },
        "execution": place.execution,
        "time": instant(place.time),
    }


def chat(notice: Notice, place: Place) -> dict[str, Any]:
    """The notice in Amazon Q Developer's custom notification schema."""
    lines = [*notice.what, *_subject_lines(notice, _CHAT_LINES, "• "), *notice.why]
    steps = [f"{s.text}\n`{s.command}`" if s.command else s.text for s in notice.steps]
    return {
        "version": "1.0",
        "source": "custom",
        "content": {
            "textType": "client-markdown",
            "title": notice.title,
            "description": "\n".join(lines)[:_CHAT_TEXT],
            "nextSteps": [step[:_CHAT_TEXT] for step in steps],
            "keywords": [notice.kind, notice.severity, place.account, place.region],
        },
        "metadata": {
            "threadId": notice.thread or f"{notice.kind}/{place.execution}",
            "summary": notice.title,
            "eventType": notice.kind,
        },
    }


def _body(notice: Notice, place: Place, most: int) -> str:
    facts = _json(document(notice, place, most))
    return _json(
        {
            "default": text(notice, place, most),
            "sms": notice.title,
            "https": _json(chat(notice, place)),
            **dict.fromkeys(_JSON_READERS, facts),
        }
    )


def _timed(facts: Any) -> Any:
    """Facts with every instant in one form, whatever precision it was stored with."""
    match facts:
        case str():
            return instant(facts)
        case Mapping():
            return {name: _timed(value) for name, value in facts.items()}
        case list() | tuple():
            return [_timed(each) for each in facts]
        case _:
            return facts


def _by_sentence(words: str, indent: str = "") -> str:
    return _SENTENCE_END.sub(f"\n{indent}", words)


def _json(value: Any) -> str:
    dumped = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return dumped.encode(errors="replace").decode()  # half a surrogate pair is not UTF-8


def _subject_lines(notice: Notice, most: int, bullet: str) -> list[str]:
    named: Sequence[Subject] = notice.subjects[:most]
    more = len(notice.subjects) - len(named)
    lines = [f"{bullet}{subject.id}: {subject.line}" for subject in named]
    return [*lines, f"{bullet}and {more} more"] if more else lines


def _cut(notice: Notice, longest: int) -> Notice:
    """The notice with every text clean and at most `longest` characters long."""

    def clean(words: str) -> str:
        printable = "".join(c if c.isprintable() else " " for c in words)
        return printable if len(printable) <= longest else printable[: longest - 3] + "..."

    return notice._replace(
        title=clean(notice.title)[:100],
        what=tuple(map(clean, notice.what)),
        why=tuple(map(clean, notice.why)),
        subjects=tuple(
            Subject(clean(s.id)[:200], clean(s.line), _cut_facts(s.facts, longest))
            for s in notice.subjects
        ),
        steps=tuple(Step(clean(s.text), clean(s.command)) for s in notice.steps),
        thread=clean(notice.thread)[:200],
    )


def _cut_facts(facts: Mapping[str, Any], longest: int) -> Mapping[str, Any]:
    """The facts if they are small; else that they were too many."""
    return facts if len(_json(dict(facts))) <= longest else {"left_out": "too large"}
