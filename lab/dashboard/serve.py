"""Answers `/_lab/dashboard`: GET with the page, POST with what a `<cwdb-action>` brings about."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import asdict
from http import HTTPStatus
from typing import Any, get_args

from lab.checks import BadInputError, checked, text
from lab.dashboard import recorded, widgets
from lab.dashboard.board import BadBodyError, Board, parse
from lab.dashboard.custom import Theme, Viewer, action_event
from lab.dashboard.invoking import invoke
from lab.dashboard.page import page
from lab.errors import Answer
from lab.settings import Settings

Query = Mapping[str, str]
_HTML = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"}
_JSON = {"Content-Type": "application/json"}


def _object(value: Any) -> bool:
    return isinstance(value, dict)


_ACTION = {
    "widget": ("a widget's id", text),
    "endpoint": ("a function's ARN", text),
    "params": ("an object", _object),
    "forms": ("an object", _object),
}
_QUERY = {
    "account": ("12 digits", lambda value: len(value) == 12 and value.isdigit()),
    "region": ("a Region", text),
    "name": ("a dashboard's name", text),
    "theme": ("light or dark", lambda value: value in get_args(Theme)),
    "whole": ("yes or no", lambda value: value in ("yes", "no")),
}


class Dashboards:
    """The dashboards of every account; without a query it is the stack's in the first account."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def show(self, query: Query) -> Answer:
        """Return the page of a dashboard; raises BadInputError."""
        viewer, board, names = self._open(query)
        contents = [
            widgets.content(each, board, viewer, self._settings.url) for each in board.widgets
        ]
        html = page(board, contents, viewer, names, query.get("whole") == "yes")
        return Answer(HTTPStatus.OK, html.encode(), _HTML)

    def act(self, query: Query, data: Any) -> Answer:
        """Run a `<cwdb-action>` that calls a function; raises BadInputError."""
        viewer, board, _ = self._open(query)
        said = checked(data, _ACTION)
        widget = board.widget(str(said.get("widget")))
        if widget is None or widget.kind != "custom":
            raise BadInputError(f"widget: {said.get('widget')!r} is no custom widget")
        event = action_event(
            widget, board, viewer, said.get("params") or {}, said.get("forms") or {}
        )
        endpoint = str(said.get("endpoint") or "")
        result = invoke(self._settings.url, viewer.account, endpoint, event)
        return Answer(HTTPStatus.OK, json.dumps(asdict(result)).encode(), _JSON)

    def _is_anothers(self, name: str) -> bool:
        return not name.startswith(self._settings.stack)

    def _open(self, query: Query) -> tuple[Viewer, Board, list[str]]:
        asked = checked(dict(query), _QUERY)
        account = asked.get("account", self._settings.accounts[0])
        region = asked.get("region", self._settings.region)
        viewer = Viewer(account, region, asked.get("theme", "light"), time.time())
        bodies = recorded.bodies(account, region)
        # CloudFormation's names begin with the stack's.
        name = asked.get("name", min(bodies, key=self._is_anothers, default=""))
        if name not in bodies:
            there = ", ".join(bodies) or "none"
            raise BadInputError(f"{account} has no such dashboard in {region}; there is {there}")
        try:
            return viewer, parse(name, bodies[name]), list(bodies)
        except BadBodyError as wrong:
            raise BadInputError(str(wrong)) from wrong
