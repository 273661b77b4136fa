"""What AWS was last asked about the fleet, as rows: it is asked once an hour, not at every look."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from autopilot.fleet.facts import Instance, Member, Survey
from autopilot.notify.ledger import Key, Row, Write, noted
from autopilot.reconcile.codec import decode, encode

SURVEY = "survey"
"""Its partition."""
_HOURLY, _AT_MOST = timedelta(hours=1), timedelta(minutes=10)
# A row takes 400 KB with its keys and names (DynamoDB guide, "Quotas"), of text as UTF-8.
_IN_A_ROW, _MOST_BYTES = 300, 300_000


def due(survey: Survey, now: datetime, *, wondering: bool) -> bool:
    """Whether to ask again: every hour, sooner where somebody is silent and nobody knows why, or
    AWS hasn't told all."""
    if not survey.at:
        return True
    old = now - datetime.fromisoformat(survey.at)
    return old >= _HOURLY or ((wondering or bool(survey.unread)) and old >= _AT_MOST)


def survey_in(rows: Iterable[Row]) -> Survey:
    """The survey that rows of SURVEY hold; one that isn't whole or that nobody can read, by another
    version's hand, counts as none: AWS is asked again."""
    try:
        return _survey_in(rows)
    except (KeyError, ValueError):
        return Survey()


def _survey_in(rows: Iterable[Row]) -> Survey:
    parts: dict[str, list[Any]] = {"instances": [], "members": []}
    done: Mapping[str, Any] = {}
    for row in sorted(rows, key=lambda each: each.key):
        kind = row.key.sk.partition("/")[0]
        if kind in parts:
            parts[kind] += json.loads(str(row.body["of"]))
        else:
            done = row.body
    sizes = {kind: len(found) for kind, found in parts.items()}
    if not done or json.loads(str(done["sizes"])) != sizes:
        return Survey()
    return Survey(
        at=str(done["at"]),
        instances=decode(tuple[Instance, ...], parts["instances"]),
        members=decode(tuple[Member, ...], parts["members"]),
        unread=json.loads(str(done["unread"])),
    )


def writes_of(survey: Survey, before: Sequence[Row], now: datetime) -> tuple[Write, ...]:
    """The writes that put the survey in the place of the one before."""
    known = {row.key: row for row in before}
    bodies = dict(_bodies(survey))
    writes = [
        noted(key, body, known.get(key), execution=SURVEY, now=now) for key, body in bodies.items()
    ]
    left = [Write(row.key, None, row.version) for row in before if row.key not in bodies]
    return (*writes, *left)


def _bodies(survey: Survey) -> Iterator[tuple[Key, dict[str, str | int | bool]]]:
    parts = {"instances": survey.instances, "members": survey.members}
    for kind, found in parts.items():
        for number, row in enumerate(_in_rows(encode(found))):
            yield Key(SURVEY, f"{kind}/{number:05}"), {"of": f"[{', '.join(row)}]"}
    sizes = {kind: len(found) for kind, found in parts.items()}
    done = {"at": survey.at, "unread": encode(survey.unread), "sizes": sizes}
    yield (
        Key(SURVEY, "done"),
        {k: v if isinstance(v, str) else json.dumps(v) for k, v in done.items()},
    )


def _in_rows(found: Iterable[Any]) -> Iterator[list[str]]:
    """As JSON, as many together as a row takes."""
    row, size = list[str](), 0
    for each in found:
        text = json.dumps(each, ensure_ascii=False)
        bytes_ = len(text.encode(errors="replace"))
        if row and (len(row) == _IN_A_ROW or size + bytes_ > _MOST_BYTES):
            yield row
            row, size = [], 0
        row.append(text)
        size += bytes_ + 2
    if row:
        yield row


def since_when(new: Survey, before: Survey, now: datetime) -> Survey:
    """The survey with since when each thing is as it is; what couldn't be read stays as it was."""
    at = now.isoformat(timespec="seconds")
    instances = {(each.stack_set, each.spoke): each for each in before.instances}
    members = {each.account: each for each in before.members}

    def of_instance(each: Instance) -> Instance:
        old = instances.get((each.stack_set, each.spoke))
        same = old and (old.status, old.detail) == (each.status, each.detail)
        return replace(each, since=old.since if old and same else at)

    def of_member(each: Member) -> Member:
        old = members.get(each.account)
        same = old and (old.target, old.state) == (each.target, each.state)
        return replace(each, since=old.since if old and same else at)

    return replace(
        new,
        at=at,
        instances=tuple(map(of_instance, new.instances))
        if new_is_read(new, "instances")
        else before.instances,
        members=tuple(map(of_member, new.members))
        if new_is_read(new, "members")
        else before.members,
    )


def new_is_read(new: Survey, what: str) -> bool:
    """Whether these could be read."""
    asked = replace(new, at="now")
    return asked.knows_instances if what == "instances" else asked.knows_members
