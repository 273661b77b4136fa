"""`make fleet`: one deployment serves twelve accounts in two Regions; every outcome is checked."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from demo import looking
from demo.fleet import chapters
from demo.fleet.world import HUB, MANAGEMENT, REGIONS, STRANGER, World, organized
from demo.scenes import NotInTime
from demo.telling import OutcomeMissing, chapter, say
from lab.client import Lab, LabError


def play(world: World) -> looking.Saved:
    """All chapters; the dashboard that was saved.

    Raises OutcomeMissing or NotInTime at the first outcome that isn't there.
    """
    chapters.one_deployment(world)
    chapter("2. A team builds a VPC, in an account and a Region of its own")
    chapters.a_vpc_anywhere(world, world.accounts["workloads"][-1], REGIONS[1], "shop")
    chapters.a_new_account(world)
    chapters.a_request_is_answered(world)
    chapters.an_overlay_by_waves(world)
    chapters.a_spoke_falls_silent(world)
    return chapters.the_dashboard(world)


def main(canaries: int = 2, workloads: int = 10) -> int:
    """Run the demo with so many accounts in each unit; 0 if every outcome was there."""
    say("Endpoint Autopilot: a fleet, on this machine.")
    say(f"   {HUB}  the hub; administers StackSets for {MANAGEMENT}, the management account")
    say(f"   {canaries} accounts in the unit canary, {workloads} in the unit workloads")
    say(f"   {STRANGER}  an account of nobody's")
    try:
        with Lab.start(deploy=False) as lab, TemporaryDirectory() as folder:
            saved = play(organized(lab, Path(folder), canaries, workloads))
    except (OutcomeMissing, NotInTime, LabError) as missing:
        say("")
        sys.stderr.write(f"DEMO FAILED: {missing}\n")
        return 1
    chapter("All outcomes were there")
    looking.where_it_is(saved, 7)
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
