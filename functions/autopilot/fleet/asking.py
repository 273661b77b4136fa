"""What the hub asks its spokes: what is read of a question, where it goes, what is told of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, cast

from autopilot.fleet.wire import Heartbeat, Spoke
from autopilot.notify.phrases import moment, span

Ask = Literal["answer", "look"]
_ASKS = ("answer", "look")
_SPOKE = re.compile(r"(\d{12})/([a-z]{2}(?:-[a-z]+)+-\d)")
_FUNCTION = re.compile(
    r"arn:aws[a-z-]{0,20}:lambda:(?P<region>[a-z0-9-]{1,40}):(?P<account>\d{12})"
    r":function:[\w-]{1,64}"
)

_HOLD = re.compile(r"[\w-]{1,120}", re.ASCII)


class Refused(Exception):
    """Raised when a question isn't put to a spoke, or brings no answer; `name` says why, in one
    word that a program may match.
    """

    def __init__(self, name: str, why: str) -> None:
        super().__init__(why)
        self.name = name


@dataclass(frozen=True)
class Question:
    """What the hub is to ask of a spoke: the payload is as the spoke's function takes it."""

    spoke: Spoke
    ask: Ask
    payload: Mapping[str, Any]


@dataclass(frozen=True)
class Told:
    """What became of a question.

    `answer`: the spoke's, None if there is none; then `refused` is the reason in one word and `why`
    a sentence. `heard_at`: the spoke's last heartbeat (ISO 8601). `silent_seconds`: its age, if
    that is more than a spoke may be silent.
    """

    spoke: str
    answer: Mapping[str, Any] | None = None
    refused: str = ""
    why: str = ""
    heard_at: str = ""
    silent_seconds: int = 0
    id: str = ""


@dataclass(frozen=True)
class Reached:
    """A spoke that can be asked, as it spoke last, and for how long it has been silent."""

    spoke: Spoke
    heartbeat: Heartbeat
    silent: timedelta = field(default=timedelta())

    def silence(self) -> str:
        """That it has been silent, "" if it hasn't."""
        if not self.silent:
            return ""
        age = span(self.silent.total_seconds())
        return f"its last heartbeat, of {moment(self.heartbeat.at)}, is {age} old"


def question(event: Mapping[str, Any]) -> Question:
    """What is asked. Raises Refused, which says what is wrong and what would be right."""
    ask, payload = event.get("ask"), event.get("payload")
    if ask not in _ASKS:
        raise Refused("BadQuestion", f"ask is {ask!r}; write one of {', '.join(_ASKS)}")
    if not isinstance(payload, Mapping):
        raise Refused("BadQuestion", f"payload is {payload!r}; write an object")
    return Question(spoke_named(event.get("spoke")), cast(Ask, ask), payload)


def spoke_named(name: Any) -> Spoke:
    """The spoke "111111111111/us-east-1". Raises Refused."""
    found = _SPOKE.fullmatch(name) if isinstance(name, str) else None
    if found is None:
        raise Refused("BadQuestion", f"spoke is {name!r}; write one like 111111111111/us-east-1")
    return Spoke(found[1], found[2])


def hold_name(text: Any) -> str:
    """The name of a hold, "" for what is none: it goes into a button."""
    return text if isinstance(text, str) and _HOLD.fullmatch(text) else ""


def reached(
    spoke: Spoke, heartbeat: Heartbeat | None, now: datetime, silent_after_seconds: int
) -> Reached:
    """The spoke and for how long it has been silent. Raises Refused for one that never spoke."""
    if heartbeat is None:
        raise Refused("UnknownSpoke", f"the hub has never heard {spoke}: is it in fleet.yaml?")
    age = now - datetime.fromisoformat(heartbeat.at)
    return Reached(spoke, heartbeat, age if age.total_seconds() > silent_after_seconds else _NONE)


_NONE = timedelta()


def function_for(ask: Ask, to: Reached) -> str:
    """The ARN of the spoke's function that takes it.

    A heartbeat is what an account says of itself: a function of another account or Region isn't
    asked, whatever it says. Raises Refused.
    """
    arn = to.heartbeat.asks.get(ask, "")
    if not arn:
        why = f"{to.spoke} takes no question of this sort ({ask}): it runs an older version"
        raise Refused("NotAsked", why)
    found = _FUNCTION.fullmatch(arn)
    if found is None or Spoke(found["account"], found["region"]) != to.spoke:
        raise Refused("NotItsOwn", f"{to.spoke} names a function that isn't its own: {arn!r}")
    return arn
