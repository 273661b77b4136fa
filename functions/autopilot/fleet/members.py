"""Who belongs to the fleet: by unit, by hand, or no more."""

from __future__ import annotations

from collections.abc import Mapping

from autopilot.fleet.facts import ACTIVE, Known, Member
from autopilot.fleet.roster import Roster
from autopilot.fleet.wire import Spoke

Members = Mapping[str, Member]


def members(known: Known) -> Members:
    """The organization's accounts, by id."""
    return {each.account: each for each in known.survey.members}


def wanted(roster: Roster, who: Members) -> dict[Spoke, str]:
    """Every spoke that there should be, with its target; "" where it is deployed by hand."""
    by_hand = {Spoke(a, region): "" for a, regions in roster.plain.items() for region in regions}
    by_unit = {
        Spoke(each.account, region): each.target
        for each in who.values()
        if each.state == ACTIVE and each.target in roster.targets
        for region in roster.targets[each.target].regions
    }
    return {**by_unit, **by_hand}


def gone(spoke: Spoke, known: Known, who: Members) -> str:
    """Why a spoke belongs to the fleet no more, "" if it does or nobody knows.

    While AWS doesn't say, who had left has: it isn't silent. Who wasn't there may have come.
    """
    if not known.survey.members or spoke.region in known.roster.plain.get(spoke.account, ()):
        return ""
    member = who.get(spoke.account)
    if member is None:
        return "its account has left the organization" if known.survey.knows_members else ""
    if member.state != ACTIVE:
        return f"its account is {member.state.lower().replace('_', ' ')}"
    target = known.roster.targets.get(member.target)
    if target is None:
        return "its account is in no unit of the fleet"
    return "" if spoke.region in target.regions else "its Region is none of its unit's"
