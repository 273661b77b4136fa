"""The widget of what failed and of what waits, oldest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from autopilot.gateway.messages import ROUTE_TABLE_BUSY
from autopilot.notify.notice import Severity
from autopilot.notify.phrases import counted, moment
from autopilot.view.html import NOTHING, Html, joined, tag
from autopilot.view.model import Overview, Part, Problem, Waiting
from autopilot.view.waiting import GRACE, REQUEST, STEPPED_ASIDE
from autopilot.view.widget_answer import buttons, endpoint_of, form
from autopilot.view.widget_followed import followed
from autopilot.view.widget_page import Asked, Block, age, head, paged, thing, unknowns

MOST_ITEMS = 25
"""On a page."""
_AUDIT = (
    "The mode is audit, in which the automation holds and answers no request: AWS's own console"
    " or CLI answers it."
)
_SHAPES: dict[Severity, str] = {"failure": "✕", "action": "▲", "info": "–"}
_KINDS = {
    REQUEST: "request",
    ROUTE_TABLE_BUSY.kind: "busy route tables",
    GRACE: "new, waits for its own tool",
    STEPPED_ASIDE: "stepped aside",
}


def waiting(seen: Overview, asked: Asked) -> Html:
    """Failures; then requests, oldest first; then what else waits; then other open problems."""
    unread = unknowns(seen, *_parts(asked))
    top = (head(seen.place), unread, followed(seen, asked) if asked.followed else NOTHING)
    if not seen.waiting and not seen.problems:
        unsure = "Nothing is known to wait." if unread else "Nothing waits, and nothing has failed."
        return joined((*top, tag("p", unsure)))
    quiet = replace(asked, answers="") if seen.place.mode == "audit" else asked
    shown = paged(_blocks(seen, quiet), asked, MOST_ITEMS)
    return joined((*top, tag("ul", *_summary(seen)), _fields(seen, asked), shown))


def _fields(seen: Overview, asked: Asked) -> Html:
    """What an answer needs; in audit mode, in which buttons would find nothing held, why none."""
    if not any(each.kind == REQUEST for each in seen.waiting):
        return NOTHING
    if seen.place.mode == "audit":
        return tag("p", _AUDIT, class_="ea-note")
    return form(asked.answers) if asked.answers else NOTHING


def _parts(asked: Asked) -> tuple[Part, ...]:
    return ("waiting", "problems", "services") if asked.followed else ("waiting", "problems")


def _summary(seen: Overview) -> Iterator[Html]:
    """How much of each kind there is, the most urgent first."""
    failed, others = _by_severity(seen.problems)
    if failed:
        yield _line(_SHAPES["failure"], counted(len(failed), "failure"))
    by_kind: dict[str, list[Waiting]] = {}
    for each in seen.waiting:
        by_kind.setdefault(each.kind, []).append(each)
    for kind, some in by_kind.items():
        yield _line("◔", f"{len(some)} × {_KINDS.get(kind, kind)}", _more(kind, some, seen))
    if others:
        yield _line(_SHAPES["action"], counted(len(others), "other open problem"))


def _line(shape: str, words: str, more: str = "") -> Html:
    return tag("li", tag("b", f"{shape} {words}"), more)


def _more(kind: str, some: Sequence[Waiting], seen: Overview) -> str:
    """How long the oldest has waited; of busy tables what the policy could do about them."""
    passed = age(min((each.since for each in some if each.since), default=""), seen.place.at)
    oldest = f", the oldest for {passed}" if passed else ""
    if kind == ROUTE_TABLE_BUSY.kind:
        return (
            f"{oldest}. With busy_route_tables: now they get their routes at once, and open"
            " connections to the service drop; ./autopilot plan --policy FILE lists them."
        )
    return oldest


def _blocks(seen: Overview, asked: Asked) -> Iterator[Block]:
    """What failed, what waits, what else is wrong."""
    at = seen.place.at
    failed, others = _by_severity(seen.problems)
    yield from (Block(_problem(each, at)) for each in failed)
    yield from (Block(_item(each, at, asked)) for each in seen.waiting)
    yield from (Block(_problem(each, at)) for each in others)


def _by_severity(problems: Sequence[Problem]) -> tuple[list[Problem], list[Problem]]:
    """The failures, and the others."""
    failed = [each for each in problems if each.severity == "failure"]
    return failed, [each for each in problems if each.severity != "failure"]


def _item(each: Waiting, at: str, asked: Asked) -> Html:
    kind = tag("span", f"◔ {_KINDS.get(each.kind, each.kind)}", class_="ea-state")
    title = tag("h3", kind, " ", thing(each.subject, each.name))
    facts = [
        f"from account {each.owner}" if each.owner else "",
        f"to {each.service_id}" if each.service_id else "",
        f"waits {passed}" if (passed := age(each.since, at)) else "",
        f"until {moment(each.until)}: then {each.then}" if each.until else "until a person decides",
    ]
    told = tag("p", " · ".join(fact for fact in facts if fact), class_="ea-quiet")
    of = f" from account {each.owner}" if each.owner else ""
    return joined((title, tag("p", each.reason), told, _buttons(each, of, asked)))


def _buttons(each: Waiting, of: str, asked: Asked) -> Html:
    if each.kind != REQUEST:
        return NOTHING
    return buttons(asked.answers, endpoint_of(each.subject), of, asked.endpoint)


def _problem(each: Problem, at: str) -> Html:
    kind = tag("span", f"{_SHAPES[each.severity]} {each.severity}", class_="ea-state")
    title = tag("h3", kind, " ", each.headline)
    facts = [
        f"since {moment(each.since)}" if each.since else "",
        f"open {passed}" if (passed := age(each.since, at)) else "",
        "" if each.told else "ops haven't been told yet",
    ]
    about = joined((thing(each.subject, each.name), " ", " · ".join(f for f in facts if f)))
    return joined((title, tag("p", each.line), tag("p", about, class_="ea-quiet")))
