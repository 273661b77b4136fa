"""What is wrong with the fleet, as far as the hub can tell from what it heard and read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from autopilot.fleet import messages as say
from autopilot.fleet.doubled import doubled
from autopilot.fleet.facts import ACTIVE, INSTANCES, MEMBERS, Known
from autopilot.fleet.heard import Heard
from autopilot.fleet.sight import Sight, about, sight
from autopilot.fleet.wire import Spoke
from autopilot.notify.finding import Finding, FindingDefinition

_A_DAY, _AN_HOUR = timedelta(days=1), timedelta(hours=1)
_WAITS_LONG = timedelta(hours=2)
FORGOTTEN_AFTER = timedelta(days=7)
"""A spoke that belongs to the fleet no more is remembered for so long after its last word."""
# So few may well all be silent for reasons of their own.
_MANY = 3
# Of many who speak once an hour, each at a moment of its own, somebody is always heard before that;
# and nobody may be called silent sooner (roster).
_NOBODY = timedelta(minutes=90)


@dataclass(frozen=True)
class Judged:
    """What a look finds. `kinds`: those of which it saw enough to say that what is missing is over;
    `forget`: spokes whose time is over. `deaf`: whether nobody is heard.
    `broken`: why some kinds could not be judged, to be raised once all else is told."""

    findings: tuple[Finding, ...]
    kinds: frozenset[str]
    forget: tuple[Heard, ...]
    deaf: bool = False
    broken: tuple[Exception, ...] = ()


def judge(known: Known, now: datetime) -> Judged:
    """What stands now. A mistake in judging one kind is no reason not to tell the others."""
    look, found, unjudged = sight(known, now), list[Finding](), set[str]()
    broken = list[Exception]()
    for judges, kinds in _JUDGES:
        try:
            found += list(judges(look))
        except Exception as error:  # noqa: BLE001 whoever asked tells it, and raises it at the end
            broken.append(error)
            unjudged |= {each.kind for each in kinds}
    deaf = any(each.kind == say.DEAF.kind for each in found)
    # What wasn't judged is not over.
    seen = frozenset(_kinds(look, deaf)) - unjudged
    return Judged(tuple(found), seen, tuple(_forgotten(look)), deaf, tuple(broken))


def _kinds(look: Sight, deaf: bool) -> Iterator[str]:
    """What this look could see all of.

    Who was silent isn't well because the hub has only begun to hear again.
    """
    known = look.known
    needs_silence = {say.SILENT.kind, say.LEFT.kind}
    settled = not deaf and look.past(known.listens_since) > look.patience
    needs_accounts = {say.LEFT.kind, say.STRANGER.kind, say.MISSING.kind}
    needs_instances = {say.FAILED.kind, say.MISSING.kind}
    for each in say.FINDINGS:
        unseen = (
            (each.kind in needs_accounts and not known.survey.knows_members)
            or (each.kind in needs_instances and not known.survey.knows_instances)
            or (each.kind in needs_silence and not settled)
        )
        if not unseen:
            yield each.kind


def _silent(look: Sight) -> Iterator[Finding]:
    for spoke, heard in look.known.spokes.items():
        if spoke not in look.gone and look.silent_for(heard.at):
            release = heard.heartbeat.release
            yield about(say.SILENT, spoke, look, last=heard.at, release=release)


def _silence(look: Sight) -> Iterable[Finding]:
    """Who is silent, or that nobody is heard."""
    return _deaf(look) or _silent(look)


def _deaf(look: Sight) -> list[Finding]:
    """Where nobody is heard it is the hub that doesn't hear; until somebody is.

    What comes then may have been said long ago: what counts is that it came.
    """
    speaking = [h for spoke, h in look.known.spokes.items() if spoke not in look.gone]
    if len(speaking) < _MANY:
        return []
    came = max(each.received_at for each in speaking)
    listened = look.known.deaf or look.past(look.known.listens_since) > _NOBODY
    if not listened or look.past(came) <= _NOBODY:
        return []
    last = max(each.at for each in speaking)
    return [say.DEAF.about(look.known.roster.region, {"last": last, "spokes": len(speaking)})]


def _never(look: Sight) -> Iterator[Finding]:
    """Who should speak and never did."""
    for spoke, target in look.wanted.items():
        instance = look.instances.get(spoke)
        deployed = (instance is not None and instance.stands) if target else True
        since = instance.since if instance and target else look.known.listens_since
        if spoke not in look.known.spokes and deployed and look.silent_for(since):
            yield about(say.SILENT, spoke, look, never=True, last=since)


def _failed(look: Sight) -> Iterator[Finding]:
    for spoke, each in look.instances.items():
        member = look.who.get(spoke.account)
        if each.failed and (member is None or member.state == ACTIVE):
            said = {"status": each.status, "detail": each.detail, "reason": each.reason}
            found = about(say.FAILED, spoke, look, **said)
            yield say.FAILED.about(found.subject, {**found.data, "stack_set": each.stack_set})


def _missing(look: Sight) -> Iterator[Finding]:
    """Who is in a unit and has no instance, though StackSets have had the time to make one."""
    if look.known.survey.knows_instances and look.known.survey.knows_members:
        for spoke, target in look.wanted.items():
            member = look.who.get(spoke.account)
            unserved = target and member and spoke not in look.instances
            if unserved and member and look.past(member.since) > _AN_HOUR:
                yield about(say.MISSING, spoke, look, manages=member.manages)


def _doubled(look: Sight) -> Iterator[Finding]:
    for spoke, heard in look.known.spokes.items():
        if not look.silent_for(heard.at) and (found := doubled(heard, look.now, look.silent_for)):
            yield about(say.DOUBLED, spoke, look, **found)


def _strangers(look: Sight) -> Iterator[Finding]:
    """Who belongs to the fleet no more: those who go on speaking, and those who have gone."""
    if not look.known.survey.knows_members:
        return
    for spoke, why in look.gone.items():
        heard = look.known.spokes[spoke]
        if look.silent_for(heard.at):
            yield about(say.LEFT, spoke, look, why=why, last=heard.at)
        elif _lives_elsewhere(spoke, heard, look):
            yield about(say.STRANGER, spoke, look, why=why, stack=heard.heartbeat.stack)


def _lives_elsewhere(spoke: Spoke, heard: Heard, look: Sight) -> bool:
    """Whether it spoke an hour after its account was first seen where it is now.

    A suspended account may speak on until AWS stops it.
    """
    member = look.who.get(spoke.account)
    if member and member.state != ACTIVE:
        return False
    since = member.since if member else look.known.listens_since
    return datetime.fromisoformat(heard.at) - datetime.fromisoformat(since) > _AN_HOUR


def _skewed(look: Sight) -> Iterator[Finding]:
    """Who runs another release than the hub wants, a day after it began to want it."""
    known = look.known
    for spoke, heard in known.spokes.items():
        other = known.wanted and heard.heartbeat.release != known.wanted
        if other and spoke in look.wanted and not look.silent_for(heard.at):
            since = max(known.wanted_since, heard.first_heard, key=datetime.fromisoformat)
            if look.past(since) > _A_DAY:
                said = {"release": heard.heartbeat.release, "wanted": known.wanted}
                yield about(say.SKEWED, spoke, look, **said)


def _newer(look: Sight) -> Iterator[Finding]:
    for spoke, heard in look.known.spokes.items():
        if heard.newer and not look.silent_for(heard.at):
            yield about(say.NEWER, spoke, look, schema=heard.heartbeat.schema)


def _undelivered(look: Sight) -> Iterator[Finding]:
    for spoke, heard in look.known.spokes.items():
        waits = heard.undelivered_since
        if waits and not look.silent_for(heard.at) and look.past(waits) > _WAITS_LONG:
            yield about(
                say.UNDELIVERED, spoke, look, count=heard.heartbeat.undelivered, since=waits
            )


def _unread(look: Sight) -> Iterator[Finding]:
    for action, why in look.known.survey.unread.items():
        yield say.UNREAD.about(action, {"message": why, "of": _OF[action]})


_OF = {INSTANCES: "StackSets' instances", MEMBERS: "the organization's accounts"}


def _forgotten(look: Sight) -> Iterator[Heard]:
    """Who is told to have left, and is silent for that long."""
    for spoke in look.gone if look.known.survey.knows_members else ():
        heard = look.known.spokes[spoke]
        if look.silent_for(heard.at) and look.past(heard.at) > FORGOTTEN_AFTER:
            yield heard


_Judges = Callable[[Sight], Iterable[Finding]]
_JUDGES: tuple[tuple[_Judges, tuple[FindingDefinition, ...]], ...] = (
    (_silence, (say.SILENT, say.DEAF)),
    (_never, (say.SILENT,)),
    (_failed, (say.FAILED,)),
    (_missing, (say.MISSING,)),
    (_doubled, (say.DOUBLED,)),
    (_strangers, (say.LEFT, say.STRANGER)),
    (_skewed, (say.SKEWED,)),
    (_newer, (say.NEWER,)),
    (_undelivered, (say.UNDELIVERED,)),
    (_unread, (say.UNREAD,)),
)
"""Who judges what, each for itself."""
