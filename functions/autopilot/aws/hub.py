"""What the hub's functions know: the fleet's roster from their bundle, spokes from the table."""

from __future__ import annotations

from functools import cache
from json import loads
from pathlib import Path

from autopilot.aws.settings import TASK_ROOT
from autopilot.fleet.heard import heard_of, spoke_key
from autopilot.fleet.roster import Roster
from autopilot.fleet.wire import Heartbeat, Spoke
from autopilot.notify.ledger import Rows
from autopilot.reconcile.codec import decode


@cache
def roster(path: Path = TASK_ROOT / "roster.json") -> Roster:
    """The fleet's roster, compiled into the bundle. Raises OSError if it isn't there."""
    return decode(Roster, loads(path.read_text(encoding="utf-8")))


def last_heartbeat(spoke: Spoke, table: Rows) -> Heartbeat | None:
    """The spoke's last heartbeat, None if it never spoke. Raises AwsErrors."""
    key = spoke_key(spoke)
    found = [row for row in table.rows(*key) if row.key == key]
    return heard_of(found[0]).heartbeat if found else None
