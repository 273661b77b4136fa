"""What another policy file changes in what would be done."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from autopilot.foreseen.model import Action, Foreseen, Told
from autopilot.reconcile.codec import encode

ThingT = TypeVar("ThingT", Action, Told)


@dataclass(frozen=True)
class Difference:
    """What `after` would do and tell that `before` wouldn't (`added`), and the other way round."""

    before: Foreseen
    after: Foreseen
    added: tuple[Action, ...] = ()
    gone: tuple[Action, ...] = ()
    told: tuple[Told, ...] = ()
    untold: tuple[Told, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether the file changes anything, the mode included."""
        found = (self.added, self.gone, self.told, self.untold)
        return any(found) or self.before.mode != self.after.mode


def difference(before: Foreseen, after: Foreseen) -> Difference:
    """Compare two that were foreseen at the same moment."""
    return Difference(
        before,
        after,
        added=_only_in(after.actions, before.actions),
        gone=_only_in(before.actions, after.actions),
        told=_only_in(after.told, before.told),
        untold=_only_in(before.told, after.told),
    )


def _only_in(these: Iterable[ThingT], those: Iterable[ThingT]) -> tuple[ThingT, ...]:
    known = set(map(_key, those))
    return tuple(each for each in these if _key(each) not in known)


def _key(each: Action | Told) -> str:
    """Equal for what comes to the same; the words say no more."""
    severity = each.severity if isinstance(each, Told) else ""
    return json.dumps([each.id, severity, encode(each.content)], sort_keys=True)
