"""What holds of every command: help with an example and exit codes, errors in one line."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pytest

from cli.fleet import COMMANDS as FLEET
from cli.main import COMMANDS, commands
from tests.cli.conftest import NO_STACK, OUTPUTS, Aws, Run, refusal, stack

# How each is called at least; what isn't here has not been thought of.
LEAST: dict[str, tuple[str, ...]] = {
    "plan": (),
    "status": (),
    "why": ("vpc-1",),
    "history": (),
    "costs": (),
    "requests": (),
    "accept": ("vpce-0e",),
    "reject": ("vpce-0e", "--reason", "no"),
    "doctor": (),
    "sweep": (),
    "restore": ("vpc-1/logs",),
    "retire": (),
    "policy": (),
}
ASKS_AWS = [name for name in LEAST if name != "policy"]
NEEDS_A_STACK = (
    "history",
    "requests",
    "accept",
    "reject",
    "doctor",
    "sweep",
    "restore",
    "retire",
)


def each() -> list[click.Command]:
    return [import_module(f"cli.{name}").command for name in COMMANDS]


@pytest.mark.parametrize("command", each(), ids=COMMANDS)
def test_its_help_has_an_example_and_its_exit_codes(command: click.Command) -> None:
    said = command.help or ""
    assert f"Example: ./autopilot {command.name}" in said
    assert "Exit codes: 0 " in said
    names = {option for each in command.params for option in each.opts}
    assert {"--json", "--stack", "--region", "--profile"} <= names


def test_every_command_is_thought_of() -> None:
    assert set(LEAST) == set(COMMANDS)
    assert set(commands.list_commands(click.Context(commands))) == set(COMMANDS)


@pytest.mark.parametrize("name", ASKS_AWS)
def test_no_credentials_are_told_in_one_line(run: Run, name: str) -> None:
    none = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}
    ran = run(name, *LEAST[name], env=none)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        "Error: There are no AWS credentials: name a profile with --profile, or log in.\n"
    )


@pytest.mark.parametrize("name", ASKS_AWS)
def test_no_region_is_told_in_one_line(run: Run, name: str) -> None:
    ran = run(name, *LEAST[name], env={"AWS_REGION": None})
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "Error: No Region is set: name one with --region, or set AWS_REGION.\n"


@pytest.mark.parametrize("name", ASKS_AWS)
def test_a_profile_that_is_not_there_is_told_in_one_line(run: Run, name: str) -> None:
    ran = run(name, *LEAST[name], "--profile", "nowhere", env={"AWS_PROFILE": None})
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert "(nowhere) could not be found. Name another profile with --profile." in ran.err


@pytest.mark.parametrize("name", NEEDS_A_STACK)
def test_no_stack_is_told_in_one_line(aws: Aws, run: Run, name: str) -> None:
    aws.will(DescribeStacks=NO_STACK)
    ran = run(name, *LEAST[name])
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        "Error: There is no stack EndpointAutopilot in account 111111111111, us-east-1: deploy it"
        " (npx cdk deploy), or name another with --stack, --region or --profile.\n"
    )


@pytest.mark.parametrize("name", FLEET)
def test_a_fleets_command_is_called_as_it_is_typed(run: Run, name: str) -> None:
    said = run("--fleet", name, "--help").out
    assert said.startswith(f"Usage: commands --fleet {name} [OPTIONS]")
    assert f"Example: ./autopilot --fleet {name}" in said
    assert "Exit codes: 0 " in said


def test_what_only_one_account_has_is_told_so(run: Run) -> None:
    ran = run("--fleet", "costs")
    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert "./autopilot costs, without --fleet" in ran.err
    assert "No such command 'cost'" in run("--fleet", "cost").err


@pytest.mark.parametrize("name", ["status", "accept"])
def test_fleet_after_the_command_is_told_where_it_belongs(run: Run, name: str) -> None:
    ran = run(name, *LEAST[name], "--fleet")
    said = f"Error: --fleet stands before the command: ./autopilot --fleet {name} …\n"
    assert (ran.code, ran.out, ran.err) == (1, "", said)


SPOKE = "StackSet-EndpointAutopilot-canary-0a1b2c3d-1111-2222-3333-444455556666"


def stacks_here(*names: str) -> Callable[..., dict[str, Any]]:
    """What DescribeStacks answers where a StackSet has made these, in two pages."""

    def answer(StackName: str = "", NextToken: str = "") -> dict[str, Any]:  # noqa: N803 AWS's names
        if StackName:
            raise NO_STACK
        every = stack(OwnerTag="EndpointAutopilot", **OUTPUTS)["Stacks"][0]
        shown = [{**every, "StackName": name} for name in ("Other", *names)]
        return {"Stacks": shown[1:]} if NextToken else {"Stacks": shown[:1], "NextToken": "more"}

    return answer


def test_in_an_account_of_a_fleet_its_stack_is_found(aws: Aws, run: Run) -> None:
    aws.will(DescribeStacks=stacks_here(SPOKE), ExecuteStatement={"Items": []})
    assert run("history").code == 0
    ran = run("history", "--stack", "Typo")
    assert "There is no stack Typo" in ran.err, "who names one gets no other"


def test_of_two_stacks_of_a_fleet_one_has_to_be_named(aws: Aws, run: Run) -> None:
    other = SPOKE.replace("canary", "broad")
    aws.will(DescribeStacks=stacks_here(SPOKE, other))
    ran = run("status")
    said = f"Two stacks of a fleet are here: name one with --stack: {other}, {SPOKE}."
    assert (ran.code, ran.err) == (1, f"Error: {said}\n")


@pytest.mark.parametrize("arguments", [("status",), ("why", "vpc-1"), ("costs",)])
def test_what_works_without_a_stack_says_first_that_there_is_none(
    aws: Aws, run: Run, arguments: tuple[str, ...]
) -> None:
    seen = {"VpcId": "vpc-1", "OwnerId": "111111111111", "State": "available"}
    aws.will(DescribeStacks=NO_STACK, DescribeVpcs={"Vpcs": [seen]})
    ran = run(*arguments, "--stack", "Typo")
    assert ran.out.splitlines()[0] == (
        "Nothing is deployed here yet (no stack Typo): this goes by autopilot.yaml alone."
    ), ran
    assert "Nothing is deployed" not in run(*arguments, "--stack", "Typo", "--json").out


@pytest.mark.parametrize("name", NEEDS_A_STACK)
def test_a_stack_of_another_version_is_told_in_one_line(aws: Aws, run: Run, name: str) -> None:
    aws.will(DescribeStacks=stack(Other="x"))
    ran = run(name, *LEAST[name])
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert "deploy this version of it" in ran.err


@pytest.mark.parametrize("name", ASKS_AWS)
def test_a_permission_that_is_missing_is_named(aws: Aws, run: Run, name: str) -> None:
    aws.will(DescribeStacks=refusal("AccessDenied", "User alice is not authorized"))
    ran = run(name, *LEAST[name])
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith(
        "Error: Your credentials lack the permission cloudformation:DescribeStacks:"
    )
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (refusal("Throttling"), "AWS asks for fewer calls"),
        (refusal("InternalFailure"), "AWS didn't answer"),
        (refusal("ExpiredToken", "The security token is expired"), "The security token is expired"),
    ],
)
def test_what_aws_refuses_is_one_line(aws: Aws, run: Run, error: Any, said: str) -> None:
    aws.will(GetCallerIdentity=error)
    ran = run("plan")
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert said in ran.err


def test_a_defect_shows(aws: Aws, run: Run) -> None:
    aws.will(GetCallerIdentity=ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        run("plan")


@pytest.mark.parametrize("arguments", [("nonsense",), ("plan", "--nonsense"), ("reject", "vpce-1")])
def test_what_is_mistyped_is_an_error_and_no_plan(run: Run, arguments: tuple[str, ...]) -> None:
    ran = run(*arguments)
    assert (ran.code, ran.out) == (1, "")
    assert "Error: " in ran.err


def test_region_and_stack_may_be_named(aws: Aws, run: Run) -> None:
    ran = run("plan", "--json", "--stack", "Other", "--region", "eu-west-1")
    assert (ran.json["stack"], ran.json["region"]) == ("Other", "eu-west-1")
    assert aws.requests("DescribeStacks") == [{"StackName": "Other"}]


def test_a_profile_goes_before_keys_in_the_environment(
    aws: Aws, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config"
    keys = "aws_access_key_id = a\naws_secret_access_key = b\n"
    config.write_text(f"[profile ops]\nregion = eu-north-1\n{keys}")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.setenv("AWS_PROFILE", "")
    ran = run("plan", "--json", "--profile", "ops")
    assert ran.json["region"] == "eu-north-1"
    assert "AWS_ACCESS_KEY_ID" not in os.environ
