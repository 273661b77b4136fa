"""How far an idle endpoint's retirement is: rows of the ledger, and what moves them on.

announced: ops hear that it is idle. leaving: its private DNS goes off, and it waits. gone: it was
deleted, and isn't made again. back: traffic, a tag, the policy or a person ended that; its time
runs anew from then.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, cast

from autopilot.interfaces.facts import Endpoint
from autopilot.interfaces.restore import Restore
from autopilot.notify.ledger import Key, Row, Write, noted
from autopilot.policy.model import Policy
from autopilot.reconcile.codec import encode

if TYPE_CHECKING:  # most looks judge no endpoint, and don't load it
    from autopilot.interfaces.idle import Verdict

RETIRED = "retired"
"""The partition. A row's `sk` is "vpc-1/logs"."""

Stage = Literal["announced", "leaving", "gone", "back"]


@dataclass(frozen=True)
class Retirement:
    """One row; `at`: since when it stands so, `due`: from when it may be deleted ("" until private
    DNS is off), ISO instants. `by`: who ended it. `memory`: how the endpoint was, as JSON.
    """

    subject: str
    stage: Stage
    endpoint_id: str
    service_name: str
    at: str
    reason: str
    due: str = ""
    by: str = ""
    memory: str = ""
    execution: str = field(default="", compare=False)
    version: int = field(default=0, compare=False)

    @property
    def vpc_id(self) -> str:
        """The VPC that it is about."""
        return self.subject.partition("/")[0]

    @property
    def remembered(self) -> Mapping[str, Any]:
        """How the endpoint was: the fields of `Endpoint`, as `encode` writes them."""
        found: Mapping[str, Any] = json.loads(self.memory or "{}")
        return found

    def is_due(self, at: datetime) -> bool:
        """Whether it has waited long enough without private DNS."""
        return self.stage == "leaving" and bool(self.due) and datetime.fromisoformat(self.due) <= at

    def answers_to(self, id_: str) -> bool:
        """Whether a person may mean it by that."""
        return self.stage != "back" and id_ in (self.subject, self.endpoint_id)


def retirement(row: Row) -> Retirement:
    """What a row says."""
    body = {name: str(value) for name, value in row.body.items()}
    return Retirement(
        subject=row.key.sk,
        stage=cast(Stage, body["stage"]),
        endpoint_id=body["endpoint_id"],
        service_name=body["service_name"],
        at=body["at"],
        reason=body.get("reason", ""),
        due=body.get("due", ""),
        by=body.get("by", ""),
        memory=body.get("memory", ""),
        execution=row.claimed_by,
        version=row.version,
    )


@dataclass(frozen=True)
class Moment:
    """What decides how retirements move on, beside the endpoints themselves.

    `told`: ids of the findings that ops know. `verdicts`: by endpoint, where this look judges.
    """

    policy: Policy
    at: datetime
    told: frozenset[str]
    verdicts: Mapping[str, Verdict]
    restore: Restore | None = None


def moved_on(
    known: Retirement | None, subject: str, endpoint: Endpoint | None, now: Moment
) -> Retirement | None:
    """How it stands now; None: there is nothing to remember.

    `endpoint`: ours that lives. Without one, what was leaving is gone, whoever deleted it.
    """
    if known and now.restore and known.answers_to(now.restore.id):
        return _back(known, now.restore.by, now.restore.reason, now)
    if endpoint is None:
        return _without(known, now)
    if known is None or known.stage == "back":
        return _begun(known, subject, endpoint, now)
    return _of(known, endpoint, now)


def _of(known: Retirement, endpoint: Endpoint, now: Moment) -> Retirement | None:
    if known.endpoint_id != endpoint.id:
        return None  # another one was made meanwhile: whoever did wants it
    if known.stage == "announced":
        return _announced(known, endpoint, now)
    if known.stage == "leaving":
        return _leaving(known, endpoint, now)
    return known  # gone: a look trails the deletion


def _without(known: Retirement | None, now: Moment) -> Retirement | None:
    if known is None or known.stage == "announced":
        return None
    if known.stage == "leaving":
        return replace(known, stage="gone", at=now.at.isoformat())
    return known


def _begun(
    known: Retirement | None, subject: str, endpoint: Endpoint, now: Moment
) -> Retirement | None:
    verdict = now.verdicts.get(endpoint.id)
    if now.policy.retire_interfaces != "idle" or verdict is None or verdict.word != "idle":
        return known
    return Retirement(
        subject=subject,
        stage="announced",
        endpoint_id=endpoint.id,
        service_name=endpoint.service_name,
        at=now.at.isoformat(),
        reason=verdict.reason,
        memory=json.dumps(encode(endpoint), sort_keys=True),
        version=known.version if known else 0,
    )


def _announced(known: Retirement, endpoint: Endpoint, now: Moment) -> Retirement | None:
    """It goes on at the first judging look after ops were told; in audit that is only planned."""
    verdict = now.verdicts.get(endpoint.id)
    if now.policy.retire_interfaces != "idle" or (verdict and verdict.word != "idle"):
        return None
    judged = verdict is not None or now.policy.mode == "audit"
    if f"InterfaceIdle/{known.subject}" not in now.told or not judged:
        return known
    begun = replace(known, stage="leaving", at=now.at.isoformat())
    return begun if endpoint.private_dns else _waiting(begun, now)


def _leaving(known: Retirement, endpoint: Endpoint, now: Moment) -> Retirement:
    verdict = now.verdicts.get(endpoint.id)
    if now.policy.retire_interfaces != "idle":
        return _back(known, "the policy", "it no longer says `retire: idle`", now)
    if verdict and verdict.word in ("in use", "kept"):
        return _back(
            known, "its traffic" if verdict.word == "in use" else "a tag", verdict.reason, now
        )
    if known.due and endpoint.private_dns:
        return _back(known, "somebody", "its private DNS was turned on by hand", now)
    return known if known.due or endpoint.private_dns else _waiting(known, now)


def _waiting(known: Retirement, now: Moment) -> Retirement:
    """The wait begins when private DNS is seen to be off."""
    due = now.at + timedelta(days=now.policy.idle.wait_days)
    return replace(known, due=due.isoformat())


def _back(known: Retirement, by: str, reason: str, now: Moment) -> Retirement:
    back = replace(known, stage="back", at=now.at.isoformat(), due="")
    return replace(back, by=_line(by, 200), reason=_line(reason, 500))


def _line(text: str, most: int) -> str:
    """What a person wrote, as one line of a mail that is no novel."""
    return " ".join(text.split())[:most]


def anew(retirements: Mapping[str, Retirement]) -> Mapping[str, datetime]:
    """By endpoint since when its time runs anew."""
    found = (each for each in retirements.values() if each.stage == "back")
    return {each.endpoint_id: datetime.fromisoformat(each.at) for each in found}


def writes(
    before: Mapping[str, Retirement],
    after: Mapping[str, Retirement | None],
    now: Moment,
    execution: str,
) -> Iterator[Write]:
    """The writes of what has moved on. In audit mode nothing begins to leave: none notes it."""
    for subject, new in after.items():
        old = before.get(subject)
        if new == old or _only_planned(old, new, now):
            continue
        key = Key(RETIRED, subject)
        if new is None:
            yield Write(key, None, old.version if old else 0)
        else:
            expires = _expires(new, now)
            yield noted(key, _body(new), old, execution=execution, now=now.at, expires=expires)


def _only_planned(old: Retirement | None, new: Retirement | None, now: Moment) -> bool:
    before, after = (each.stage if each else "" for each in (old, new))
    return now.policy.mode == "audit" and after == "leaving" and before != "leaving"


def _expires(new: Retirement, now: Moment) -> datetime | None:
    """What is back is remembered for as long as it counts as young."""
    days = now.policy.idle.after_days + 1
    return now.at + timedelta(days=days) if new.stage == "back" else None


def _body(new: Retirement) -> dict[str, str]:
    names = ("stage", "endpoint_id", "service_name", "at", "reason", "due", "by", "memory")
    return {name: getattr(new, name) for name in names if getattr(new, name)}


def settled(
    before: Mapping[str, Retirement],
    after: Mapping[str, Retirement | None],
    refused: Sequence[str],
    execution: str,
) -> dict[str, Retirement]:
    """How they stand after the writes: where another execution was faster, as they were read."""
    found = dict(before)
    for subject, new in after.items():
        if subject in refused or new == before.get(subject):
            continue
        if new is None:
            found.pop(subject, None)
        else:
            found[subject] = replace(new, execution=execution)
    return found
