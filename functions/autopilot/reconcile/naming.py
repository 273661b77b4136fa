"""Which Name tags and owners a plan carries: those of what its findings and changes are about."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Protocol

from autopilot.notify.names import clean, names_in, owners_in
from autopilot.policy.tags import owner_in
from autopilot.reconcile.codec import encode
from autopilot.reconcile.tags import OWNER_TAG, Tags

MOST = 200
"""So many are carried, VPCs first: names are a help, and a workflow's state has a limit."""


class Tagged(Protocol):
    """Something that was seen with its tags."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def tags(self) -> Tags:
        """Its tags."""


def names_of(spoken: Sequence[object], *seen: Iterable[Tagged]) -> dict[str, str]:
    """The names, by id, of those of the things seen that findings, changes and outcomes speak of.

    Our own endpoints' names repeat what stands beside them, and are left out.
    """
    things = (thing for of_a_kind in seen for thing in of_a_kind if not _is_ours(thing))
    tagged = {thing.id: clean(thing.tags.get("Name", "")) for thing in things}
    found = names_in(json.dumps(encode(spoken)), {id_: n for id_, n in tagged.items() if n})
    order = sorted(found, key=lambda id_: (not id_.startswith("vpc-"), id_))
    return {id_: found[id_] for id_ in order[:MOST]}


def owners_of(
    tag: str, spoken: Sequence[object], *seen: Iterable[Tagged]
) -> dict[str, tuple[str, ...]]:
    """The ids of those of the things seen that are spoken of, by the values of the owner's tag.

    All of them: who hears only of what is his must hear all of that.
    """
    if not tag:
        return {}
    tagged = {thing.id: owner_in(thing.tags.get(tag, "")) for each in seen for thing in each}
    found = owners_in(json.dumps(encode(spoken)), {id_: o for id_, o in tagged.items() if o})
    ids: dict[str, tuple[str, ...]] = {}
    for id_, owner in found.items():
        ids[owner] = (*ids.get(owner, ()), id_)
    return ids


def _is_ours(thing: Tagged) -> bool:
    return OWNER_TAG in thing.tags and not thing.id.startswith("vpce-svc-")
