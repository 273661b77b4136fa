"""Settings: what a function reads from its environment, once, into one frozen object."""

from __future__ import annotations

import os
import sys
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


_LAYER = "deployed_policy"
"""Where a spoke's layer has its policy, on the path of imports: /opt/python in Lambda (its guide,
"Packaging your layer content"). The code is the same for all; the policy is each target's."""


@cache
def bundled_policy(path: Path = TASK_ROOT / "policy.json") -> Policy:
    """The operator's policy: compiled into the bundle, in a StackSet's spoke into its layer, where
    the account may have one of its own. Raises OSError if it isn't there.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        text = _layered(os.environ.get("ACCOUNT_ID", "")) or _layered("")
        if not text:
            raise
    return decode(Policy, loads(text))


def _layered(account: str) -> str:
    """The policy in the layer: an account's own, or ("") everybody's; "" if there is none."""
    return in_layer(f"accounts/{account}.json" if account else "policy.json")


def in_layer(name: str) -> str:
    """A file of the policy's layer, "" if it isn't there."""
    for folder in sys.path:
        file = Path(folder or ".") / _LAYER / name
        if file.is_file():
            return file.read_text(encoding="utf-8")
    return ""
