"""What the hub's functions are told of the fleet: `fleet.json` in their bundle."""

from __future__ import annotations

import json

from autopilot.fleet.roster import Roster, RosterTarget
from autopilot.reconcile.codec import encode

from infra.fleet.model import Fleet
from infra.policy.notify import filters


def stack_set_of(target: str) -> str:
    """The name of a target's StackSet."""
    return f"EndpointAutopilot-{target}"


def roster(fleet: Fleet, release: str) -> Roster:
    """The fleet as the hub's functions know it; `release`: what spokes should run."""
    waves = {name: at for at, wave in enumerate(fleet.waves) for name in wave.targets}
    return Roster(
        organization=fleet.organization,
        account=fleet.account,
        region=fleet.region,
        release=release,
        targets={
            each.name: RosterTarget(
                each.unit, stack_set_of(each.name), each.regions, waves[each.name]
            )
            for each in fleet.targets
        },
        plain={each.account: each.regions for each in fleet.plain},
        approvers=fleet.approvers,
        silent_after_seconds=60 * fleet.silent_after_minutes,
        partly=tuple(filters(fleet.owners)),
    )


def written(told: Roster) -> str:
    """As `autopilot.aws.hub` reads it."""
    return json.dumps(encode(told), indent=1, sort_keys=True)
