"""What the hub's table holds of its spokes, and of what they tell (decision 0027)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from autopilot.fleet.wire import Heartbeat, Spoke
from autopilot.notify.ledger import Key, Row
from autopilot.reconcile.codec import decode, encode

SPOKES = "spoke"
"""The partition of spokes; a row's `sk` is "<account>/<region>"."""
WAITING = "news"
"""The partition of news that ops haven't been told yet."""


@dataclass(frozen=True)
class Heard:
    """A spoke as it last spoke; times are ISO 8601 in UTC.

    `at`: of its youngest heartbeat, no later than that was received. `first_heard`: of its first.
    `release_since`: since when it runs the release that it does, `undelivered_since`: since when it
    has had news that wait for the hub, "" for none; both as far as heartbeats came in order.
    `stacks`: who spoke for it within a day, by the stack's name from when to when. `newer`: it
    speaks a schema that this hub doesn't know. `version`: the row's.
    """

    spoke: Spoke
    heartbeat: Heartbeat
    at: str
    received_at: str
    first_heard: str
    release_since: str
    undelivered_since: str = ""
    stacks: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    newer: bool = False
    version: int = 0

    @property
    def key(self) -> Key:
        """Its row's."""
        return spoke_key(self.spoke)

    @property
    def body(self) -> dict[str, str | int | bool]:
        """Its row's: what is counted often stands beside the heartbeat, to be read without it."""
        return {
            "heartbeat": json.dumps(encode(self.heartbeat), ensure_ascii=False),
            "release": self.heartbeat.release,
            "schema": self.heartbeat.schema,
            "at": self.at,
            "received_at": self.received_at,
            "first_heard": self.first_heard,
            "release_since": self.release_since,
            "undelivered_since": self.undelivered_since,
            "stacks": json.dumps(encode(self.stacks)),
            "newer": self.newer,
        }


def spoke_key(spoke: Spoke) -> Key:
    """Where a spoke's row is."""
    return Key(SPOKES, str(spoke))


def spoke_in(words: str) -> Spoke:
    """The spoke that "<account>/<region>" names."""
    account, _, region = words.partition("/")
    return Spoke(account, region)


def heard_of(row: Row) -> Heard:
    """The spoke that a row of SPOKES holds. Raises KeyError or ValueError for another row."""
    body: Mapping[str, Any] = row.body
    stacks = json.loads(body["stacks"])
    return Heard(
        spoke=spoke_in(row.key.sk),
        heartbeat=decode(Heartbeat, json.loads(body["heartbeat"])),
        at=body["at"],
        received_at=body["received_at"],
        first_heard=body["first_heard"],
        release_since=body["release_since"],
        undelivered_since=body["undelivered_since"],
        stacks={name: (first, last) for name, (first, last) in stacks.items()},
        newer=body["newer"],
        version=row.version,
    )


def news_partition(spoke: Spoke) -> str:
    """The partition of a spoke's news, each with its whole text; `sk` is its id."""
    return f"heard/{spoke}"
