"""How a request that was just answered stands by now: at the top of what waits."""

from __future__ import annotations

from autopilot.notify.phrases import moment
from autopilot.view.html import Html, joined, tag
from autopilot.view.model import ConnectionView, Overview
from autopilot.view.widget_answer import look
from autopilot.view.widget_connections import shaped, waits
from autopilot.view.widget_page import Asked


def followed(seen: Overview, asked: Asked) -> Html:
    """The connection's state, who decided and why; a button to look again while it waits."""
    id_, unread = asked.followed, seen.unknown_in("services")
    found = next((c for s in seen.services for c in s.connections if c.endpoint_id == id_), None)
    if found is None:
        gone = "its connection isn't there any more; ./autopilot history knows how it ended"
        words = "nobody can say: not everything could be read" if unread else gone
        return _said(tag("code", id_), f": {words}.")
    if waits(found):
        return joined((_said(*_stands(found)), look("Look again", asked.endpoint, id_)))
    return _said(*_stands(found))


def _said(*words: str) -> Html:
    return tag("p", *words, class_="ea-note", role="status")


def _stands(each: ConnectionView) -> tuple[str, ...]:
    state = tag("b", shaped(each.state))
    if waits(each):
        return state, ": the request of ", tag("code", each.endpoint_id), f". {each.reason}"
    by = f", by {each.by}" if each.by else ""
    since = f", since {moment(each.since)}" if each.since else ""
    id_ = tag("code", each.endpoint_id)
    return state, ": the connection of ", id_, f"{by}{since}. {each.reason}"
