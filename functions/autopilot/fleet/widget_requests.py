"""The widget of all requests that wait for a person, in whichever account: answered from here."""

from __future__ import annotations

from collections.abc import Iterator

from autopilot.fleet.board import Board, Request
from autopilot.fleet.widget_answers import buttons
from autopilot.notify.phrases import counted, moment
from autopilot.view.html import NOTHING, Html, joined, tag
from autopilot.view.widget_answer import endpoint_of, form
from autopilot.view.widget_page import Asked, Block, age, note, paged, thing

MOST_REQUESTS = 25
"""On a page."""


def requests(seen: Board, asked: Asked) -> Html:
    """The whole page."""
    if not seen.requests and not seen.unlisted:
        return tag("p", "No request waits, as far as the spokes were heard.")
    fields = form(asked.answers) if asked.answers and seen.requests else NOTHING
    many = counted(len(seen.requests) + seen.unlisted, "request")
    top = tag("p", tag("b", f"◔ {many}"), " held, the oldest first.")
    more = note(
        f"{counted(seen.unlisted, 'request')} more wait than heartbeats have room for:"
        " `./autopilot --fleet requests` says in which accounts."
    )
    unlisted = more if seen.unlisted else NOTHING
    shown = paged(_blocks(seen, asked), asked, MOST_REQUESTS, "oldest first")
    return joined((top, unlisted, fields, shown))


def _blocks(seen: Board, asked: Asked) -> Iterator[Block]:
    yield from (Block(_item(each, seen.at, asked)) for each in seen.requests)


def _item(each: Request, at: str, asked: Asked) -> Html:
    held, spoke = each.held, each.spoke
    state = tag("span", "◔ request", class_="ea-state")
    head = tag("h3", state, " ", thing(held.endpoint_id), " to ", thing(held.service_id))
    facts = [
        f"in {each.name[:80]} {spoke.account}, {spoke.region}".replace("  ", " "),
        f"from account {held.owner}",
        held.service_name,
        f"waits {passed}" if (passed := age(held.since, at)) else "",
        f"until {moment(held.until)}: then it is rejected" if held.until else "",
    ]
    told = tag("p", " · ".join(fact for fact in facts if fact), class_="ea-quiet")
    old = note("Nothing has been heard of this spoke for a while: it may be answered already.")
    return joined((head, tag("p", held.why), told, old if each.silent else NOTHING,
                   _buttons(each, asked)))  # fmt: skip


def _buttons(each: Request, asked: Asked) -> Html:
    """Approve and Reject, for what is an endpoint's id."""
    if not endpoint_of(each.held.endpoint_id):
        return NOTHING
    return buttons(asked.answers, each.spoke, each.held, asked.endpoint)
