"""Notices as the topic's subscribers get them: plain text, JSON, a chat's schema.

A protocol's own text goes under its name in a message with `MessageStructure` json (SNS API,
Publish). Amazon Q Developer in chat applications, AWS Chatbot until 2025, subscribes by `https`;
what isn't an AWS service's own message it shows in its custom notification schema only (its guide,
"Custom notifications"). Public code feeds it under that key: go-to-k/image-scanner-with-trivy.
Whoever else subscribes by `https` gets that schema too (decision 0004).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from autopilot.notify.names import clean, named
from autopilot.notify.notice import Notice, Place, Step, Subject
from autopilot.notify.phrases import in_title, listed, moment
from autopilot.notify.render_chat import chat
from autopilot.notify.render_json import document, dumped

LARGEST = 262_144 - 4_096
"""Bytes: SNS takes 256 KiB for a message, its attributes included; owners' come on top."""

# How many subjects to name, how long texts may be: the first pair that fits is taken.
_SIZES = ((200, 6_000), (50, 6_000), (10, 2_000), (1, 200))
# Bytes of owners' names, which a message has five times.
_MOST_OWNERS = 30_000
FLOOD = 20
"""Of more subjects a mail tells which are in which VPC or service, a line for each of these."""
MOST_LINES = 50
_MOST_RESTS, _MOST_SAID = 5, 2
# Characters of an owner: a subject has 99 for all.
_IN_SUBJECT = 24
# A line of an email is a sentence: readable on a phone. A number of a list ends none.
_SENTENCE_END = re.compile(r"(?<=[A-Za-z)][.?]) (?=[A-Z])")
_JSON_READERS = ("sqs", "lambda", "firehose")


@dataclass(frozen=True)
class Message:
    """What goes to SNS: `body` is a JSON object of texts by protocol.

    `attributes` are strings, or several as a tuple, of which a subscription's filter may name any.
    """

    subject: str
    body: str
    attributes: Mapping[str, str | tuple[str, ...]]


def message(notice: Notice, place: Place) -> Message:
    """Render `notice`, naming fewer subjects and words until SNS's limit holds."""
    notice = notice._replace(owners=tuple(that_fit(notice.owners)))
    attributes: dict[str, str | tuple[str, ...]] = {
        "severity": notice.severity,
        "kind": notice.kinds if len(notice.kinds) > 1 else notice.kind,
        "account": place.account,
        "region": place.region,
    }
    attributes |= owner_attribute(notice)
    room = room_for(notice)
    body = ""
    for most, longest in _SIZES:
        body = _body(_cut(notice, longest), place, most)
        if len(body.encode()) <= room:
            break
    return Message(subject(notice, place), body, attributes)


def owner_attribute(notice: Notice) -> dict[str, str | tuple[str, ...]]:
    """The attribute by which subscriptions know whose it is; {} for nobody's."""
    if not notice.owners:
        return {}
    return {"owner": notice.owners if len(notice.owners) > 1 else notice.owners[0]}


def room_for(notice: Notice) -> int:
    """Bytes that a body may have beside the owners' names in the attributes."""
    return LARGEST - len(dumped(list(notice.owners)).encode())


def that_fit(owners: Sequence[str]) -> Iterator[str]:
    """The first owners, of so many that their names alone would fill a message: whoever hears
    everything must get it."""
    room = _MOST_OWNERS
    for owner in owners:
        room -= len(owner.encode(errors="replace")) + 3
        if room >= 0:
            yield owner


def subject(notice: Notice, place: Place) -> str:
    """A mail's subject: the title, which an owner's begins with whose it is."""
    return in_title(notice.title, place.names, whose(notice.owners))


def whose(owners: Sequence[str]) -> str:
    """What an owner's subject begins with, "" of nobody's."""
    if not owners:
        return ""
    first = clean(owners[0], _IN_SUBJECT)
    more = len(owners) - 1
    return f"[{first} and {more} more] " if more else f"[{first}] "


def text(notice: Notice, place: Place, most: int = MOST_LINES) -> str:
    """The notice as an email: a sentence a line, commands on lines of their own."""
    say = partial(_said, place)
    lines = [say(words) for words in notice.what]
    lines += ["", "WHERE", *(named(each, place.names) for each in _where(notice, most))]
    lines += ["", "WHY", *map(say, notice.why), "", "WHAT TO DO"]
    for number, step in enumerate(notice.steps, 1):
        lines.append(say(f"{number}. {step.text}", "   "))
        lines += ["", step.command, ""] if step.command else []
    lines += [
        "",
        "--",
        f"endpoint-autopilot, stack {place.stack_name}",
        f"Account {place.account}, {place.region}, {moment(place.time)}",
        *_to_owners(notice, place),
        place.execution,
    ]
    return "\n".join(lines).replace("\n\n\n", "\n\n").rstrip() + "\n"


def _to_owners(notice: Notice, place: Place) -> Iterator[str]:
    if notice.owners:
        yield f"Owner (tag {clean(place.owner_tag)}): {listed(notice.owners)}"


def _body(notice: Notice, place: Place, most: int) -> str:
    facts = dumped(document(notice, place, most))
    return dumped(
        {
            "default": text(notice, place, min(most, MOST_LINES)),
            "sms": subject(notice, place),
            "https": dumped(chat(notice, place)),
            **dict.fromkeys(_JSON_READERS, facts),
        }
    )


def _said(place: Place, words: str, indent: str = "") -> str:
    """Sentences, a line each; names come last: they can't end a line."""
    return named(_SENTENCE_END.sub(f"\n{indent}", words), place.names)


def _where(notice: Notice, most: int) -> Iterator[str]:
    """A line for each subject; of a flood, for each VPC or service that they lie in."""
    lines = [f"{each.id}: {each.line}" for each in notice.subjects]
    if len(lines) > FLOOD:
        lines = list(_by_place(notice.subjects))
    yield from (f"- {line}" for line in lines[:most])
    if (more := len(lines) - most) > 0:
        yield f"- and {more} more"


def _by_place(subjects: Sequence[Subject]) -> Iterator[str]:
    """Which subjects are in each VPC or service, and what there is to say of them."""
    places: dict[str, list[Subject]] = {}
    for subject in subjects:
        places.setdefault(subject.id.partition("/")[0], []).append(subject)
    for where, there in places.items():
        lines = list(dict.fromkeys(each.line for each in there))
        said = "; ".join([*lines[:_MOST_SAID], *(["and more"] if lines[_MOST_SAID:] else [])])
        rests = list(filter(None, (each.id.partition("/")[2] for each in there)))
        of = f"{where}: {listed(rests, _MOST_RESTS)}" if len(there) > 1 else there[0].id
        yield f"{of}: {said}"


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
        parts=tuple(_cut(part, longest) for part in notice.parts),
    )


def _cut_facts(facts: Mapping[str, Any], longest: int) -> Mapping[str, Any]:
    """The facts if they are small; else that they were too many."""
    return facts if len(dumped(dict(facts))) <= longest else {"left_out": "too large"}
