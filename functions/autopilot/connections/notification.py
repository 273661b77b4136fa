"""PrivateLink's connection notifications, put on the bus: their text is documented nowhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

DETAIL_TYPE: Final = "Endpoint Connection Notification"
# More ids than any one notification can be about: somebody's nonsense, and no event may swell.
_MOST_IDS = 100
_SERVICE = re.compile(r"\bvpce-svc-[0-9a-f]+\b")
_ENDPOINT = re.compile(r"\bvpce-[0-9a-f]+\b")


def heard(record: Mapping[str, Any]) -> dict[str, Any]:
    """What an SNS record says, whatever it is: the ids in it, and the message's own.

    Nobody knows the body's form, so it counts as a mere hint where to look; no id: look at all.
    """
    sns = record.get("Sns")
    message = sns if isinstance(sns, Mapping) else {}
    said = f"{message.get('Subject')}\n{message.get('Message')}"
    return {
        "service_ids": _found(_SERVICE, said),
        "endpoint_ids": _found(_ENDPOINT, said),
        "message_id": str(message.get("MessageId") or ""),
    }


def _found(pattern: re.Pattern[str], said: str) -> list[str]:
    """The ids; none if there are absurdly many."""
    found = sorted(set(pattern.findall(said)))
    return found if len(found) <= _MOST_IDS else []
