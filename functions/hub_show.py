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
from autopilot.aws.hub_table import HubTable, hub_table
from autopilot.aws.step import now
from autopilot.aws.widgets import drawn, widget
from autopilot.view.widget_asked import InvokedAs, asked_in

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


@widget(DOCUMENTATION)
def handler(
    event: Mapping[str, Any],
    context: InvokedAs,
    *,
    table: Callable[[], HubTable] = hub_table,
    now: Callable[[], datetime] = now,
) -> str:
    """The widget's HTML. What can't be read is named in it."""
    asked = asked_in(event, context, settings.read(Settings).press_function, part="fleet")

    def draw() -> str:
        return fleet_board.shown(table(), asked, now())

    return drawn(asked, fleet_board.PARTS, draw, "how the fleet stands")
