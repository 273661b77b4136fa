"""Which fleet a spoke belongs to, as the stack says it beside the policy."""

from __future__ import annotations

from functools import cache
from json import loads
from pathlib import Path

from autopilot.aws.settings import TASK_ROOT, in_layer
from autopilot.fleet.belongs import Belongs
from autopilot.reconcile.codec import decode


@cache
def belongs(path: Path = TASK_ROOT / "spoke.json") -> Belongs | None:
    """The fleet that this stack is a spoke of; None if it is of none."""
    text = path.read_text(encoding="utf-8") if path.is_file() else in_layer("spoke.json")
    return decode(Belongs, loads(text)) if text else None
