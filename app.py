"""The CDK app: one stack from the policy file, or a fleet's hub where there is a fleet.yaml.

It refuses unacknowledged cdk-nag findings.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

# Node 20 is past its end of life for jsii, and runs it all the same: a warning of the policy file's
# must not drown.
for _name in ("END_OF_LIFE_NODE_VERSION", "DEPRECATED_NODE_VERSION"):
    os.environ.setdefault(f"JSII_SILENCE_WARNING_{_name}", "20")

ROOT = Path(__file__).parent
BUNDLE = ROOT / "build" / "functions"
# The policy's model and what fleets say to each other are what the app shares with the functions.
sys.path.insert(0, str(ROOT / "functions"))

from infra.policy.report import Mistake  # noqa: E402 after the path
from infra.policy.where import STACK, Where  # noqa: E402 the same
from infra.policy_file import Configuration, PolicyMistakes, load  # noqa: E402 the same

if TYPE_CHECKING:
    from aws_cdk import App

    from infra.fleet.model import Fleet


def _chosen(name: str) -> str:
    """What `-c name=...` or else the environment's NAME says; "" for neither.

    The CDK CLI hands its context over in CDK_CONTEXT_JSON.
    """
    context = json.loads(os.environ.get("CDK_CONTEXT_JSON") or "{}")
    return str(context.get(name) or os.environ.get(name.upper()) or "")


def policy_path() -> str:
    """The policy file: `-c policy=...` before POLICY before autopilot.yaml."""
    return _chosen("policy") or "autopilot.yaml"


def fleet_path() -> str:
    """The fleet's file: `-c fleet=...` before FLEET before fleet.yaml, if that exists; else ""."""
    return _chosen("fleet") or ("fleet.yaml" if Path("fleet.yaml").exists() else "")


def _alone() -> tuple[Callable[[App], Any], Iterable[Mistake]]:
    """What adds the stack of one account, and the warnings. Raises PolicyMistakes."""
    configuration: Configuration = load(
        policy_path(), Where(STACK, os.environ.get("CDK_DEFAULT_REGION"))
    )

    def add(app: App) -> Any:
        from infra.stack import EndpointAutopilotStack

        return EndpointAutopilotStack(app, STACK, configuration=configuration, bundle=BUNDLE)

    return add, configuration.warnings


def _fleet(path: str) -> tuple[Callable[[App], Any], Iterable[Mistake]]:
    """What adds a fleet's stacks, and the warnings. Raises PolicyMistakes."""
    from infra.fleet.file import load_fleet

    fleet: Fleet = load_fleet(path, policy_path())

    def add(app: App) -> Any:
        from infra.hub.app import add as add_fleet

        return add_fleet(app, fleet, BUNDLE)

    return add, fleet.warnings


def synthesise(add: Callable[[App], Any]) -> None:
    """Write the cloud assembly. Raises RuntimeError on unacknowledged cdk-nag findings."""
    # Only now: importing CDK starts a Node process, and a mistaken policy shall fail at once.
    from aws_cdk import App, Validations
    from cdk_nag import AwsSolutionsChecks

    app = App()
    add(app)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()


def main() -> int:
    """Synthesise; 1 if policy or fleet have mistakes or the functions aren't bundled."""
    path = fleet_path()
    try:
        add, warnings = _fleet(path) if path else _alone()
    except PolicyMistakes as mistakes:
        print(mistakes, file=sys.stderr)
        return 1
    for warning in warnings:
        print(warning, file=sys.stderr)
    if not BUNDLE.is_dir():
        print("The functions aren't bundled yet: run `make build` first.", file=sys.stderr)
        return 1
    synthesise(add)
    return 0


if __name__ == "__main__":
    sys.exit(main())
