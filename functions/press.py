"""Press: a button of the dashboard. Gives a person's answer to a held request to AnswerHold.

    {"answer": "accept" | "reject", "endpoint_id": "vpce-…"}, with the fields `by` and `reason` of
    the widget's form in widgetContext.forms.all

Apart from `show`, since who may look at a dashboard may not therefore let anybody in: whoever may
invoke this one may answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from autopilot.aws import hold_answers, settings
from autopilot.aws.errors import AwsError
from autopilot.aws.step import logger
from autopilot.aws.widgets import widget
from autopilot.view.widget_answer import pressed, refused, taken
from autopilot.view.widget_asked import InvokedAs, is_dark

DOCUMENTATION = """## Endpoint Autopilot: answers
The buttons of the widget `waiting` call this function. By itself it shows nothing.
"""


@dataclass(frozen=True)
class Settings:
    """What the environment tells: the function that takes answers."""

    answer_hold_function: str


@widget(DOCUMENTATION)
def handler(
    event: Mapping[str, Any],
    context: InvokedAs,
    *,
    give: Callable[[str, Mapping[str, str]], None] = hold_answers.give,
) -> str:
    """The HTML that says what came of it; a refusal is said there, too."""
    given, me = pressed(event), context.invoked_function_arn
    dark = is_dark(event)
    if given.wrong:
        return refused(given, given.wrong, me, dark)
    try:
        give(settings.read(Settings).answer_hold_function, given.said)
    except AwsError as error:
        logger.warning("answer refused", endpoint_id=given.endpoint_id, error=str(error))
        return refused(given, str(error), me, dark)
    logger.info("answer given", endpoint_id=given.endpoint_id, answer=given.answer, by=given.by)
    return taken(given, me, dark)
