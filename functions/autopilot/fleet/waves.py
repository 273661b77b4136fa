"""Whether a wave has gone well: its spokes speak with the new release, and fail no more by it.

A gate looks at the instances of its wave's StackSets as they are now, so that it waits for no
account that has left and needs no list. What a spoke failed at before the wave is noted before the
wave begins (decision 0025).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from autopilot.fleet.heard import Heard
from autopilot.fleet.wire import Heartbeat, Spoke

# StackInstanceComprehensiveStatus (CloudFormation API reference). Updates leave alone suspended
# accounts and stacks whose deletion has failed, and so does a gate.
LEFT_ALONE = ("SKIPPED_SUSPENDED_ACCOUNT", "INOPERABLE")
BROKEN = ("FAILED", "CANCELLED")
# The wave's own operation has ended: it is another one, of an account that comes or goes.
BUSY = ("PENDING", "RUNNING")
_NAMED = 10


@dataclass(frozen=True)
class Instance:
    """One stack of a StackSet. `status`: how the last operation ended for it, in AWS's words;
    `reason`: why not well; `unit`: the organizational unit for which it was made."""

    stack_set: str
    spoke: Spoke
    status: str = ""
    reason: str = ""
    unit: str = ""
    stack: str = ""


@dataclass(frozen=True)
class Gate:
    """What a wave has to reach. `tolerance`: percent of a StackSet's accounts in a Region that may
    be without it, rounded down as StackSets do."""

    release: str
    tolerance: int = 0
    instances: tuple[Instance, ...] = ()
    before: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """`go`: the next wave may begin; `stop`: it must not; `wait`: nobody can say yet."""

    says: Literal["go", "wait", "stop"]
    why: str = ""


def failures(heartbeat: Heartbeat) -> int:
    """How many of a spoke's open findings are failures, as far as it lists them: worst first."""
    return sum(found.severity == "failure" for found in heartbeat.findings)


def failing_among(heard: Iterable[Heard]) -> dict[str, int]:
    """What is to be remembered before a wave: who fails at how much already."""
    counted = {str(each.spoke): failures(each.heartbeat) for each in heard}
    return {spoke: count for spoke, count in counted.items() if count}


def judge(gate: Gate, heard: Mapping[Spoke, Heard], *, late: bool) -> Verdict:
    """Whether the wave has gone well. `late`: its time is up, and who hasn't spoken is silent."""
    told = {each: _state(each, gate, heard) for each in _looked_at(gate.instances)}
    silent = [
        each
        for each, state in told.items()
        if state == "silent" and not (late and each.status in BUSY)
    ]
    worse = {each: state for each, state in told.items() if state not in ("silent", "well")}
    groups = Counter((each.stack_set, each.spoke.region) for each in told)
    bad = [*worse, *silent] if late else [*worse]
    over = Counter((each.stack_set, each.spoke.region) for each in bad)
    if any(count > groups[group] * gate.tolerance // 100 for group, count in over.items()):
        return Verdict("stop", _told(worse, silent if late else []))
    return Verdict("wait", f"{len(silent)} silent") if silent and not late else Verdict("go")


def _looked_at(instances: Iterable[Instance]) -> Iterator[Instance]:
    return (each for each in instances if each.status not in LEFT_ALONE)


def _state(instance: Instance, gate: Gate, heard: Mapping[Spoke, Heard]) -> str:
    """ "well", "silent", or in which way worse than before."""
    if instance.status in BROKEN:
        return f"its stack is {instance.status}: {instance.reason or 'no reason given'}"
    spoken = heard.get(instance.spoke)
    if spoken is None or spoken.heartbeat.release != gate.release:
        return "silent"
    now, before = failures(spoken.heartbeat), gate.before.get(str(instance.spoke), 0)
    return f"{now} failures, before the wave {before}" if now > before else "well"


def _told(worse: Mapping[Instance, str], silent: Iterable[Instance]) -> str:
    """For whoever reads why the stack's update failed; the first few by name."""
    told = [f"{each.spoke}: {state}" for each, state in worse.items()]
    told += [f"{each.spoke}: hasn't spoken with this release" for each in silent]
    told.sort()
    more = f"; and {len(told) - _NAMED} more" if len(told) > _NAMED else ""
    return "; ".join(told[:_NAMED]) + more
