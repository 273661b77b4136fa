"""The content of each kind of widget, as HTML."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from lab.dashboard import recorded
from lab.dashboard.board import Board, Widget
from lab.dashboard.custom import Shown, Viewer, failed, first_event, shown, size
from lab.dashboard.graph import Line, drawn, metrics_of, told_apart
from lab.dashboard.invoking import invoke

#: Words beside the mark: nobody has to tell red from green.
_STATES = {
    "OK": ("✓", "OK"),
    "ALARM": ("▲", "In alarm"),
    "INSUFFICIENT_DATA": ("…", "Insufficient data"),
    "": ("?", "No such alarm"),
}
_ORDER = tuple(_STATES)
_MARGIN = 20  # pixels beside a graph
Show = Callable[[Widget, Board, Viewer], Shown]


def content(widget: Widget, board: Board, viewer: Viewer, url: str) -> Shown:
    """Return what a widget shows; `url` is where the lab answers."""
    if widget.kind == "custom":
        endpoint = str(widget.properties.get("endpoint") or "")
        return invoke(url, viewer.account, endpoint, first_event(widget, board, viewer))
    show = _KINDS.get(widget.kind)
    if show is None:
        words = f"the lab shows no widgets of the type {widget.kind!r}"
        return failed("Not shown", words)
    return show(widget, board, viewer)


def _text(widget: Widget, _board: Board, _viewer: Viewer) -> Shown:
    return shown({"markdown": str(widget.properties.get("markdown") or "")})


def _alarms(widget: Widget, _board: Board, _viewer: Viewer) -> Shown:
    found = [recorded.alarm(arn) for arn in widget.properties.get("alarms") or ()]
    wanted = widget.properties.get("states")
    items = "".join(
        f'<li data-state="{each.state or "missing"}" title="{escape(each.reason)}">'
        f'<span aria-hidden="true">{_STATES[each.state][0]}</span> '
        f"{escape(each.name)} <b>{_STATES[each.state][1]}</b></li>"
        for each in sorted(found, key=lambda each: (each.state != "ALARM", each.name))
        if not wanted or each.state in wanted
    )
    return Shown("alarm", f'<ul class="lab-alarms">{items}</ul>')


def _metric(widget: Widget, board: Board, viewer: Viewer) -> Shown:
    start, end = viewer.now - board.seconds, viewer.now
    limits, metrics = [], told_apart(list(metrics_of(widget.properties)))
    notes = widget.properties.get("annotations") or {}
    for arn in notes.get("alarms") or ():
        alarm = recorded.alarm(arn)
        metrics += [alarm.metric] if alarm.metric else []
        limits += [] if alarm.threshold is None else [alarm.threshold]
    limits += [float(each["value"]) for each in notes.get("horizontal") or () if "value" in each]
    lines = [
        recorded.line(each, viewer.account, viewer.region, start, end)
        for each in metrics
        if each.visible and not each.expression
    ]
    math = [each.label for each in metrics if each.visible and each.expression]
    return Shown("metric", _as(widget, lines, (start, end), limits, math))


def _as(
    widget: Widget,
    lines: Sequence[Line],
    span: tuple[float, float],
    limits: Sequence[float],
    math: Sequence[str],
) -> str:
    """A picture for lines and bars, a table for every other view; metric math is named only."""
    told = "".join(
        f'<p class="lab-unknown">{escape(each)}: the lab works out no metric math</p>'
        for each in math
    )
    if str(widget.properties.get("view") or "timeSeries") in ("timeSeries", "bar"):
        across, _ = size(widget)
        return drawn(lines, *span, limits, across - _MARGIN) + told if lines else told
    rows = "".join(
        f"<tr><th scope=row>{escape(each.label)}</th>"
        f"<td>{f'{each.points[-1][1]:.6g}' if each.points else '–'}</td></tr>"
        for each in lines
    )
    return f'<table class="lab-values">{rows}</table>{told}'


_KINDS: dict[str, Show] = {"text": _text, "alarm": _alarms, "metric": _metric}
