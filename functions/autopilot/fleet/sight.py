"""What a look has in sight: what is known, in the order in which the judges ask for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from autopilot.fleet.facts import Instance, Known
from autopilot.fleet.members import Members, gone, members, wanted
from autopilot.fleet.wire import Spoke
from autopilot.notify.finding import Finding, FindingDefinition


@dataclass(frozen=True)
class Sight:
    """What is known at `now`."""

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


def sight(known: Known, now: datetime) -> Sight:
    """What is known, put in order."""
    who = members(known)
    # A failed one last: of two StackSets' it is the one that is told.
    ordered = sorted(known.survey.instances, key=lambda each: each.failed)
    return Sight(
        known=known,
        now=now,
        who=who,
        wanted=wanted(known.roster, who),
        instances={each.spoke: each for each in ordered},
        gone={spoke: why for spoke in known.spokes if (why := gone(spoke, known, who))},
    )


def about(kind: FindingDefinition, spoke: Spoke, look: Sight, **data: object) -> Finding:
    """A finding of a spoke, with what is known of whose it is."""
    member, target = look.who.get(spoke.account), look.wanted.get(spoke, "")
    stack_set = look.known.roster.targets[target].stack_set if target else ""
    named = {"name": member.name if member else "", "target": target, "stack_set": stack_set}
    return kind.about(str(spoke), {**{k: v for k, v in named.items() if v}, **data})
