"""Show: a custom widget of CloudWatch's dashboard, one part of the view. It reads and no more.

    {"part": one of autopilot.aws.parts, "page": 1}

`{"describe": true}` returns its documentation, as AWS's sample widgets do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from autopilot.aws import settings
from autopilot.aws.ledger import Ledger
from autopilot.aws.parts import PARTS, Here, shown
from autopilot.aws.step import bundled_policy, identity, ledger, now
from autopilot.aws.widgets import drawn, widget
from autopilot.policy.model import Policy
from autopilot.view.widget_asked import InvokedAs, asked_in

_ABOUT = "; ".join(f"`{name}`: {about}" for name, about in PARTS.items())
DOCUMENTATION = f"""## Endpoint Autopilot
How VPC endpoints and connections stand, by one part of the view. Read-only.

| Parameter | What |
|---|---|
| `part` | {_ABOUT} |
| `page` | 1 is the worst; default 1 |

```yaml
part: coverage
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
    ledger: Callable[[], Ledger] = ledger,
    policy: Callable[[], Policy] = bundled_policy,
    now: Callable[[], datetime] = now,
) -> str:
    """The widget's HTML. What can't be read is named in it."""
    asked = asked_in(event, context, settings.read(Settings).press_function)

    def draw() -> str:
        return shown(Here(policy(), identity(), ledger(), now()), asked)

    return drawn(asked, PARTS, draw, "how things stand")
