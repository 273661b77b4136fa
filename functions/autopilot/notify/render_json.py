"""Notices for programs: docs/schemas/message.json says what each key means."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from autopilot.notify.names import names_in
from autopilot.notify.notice import Notice, Place
from autopilot.notify.phrases import in_title, instant


def document(notice: Notice, place: Place, most: int = 200) -> dict[str, Any]:
    """The notice for programs. `id` is the same for the same news: told twice, it comes twice.

    `most`: so many subjects of each part are named.
    """
    said = {
        "version": 1,
        "id": id_of(notice, place),
        "kinds": list(notice.kinds or (notice.kind,)),
        "account": place.account,
        "region": place.region,
        "owners": list(notice.owners),
        **_part(notice, place, most),
        "execution": place.execution,
        "time": instant(place.time),
    }
    if notice.parts:
        said["parts"] = [_part(part, place, most) for part in notice.parts]
    return {**said, "names": names_in(dumped(said), place.names)}


def id_of(notice: Notice, place: Place) -> str:
    """The same for the same news."""
    subjects = [subject.id for subject in notice.subjects]
    told = [place.execution, notice.kind, notice.change, notice.title, *subjects]
    return sha256("\n".join(told).encode(errors="replace")).hexdigest()[:32]


def dumped(value: Any) -> str:
    """`value` as JSON that can be sent as UTF-8, whatever it holds."""
    written = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return written.encode(errors="replace").decode()  # half a surrogate pair is not UTF-8


def _part(notice: Notice, place: Place, most: int) -> dict[str, Any]:
    counts = {"by_kind": dict(notice.counts)} if notice.counts else {}
    facts: dict[str, Any] = {}
    for subject in notice.subjects:
        if len(facts) < most:
            facts.setdefault(subject.id, _timed(dict(subject.facts)))
    return {
        "kind": notice.kind,
        "change": notice.change,
        "severity": notice.severity,
        "title": in_title(notice.title, place.names),
        "what": " ".join(notice.what),
        "why": " ".join(notice.why),
        "next": [str(step) for step in notice.steps],
        "subjects": [subject.id for subject in notice.subjects][:most],
        "data": {"count": len(notice.subjects), "subjects": facts, **counts},
    }


def _timed(facts: Any) -> Any:
    """Facts with every instant in one form, whatever precision it was stored with."""
    match facts:
        case str():
            return instant(facts)
        case Mapping():
            return {name: _timed(value) for name, value in facts.items()}
        case list() | tuple():
            return [_timed(each) for each in facts]
        case _:
            return facts
