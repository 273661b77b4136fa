"""`make demo`: the founding story, row by row; every outcome is checked."""

from __future__ import annotations

import sys
from typing import Any

from demo import connections, endpoints, gateways, leaving, looking, publishing
from demo.deploying import POLICY
from demo.pace import Pace, chosen
from demo.scenes import NotInTime
from demo.stage import CONSUMER, PROVIDER, STRANGER, Stage
from demo.telling import OutcomeMissing, chapter, expect, say
from lab.client import Lab, LabError


def founding_story(stage: Stage, consumer: Stage) -> looking.Saved:
    """All chapters, in order; while the consumer deploys, the network's life goes on."""
    network = gateways.a_team_builds_a_vpc(stage)
    endpoints.logs_are_reached(stage, network)
    service = publishing.a_load_balancer_is_published(stage)
    deploying = publishing.a_consumer_wants_it(stage, service)
    network = gateways.a_table_joins(stage, network)
    gateways.a_deletion_is_put_right(stage, network)
    gateways.a_busy_table_is_left(stage, network)
    asked = connections.two_accounts_ask(stage, service, deploying)
    connections.a_zone_is_missing(stage, asked)
    connections.a_person_lets_the_stranger_in(stage, service, asked)
    connections.apps_find_the_name(stage, consumer, service, asked)
    saved = looking.the_dashboard_is_opened(stage, service, asked)
    connections.a_right_ends(stage, service, asked)
    leaving.a_vpc_is_deleted(stage, network)
    return saved


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
    expect(not _refused(stage, changes), "and none was refused: its roles may do just that")


def _refused(stage: Stage, changes: list[dict[str, Any]]) -> list[dict[str, str]]:
    """What was denied, but for a second deletion: what is gone has no tag that IAM could see."""
    deletions = [c for c in changes if c["operation"] == "DeleteSecurityGroup" and not c["error"]]
    gone = {deletion["parameters"]["GroupId"] for deletion in deletions}
    return [d for d in stage.lab.denials() if d["resource"].rpartition("/")[2] not in gone]


def play(lab: Lab, pace: Pace) -> looking.Saved:
    """All chapters; the dashboard that was saved.

    Raises OutcomeMissing or NotInTime at the first outcome that isn't there.
    """
    pace.set(lab)
    stage = Stage.of(lab, PROVIDER, pace)
    saved = founding_story(stage, Stage.of(lab, CONSUMER, pace))
    what_it_took(stage)
    return saved


def main() -> int:
    """Run the demo; 0 if every outcome was there."""
    say("Endpoint Autopilot: the main job, end to end, on this machine.")
    say(f"   {PROVIDER}  the account to watch: its network, its service, its ops")
    say(f"   {CONSUMER}  another account, run by the autopilot too")
    say(f"   {STRANGER}  an account that nobody knows")
    pace = chosen()
    say(f"   The pace: {pace}")
    say("Starting an AWS (the lab), deploying the stack into the first two with the real CDK CLI:")
    try:
        with Lab.start(
            accounts=(PROVIDER, CONSUMER),
            policy=POLICY,
            env=pace.env,
            progress=lambda line: say(f"   {line}"),
        ) as lab:
            saved = play(lab, pace)
    except (OutcomeMissing, NotInTime, LabError) as missing:
        say("")
        sys.stderr.write(f"DEMO FAILED: {missing}\n")
        return 1
    chapter("All outcomes were there")
    looking.where_it_is(saved)
    return 0


if __name__ == "__main__":
    sys.exit(main())
