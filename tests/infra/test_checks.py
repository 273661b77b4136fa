"""cdk-nag, cfn-lint, statelint and asl-validator find nothing, and would find a planted error."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import aws_sns as sns
from statelint.linter import Linter

from infra.policy_file import Configuration
from tests.infra.linting import cfn_lint
from tests.infra.synthesis import ROOT, Synthesis, build

MACHINES = [
    "NetworkMachine",
    "ConnectionsMachine",
    "HoldMachine",
    "InterfacesMachine",
    "ServicesMachine",
    "WithdrawMachine",
    "UninstallMachine",
]
ASL_VALIDATOR = ROOT / "node_modules" / ".bin" / "asl-validator"


def statelint(definition: str) -> list[str]:
    return [str(problem) for problem in Linter.validate(definition)]


def asl_validator(definition: str, folder: Path) -> str:
    """What asl-validator finds, "" for nothing."""
    file = folder / "definition.json"
    file.write_text(definition)
    command = [str(ASL_VALIDATOR), "--json-path", str(file)]
    done = subprocess.run(command, capture_output=True, text=True)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_cdk_nag_stops_the_synthesis_on_a_finding(tmp_path: Path) -> None:
    app, stack = build(tmp_path, Configuration())
    sns.Topic(stack, "Planted")
    with pytest.raises(RuntimeError, match="AwsSolutions-SNS3"):
        app.synth()


@pytest.mark.usefixtures("stack", "with_window", "with_peers", "with_organization")
def test_cdk_nag_finds_nothing() -> None:
    """The fixtures raise on a finding."""


# In a JSONata state TimeoutSeconds and a Wait's Seconds may be an expression (Step Functions guide,
# "Transforming data with JSONata"); cfn-lint and statelint know numbers only. asl-validator sees it
# as it is.
WAITS = (
    '"{% $hold.hold_for_seconds %}"',
    '"{% $plan.look_again %}"',
    '"{% $again.seconds %}"',
)


def with_a_number(definition: str) -> str:
    for wait in WAITS:
        definition = definition.replace(wait, "604800")
    return definition


def filled(stack: Synthesis) -> dict[str, Any]:
    """The template with the definitions' placeholders filled and nothing left unchecked."""
    template: dict[str, Any] = json.loads(stack.file.read_text())
    for name, definition in stack.definitions().items():
        machine = template["Resources"][name]
        machine["Properties"]["DefinitionString"] = with_a_number(definition)
        del machine["Properties"]["DefinitionSubstitutions"]
        del machine["Metadata"]
    return template


def definition(stack: Synthesis, machine: str) -> str:
    """The definition of the machine whose logical id begins so."""
    (found,) = (text for name, text in stack.definitions().items() if name.startswith(machine))
    return found


def written(template: dict[str, Any], folder: Path) -> Path:
    file = folder / "changed.template.json"
    file.write_text(json.dumps(template))
    return file


def test_cfn_lint_finds_nothing_also_in_the_filled_definitions(
    stack: Synthesis,
    with_window: Synthesis,
    with_peers: Synthesis,
    with_organization: Synthesis,
    tmp_path: Path,
) -> None:
    files = [each.file for each in (stack, with_window, with_peers, with_organization)]
    assert cfn_lint(*files, written(filled(stack), tmp_path)) == ""


def alone(resource: dict[str, Any], folder: Path) -> Path:
    """A template with one resource: the linter takes seconds for the whole stack."""
    return written({"Resources": {"Planted": resource}}, folder)


def test_cfn_lint_finds_a_planted_error(stack: Synthesis, tmp_path: Path) -> None:
    template = filled(stack)
    table = next(r for r in template["Resources"].values() if r["Type"] == "AWS::DynamoDB::Table")
    assert "E3030" not in cfn_lint(alone(table, tmp_path))
    table["Properties"]["BillingMode"] = "FREE"
    assert "E3030" in cfn_lint(alone(table, tmp_path))


def test_cfn_lint_finds_an_error_planted_in_the_definition(
    stack: Synthesis, tmp_path: Path
) -> None:
    template = filled(stack)
    (name,) = (name for name in stack.definitions() if name.startswith("NetworkMachine"))
    machine = template["Resources"][name]
    assert "E3601" not in cfn_lint(alone(machine, tmp_path))
    broken = json.loads(machine["Properties"]["DefinitionString"])
    broken["States"]["Carry out"]["MaxConcurrency"] = "many"
    machine["Properties"]["DefinitionString"] = json.dumps(broken)
    assert "E3601" in cfn_lint(alone(machine, tmp_path))


each_machine = pytest.mark.parametrize("machine", MACHINES)


def test_every_machine_is_linted(stack: Synthesis) -> None:
    assert len(stack.definitions()) == len(MACHINES)


def test_only_the_times_that_a_machine_waits_are_spared(stack: Synthesis) -> None:
    found = [[definition(stack, machine).count(wait) for machine in MACHINES] for wait in WAITS]
    assert found == [
        [0, 0, 1, 0, 0, 0, 0],
        [1, 0, 0, 1, 1, 0, 0],
        [1, 0, 0, 1, 1, 1, 0],
    ]


@each_machine
def test_statelint_finds_nothing(stack: Synthesis, machine: str) -> None:
    assert statelint(with_a_number(definition(stack, machine))) == []


@each_machine
def test_statelint_finds_a_planted_error(stack: Synthesis, machine: str) -> None:
    broken = json.loads(with_a_number(definition(stack, machine)))
    broken["States"]["Done"]["Next"] = "Nowhere"
    assert statelint(json.dumps(broken)) != []


@each_machine
def test_asl_validator_finds_nothing(stack: Synthesis, machine: str, tmp_path: Path) -> None:
    assert asl_validator(definition(stack, machine), tmp_path) == ""


@each_machine
def test_asl_validator_finds_a_planted_error(
    stack: Synthesis, machine: str, tmp_path: Path
) -> None:
    broken = json.loads(definition(stack, machine))
    broken["States"]["Set out"]["Next"] = "Nowhere"
    assert "Nowhere" in asl_validator(json.dumps(broken), tmp_path)
