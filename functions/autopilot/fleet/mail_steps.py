"""What a mail of spokes' news asks for: which requests it tells of, and how they are answered."""

from __future__ import annotations

from collections.abc import Iterator

from autopilot.fleet.asking import hold_name
from autopilot.fleet.grouping import Group
from autopilot.fleet.wire import Spoke
from autopilot.notify.notice import Step

HISTORY = "`./autopilot --fleet history`"
HELD = "ConnectionHeld"
"""The kind whose news ask for an answer."""
_ASKS = ("opened", "changed")
_MOST_COMMANDS = 10


def steps(group: Group) -> Iterator[Step]:
    """Of held requests the hub's own commands; of anything how to see more."""
    if HELD in group.first.kinds and group.first.change in _ASKS:
        asked = list(dict.fromkeys(_asked(group)))
        for spoke, endpoint in asked[:_MOST_COMMANDS]:
            where = f"{endpoint} --account {spoke.account} --in {spoke.region}"
            yield Step(
                f"To answer from the hub: `./autopilot --fleet accept {where}`,"
                f' or `./autopilot --fleet reject {where} --reason "..."`'
            )
        if len(asked) > _MOST_COMMANDS or not asked:
            yield Step("To see all that wait: `./autopilot --fleet requests`")
    if len(group.news) > 1:
        yield Step(f"To read each of them: {HISTORY}")


def one_asked(group: Group) -> dict[str, str]:
    """What a chat's button hands to HubAsk, of a notice of one request and of nothing else."""
    first = group.first
    if len(group.news) > 1 or first.kinds != (HELD,) or first.change not in _ASKS:
        return {}
    named, hold = first.ids if len(first.ids) == 2 else ("", "")
    endpoint = named.rpartition("/")[2]
    if not (_waits(endpoint) and hold_name(hold)):
        return {}
    return {"spoke": str(first.spoke), "endpoint_id": endpoint, "held": hold}


def _asked(group: Group) -> Iterator[tuple[Spoke, str]]:
    """Who asks, and in which spoke: a request is called "<service>/<endpoint>"."""
    for each in group.news:
        for endpoint in (id_.rpartition("/")[2] for id_ in each.ids):
            if _waits(endpoint):
                yield each.spoke, endpoint


def _waits(id_: str) -> bool:
    """Whether it is an endpoint's id, and no more than that: it goes into a command."""
    rest = id_.removeprefix("vpce-")
    return id_.startswith("vpce-") and rest.isalnum() and rest.isascii()
