"""A message of a spoke's as news for the hub: whole, bounded, with a gist that others' are like."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from autopilot.fleet.wire import NEWS, News
from autopilot.notify.bus import BusEvent
from autopilot.notify.notice import Notice, Place
from autopilot.notify.phrases import instant, title
from autopilot.notify.render import Message
from autopilot.notify.render_json import id_of
from autopilot.reconcile.codec import encode

MOST_TEXT = 120_000
"""Bytes of a text as JSON: what the hub publishes of it takes 256 KB with all that is around it,
its row 400 KB; an event has room for more (1 MB; EventBridge API reference, PutEvents)."""
_MOST_IDS, _LONGEST_ID = 100, 200
_LONGEST_BY = 200
_MOST_OWNERS = 100
_CUT = "\n[The rest is too long: see the spoke's own log and history.]\n"

# An id of AWS's, or a test's: a name, a hyphen, hexadecimal digits.
_ID = r"([a-z]+(?:-[a-z]+)*)-(?=[0-9a-f]*\d|[0-9a-f]{8})[0-9a-f]+"
_REGION = r"[a-z]{2}(?:-[a-z]+)+-\d"
_WHERE = re.compile(rf" (?:in|of|to|from) (?:{_REGION}|{_ID}|\d+ (?:VPCs?|services?))\b")
_THING = re.compile(rf"\b(?:{_REGION}|{_ID}|\d{{12}})\b")
_CALLED = {"vpc": "a VPC", "vpce-svc": "a service", "rtb": "a route table"}
# What one has, others have several of; and so with the verbs that follow.
_ONE = re.compile(
    r"\b1 ((?:[a-z]+ )*?)(endpoint service|connection request|load balancer|route table|change"
    r"|endpoint|request|connection|thing|answer|parameter|service)\b(?: (wait|stay)s\b)?"
)
_COUNT = re.compile(r"\b\d+ (?:of \d+ )?(?=[A-Za-z])")
_OURS = ("autopilot", "expiry")


def gist(words: str) -> str:
    """A title without ids, places and counts: alike for the same thing in any account.

    What it begins with stays as it is, who did something among that; what then stands first is
    made a sentence's beginning.
    """
    said = _THING.sub(lambda found: _CALLED.get(found[1] or "", "one"), _WHERE.sub("", words))
    said = _COUNT.sub("", _ONE.sub(_several, said))
    same = said.partition(" ")[0] == words.partition(" ")[0]
    return title(said if same else said[:1].upper() + said[1:])


def _several(one: re.Match[str]) -> str:
    return f"{one[1]}{one[2]}s{f' {one[3]}' if one[3] else ''}"


def news_of(notice: Notice, message: Message, place: Place) -> News:
    """The news that `message` is, which says `notice` in words.

    Its id is the message's own for programs: the same for the same news.
    """
    return News(
        id=id_of(notice, place),
        kinds=notice.kinds or (notice.kind,),
        severity=notice.severity,
        change=notice.change,
        title=gist(notice.title),
        subject=message.subject,
        text=bounded(json.loads(message.body)["default"]),
        at=instant(place.time),
        ids=tuple(each[:_LONGEST_ID] for each in _ids(notice)),
        by=_by(notice),
        owners=notice.owners[:_MOST_OWNERS],
    )


def _ids(notice: Notice) -> list[str]:
    """What it is about; and the names of holds, by which the hub knows what it asked about."""
    subjects = notice.subjects[:_MOST_IDS]
    holds = [str(each.facts.get("hold") or "") for each in subjects]
    return [*(each.id for each in subjects), *filter(None, holds)]


def event_of(news: News) -> BusEvent:
    """The event that carries it."""
    return BusEvent(NEWS, (), encode(news))


def bounded(text: str, most: int = MOST_TEXT) -> str:
    """`text`, cut until it is at most so many bytes as JSON."""
    if _size(text) <= most:
        return text
    room, length = most - _size(_CUT), len(text)
    while _size(text[:length]) > room:
        length = length * 9 // 10
    return text[:length] + _CUT


def _size(text: str) -> int:
    return len(json.dumps(text))


def _by(notice: Notice) -> str:
    """The one person who decided all of it, "" if there is no such person."""
    parts: Iterable[Notice] = notice.parts or (notice,)
    said = {str(each.facts.get("by") or "") for part in parts for each in part.subjects}
    people = {by for by in said if by and by not in _OURS}
    return people.pop()[:_LONGEST_BY] if len(people) == 1 else ""
