"""Hub's show: a custom widget of CloudWatch's dashboard, over all accounts and Regions.

    {"part": "fleet", "requests" or "news", "page": 1}

It calls dynamodb:Query (`spoke`, `finding`, `survey`) and dynamodb:PartiQLSelect (`day/…`) on the
hub's table: about a call for 600 spokes and two more. Environment: LEDGER_TABLE, PRESS_FUNCTION
(the function that the buttons call, without it there are none).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from autopilot.aws import fleet_board, settings
from autopilot.aws.errors import AwsError
from autopilot.aws.hub_table import HubTable, hub_table
from autopilot.aws.step import logger, now
from autopilot.view.widget import unshown
from autopilot.view.widget_asked import InvokedAs, asked_in
from autopilot.view.widget_page import Asked

_ABOUT = "; ".join(f"`{name}`: {about}" for name, about in fleet_board.PARTS.items())
DOCUMENTATION = f"""## Endpoint Autopilot, the hub
All accounts and Regions of a fleet. Read-only.

| Parameter | What |
|---|---|
| `part` | {_ABOUT} |
| `page` | 1 is the worst; default 1 |

```yaml
part: fleet
```
"""


@dataclass(frozen=True)
class Settings:
    """What the environment tells: the function that the buttons call, "" for no buttons."""

    press_function: str = ""


@logger.inject_lambda_context(clear_state=True)
def handler(
    event: Mapping[str, Any],
    context: InvokedAs,
    *,
    table: Callable[[], HubTable] = hub_table,
    now: Callable[[], datetime] = now,
) -> str | dict[str, str]:
    """The widget's HTML. What can't be read is named in it."""
    if event.get("describe"):
        return {"markdown": DOCUMENTATION}
    answers = settings.read(Settings).press_function
    asked = asked_in(event, context, answers, part="fleet")
    if asked.part not in fleet_board.PARTS:
        names = ", ".join(fleet_board.PARTS)
        return unshown(f"part is {asked.part!r}; write one of {names}", asked.dark)
    return _shown(asked, table, now())


def _shown(asked: Asked, table: Callable[[], HubTable], at: datetime) -> str:
    try:
        html = fleet_board.shown(table(), asked, at)
    except AwsError as error:
        logger.error("part not read", part=asked.part, error=str(error))
        return unshown(f"Couldn't read how the fleet stands: {error}", asked.dark)
    logger.info("shown", part=asked.part, bytes=len(html.encode()))
    return html
