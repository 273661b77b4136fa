"""An operator at a shell: the real `./autopilot`, and every command that the documents name."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from demo import people, scenes
from demo.privatelink import Service, connect
from demo.scenes import build_network
from lab.client import Lab
from lab.settings import REPOSITORY, SECRET
from tests.end_to_end.operator import autopilot
from tests.end_to_end.providing import ready, stands
from tests.end_to_end.stage import Stage

ACCOUNT, STRANGER = "111111111111", "333333333333"
EMPTY = "444444444444"
READING = ("Describe", "Get", "List", "Lookup")


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """A lab of its own: its services and VPCs are nobody else's."""
    with Lab.start(accounts=(ACCOUNT,)) as lab:
        yield Stage(lab, ACCOUNT)


def ran(stage: Stage, *arguments: str, account: str = ACCOUNT, **more: Any) -> Any:
    """What it printed as JSON, and its exit code."""
    done = autopilot(stage.lab, account, *arguments, "--json", **more)
    assert done.stdout, done.stderr
    return json.loads(done.stdout), done.returncode


def test_what_plan_names_is_what_the_sweep_then_does(stage: Stage) -> None:
    stage.begin()
    stage.lab.delivery(loss=1.0)  # nobody but the sweep shall see it
    network = build_network(stage.ec2, "[bold]shop 😀", tables=2)
    stage.lab.wait_for_deliveries()
    try:
        before = len(stage.lab.calls())
        plan, code = ran(stage, "plan")
        assert code == 2
        assert (plan["runs"], plan["outdated"]) == (True, []), "it reads what is deployed"
        assert plan["names"][network.vpc_id] == "[bold]shop 😀"
        asked = stage.lab.calls()[before:]
        assert asked and all(call["operation"].startswith(READING) for call in asked)

        seen, code = ran(stage, "status")
        assert code == 0
        (shown,) = (vpc for vpc in seen["vpcs"] if vpc["id"] == network.vpc_id)
        assert {line["reach"] for line in shown["subnets"]} == {"waiting"}

        swept, code = ran(stage, "sweep", "--workflow", "network")
        assert code == 0
        told = [
            (each["id"], each["action"], tuple(sorted(each["route_table_ids"])))
            for each in swept["network"]["outcomes"]
            if each["id"].startswith(network.vpc_id)
        ]
        named = [
            (each["id"], each["verb"], tuple(each["content"]["route_table_ids"]))
            for each in plan["actions"]
            if each["id"].startswith(network.vpc_id)
        ]
        assert sorted(named) == sorted(told)
        assert len(named) == 2
    finally:
        stage.lab.delivery()

    left, _ = ran(stage, "plan")
    assert not [each for each in left["actions"] if each["id"].startswith(network.vpc_id)]
    seen, _ = ran(stage, "why", network.main_table_id)
    lines = [line for vpc in seen["vpcs"] for line in vpc["subnets"]]
    assert {line["reach"] for line in lines} <= {"private"}
    assert lines


def test_it_plans_where_nothing_is_deployed(stage: Stage) -> None:
    ec2 = stage.lab.client("ec2", EMPTY)
    network = build_network(ec2, "before", tables=1)

    done = autopilot(stage.lab, EMPTY, "plan")

    assert done.returncode == 2, done.stderr
    assert "Nothing is deployed here yet" in done.stdout
    assert f"{network.vpc_id} (before)" in done.stdout
    assert "\x1b" not in done.stdout, "no terminal, no colour"
    assert not scenes.endpoints_in(ec2, network.vpc_id)


def test_another_policy_file_is_compared(stage: Stage, tmp_path: Path) -> None:
    build_network(stage.lab.client("ec2", EMPTY), "compared", tables=1)
    file = tmp_path / "new.yaml"
    file.write_text("gateway_endpoints: {services: [s3]}\n")

    made, code = ran(stage, "plan", "--policy", str(file), account=EMPTY)

    assert (code, made["added"]) == (2, [])
    assert {each["service"] for each in made["gone"]} == {"dynamodb"}

    same, code = ran(stage, "plan", "--policy", "autopilot.yaml")
    assert (code, same["before"]["policy_file"]) == (0, "the deployed policy")
    assert same["after"]["runs"] is True


def waiting_on(stage: Stage, service: Service) -> list[dict[str, Any]]:
    """What `requests` lists of this service; other stories of the lab leave theirs waiting."""
    listed, code = ran(stage, "requests")
    assert code == 0
    return [each for each in listed["requests"] if each["service_id"] == service.id]


def test_requests_are_listed_and_answered_and_the_policy_still_judges(stage: Stage) -> None:
    service = ready(stage, "asked")
    service.allow("*")
    stage.begin()
    yes, no, never = (connect(service, owner) for owner in (STRANGER, "555555555555", STRANGER))
    listed = scenes.wait_until(
        lambda: waiting_on(stage, service),
        lambda listed: len(listed) == 3 and all(each["until"] for each in listed),
        "three requests are held",
        seconds=60,
    )
    assert {each["owner"] for each in listed} == {STRANGER, "555555555555"}
    assert all(each["then"] == "it is rejected" for each in listed)

    said, code = ran(stage, "accept", yes, "--reason", "agreed in CHG-17")
    assert (code, said["result"]) == (0, "done"), said
    stands(service, yes, "available")
    told = stage.told("HoldAnswered", yes)
    assert f"arn:aws:iam::{ACCOUNT}:root" in json.dumps(told), "it says who"
    assert "agreed in CHG-17" in json.dumps(told)

    said, code = ran(stage, "reject", no, "--reason", "nobody knows them", "--by", "Maria")
    assert (code, said["by"]) == (0, "Maria")
    stands(service, no, "rejected")

    service.revoke("*")
    said, code = ran(stage, "accept", never)
    assert (code, said["result"]) == (1, "stale")
    assert "the service's permission list doesn't admit" in said["message"]
    assert service.states()[never] == "pendingAcceptance"

    made, _ = ran(stage, "why", yes)
    (found,) = made["services"][0]["connections"]
    assert (found["state"], found["reason"]) == ("available", "agreed in CHG-17")
    tells_of_what_has_gone(stage, service, yes)


def tells_of_what_has_gone(stage: Stage, service: Service, endpoint: str) -> None:
    """Who accepted it, when and why is known after its consumer has deleted it."""
    consumer = stage.lab.client("ec2", STRANGER)
    consumer.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    stands(service, endpoint, "deleted", within=60)  # for a while AWS still lists it so
    made, code = ran(stage, "why", endpoint)
    left = {each["state"] for found in made["services"] for each in found["connections"]}
    assert (code, left <= {"deleted"}) == (0, True)
    past, code = ran(stage, "history", endpoint)
    assert code == 0
    # More may have been remembered between the two.
    assert [e for e in past["entries"] if e in made["history"]["entries"]]
    assert all(each in past["entries"] for each in made["history"]["entries"])
    turns = {(each["kind"], each["change"]): each for each in past["entries"]}
    answer = turns["HoldAnswered", "done"]
    assert answer["by"] == f"arn:aws:iam::{ACCOUNT}:root"
    assert "agreed in CHG-17" in answer["why"]
    assert "accepted" in answer["what"]
    assert turns["ConnectionHeld", "opened"]["at"] <= answer["at"] <= datetime.now(UTC).isoformat()
    for asked in ((STRANGER,), (service.id,), ("--since", "1d")):
        there, _ = ran(stage, "history", *asked)
        assert answer["execution"] in {each["execution"] for each in there["entries"]}


def test_who_may_answer_and_nothing_else_is_told_what_is_missing(stage: Stage) -> None:
    maria = people.on_call(stage.lab, ACCOUNT, "maria")
    done = autopilot(stage.lab, ACCOUNT, "plan", more=maria.env)
    assert (done.returncode, done.stdout) == (1, "")
    assert "lack the permission cloudformation:DescribeStacks" in done.stderr
    assert "Traceback" not in done.stderr


def test_make_retire_lists_asks_and_takes_no_for_an_answer(stage: Stage) -> None:
    """As people type it; what is installed already isn't installed again."""
    environment = {"PATH": os.environ["PATH"], "AWS_REGION": stage.lab.region}
    done = subprocess.run(
        ["make", "--old-file=.venv/.installed", "retire", "STACK=EndpointAutopilot"],
        cwd=REPOSITORY,
        env={**environment, **people.shell(stage.lab, ACCOUNT, SECRET)},
        input="no\n",
        capture_output=True,
        text=True,
    )
    refused = "Nothing was changed: the mode is enforce." in done.stderr
    assert done.returncode == 0 or refused, done.stderr
    assert "Bears our tag: " in done.stdout


COMMAND = re.compile(r"`(\./autopilot [^`<…]+)`|^\s*(\./autopilot [^<…\n]+)$", re.MULTILINE)


def documented() -> list[str]:
    """Every command that README.md and docs/ tell to run, without its comment."""
    files = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
    text = "\n".join(file.read_text(encoding="utf-8") for file in files)
    found = {(a or b).partition("   #")[0].partition("  #")[0] for a, b in COMMAND.findall(text)}
    return sorted({each.strip() for each in found})


def test_every_documented_command_runs(stage: Stage, tmp_path: Path) -> None:
    """With real ids for those in the documents; what is listed is answered, `retire` says no."""
    service = ready(stage, "documented")
    service.allow("*")
    vpc = build_network(stage.ec2, "documented", cidr="10.30", tables=1).vpc_id
    other = tmp_path / "other.yaml"
    other.write_text("gateway_endpoints: {busy_route_tables: now}\n")
    # Only a lab whose policy says `retire: idle` has what `restore` brings back: test_idle.py.
    # There is no fleet here: tests/cli/test_fleet*.py and test_policy.py.
    elsewhere = ("restore", "--fleet", "policy")
    commands = [each for each in documented() if each.split()[1] not in elsewhere]
    assert {each.split()[1] for each in commands} >= {"plan", "status", "why", "requests"}
    for mentioned in commands:
        # A command of one thing, named without one, is a mention: what there is to run is its help.
        mere = mentioned.split()[1:] in (["accept"], ["reject"], ["why"], ["restore"])
        command = f"{mentioned} --help" if mere else mentioned
        filled = command.replace("other.yaml", str(other)).replace("vpc-0123456789abcdef0", vpc)
        if "vpce-0123456789abcdef0" in filled:
            endpoint = connect(service, STRANGER)
            scenes.wait_until(
                lambda one=endpoint: [  # type: ignore[misc]  # mypy wants no default here
                    each for each in ran(stage, "requests")[0]["requests"] if one in each["subject"]
                ],
                lambda there: bool(there) and bool(there[0]["until"]),
                f"{endpoint} is held",
                seconds=60,
            )
            filled = filled.replace("vpce-0123456789abcdef0", endpoint)
        done = autopilot(stage.lab, ACCOUNT, *shlex.split(filled)[1:], says="no\n")
        if command.split()[1] == "retire" and "the mode is enforce" in done.stderr:
            continue
        assert (done.stderr, done.returncode in (0, 2)) == ("", True), f"{command}: {done}"
