"""Whose a thing is, by the tag that the policy names: a message per owner."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, TypeVar

from autopilot.notify.bus import CompletedChange
from autopilot.notify.names import Owners
from autopilot.notify.notice import Place, Subject

T = TypeVar("T")
Whose = tuple[str, ...]
"""All owners of something, in order; () if it is nobody's."""
MOST_APART = 20
"""So many owners, or sets of owners who share a thing, get a message of their own."""
# Of owners in one message: it has them five times, and SNS takes 256 KB.
_MOST_BYTES = 20_000
_VPC = re.compile(r"vpc-[\w-]+")
_TABLE = re.compile(r"rtb-[\w-]+")


def whose(subject: str, facts: Mapping[str, Any], owners: Owners) -> Whose:
    """The owners of what a subject with its facts is about.

    A route table is its own tag's, else its VPC's. So is whatever else bears the tag: an endpoint,
    a service, a load balancer. Where nothing of that has an owner, it is the VPC's.
    """
    if not owners:
        return ()
    ids = [*dict.fromkeys(part for text in (subject, *_texts(facts)) for part in _parts(text))]
    vpcs = {owners[id_] for id_ in ids if _VPC.fullmatch(id_) and id_ in owners}
    found = {owners[i] for i in ids if i in owners and not _VPC.fullmatch(i)}
    if not found or any(_TABLE.fullmatch(id_) and id_ not in owners for id_ in ids):
        found |= vpcs
    return tuple(sorted(found))


def apart(changes: Iterable[CompletedChange], place: Place) -> Iterator[CompletedChange]:
    """Completed changes, of each kind one for all that has the same owners."""
    for change in changes:
        groups: dict[Whose, list[CompletedChange]] = {}
        for each in change.each():
            groups.setdefault(whose_all(each.notice(place).subjects, place.owners), []).append(each)
        for owners, alike in groups.items():
            yield from CompletedChange.joined(alike, _number(owners))


def whose_all(subjects: Iterable[Subject], owners: Owners) -> Whose:
    """The owners of all of the subjects."""
    found = (owner for each in subjects for owner in whose(each.id, each.facts, owners))
    return tuple(sorted(set(found)))


def together(things: Sequence[tuple[Whose, T]]) -> list[tuple[Whose, list[T]]]:
    """The things that go into one message, and its owners: all of an owner's are in one.

    Owners who share a thing share the message; the last one takes all that are too many, or the
    last ones, where their names would fill it.
    """
    leads: dict[str, str] = {}
    for owners, _ in things:
        for owner in owners:
            leads.setdefault(owner, owner)
            _join(leads, owners[0], owner)
    groups: dict[str, tuple[set[str], list[T]]] = {}
    for owners, thing in things:
        lead = _lead(leads, owners[0]) if owners else ""
        found = groups.setdefault(lead, (set(), []))
        found[0].update(owners)
        found[1].append(thing)
    apart = [groups[lead] for lead in sorted(groups)]
    few = [*apart[: MOST_APART - 1], *_crowds(apart[MOST_APART - 1 :])]
    return [(tuple(sorted(owners)), of_it) for owners, of_it in few]


def _crowds(many: Iterable[tuple[set[str], list[T]]]) -> Iterator[tuple[set[str], list[T]]]:
    """All of these together, in as many parts as their owners' names take."""
    crowd, things, size = set[str](), list[T](), 0
    for owners, of_it in many:
        own = sum(len(owner.encode(errors="replace")) for owner in owners)
        if things and size + own > _MOST_BYTES:
            yield crowd, things
            crowd, things, size = set(), [], 0
        crowd, things, size = crowd | owners, things + of_it, size + own
    if things:
        yield crowd, things


def _lead(leads: Mapping[str, str], owner: str) -> str:
    while leads[owner] != owner:
        owner = leads[owner]
    return owner


def _join(leads: dict[str, str], one: str, other: str) -> None:
    first, second = sorted((_lead(leads, one), _lead(leads, other)))
    leads[second] = first


def _number(owners: Whose) -> str:
    """What tells changes of some owners from others', "" for nobody's."""
    said = "\n".join(owners).encode(errors="replace")
    return sha256(said).hexdigest()[:12] if owners else ""


def _parts(text: str) -> Sequence[str]:
    """The ids in an id: "vpc-1/s3/vpce-2" names a VPC and an endpoint; an ARN is one by itself."""
    return (text,) if text.startswith("arn:") else text.split("/")


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Mapping():
            for name, each in value.items():
                yield from (str(name), *_texts(each))
        case list() | tuple():
            for each in value:
                yield from _texts(each)
