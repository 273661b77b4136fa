"""Hub press: a button of the hub's dashboard. Hands a person's answer to HubAsk.

    {"answer": "accept" | "reject", "endpoint_id": "vpce-…", "spoke": "111111111111/us-east-1",
     "hold": "hold-…"}, with the fields `by` and `reason` of the form in widgetContext.forms.all

Apart from `hub_show`, since who may look at a dashboard may not therefore let anybody in: whoever
may invoke this one may answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from autopilot.aws import settings, spokes
from autopilot.aws.errors import AwsError
from autopilot.aws.step import logger
from autopilot.aws.widgets import widget
from autopilot.fleet.asking import Told
from autopilot.fleet.widget_answers import came_of, pressed_in_hub, refused
from autopilot.reconcile.codec import decode
from autopilot.view.widget_asked import InvokedAs, is_dark

DOCUMENTATION = """## Endpoint Autopilot: answers in the hub
The buttons of the widget `requests` call this function. By itself it shows nothing.
"""


@dataclass(frozen=True)
class Settings:
    """What the environment tells: the ARN of the function that puts questions to spokes."""

    hub_ask_function: str


@widget(DOCUMENTATION)
def handler(
    event: Mapping[str, Any],
    context: InvokedAs,
    *,
    ask: Callable[[str, Mapping[str, Any]], Mapping[str, Any]] = spokes.ask,
) -> str:
    """The HTML that says what came of it; a refusal is said there, too."""
    given, me = pressed_in_hub(event), context.invoked_function_arn
    dark = is_dark(event)
    if given.wrong:
        return refused(given, given.wrong, me, dark)
    try:
        told = decode(Told, ask(settings.read(Settings).hub_ask_function, given.question))
    except AwsError as error:
        told = Told(str(given.spoke), refused=type(error).__name__, why=str(error))
    logger.info("answer handed on", spoke=told.spoke, id=told.id, refused=told.refused)
    return came_of(given, told, me, dark)
