"""What the functions of a dashboard's widgets have in common: they document themselves, and say
what they can't show."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from autopilot.aws.errors import AwsError
from autopilot.aws.step import logger
from autopilot.view.widget_asked import InvokedAs
from autopilot.view.widget_page import Asked, unshown

P = ParamSpec("P")
Event = Mapping[str, Any]
Shows = Callable[Concatenate[Event, InvokedAs, P], str]
Answers = Callable[Concatenate[Event, InvokedAs, P], str | dict[str, str]]


def widget(documentation: str) -> Callable[[Shows[P]], Answers[P]]:
    """Make a function that returns HTML the handler of a widget: asked to describe itself (the
    event `{"describe": true}`, as AWS's sample widgets have it), it returns its documentation.
    """

    def framing(show: Shows[P]) -> Answers[P]:
        @logger.inject_lambda_context(clear_state=True)
        @wraps(show)
        def framed(
            event: Event, context: InvokedAs, /, *args: P.args, **given: P.kwargs
        ) -> str | dict[str, str]:
            if event.get("describe"):
                return {"markdown": documentation}
            return show(event, context, *args, **given)

        return framed

    return framing


def drawn(asked: Asked, parts: Collection[str], draw: Callable[[], str], what: str) -> str:
    """The HTML of a part; why there is none, where it is no part, or AWS refuses to tell `what`."""
    if asked.part not in parts:
        return unshown(f"part is {asked.part!r}; write one of {', '.join(parts)}", asked.dark)
    try:
        html = draw()
    except AwsError as error:
        logger.error("part not read", part=asked.part, error=str(error))
        return unshown(f"Couldn't read {what}: {error}", asked.dark)
    logger.info("shown", part=asked.part, bytes=len(html.encode()))
    return html
