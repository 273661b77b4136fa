"""What moves a retirement on: traffic, time, what ops know, a person; and the writes of that."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from autopilot.interfaces.facts import Endpoint
from autopilot.interfaces.restore import Restore
from autopilot.interfaces.retirement import RETIRED, Retirement
from autopilot.interfaces.situation import Desired, Situation
from autopilot.notify.ledger import Key, Write, noted
from autopilot.policy.model import Policy
from autopilot.policy.names import label
from autopilot.reconcile.codec import encode

if TYPE_CHECKING:  # most looks judge no endpoint, and don't load it
    from autopilot.interfaces.idle import Verdict

# AWS takes minutes to delete an endpoint.
_TRAILS = timedelta(hours=1)


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


def all_moved_on(
    before: Mapping[str, Retirement], now: Situation, desired: Desired, moment: Moment
) -> dict[str, Retirement | None]:
    """How each retirement in sight stands now.

    Where no profile wants the service and no endpoint is left, there is nothing to keep away; nor
    where the VPC is gone.
    """
    found: dict[str, Retirement | None] = {}
    for subject, endpoint in _endpoints(desired, now):
        found.setdefault(subject, moved_on(before.get(subject), subject, endpoint, moment))
    there = {vpc.id for vpc in now.facts.vpcs}
    kept = {vpc.id for vpc in desired.vpcs}
    for subject in before.keys() - found.keys():
        vpc_id = before[subject].vpc_id
        if vpc_id in kept or (now.facts.looked_at == "all" and vpc_id not in there):
            found[subject] = None
    return found


def _endpoints(desired: Desired, now: Situation) -> Iterator[tuple[str, Endpoint | None]]:
    """What a profile wants, with our endpoint for it; then ours that nobody wants."""
    for each in desired.endpoints:
        yield each.subject, each.existing
    for endpoint in desired.unwanted:
        if endpoint.lives:
            yield f"{endpoint.vpc_id}/{label(endpoint.service_name, now.stack.region)}", endpoint


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
    # A look trails the deletion; one that missed the endpoint took it for deleted.
    trails = now.at - datetime.fromisoformat(known.at) < _TRAILS
    return known if trails else replace(known, stage="leaving", at=now.at.isoformat())


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
