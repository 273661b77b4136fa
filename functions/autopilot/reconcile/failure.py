"""How a workflow broke off, and which workflows report at their end."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Workflow = Literal[
    "network", "connections", "hold", "services", "interfaces", "withdraw", "uninstall"
]


@dataclass(frozen=True)
class Failure:
    """The state that ended the workflow early, the error's name, and its cause in words."""

    state: str
    error: str
    cause: str

    @staticmethod
    def from_json(data: Mapping[str, Any] | None) -> Failure | None:
        """Read the workflow's words; AWS leaves the cause of some errors out. None: all is well."""
        if not data:
            return None
        return Failure.of(
            str(data.get("state") or "?"),
            str(data.get("error") or "?"),
            str(data.get("cause") or ""),
        )

    @staticmethod
    def of(state: str, error: str, cause: str) -> Failure:
        """With the words alone of a `cause` that is a Lambda's error document."""
        return Failure(state, error, _words(cause))


def _words(cause: str) -> str:
    """The errorMessage of a Lambda's error document; any other text as it is."""
    try:
        words = json.loads(cause)["errorMessage"]
    except (ValueError, KeyError, TypeError):
        return cause
    return str(words)
