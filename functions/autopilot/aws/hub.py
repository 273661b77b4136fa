"""What the hub's functions know: the fleet's roster from their bundle, spokes from the table."""

from __future__ import annotations

from functools import cache
from json import loads
from pathlib import Path

from autopilot.aws.settings import TASK_ROOT
from autopilot.fleet.roster import Roster
from autopilot.fleet.wire import Heartbeat, Spoke
from autopilot.notify.ledger import Rows
from autopilot.reconcile.codec import decode

SPOKES = "spoke"
"""The partition of the spokes' rows; the sort key is the spoke, `heartbeat` its last, as JSON."""


@cache
def roster(path: Path = TASK_ROOT / "roster.json") -> Roster:
    """The fleet's roster, compiled into the bundle. Raises OSError if it isn't there."""
    return decode(Roster, loads(path.read_text(encoding="utf-8")))


def last_heartbeat(spoke: Spoke, table: Rows) -> Heartbeat | None:
    """The spoke's last heartbeat, None if it never spoke. Raises AwsErrors."""
    found = [row for row in table.rows(SPOKES, str(spoke)) if row.key.sk == str(spoke)]
    return decode(Heartbeat, loads(str(found[0].body["heartbeat"]))) if found else None
