"""Which Name tags and owners a plan carries: those of what its findings and changes are about."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Protocol, TypeVar

from autopilot.notify.names import clean, ids_in, owners_in
from autopilot.policy.tags import owner_in
from autopilot.reconcile.codec import encode
from autopilot.reconcile.plan import Plan
from autopilot.reconcile.request import Round
from autopilot.reconcile.tags import OWNER_TAG, Tags

MOST = 200
"""So many are carried, VPCs first: names are a help, and a workflow's state has a limit."""

PlanT = TypeVar("PlanT", bound=Plan[Any, Any])


class Tagged(Protocol):
    """Something that was seen with its tags."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def tags(self) -> Tags:
        """Its tags."""


def with_names(made: PlanT, request: Round[Any], *seen: Iterable[Tagged]) -> PlanT:
    """The plan with the names of those of the things seen that it and earlier rounds speak of."""
    return replace(made, names=names_of((*made.spoken, request.outcomes), *seen))


def with_owners(made: PlanT, request: Round[Any], tag: str, *seen: Iterable[Tagged]) -> PlanT:
    """The plan with the owners of those things, by the values of their tag; "": nobody's."""
    return replace(made, owners=owners_of(tag, (*made.spoken, request.outcomes), *seen))


def names_of(spoken: Sequence[object], *seen: Iterable[Tagged]) -> dict[str, str]:
    """The names, by id, of those of the things seen that findings, changes and outcomes speak of.

    Our own endpoints' names repeat what stands beside them, and are left out.
    """
    ids = ids_in(json.dumps(encode(spoken)))
    things = (each for of_a_kind in seen for each in of_a_kind if each.id in ids)
    named = {each.id: clean(each.tags.get("Name", "")) for each in things if not _is_ours(each)}
    found = sorted(filter(named.get, named), key=lambda id_: (not id_.startswith("vpc-"), id_))
    return {id_: named[id_] for id_ in found[:MOST]}


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
