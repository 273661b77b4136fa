"""The tags that say that we let a connection in: memory where no ledger can be lost.

They give one right only: to cut the connection once nothing allows it. The ledger goes before them;
where a person has answered, and where the connection is over, they are taken away. Decision 0009.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from autopilot.connections.facts import Connection, ConnectionFacts
from autopilot.connections.remembered import AUTOPILOT, Remembered
from autopilot.reconcile.tags import OWNER_TAG

RULE_TAG = "endpoint-autopilot:rule"
BY_TAG = "endpoint-autopilot:accepted-by"
AT_TAG = "endpoint-autopilot:accepted-at"
MARKS = (OWNER_TAG, RULE_TAG, BY_TAG, AT_TAG)

# What every AWS service takes in a tag's value (General reference, "Tagging"), and how much.
_OTHERS = re.compile(r"[^\w\s.:/=+\-@]")
_LONGEST = 256
# DeleteTags takes all or none: one that is gone would keep the tags of all others.
_GOING = ("deleting", "deleted")
# It takes 1,000 (EC2 API reference, DeleteTags); the next look has the others.
_AT_ONCE = 500


def mark(owner: str, accepted: Remembered) -> dict[str, str]:
    """The tags of a connection that the stack `owner` has accepted under a rule."""
    rule = _OTHERS.sub("_", accepted.rule)[:_LONGEST]
    return {OWNER_TAG: owner, RULE_TAG: rule, BY_TAG: accepted.by, AT_TAG: accepted.at}


def with_marks(facts: ConnectionFacts, owner: str) -> ConnectionFacts:
    """The facts, where a live connection's tags tell of it what the ledger doesn't."""
    found = {
        each.subject: marked
        for each in facts.connections
        if each.stage == "live" and each.subject not in facts.memory
        if (marked := _marked(each, owner))
    }
    return replace(facts, memory={**found, **facts.memory}) if found else facts


def to_unmark(facts: ConnectionFacts, owner: str) -> tuple[str, ...]:
    """The ids of connections that bear our tags and are not ours to cut (any more).

    One that we have ended and that lives again is somebody else's, though nobody told us whose.
    """
    return tuple(
        sorted(
            each.id
            for each in facts.connections
            if each.id and each.state.lower() not in _GOING and _marked(each, owner)
            if each.stage == "over" or _ended_or_by_person(facts.memory.get(each.subject))
        )
    )[:_AT_ONCE]


def _marked(connection: Connection, owner: str) -> Remembered | None:
    tags: Mapping[str, str] = connection.tags
    if tags.get(OWNER_TAG) != owner or tags.get(BY_TAG) != AUTOPILOT:
        return None
    return Remembered("accepted", AUTOPILOT, tags.get(RULE_TAG, ""), "as its tags say", _at(tags))


def _at(tags: Mapping[str, str]) -> str:
    """When, if that can be read: nobody else's text must stop a look."""
    at = tags.get(AT_TAG, "")
    try:
        return at if datetime.fromisoformat(at).tzinfo else ""
    except ValueError:
        return ""


def _ended_or_by_person(memory: Remembered | None) -> bool:
    return memory is not None and (memory.a_person_decided or memory.state == "rejected")
