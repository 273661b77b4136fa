"""Synthesises a fleet's stacks around stand-in functions."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from autopilot.policy.model import Policy
from aws_cdk import Validations
from cdk_nag import AwsSolutionsChecks

from infra.fleet.model import Fleet, Plain, Target, Wave
from infra.hub.app import add
from infra.hub.release import Release
from infra.policy_file import DEFAULT_SKIP_TAGS, Configuration
from tests.infra.synthesis import ACCOUNT, REGION, Synthesis, app, stand_in

ORGANIZATION, MANAGEMENT = "o-a1b2c3d4e5", "999999999999"
DEFAULT = Configuration()
AUDIT = Configuration(Policy(mode="audit", skip_tags=DEFAULT_SKIP_TAGS))
CANARY = Target("canary", "ou-ab12-11111111", (REGION, "eu-west-1"), DEFAULT)
BROAD = Target("broad", "ou-ab12-22222222", (REGION,), DEFAULT, {"222222222222": AUDIT})
LAB = Target("lab", "ou-ab12-33333333", ("eu-west-1",), AUDIT)
FLEET = Fleet(
    ORGANIZATION,
    ACCOUNT,
    REGION,
    (CANARY, BROAD, LAB),
    (Wave(("canary",), wait_minutes=5), Wave(("broad", "lab"), tolerance=20)),
    plain=(Plain(MANAGEMENT, (REGION,), DEFAULT),),
    emails=("ops@example.com",),
)


@dataclass(frozen=True)
class Hub:
    """The hub's template, and the release that its assets carry, by files."""

    stack: Synthesis
    release: Release
    templates: dict[str, Any]


def hub_of(folder: Path, fleet: Fleet, account: str = ACCOUNT) -> Hub:
    """As `account` synthesises it; raises RuntimeError on a cdk-nag finding."""
    built = app(folder / "out")
    built.node.set_context("account", account)
    made = add(built, fleet, stand_in(folder))
    Validations.of(built).add_plugins(AwsSolutionsChecks(built))
    built.synth()
    stack = synthesised(folder, "EndpointAutopilotHub")
    templates = {
        Path(key).stem: json.loads(content)
        for key, content in made.release.files.items()
        if key.startswith("releases/")
    }
    return Hub(stack, made.release, templates)


def synthesised(folder: Path, name: str) -> Synthesis:
    """One of the app's stacks."""
    file = folder / "out" / f"{name}.template.json"
    return Synthesis(json.loads(file.read_text()), folder / "out", name)


def with_policy(target: Target, configuration: Configuration) -> Target:
    """The target under another policy."""
    return replace(target, configuration=configuration)
