"""Leaving, in the README's order: audit, deploy, `./autopilot retire`; told, asked, followed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from demo import scenes
from demo.scenes import build_network
from lab.client import Lab
from tests.end_to_end.operator import autopilot
from tests.end_to_end.owned import add_interface_endpoint, deploy, ours_in
from tests.end_to_end.stage import Stage

ACCOUNT = "111111111111"
STACK = "EndpointAutopilot"
DNS = "/endpoint-autopilot/vpc-1/vpce-svc-1/dns"


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """A lab of its own: its automation ends here."""
    with Lab.start(accounts=(ACCOUNT,)) as lab:
        yield Stage(lab, ACCOUNT)


def test_leaving_takes_what_is_ours_once_a_person_says_so_in_audit_mode(
    stage: Stage, tmp_path: Path
) -> None:
    def retire(*arguments: str, says: str = "") -> Any:
        return autopilot(stage.lab, ACCOUNT, "retire", *arguments, says=says)

    network = build_network(stage.ec2, "left", tables=1)
    stage.served(network)
    stage.settle()
    add_interface_endpoint(stage, network)
    ssm = stage.lab.client("ssm", ACCOUNT)
    owner = [{"Key": scenes.OWNER_TAG, "Value": STACK}]
    ssm.put_parameter(Name=DNS, Value="x.example", Type="String", Tags=owner)
    ssm.put_parameter(Name="/theirs", Value="x", Type="String")
    theirs = stage.ec2.create_vpc_endpoint(
        VpcId=network.vpc_id,
        ServiceName="com.amazonaws.us-east-1.s3express",
        RouteTableIds=[network.main_table_id],
    )["VpcEndpoint"]["VpcEndpointId"]
    stage.begin()
    stage.lab.clear_denials()

    ran = retire(says="no\n")
    listed = ran.stdout
    assert ran.returncode == 1, "not asked: a yes would be refused"
    assert "Nothing was changed: the mode is enforce." in ran.stderr
    assert "for good?" not in listed
    assert "Bears our tag: 5" in listed
    assert all(thing in listed for thing in (*ours_in(stage, network.vpc_id), DNS))
    assert theirs not in listed
    stage.told("RetirementPlanned", DNS)
    ran = retire("--yes")
    assert (ran.returncode, "mode: audit" in ran.stderr) == (1, True)
    assert len(ours_in(stage, network.vpc_id)) == 4
    assert not stage.our_calls(changes=True)

    policy = tmp_path / "audit.yaml"
    policy.write_text("mode: audit\n")
    deploy(stage.lab, ACCOUNT, policy, tmp_path)
    stage.lab.fault("DeleteSecurityGroup", error="UnauthorizedOperation", times=1, account=ACCOUNT)
    ran = retire(says="yes\n")
    said = ran.stdout
    assert (ran.returncode, "Remove all 5" in said) == (1, True), ran.stderr
    assert "Removed: 4" in said
    assert "Failed: sg-" in said
    stage.told("RetirementFailed", "DeleteSecurityGroup")

    ran = retire("--yes", "--json")
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == {"count": 0, "things": [], "removed": 1, "failed": []}
    assert ours_in(stage, network.vpc_id) == []
    kept = {parameter["Name"] for parameter in ssm.describe_parameters()["Parameters"]}
    assert kept & {DNS, "/theirs"} == {"/theirs"}
    assert scenes.look(stage.ec2, network.vpc_id).endpoints[0].id == theirs
    assert stage.told("Retired")["severity"] == "info"

    stage.sweep()
    assert ours_in(stage, network.vpc_id) == [], "nothing comes back"
    assert not [d for d in stage.lab.denials() if "Uninstall" in d["principal"]]
    assert "Bears our tag: 0" in retire().stdout


def test_a_stack_that_is_not_there_is_named(stage: Stage) -> None:
    ran = autopilot(stage.lab, ACCOUNT, "retire", "--stack", "Nowhere", "--yes")
    assert ran.returncode == 1
    assert f"There is no stack Nowhere in account {ACCOUNT}, us-east-1" in ran.stderr
