"""Settings: what a function reads from its environment, once, into one frozen object."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import MISSING, fields
from functools import cache
from json import loads
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from autopilot.policy.model import Policy
from autopilot.reconcile.codec import decode

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Settings = TypeVar("Settings", bound=DataclassInstance)

TASK_ROOT = Path(__file__).parents[2]
"""Where the functions' bundle lies: /var/task in Lambda."""


class SettingsMissing(Exception):
    """Raised at the first use of a function's settings when some of them are missing."""


def read(kind: type[Settings], environ: Mapping[str, str] = os.environ) -> Settings:
    """Fill the frozen dataclass `kind`, whose fields are strings named as the variables are.

    A field `ledger_table` comes from LEDGER_TABLE; a field with a default may be missing.
    Raises SettingsMissing, which names every variable that is missing or empty.
    """
    values = {f.name: environ.get(f.name.upper(), "") for f in fields(kind)}
    optional = {f.name for f in fields(kind) if f.default is not MISSING}
    missing = [name.upper() for name, value in values.items() if not value and name not in optional]
    if missing:
        raise SettingsMissing(f"missing from the environment: {', '.join(missing)}")
    return kind(**{name: value for name, value in values.items() if value})


@cache
def bundled_policy(path: Path = TASK_ROOT / "policy.json") -> Policy:
    """The operator's policy, compiled into the bundle. Raises OSError if it isn't there."""
    return decode(Policy, loads(path.read_text(encoding="utf-8")))
