"""The page of a dashboard: one HTML file that needs nothing else."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from html import escape
from pathlib import Path
from urllib.parse import urlencode

from lab.dashboard.board import Board, Widget
from lab.dashboard.custom import Shown, Theme, Viewer


@cache
def _file(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def page(
    board: Board, contents: Sequence[Shown], viewer: Viewer, names: Sequence[str], whole: bool
) -> str:
    """Return the page. `contents` go with the widgets; `names` are the account's dashboards.

    `whole`: widgets are as high as what they hold, where CloudWatch's scroll.
    """
    pairs = zip(board.widgets, contents, strict=True)
    sections = "".join(_section(widget, shown, viewer.theme) for widget, shown in pairs)
    wrong = "".join(f'<p class="lab-failed">{escape(each)}</p>' for each in board.wrong)
    classes = f"lab-page lab-{viewer.theme}{' lab-whole' if whole else ''}"
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(board.name)}</title><style>{_file('page.css')}</style></head>"
        f'<body class="{classes}">{_header(board, viewer, names)}'
        f'<main class="lab-board">{wrong}{sections}</main>'
        f"<script>{_file('page.js')}</script></body></html>\n"
    )


def _header(board: Board, viewer: Viewer, names: Sequence[str]) -> str:
    at = datetime.fromtimestamp(viewer.now, UTC)
    other = "dark" if viewer.theme == "light" else "light"

    def link(words: str, name: str, theme: str) -> str:
        where = {"account": viewer.account, "region": viewer.region, "name": name, "theme": theme}
        return f'<a href="?{escape(urlencode(where))}">{escape(words)}</a>'

    links = [link("Refresh", board.name, viewer.theme), link(f"To {other}", board.name, other)]
    links += [link(name, name, viewer.theme) for name in names if name != board.name]
    return (
        f'<header class="lab-header"><h1>{escape(board.name)}</h1>'
        f"<p>{viewer.account} · {viewer.region} · last {_back(board.seconds)} until "
        f"{at:%Y-%m-%d %H:%M:%S} UTC · the lab's CloudWatch</p>"
        f"<nav>{' '.join(links)}</nav></header>"
    )


def _back(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    return f"{hours} h" if not rest else f"{seconds // 60} min"


def _section(widget: Widget, shown: Shown, theme: Theme) -> str:
    title = f'<h2 class="lab-title">{escape(widget.title)}</h2>' if widget.title else ""
    across = f"grid-column:{widget.x + 1}/span {widget.width}"
    down = f"grid-row:{widget.y + 1}/span {widget.height}"
    label = escape(widget.title or f"{widget.kind} {widget.id}")
    removed = escape(json.dumps(shown.removed, ensure_ascii=False))
    return (
        f'<section class="lab-widget" style="{across};{down}" id="lab-{widget.id}" '
        f'aria-label="{label}" data-widget="{widget.id}" data-type="{escape(widget.kind)}" '
        f'data-kind="{shown.kind}" data-removed="{removed}" data-said="[]" data-answers="1">{title}'
        f'<div class="lab-scroll" tabindex="0" role="group" aria-label="{label}: content">'
        f'<div class="{_classes(widget, shown, theme)}">{shown.html}</div></div>'
        f"{_removed(shown)}</section>"
    )


def _classes(widget: Widget, shown: Shown, theme: Theme) -> str:
    """AWS's sample costExplorerReport knows `cwdb-theme-dark` as a class around what it returns."""
    theirs = widget.kind == "custom" and shown.kind != "error"
    dark = " cwdb-theme-dark" if theme == "dark" else ""
    return f"lab-content cwdb-widget{dark}" if theirs else "lab-content"


def _removed(shown: Shown) -> str:
    items = "".join(f"<li>{escape(each)}</li>" for each in shown.removed)
    hidden = "" if items else " hidden"
    return (
        f'<details class="lab-removed"{hidden}><summary>What CloudWatch takes away here</summary>'
        f"<ul>{items}</ul></details>"
    )
