"""The widget of what waits, oldest first, and of what failed."""

from __future__ import annotations

from collections.abc import Iterator

from autopilot.notify.notice import Severity
from autopilot.notify.phrases import counted, moment
from autopilot.view.html import NOTHING, Html, joined, tag
from autopilot.view.model import Overview, Problem, Waiting
from autopilot.view.waiting import REQUEST
from autopilot.view.widget_answer import buttons, endpoint_of, form
from autopilot.view.widget_page import Asked, Block, age, head, paged, thing, unknowns

MOST_ITEMS = 25
"""On a page."""
_SHAPES: dict[Severity, str] = {"failure": "✕", "action": "▲", "info": "–"}


def waiting(seen: Overview, asked: Asked) -> Html:
    """Requests first, oldest first; then what else waits; then what failed, most urgent first."""
    unread = unknowns(seen, "waiting", "problems")
    waits, failed = len(seen.waiting), len(seen.problems)
    if not waits and not failed:
        unsure = "Nothing is known to wait." if unread else "Nothing waits, and nothing has failed."
        return joined((head(seen.place), unread, tag("p", unsure)))
    summary = f"{counted(waits, 'thing')} waiting · {counted(failed, 'open problem')}."
    shown = paged(_blocks(seen, asked.answers), asked, MOST_ITEMS)
    some = asked.answers and any(each.kind == REQUEST for each in seen.waiting)
    fields = form(asked.answers) if some else NOTHING
    return joined((head(seen.place), unread, tag("p", summary), fields, shown))


def _blocks(seen: Overview, answers: str) -> Iterator[Block]:
    at = seen.place.at
    for each in seen.waiting:
        yield Block(_item(each, at, answers))
    for problem in seen.problems:
        yield Block(_problem(problem, at))


def _item(each: Waiting, at: str, answers: str) -> Html:
    kind = tag("span", f"◔ {each.kind}", class_="ea-state")
    title = tag("h3", kind, " ", thing(each.subject, each.name))
    facts = [
        f"from account {each.owner}" if each.owner else "",
        f"to {each.service_id}" if each.service_id else "",
        f"waits {passed}" if (passed := age(each.since, at)) else "",
        f"until {moment(each.until)}: then {each.then}" if each.until else "until a person decides",
    ]
    told = tag("p", " · ".join(fact for fact in facts if fact), class_="ea-quiet")
    of = f" from account {each.owner}" if each.owner else ""
    pressed = buttons(answers, endpoint_of(each.subject), of) if each.kind == REQUEST else NOTHING
    return joined((title, tag("p", each.reason), told, pressed))


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
