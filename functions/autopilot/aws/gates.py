"""What a wave's gate reads and notes: instances, heartbeats, and who failed before the wave."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from autopilot.aws.errors import ServiceUnavailable, Throttled
from autopilot.fleet.heard import SPOKES, heard_of
from autopilot.fleet.waves import Gate, Instance, Verdict, failing_among, judge
from autopilot.notify.ledger import Key, Rows, noted

WAVES = "wave"
"""The partition of what was so before each wave; `sk` is "<release>/<wave>"."""
_KEPT = timedelta(days=90)
# Seconds from one look to the next. A heartbeat comes a minute or two after its spoke's stack.
PAUSE = 15

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
    failing = failing_among(map(heard_of, table.rows(SPOKES)))
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
    heard = {each.spoke: each for each in map(heard_of, table.rows(SPOKES))}
    return judge(gate, heard, late=late)


def wait(
    asked: Wave,
    look: Callable[[bool], Verdict],
    over: Callable[[], bool],
    pause: Callable[[float], None],
) -> str:
    """Look until it is decided; how it ended. `over`: nobody wants to know any more.

    Raises WaveFailed, AwsErrors.
    """
    looks = asked.wait_minutes * 60 // PAUSE
    for left in range(looks, -1, -1):
        if over():
            return "the stack goes back to what it was"
        verdict = _looked(look, late=left == 0 < looks, last=not left)
        if verdict.says == "stop":
            raise WaveFailed(f"wave {asked.name} stops here: {verdict.why}")
        if verdict.says == "go" or not left:
            return verdict.says
        pause(PAUSE)
    raise AssertionError("the last look decides")


def _looked(look: Callable[[bool], Verdict], *, late: bool, last: bool) -> Verdict:
    """What AWS has no time for is asked again in a moment: that turns no fleet back."""
    try:
        return look(late)
    except (Throttled, ServiceUnavailable) as error:
        if last:
            raise
        return Verdict("wait", str(error))


def _key(asked: Wave) -> Key:
    return Key(WAVES, f"{asked.release}/{asked.name}")
