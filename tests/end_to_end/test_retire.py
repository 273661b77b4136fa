"""Leaving, in the README's order: audit, deploy, `make retire`; told, asked, followed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import retire
from demo import scenes
from demo.scenes import build_network
from lab.client import Lab
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


def never(question: str) -> bool:
    raise AssertionError(f"asked although told to go on: {question}")


def test_leaving_takes_what_is_ours_once_a_person_says_so_in_audit_mode(
    stage: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    session = stage.lab.session(ACCOUNT)
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

    assert retire.run(session, STACK, False, lambda question: False) == 0
    listed = capsys.readouterr().out
    assert "Bears our tag: 5" in listed
    assert all(thing in listed for thing in (*ours_in(stage, network.vpc_id), DNS))
    assert theirs not in listed
    stage.told("RetirementPlanned", DNS)
    with pytest.raises(retire.NotToBeDone, match="mode: audit"):
        retire.run(session, STACK, True, never)
    assert len(ours_in(stage, network.vpc_id)) == 4
    assert not stage.our_calls(changes=True)

    policy = tmp_path / "audit.yaml"
    policy.write_text("mode: audit\n")
    deploy(stage.lab, ACCOUNT, policy, tmp_path)
    stage.lab.fault("DeleteSecurityGroup", error="UnauthorizedOperation", times=1, account=ACCOUNT)
    assert retire.run(session, STACK, False, lambda question: "Remove all 5" in question) == 1
    said = capsys.readouterr().out
    assert "Removed: 4" in said
    assert "Failed: sg-" in said
    stage.told("RetirementFailed", "DeleteSecurityGroup")

    assert retire.run(session, STACK, True, never) == 0
    assert "Bears our tag: 0" in capsys.readouterr().out
    assert ours_in(stage, network.vpc_id) == []
    kept = {parameter["Name"] for parameter in ssm.describe_parameters()["Parameters"]}
    assert kept & {DNS, "/theirs"} == {"/theirs"}
    assert scenes.look(stage.ec2, network.vpc_id).endpoints[0].id == theirs
    assert stage.told("Retired")["severity"] == "info"

    stage.sweep()
    assert ours_in(stage, network.vpc_id) == [], "nothing comes back"
    assert not [d for d in stage.lab.denials() if "Uninstall" in d["principal"]]
    assert retire.run(session, STACK, False, never) == 0


def test_a_stack_that_is_not_there_is_named(stage: Stage) -> None:
    with pytest.raises(retire.NotToBeDone, match="No stack Nowhere"):
        retire.run(stage.lab.session(ACCOUNT), "Nowhere", True, never)
