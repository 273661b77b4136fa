"""Custom widgets: what CloudWatch sends to their function, and what it makes of the answer.

CloudWatch guide, "Details about custom widgets in CloudWatch" and "Interactivity in the custom
widget", and AWS's samples (aws-samples/cloudwatch-custom-widgets-samples) with their README.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

from lab.dashboard.board import UNIT, Board, Widget
from lab.dashboard.markdown import html_of
from lab.dashboard.sanitize import sanitize

Theme = Literal["light", "dark"]
PADDING, TITLE = 24, 36  # pixels of a widget's box that its content doesn't get


@dataclass(frozen=True)
class Viewer:
    """Who looks, from where and when (`now` in seconds since 1970)."""

    account: str
    region: str
    theme: Theme
    now: float


@dataclass(frozen=True)
class Shown:
    """What a widget shows: HTML that is safe to show, and what was removed from it.

    `kind`: "html", "json", "markdown", or "error" if the function failed.
    """

    kind: str
    html: str
    removed: tuple[str, ...] = ()


def first_event(widget: Widget, board: Board, viewer: Viewer) -> dict[str, Any]:
    """Return what the function gets when the dashboard is opened or refreshed."""
    return {**_params(widget), "widgetContext": _context(widget, board, viewer, {})}


def action_event(
    widget: Widget,
    board: Board,
    viewer: Viewer,
    params: Mapping[str, Any],
    forms: Mapping[str, Any],
) -> dict[str, Any]:
    """Return what the function gets from a `<cwdb-action>`: the action's own parameters on top.

    The widget's are in `widgetContext.params` only, "so that a button that calls the Lambda
    function again does not have to copy/paste original parameters" (README of AWS's samples).
    """
    return {**params, "widgetContext": _context(widget, board, viewer, forms)}


def _params(widget: Widget) -> dict[str, Any]:
    return dict(widget.properties.get("params") or {})


def _context(
    widget: Widget, board: Board, viewer: Viewer, forms: Mapping[str, Any]
) -> dict[str, Any]:
    end, back = int(viewer.now * 1000), board.seconds * 1000
    width, height = size(widget)
    return {
        "dashboardName": board.name,
        "widgetId": widget.id,
        "accountId": viewer.account,
        "locale": "en",
        "timezone": {"label": "UTC", "offsetISO": "+00:00", "offsetInMinutes": 0},
        "period": 300,
        "isAutoPeriod": board.auto,
        "timeRange": {
            "mode": "relative",
            "start": end - back,
            "end": end,
            "relativeStart": back,
        },
        "theme": viewer.theme,
        "linkCharts": True,
        "title": widget.title,
        "forms": {"all": dict(forms)},
        "params": _params(widget),
        "width": width,
        "height": height,
    }


def size(widget: Widget) -> tuple[int, int]:
    """Return the pixels across and down that a widget's content has."""
    title = TITLE if widget.title else 0
    return widget.width * UNIT - PADDING, widget.height * UNIT - PADDING - title


def shown(answer: Any) -> Shown:
    """Show what a function has returned: HTML, markdown, or anything else as formatted JSON."""
    if isinstance(answer, str):
        clean = sanitize(answer)
        return Shown("html", clean.html, clean.removed)
    if isinstance(answer, dict) and isinstance(answer.get("markdown"), str):
        clean = sanitize(html_of(answer["markdown"]))
        return Shown("markdown", clean.html, clean.removed)
    return Shown("json", f"<pre>{escape(json.dumps(answer, indent=2, ensure_ascii=False))}</pre>")


def failed(kind: str, message: str) -> Shown:
    """Show that there is no answer: the kind of error and AWS's words."""
    words = f"<strong>{escape(kind)}</strong>: {escape(message)}"
    return Shown("error", f'<p class="lab-failed" role="alert">{words}</p>')
