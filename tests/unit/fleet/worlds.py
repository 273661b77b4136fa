"""Fleets to judge: two targets, an account deployed by hand, and who has said what."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from autopilot.fleet.facts import Instance, Known, Member, Survey
from autopilot.fleet.heard import Heard
from autopilot.fleet.judging import Judged, judge
from autopilot.fleet.roster import Roster, RosterTarget
from autopilot.fleet.wire import Spoke
from autopilot.notify.finding import Finding

from tests.unit.fleet.said import NOW, ago, beat

ALPHA, BETA, BY_HAND = "222222222222", "333333333333", "111111111111"
REGION, OTHER_REGION = "eu-central-1", "us-east-1"
ROSTER = Roster(
    organization="o-a1b2c3d4e5",
    account="999999999999",
    region=REGION,
    release="r1",
    targets={
        "canary": RosterTarget("ou-1", "EndpointAutopilot-canary", (REGION,)),
        "workloads": RosterTarget("ou-2", "EndpointAutopilot-workloads", (REGION, OTHER_REGION)),
    },
    plain={BY_HAND: (REGION,)},
)


def heard(spoke: Spoke, **changes: Any) -> Heard:
    """A spoke that spoke a minute ago and is well; `beat`: of its heartbeat."""
    said = beat(**changes.pop("beat", {}))
    at = changes.pop("at", ago(minutes=1))
    known = Heard(spoke, said, at, at, ago(days=9), ago(days=9), stacks={said.stack: (at, at)})
    return replace(known, version=1, **changes)


def instance(spoke: Spoke, target: str, **changes: Any) -> Instance:
    stands = Instance(
        spoke.account, spoke.region, f"EndpointAutopilot-{target}", "CURRENT", "SUCCEEDED"
    )
    return replace(stands, **{"since": ago(days=9), **changes})


def member(account: str, target: str = "", **changes: Any) -> Member:
    known = Member(account, f"team-{account[0]}", "ACTIVE", target, ago(days=9))
    return replace(known, **changes)


def fleet(**changes: Any) -> Known:
    """All is well: canary's account in one Region, workloads' in two, one deployed by hand."""
    alpha, by_hand = Spoke(ALPHA, REGION), Spoke(BY_HAND, REGION)
    betas = [Spoke(BETA, REGION), Spoke(BETA, OTHER_REGION)]
    known = Known(
        roster=ROSTER,
        spokes={each: heard(each) for each in (alpha, *betas, by_hand)},
        survey=Survey(
            at=ago(minutes=5),
            instances=(
                instance(alpha, "canary"),
                *(instance(each, "workloads") for each in betas),
            ),
            members=(
                member(ALPHA, "canary"),
                member(BETA, "workloads"),
                member(BY_HAND, manages=True),
            ),
        ),
        listens_since=ago(days=9),
        wanted="r1",
        wanted_since=ago(days=9),
    )
    return replace(known, **changes)


def with_spoke(known: Known, *spokes: Heard) -> Known:
    return replace(known, spokes={**known.spokes, **{each.spoke: each for each in spokes}})


def without(known: Known, *spokes: Spoke) -> Known:
    return replace(known, spokes={k: v for k, v in known.spokes.items() if k not in spokes})


def surveyed(known: Known, **changes: Any) -> Known:
    return replace(known, survey=replace(known.survey, **changes))


def judged(known: Known) -> Judged:
    return judge(known, NOW)


def told(known: Known) -> dict[str, list[Finding]]:
    """What is found, by kind."""
    found: dict[str, list[Finding]] = {}
    for each in judged(known).findings:
        found.setdefault(each.kind, []).append(each)
    return found
