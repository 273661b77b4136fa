"""An alarm of a spoke's as news: nobody has to listen to the spoke's own topic."""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from autopilot.fleet.upward import bounded
from autopilot.fleet.wire import News
from autopilot.notify.phrases import instant, title

KIND = "Alarm"
_SENTENCE = re.compile(r"[^.;:?]*")


def news_of_alarm(detail: Mapping[str, Any]) -> News | None:
    """The news in the detail of a "CloudWatch Alarm State Change" (CloudWatch guide, "Alarm events
    and EventBridge"): that an alarm rings, or rests again; None for any other change.

    Raises KeyError for what is no such detail.
    """
    state, before = detail["state"], detail.get("previousState") or {}
    rings = state["value"] == "ALARM"
    if not rings and (state["value"], before.get("value")) != ("OK", "ALARM"):
        return None
    name, at = str(detail["alarmName"]), str(state.get("timestamp", ""))
    words = str((detail.get("configuration") or {}).get("description") or name)
    what = title(_first(words) or name)
    said = f"{words}\n\nWHY\n{state.get('reason', '')}\n\n--\nAlarm {name}, {at}\n"
    return News(
        id=sha256(f"{name}\n{state['value']}\n{at}".encode()).hexdigest()[:32],
        kinds=(KIND,),
        severity="failure" if rings else "info",
        change="opened" if rings else "resolved",
        title=what if rings else title(f"Over: {what}"),
        subject=title(f"{'ALARM' if rings else 'OK'}: {what}"),
        text=bounded(said),
        at=instant(at),
        ids=(name[:200],),
    )


def _first(words: str) -> str:
    found = _SENTENCE.match(words)
    return found[0].strip() if found else ""
