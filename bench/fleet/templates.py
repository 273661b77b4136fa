"""The templates that are counted: the hub's, its spoke's, and a single account's."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from aws_cdk import App

from bench.fleet.costs import Template, read
from infra.fleet.model import Fleet, Target, Wave
from infra.hub.stack import HUB, EndpointAutopilotHub
from infra.policy.where import STACK
from infra.policy_file import Configuration
from infra.stack import EndpointAutopilotStack

ROOT = Path(__file__).parents[2]
FLEET = Fleet(
    "o-a1b2c3d4e5",
    "999999999999",
    "us-east-1",
    targets=(Target("workloads", "ou-abcd-11111111", ("us-east-1",), Configuration()),),
    waves=(Wave(("workloads",)),),
)


@dataclass(frozen=True)
class Templates:
    """Counted."""

    hub: Template
    spoke: Template
    plain: Template


def made(folder: Path, bundle: Path = ROOT / "build" / "functions") -> Templates:
    """Synthesise them into `folder`."""
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    app = App(outdir=str(folder / "out"), context=context)
    hub = EndpointAutopilotHub(app, HUB, fleet=FLEET, bundle=bundle)
    EndpointAutopilotStack(app, STACK, configuration=Configuration(), bundle=bundle)
    app.synth()
    (spoke,) = (text for key, text in hub.release.files.items() if key.startswith("releases/"))
    return Templates(
        read(folder / "out" / f"{HUB}.template.json"),
        Template.of(json.loads(spoke)),
        read(folder / "out" / f"{STACK}.template.json"),
    )
