"""cdk-nag, cfn-lint, statelint and asl-validator find nothing, and would find a planted error."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import aws_sns as sns
from statelint.linter import Linter

from infra.policy_file import Configuration
from tests.infra.synthesis import ROOT, Synthesis, build

CFN_LINT = Path(sys.executable).with_name("cfn-lint")
ASL_VALIDATOR = ROOT / "node_modules" / ".bin" / "asl-validator"


def cfn_lint(template: Path) -> str:
    """What cfn-lint finds, for a Region of each partition."""
    regions = ["us-east-1", "us-gov-west-1", "cn-north-1"]
    command = [str(CFN_LINT), "--regions", *regions, "--template", str(template)]
    return subprocess.run(command, capture_output=True, text=True).stdout


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


@pytest.mark.usefixtures("stack", "with_window")
def test_cdk_nag_finds_nothing() -> None:
    """The fixtures raise on a finding."""


def filled(stack: Synthesis) -> dict[str, Any]:
    """The template with the definition's placeholders filled and nothing left unchecked."""
    template: dict[str, Any] = json.loads(stack.file.read_text())
    (machine,) = (
        r for r in template["Resources"].values() if r["Type"] == "AWS::StepFunctions::StateMachine"
    )
    machine["Properties"]["DefinitionString"] = stack.definition()
    del machine["Properties"]["DefinitionSubstitutions"]
    del machine["Metadata"]
    return template


def written(template: dict[str, Any], folder: Path) -> Path:
    file = folder / "changed.template.json"
    file.write_text(json.dumps(template))
    return file


def test_cfn_lint_finds_nothing(stack: Synthesis, with_window: Synthesis) -> None:
    assert cfn_lint(stack.file) == ""
    assert cfn_lint(with_window.file) == ""


def test_cfn_lint_finds_nothing_in_the_filled_definition(stack: Synthesis, tmp_path: Path) -> None:
    assert cfn_lint(written(filled(stack), tmp_path)) == ""


def test_cfn_lint_finds_a_planted_error(stack: Synthesis, tmp_path: Path) -> None:
    template = filled(stack)
    table = next(r for r in template["Resources"].values() if r["Type"] == "AWS::DynamoDB::Table")
    table["Properties"]["BillingMode"] = "FREE"
    assert "E3030" in cfn_lint(written(template, tmp_path))


def test_cfn_lint_finds_an_error_planted_in_the_definition(
    stack: Synthesis, tmp_path: Path
) -> None:
    template = filled(stack)
    (machine,) = (
        r for r in template["Resources"].values() if r["Type"] == "AWS::StepFunctions::StateMachine"
    )
    definition = json.loads(machine["Properties"]["DefinitionString"])
    definition["States"]["Carry out"]["MaxConcurrency"] = "many"
    machine["Properties"]["DefinitionString"] = json.dumps(definition)
    assert "E3601" in cfn_lint(written(template, tmp_path))


def test_statelint_finds_nothing(stack: Synthesis) -> None:
    assert statelint(stack.definition()) == []


def test_statelint_finds_a_planted_error(stack: Synthesis) -> None:
    definition = json.loads(stack.definition())
    definition["States"]["Done"]["Next"] = "Nowhere"
    assert statelint(json.dumps(definition)) != []


def test_asl_validator_finds_nothing(stack: Synthesis, tmp_path: Path) -> None:
    assert asl_validator(stack.definition(), tmp_path) == ""


def test_asl_validator_finds_a_planted_error(stack: Synthesis, tmp_path: Path) -> None:
    definition = json.loads(stack.definition())
    definition["States"]["Set out"]["Next"] = "Nowhere"
    assert "Nowhere" in asl_validator(json.dumps(definition), tmp_path)
