"""What a wave's gate reads and notes: instances, heartbeats, and who failed before the wave."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aws_lambda_powertools import Logger

from autopilot.aws.errors import ServiceUnavailable, Throttled
from autopilot.fleet.heard import SPOKES, Heard, heard_of
from autopilot.fleet.waves import Gate, Instance, Verdict, failing_among, judge
from autopilot.notify.ledger import Key, Rows, noted

WAVES = "wave"
"""The partition of what was so before each wave; `sk` is "<release>/<wave>"."""
_KEPT = timedelta(days=90)
# Seconds from one look to the next. A heartbeat comes a minute or two after its spoke's stack.
PAUSE = 15
# So often the last look is taken again, if AWS has no time for it.
_ONCE_MORE = 4
logger = Logger()

Instances = Callable[[str], Iterable[Instance]]


class WaveFailed(Exception):
    """Raised when a wave hasn't gone well: it says which spokes, and why."""


@dataclass(frozen=True)
class Wave:
    """What the custom resource asks for. `wait_minutes` 0: nobody is waited for."""

    name: str
    release: str
    stack_sets: tuple[str, ...]
    tolerance: int
    wait_minutes: int


def wave(event: Mapping[str, Any]) -> Wave:
    """From CloudFormation's request, in which every number is text. Raises KeyError, ValueError."""
    asked = event["ResourceProperties"]
    return Wave(
        asked["Wave"],
        asked["Release"],
        tuple(asked["StackSets"]),
        int(asked["Tolerance"]),
        int(asked["WaitMinutes"]),
    )


def note(asked: Wave, table: Rows, now: datetime) -> None:
    """Remember who fails at what before the wave begins; a later note of the same replaces it."""
    failing = failing_among(_heard(table))
    key = _key(asked)
    former = next((row for row in table.rows(*key) if row.key == key), None)
    body = {"failures": json.dumps(failing)}
    write = noted(key, body, former, execution="gate", now=now, expires=now + _KEPT)
    table.write([write])


def look(asked: Wave, table: Rows, instances: Instances, *, late: bool) -> Verdict:
    """How the wave stands. Raises AwsErrors."""
    key = _key(asked)
    before = [json.loads(str(row.body["failures"])) for row in table.rows(*key) if row.key == key]
    now = tuple(each for name in asked.stack_sets for each in instances(name))
    gate = Gate(asked.release, asked.tolerance, now, before[0] if before else {})
    heard = {each.spoke: each for each in _heard(table)}
    return judge(gate, heard, late=late)


def _heard(table: Rows) -> Iterator[Heard]:
    """Who spoke. A row that nobody can read, by another version's hand, is as silence."""
    for row in table.rows(SPOKES):
        try:
            yield heard_of(row)
        except (KeyError, ValueError):
            logger.exception("a spoke's row can't be read", spoke=row.key.sk)


def wait(
    asked: Wave,
    look: Callable[[bool], Verdict],
    over: Callable[[], bool],
    pause: Callable[[float], None],
    hurries: Callable[[], bool],
) -> str:
    """Look until it is decided; how it ended. `over`: nobody wants to know any more. `hurries`: who
    asks can't wait longer: looks take time too, and without an answer the wave would fail.

    Raises WaveFailed, AwsErrors.
    """
    looks = asked.wait_minutes * 60 // PAUSE
    for left in range(looks, -_ONCE_MORE, -1):
        if _is_over(over):
            return "the stack goes back to what it was"
        must = hurries()
        ends = must or left <= 0
        verdict = _looked(look, late=ends and looks > 0, last=must or left == 1 - _ONCE_MORE)
        if verdict and verdict.says == "stop":
            raise WaveFailed(f"wave {asked.name} stops here: {verdict.why}")
        if verdict and (verdict.says == "go" or ends):
            return verdict.says
        pause(PAUSE)
    raise AssertionError("the last look decides")


def _looked(look: Callable[[bool], Verdict], *, late: bool, last: bool) -> Verdict | None:
    """What AWS has no time for is asked again in a moment: that turns no fleet back."""
    try:
        return look(late)
    except (Throttled, ServiceUnavailable) as error:
        if last:
            raise
        logger.warning("not seen so far", error=str(error))
        return None


def _is_over(over: Callable[[], bool]) -> bool:
    try:
        return over()
    except (Throttled, ServiceUnavailable) as error:
        logger.warning("not known whether the stack goes back", error=str(error))
        return False


def _key(asked: Wave) -> Key:
    return Key(WAVES, f"{asked.release}/{asked.name}")
