"""`make demo`: networks get their endpoints, requests their answers; every outcome is checked."""

from __future__ import annotations

import sys
from pathlib import Path

from demo import connections, gateways
from demo.scenes import NotInTime
from demo.stage import CONSUMER, PROVIDER, STRANGER, Stage
from demo.telling import OutcomeMissing, chapter, expect, say
from lab.client import Lab, LabError

POLICY = Path(__file__).with_name("autopilot.yaml")


def of_networks(stage: Stage) -> None:
    """Chapters 1 to 4."""
    network = gateways.a_team_builds_a_vpc(stage)
    network = gateways.a_table_joins(stage, network)
    gateways.a_deletion_is_put_right(stage, network)
    gateways.a_busy_table_is_left(stage, network)


def of_requests(stage: Stage) -> None:
    """Chapters 5 to 9."""
    service = connections.a_service_is_published(stage)
    asked = connections.two_accounts_ask(stage, service)
    connections.a_zone_is_missing(stage, asked)
    connections.a_person_lets_the_stranger_in(stage, service, asked)
    connections.a_right_ends(stage, service, asked)


def what_it_took(stage: Stage) -> None:
    """The bill: calls that the automation made."""
    chapter("What it took")
    ours = [
        call
        for call in stage.lab.calls(account=PROVIDER)
        if ":role/EndpointAutopilot-" in call["principal"]
    ]
    changes = [c for c in ours if not c["operation"].startswith(("Describe", "Get"))]
    say(f"   {len(ours)} EC2 calls by the automation, {len(changes)} of them changes:")
    for call in changes:
        say(f"   {call['time'][11:19]}  {call['operation']:<40} {call['error'] or 'ok'}")
    expect(bool(ours), "every call is on record, by role")
    expect(not stage.lab.denials(), "and none was refused: its roles may do just that")


def play(lab: Lab) -> None:
    """All chapters. Raises OutcomeMissing or NotInTime at the first outcome that isn't there."""
    stage = Stage.of(lab)
    of_networks(stage)
    of_requests(stage)
    what_it_took(stage)


def main() -> int:
    """Run the demo; 0 if every outcome was there."""
    say("Endpoint Autopilot: the main job, end to end, on this machine.")
    say(f"   {PROVIDER}  the account to watch: its network, its service, its ops")
    say(f"   {CONSUMER}  another account, run by the autopilot too")
    say(f"   {STRANGER}  an account that nobody knows")
    say("Starting an AWS (the lab), deploying the stack into the first two with the real CDK CLI:")
    try:
        with Lab.start(
            accounts=(PROVIDER, CONSUMER), policy=POLICY, progress=lambda line: say(f"   {line}")
        ) as lab:
            play(lab)
    except (OutcomeMissing, NotInTime, LabError) as missing:
        say("")
        sys.stderr.write(f"DEMO FAILED: {missing}\n")
        return 1
    chapter("All outcomes were there")
    return 0


if __name__ == "__main__":
    sys.exit(main())
