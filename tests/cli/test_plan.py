"""`plan`: what it prints, which file it takes, what it says of what it may not read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cli import policy_file
from cli.deployed import Deployed
from cli.session import Here
from tests.cli.conftest import ACCOUNT, NO_STACK, Aws, Run, refusal

VPC: dict[str, Any] = {
    "VpcId": "vpc-1",
    "OwnerId": ACCOUNT,
    "State": "available",
    "Tags": [{"Key": "Name", "Value": "<b>shop</b>\x1b[31m"}],
}
TABLE = {"RouteTableId": "rtb-1", "VpcId": "vpc-1", "Associations": [{"Main": True}]}
NETWORK = {"DescribeVpcs": {"Vpcs": [VPC]}, "DescribeRouteTables": {"RouteTables": [TABLE]}}


@pytest.fixture
def file(aws: Aws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The checkout's policy file, in the folder where the command runs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POLICY", str(tmp_path / "own.yaml"))
    made = tmp_path / "own.yaml"
    made.write_text("gateway_endpoints: {services: [s3]}\n")
    return made


class Running:
    """What is deployed: the policy in a file, its sources as here, unless a test says otherwise."""

    def __init__(self, file: Path) -> None:
        self.file, self.more = file, dict[str, Any]()

    def __call__(self, here: Here) -> Deployed | None:
        policy = policy_file.load(str(self.file), here.us.owner, "us-east-1", warn=False).policy
        return Deployed(**{"policy": policy, "outdated": (), **self.more}) if here.outputs else None


@pytest.fixture(autouse=True)
def running(file: Path, monkeypatch: pytest.MonkeyPatch) -> Running:
    made = Running(file)
    monkeypatch.setattr("cli.deployed.deployed", made)
    return made


def test_nothing_to_do_is_said_and_exits_with_0(run: Run) -> None:
    ran = run("plan")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "What would be done in account 111111111111, us-east-1, by own.yaml (mode enforce), stack"
        " EndpointAutopilot\n\nNothing to do.\n"
    )


def test_what_would_be_done_is_said_with_its_reason_and_exits_with_2(aws: Aws, run: Run) -> None:
    aws.will(**NETWORK)
    ran = run("plan")
    assert (ran.code, ran.err) == (2, "")
    assert ran.out.splitlines()[1:] == [
        "",
        "vpc-1 (<b>shop</b>\\x1b[31m)",
        "  s3: make a gateway endpoint for S3, for rtb-1",
        "      why: there is no endpoint of ours, 1 route table is without a route to S3",
        "",
        "1 change.",
    ]


def test_it_works_before_the_first_deployment(aws: Aws, run: Run) -> None:
    aws.will(**NETWORK, DescribeStacks=NO_STACK)
    ran = run("plan")
    assert ran.code == 2
    assert "Nothing is deployed here yet: this is what the first looks would do." in ran.out
    assert not aws.requests("Query"), "there is no ledger to ask"


def test_audit_mode_shows_what_enforce_would_do(aws: Aws, run: Run, file: Path) -> None:
    aws.will(**NETWORK)
    file.write_text("mode: audit\n")
    ran = run("plan")
    assert ran.code == 2
    assert "none of this is done until the file says enforce and is deployed" in ran.out


def test_json_holds_all_of_it(aws: Aws, run: Run) -> None:
    aws.will(**NETWORK)
    ran = run("plan", "--json")
    assert ran.code == 2
    (action,) = ran.json["actions"]
    assert (action["workflow"], action["id"], action["verb"]) == ("network", "vpc-1/s3", "create")
    assert ran.json["names"] == {"vpc-1": "<b>shop</b>\x1b[31m"}
    assert "\x1b" not in ran.out


def test_what_waits_is_told_in_the_words_of_its_mail(aws: Aws, run: Run) -> None:
    interface = {"VpcId": "vpc-1", "SubnetId": "subnet-1", "InterfaceType": "interface"}
    aws.will(**NETWORK, DescribeNetworkInterfaces={"NetworkInterfaces": [interface]})
    ran = run("plan")
    assert ran.code == 0
    assert "Waits, or is in the way\n  action: 1 busy route table" in ran.out
    assert "network: 1 busy" in ran.out


DENIED = refusal("UnauthorizedOperation", "You are not authorized")


def test_a_permission_that_is_missing_makes_it_an_error(aws: Aws, run: Run) -> None:
    aws.will(**NETWORK, DescribeVpcEndpointServiceConfigurations=DENIED)
    ran = run("plan")
    assert ran.code == 1
    for what in ("published services", "connection requests"):
        assert f"  {what}: ec2:DescribeVpcEndpointServiceConfigurations is missing\n" in ran.out
    assert "make a gateway endpoint for S3" in ran.out, "the rest is there"


def test_a_partial_plan_may_be_asked_for(aws: Aws, run: Run) -> None:
    aws.will(**NETWORK, DescribeVpcEndpointServiceConfigurations=DENIED)
    ran = run("plan", "--partial", "--json")
    assert ran.code == 2
    assert {each["what"] for each in ran.json["unseen"]} == {
        "published services",
        "connection requests",
    }
    aws.will(DescribeVpcs={})
    assert run("plan", "--partial").code == 0


def test_a_file_that_changes_nothing_makes_no_difference(aws: Aws, run: Run) -> None:
    aws.will(**NETWORK)
    Path("same.yaml").write_text("gateway_endpoints: {services: [s3]}\nsweep: every 2 hours\n")
    ran = run("plan", "--policy", "same.yaml")
    assert (ran.code, ran.out.splitlines()[-1]) == (0, "No difference.")


def test_the_difference_says_what_is_added_and_what_goes(aws: Aws, run: Run) -> None:
    aws.will(**NETWORK)
    Path("new.yaml").write_text("gateway_endpoints: {services: [dynamodb]}\n")
    ran = run("plan", "--policy", "new.yaml")
    assert ran.code == 2
    assert ran.out.splitlines()[0] == (
        "What new.yaml changes, compared with the deployed policy,"
        " in account 111111111111, us-east-1"
    )
    added, gone = ran.out.split("Wouldn't be done")
    assert "Would be done, too" in added
    assert "make a gateway endpoint for DynamoDB, for rtb-1" in added
    assert "make a gateway endpoint for S3, for rtb-1" in gone
    assert ran.out.splitlines()[-1] == "Added: 1, gone: 1."


def test_the_difference_in_json(aws: Aws, run: Run) -> None:
    aws.will(**NETWORK)
    Path("new.yaml").write_text("mode: audit\ngateway_endpoints: {services: [s3, dynamodb]}\n")
    ran = run("plan", "--policy", "new.yaml", "--json")
    assert ran.code == 2
    assert [each["id"] for each in ran.json["added"]] == ["vpc-1/dynamodb"]
    assert ran.json["gone"] == []
    assert (ran.json["before"]["mode"], ran.json["after"]["mode"]) == ("enforce", "audit")


@pytest.mark.parametrize("deployed", ["audit", "enforce"])
def test_a_file_in_audit_mode_says_that_nothing_of_it_is_done(
    aws: Aws, run: Run, file: Path, deployed: str
) -> None:
    aws.will(**NETWORK)
    file.write_text(f"mode: {deployed}\ngateway_endpoints: {{services: [s3]}}\n")
    Path("new.yaml").write_text("mode: audit\ngateway_endpoints: {services: [s3, dynamodb]}\n")
    ran = run("plan", "--policy", "new.yaml")
    assert "The mode is audit: none of this is done until the file says enforce" in ran.out
    assert ("The mode becomes audit; it is enforce." in ran.out) is (deployed == "enforce")


def test_what_busy_tables_now_would_change(aws: Aws, run: Run) -> None:
    interface = {"VpcId": "vpc-1", "SubnetId": "subnet-1", "InterfaceType": "interface"}
    aws.will(**NETWORK, DescribeNetworkInterfaces={"NetworkInterfaces": [interface]})
    Path("now.yaml").write_text("gateway_endpoints: {services: [s3], busy_route_tables: now}\n")
    ran = run("plan", "--policy", "now.yaml")
    assert ran.code == 2
    drops = "(drops open connections to S3, once, where a table is in use)"
    assert f"make a gateway endpoint for S3, for rtb-1 {drops}\n" in ran.out
    assert drops not in run("plan").out
    assert "Wouldn't wait any more\n  action: 1 busy route table" in ran.out


def test_another_document_under_the_same_name_is_a_difference(aws: Aws, run: Run) -> None:
    aws.will(**NETWORK)
    document = (
        '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "%s", "Resource": "*"}]}'
    )
    for name, action in (("own", "s3:Get*"), ("new", "s3:*")):
        Path(f"{name}.json").write_text(document % action)
        gateway = "gateway_endpoints: {services: [s3], policy: mine}\n"
        Path(f"{name}.yaml").write_text(f"{gateway}endpoint_policies: {{mine: {name}.json}}\n")
    ran = run("plan", "--policy", "new.yaml")
    assert (ran.code, ran.out.splitlines()[-1]) == (2, "Added: 1, gone: 1."), ran.err


def test_mistakes_are_reported_as_the_deployment_does(run: Run) -> None:
    Path("bad.yaml").write_text("mode: on\n")
    ran = run("plan", "--policy", "bad.yaml")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == 'bad.yaml:1: mode is "on"; write enforce or audit\n'


def test_warnings_go_beside_the_plan(run: Run) -> None:
    Path("odd.yaml").write_text("endpoint_services: {supported_regions: [eu-west-1]}\n")
    ran = run("plan", "--policy", "odd.yaml")
    assert "odd.yaml:1: warning: endpoint_services.supported_regions has no effect" in ran.err


def test_a_file_is_compared_with_what_is_deployed_and_not_with_the_checkouts(
    aws: Aws, run: Run, file: Path, running: Running
) -> None:
    aws.will(**NETWORK)
    running.file = file.with_name("deployed.yaml")
    running.file.write_text("gateway_endpoints: {services: [s3]}\n")
    file.write_text("gateway_endpoints: {services: [dynamodb]}\n")

    ran = run("plan", "--policy", "own.yaml", "--json")

    assert [each["id"] for each in ran.json["added"]] == ["vpc-1/dynamodb"]
    assert [each["id"] for each in ran.json["gone"]] == ["vpc-1/s3"]
    assert (ran.json["before"]["runs"], ran.json["after"]["runs"]) == (True, False)
    told = "Another policy is deployed: ./autopilot plan --policy own.yaml says what this one would"
    assert told in run("plan").out
    running.file = file
    assert "Another policy" not in run("plan").out


def test_before_the_first_deployment_a_file_is_compared_with_the_checkouts(
    aws: Aws, run: Run
) -> None:
    aws.will(**NETWORK, DescribeStacks=NO_STACK)
    Path("new.yaml").write_text("gateway_endpoints: {services: [dynamodb]}\n")
    ran = run("plan", "--policy", "new.yaml")
    assert "compared with own.yaml" in ran.out
    assert ran.code == 2


def test_who_may_not_read_what_is_deployed_is_told_what_it_was_compared_with(
    aws: Aws, run: Run, running: Running
) -> None:
    aws.will(**NETWORK)
    running.more = {
        "policy": None,
        "why": "lambda:GetFunction: AccessDeniedException: not allowed",
    }
    Path("new.yaml").write_text("gateway_endpoints: {services: [dynamodb]}\n")

    ran = run("plan", "--policy", "new.yaml")

    assert ran.code == 1
    assert "compared with own.yaml" in ran.out
    assert "  the deployed policy: lambda:GetFunction is missing\n" in ran.out
    assert run("plan", "--policy", "new.yaml", "--partial").code == 2
    alone = run("plan")
    assert alone.code == 2, "the plan of a file is whole without it"
    assert "Which policy is deployed isn't known: lambda:GetFunction" in alone.out


def test_functions_of_another_version_may_plan_otherwise(run: Run, running: Running) -> None:
    running.more = {"outdated": ("plan_network.py",)}
    assert "The deployed functions are of another version (1 file)" in run("plan").out
