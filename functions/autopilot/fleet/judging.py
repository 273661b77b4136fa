"""What is wrong with the fleet, as far as the hub can tell from what it heard and read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from autopilot.fleet import messages as say
from autopilot.fleet.doubled import doubled
from autopilot.fleet.facts import ACTIVE, INSTANCES, MEMBERS, Instance, Known
from autopilot.fleet.heard import Heard
from autopilot.fleet.members import Members, gone, members, wanted
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
    `forget`: spokes whose time is over. `deaf`: whether nobody is heard."""

    findings: tuple[Finding, ...]
    kinds: frozenset[str]
    forget: tuple[Heard, ...]
    deaf: bool = False


@dataclass(frozen=True)
class _Look:
    """What is known, in the order in which it is asked for."""

    known: Known
    now: datetime
    who: Members
    wanted: Mapping[Spoke, str]
    instances: Mapping[Spoke, Instance]
    gone: Mapping[Spoke, str]

    def past(self, iso: str) -> timedelta:
        """How long ago that was."""
        return self.now - datetime.fromisoformat(iso)

    @property
    def patience(self) -> timedelta:
        """How long anybody may be silent."""
        return timedelta(seconds=self.known.roster.silent_after_seconds)

    def silent_for(self, since: str) -> bool:
        """Whether somebody who might have spoken since then is silent."""
        heard = max(since, self.known.listens_since, key=datetime.fromisoformat)
        return self.past(heard) > self.patience


def judge(known: Known, now: datetime) -> Judged:
    """What stands now."""
    look = _look(known, now)
    deaf = _deaf(look)
    found = [
        *(deaf or _silent(look)), *_never(look), *_failed(look), *_missing(look), *_doubled(look),
        *_strangers(look), *_skewed(look), *_newer(look), *_undelivered(look), *_unread(look),
    ]  # fmt: skip
    return Judged(tuple(found), frozenset(_kinds(look, deaf)), tuple(_forgotten(look)), bool(deaf))


def _look(known: Known, now: datetime) -> _Look:
    who = members(known)
    # A failed one last: of two StackSets' it is the one that is told.
    ordered = sorted(known.survey.instances, key=lambda each: each.failed)
    return _Look(
        known=known,
        now=now,
        who=who,
        wanted=wanted(known.roster, who),
        instances={each.spoke: each for each in ordered},
        gone={spoke: why for spoke in known.spokes if (why := gone(spoke, known, who))},
    )


def _kinds(look: _Look, deaf: list[Finding]) -> Iterator[str]:
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


def _about(kind: FindingDefinition, spoke: Spoke, look: _Look, **data: object) -> Finding:
    """A finding of a spoke, with what is known of whose it is."""
    member, target = look.who.get(spoke.account), look.wanted.get(spoke, "")
    stack_set = look.known.roster.targets[target].stack_set if target else ""
    named = {"name": member.name if member else "", "target": target, "stack_set": stack_set}
    return kind.about(str(spoke), {**{k: v for k, v in named.items() if v}, **data})


def _silent(look: _Look) -> Iterator[Finding]:
    for spoke, heard in look.known.spokes.items():
        if spoke not in look.gone and look.silent_for(heard.at):
            release = heard.heartbeat.release
            yield _about(say.SILENT, spoke, look, last=heard.at, release=release)


def _deaf(look: _Look) -> list[Finding]:
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


def _never(look: _Look) -> Iterator[Finding]:
    """Who should speak and never did."""
    for spoke, target in look.wanted.items():
        instance = look.instances.get(spoke)
        deployed = (instance is not None and instance.stands) if target else True
        since = instance.since if instance and target else look.known.listens_since
        if spoke not in look.known.spokes and deployed and look.silent_for(since):
            yield _about(say.SILENT, spoke, look, never=True, last=since)


def _failed(look: _Look) -> Iterator[Finding]:
    for spoke, each in look.instances.items():
        member = look.who.get(spoke.account)
        if each.failed and (member is None or member.state == ACTIVE):
            said = {"status": each.status, "detail": each.detail, "reason": each.reason}
            found = _about(say.FAILED, spoke, look, **said)
            yield say.FAILED.about(found.subject, {**found.data, "stack_set": each.stack_set})


def _missing(look: _Look) -> Iterator[Finding]:
    """Who is in a unit and has no instance, though StackSets have had the time to make one."""
    if look.known.survey.knows_instances and look.known.survey.knows_members:
        for spoke, target in look.wanted.items():
            member = look.who.get(spoke.account)
            unserved = target and member and spoke not in look.instances
            if unserved and member and look.past(member.since) > _AN_HOUR:
                yield _about(say.MISSING, spoke, look, manages=member.manages)


def _doubled(look: _Look) -> Iterator[Finding]:
    for spoke, heard in look.known.spokes.items():
        if not look.silent_for(heard.at) and (found := doubled(heard, look.now, look.silent_for)):
            yield _about(say.DOUBLED, spoke, look, **found)


def _strangers(look: _Look) -> Iterator[Finding]:
    """Who belongs to the fleet no more: those who go on speaking, and those who have gone."""
    if not look.known.survey.knows_members:
        return
    for spoke, why in look.gone.items():
        heard = look.known.spokes[spoke]
        if look.silent_for(heard.at):
            yield _about(say.LEFT, spoke, look, why=why, last=heard.at)
        elif _lives_elsewhere(spoke, heard, look):
            yield _about(say.STRANGER, spoke, look, why=why, stack=heard.heartbeat.stack)


def _lives_elsewhere(spoke: Spoke, heard: Heard, look: _Look) -> bool:
    """Whether it spoke an hour after its account was first seen where it is now.

    A suspended account may speak on until AWS stops it.
    """
    member = look.who.get(spoke.account)
    if member and member.state != ACTIVE:
        return False
    since = member.since if member else look.known.listens_since
    return datetime.fromisoformat(heard.at) - datetime.fromisoformat(since) > _AN_HOUR


def _skewed(look: _Look) -> Iterator[Finding]:
    """Who runs another release than the hub wants, a day after it began to want it."""
    known = look.known
    for spoke, heard in known.spokes.items():
        other = known.wanted and heard.heartbeat.release != known.wanted
        if other and spoke in look.wanted and not look.silent_for(heard.at):
            since = max(known.wanted_since, heard.first_heard, key=datetime.fromisoformat)
            if look.past(since) > _A_DAY:
                said = {"release": heard.heartbeat.release, "wanted": known.wanted}
                yield _about(say.SKEWED, spoke, look, **said)


def _newer(look: _Look) -> Iterator[Finding]:
    for spoke, heard in look.known.spokes.items():
        if heard.newer and not look.silent_for(heard.at):
            yield _about(say.NEWER, spoke, look, schema=heard.heartbeat.schema)


def _undelivered(look: _Look) -> Iterator[Finding]:
    for spoke, heard in look.known.spokes.items():
        waits = heard.undelivered_since
        if waits and not look.silent_for(heard.at) and look.past(waits) > _WAITS_LONG:
            yield _about(
                say.UNDELIVERED, spoke, look, count=heard.heartbeat.undelivered, since=waits
            )


def _unread(look: _Look) -> Iterator[Finding]:
    for action, why in look.known.survey.unread.items():
        yield say.UNREAD.about(action, {"message": why, "of": _OF[action]})


_OF = {INSTANCES: "StackSets' instances", MEMBERS: "the organization's accounts"}


def _forgotten(look: _Look) -> Iterator[Heard]:
    """Who is told to have left, and is silent for that long."""
    for spoke in look.gone if look.known.survey.knows_members else ():
        heard = look.known.spokes[spoke]
        if look.silent_for(heard.at) and look.past(heard.at) > FORGOTTEN_AFTER:
            yield heard
