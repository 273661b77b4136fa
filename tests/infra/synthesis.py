"""Synthesises the stack around stand-in functions and looks things up in its template."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Node 20 is on the list of what this project runs on; jsii's banner about it is no finding.
os.environ["JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION"] = "20"

from aws_cdk import App, Stack, Validations
from cdk_nag import AwsSolutionsChecks

from infra.policy_file import Configuration
from infra.spoke import SpokeOf
from infra.stack import EndpointAutopilotStack
from tests.infra.sharing import shared

ROOT = Path(__file__).parents[2]
ACCOUNT, REGION = "111111111111", "us-east-1"
HANDLERS = (
    "plan_interfaces",
    "apply_interface",
    "intake",
    "plan_network",
    "apply_network",
    "record",
    "relay",
    "plan_connections",
    "register_notifications",
    "answer_connections",
    "sync_holds",
    "open_hold",
    "answer_hold",
    "check_zones",
    "plan_services",
    "apply_services",
    "plan_withdrawal",
    "apply_withdrawal",
    "plan_uninstall",
    "apply_uninstall",
    "recall_memory",
    "stop_executions",
    "show",
    "press",
    "letter",
)
FLEET_HANDLERS = (
    "look_ahead",
    "gate_wave",
    "heartbeat",
    "hub_ask",
    "hub_press",
    "take_answer",
    "hub_hear",
    "hub_look",
    "hub_show",
    "spread_release",
)
"""Those that only a fleet has: the hub's functions, and what its spokes have more."""
PSEUDO = {
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::AccountId": ACCOUNT,
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": "EndpointAutopilot",
    "AWS::StackId": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/EndpointAutopilot/0",
}


@dataclass(frozen=True)
class Synthesis:
    """A template, and the folder of the cloud assembly that holds it."""

    template: Mapping[str, Any]
    folder: Path
    name: str = "EndpointAutopilot"

    @property
    def file(self) -> Path:
        return self.folder / f"{self.name}.template.json"

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """Logical id → properties of every resource of a type."""
        return {
            name: resource.get("Properties", {})
            for name, resource in self.template["Resources"].items()
            if resource["Type"] == kind
        }

    def one(self, kind: str, beginning: str = "") -> tuple[str, dict[str, Any]]:
        """The only resource of a type whose logical id begins so."""
        (found,) = [item for item in self.of_type(kind).items() if item[0].startswith(beginning)]
        return found

    def definitions(self) -> dict[str, str]:
        """By logical id the state machines' definitions, with examples for the placeholders."""
        return {
            name: _filled(machine)
            for name, machine in self.of_type("AWS::StepFunctions::StateMachine").items()
        }


def _filled(machine: Mapping[str, Any]) -> str:
    text = str(machine["DefinitionString"])
    for name, value in machine["DefinitionSubstitutions"].items():
        text = text.replace(f"${{{name}}}", str(resolved(value)))
    return text


def app(folder: Path) -> App:
    """An app with the context of cdk.json."""
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    return App(outdir=str(folder), context=context)


def stand_in(folder: Path) -> Path:
    """A bundle that looks like the functions'."""
    bundle = folder / "bundle"
    bundle.mkdir()
    for handler in (*HANDLERS, *FLEET_HANDLERS):
        (bundle / f"{handler}.py").write_text("def handler(event, context): ...\n")
    return bundle


def build(
    folder: Path, configuration: Configuration, spoke: SpokeOf | None = None
) -> tuple[App, Stack]:
    """The app and its stack, checks included, not yet synthesised."""
    built = app(folder / "out")
    stack = EndpointAutopilotStack(
        built,
        "EndpointAutopilot",
        configuration=configuration,
        bundle=stand_in(folder),
        spoke=spoke,
    )
    Validations.of(built).add_plugins(AwsSolutionsChecks(built))
    return built, stack


def synthesise(
    folder: Path, configuration: Configuration, spoke: SpokeOf | None = None
) -> Synthesis:
    """Synthesise, or take what another test has; raises RuntimeError on a cdk-nag finding."""

    def make(place: Path) -> Synthesis:
        built, _ = build(place, configuration, spoke)
        built.synth()
        template = json.loads((place / "out" / "EndpointAutopilot.template.json").read_text())
        return Synthesis(template, place / "out")

    return shared(repr((configuration, spoke)), folder, make)


def resolved(value: Any) -> Any:
    """A template's value with example values: an ARN's ids are the logical ids."""
    if isinstance(value, list):
        return [resolved(item) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and (set(value) & {"Ref", "Fn::GetAtt", "Fn::Join"}):
        return _called(value)
    return {key: resolved(item) for key, item in value.items()}


def _called(function: Mapping[str, Any]) -> str:
    match function:
        case {"Ref": str(name)}:
            return PSEUDO.get(name, name)
        case {"Fn::GetAtt": [str(name), "Arn"]}:
            return f"arn:aws:{_service(name)}:{REGION}:{ACCOUNT}:{name}"
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            return f"{name}.{attribute}"
        case {"Fn::Join": [str(separator), list(parts)]}:
            return separator.join(str(resolved(part)) for part in parts)
    raise AssertionError(f"an odd function: {function}")


def _service(name: str) -> str:
    if "Role" in name:
        return "iam"
    return "lambda" if "Function" in name else "thing"
