"""The CDK app: reads the policy file, builds one stack, refuses unacknowledged cdk-nag findings."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

# Node 20 is past its end of life for jsii, and runs it all the same: a warning of the policy file's
# must not drown.
for _name in ("END_OF_LIFE_NODE_VERSION", "DEPRECATED_NODE_VERSION"):
    os.environ.setdefault(f"JSII_SILENCE_WARNING_{_name}", "20")

ROOT = Path(__file__).parent
BUNDLE = ROOT / "build" / "functions"
# `autopilot.policy.model` is the one thing that the app shares with the functions.
sys.path.insert(0, str(ROOT / "functions"))

from infra.policy.where import STACK, Where  # noqa: E402 after the path
from infra.policy_file import Configuration, PolicyMistakes, load  # noqa: E402 the same


def policy_path() -> str:
    """The policy file: `-c policy=...` before POLICY before autopilot.yaml.

    The CDK CLI hands its context over in CDK_CONTEXT_JSON.
    """
    context = json.loads(os.environ.get("CDK_CONTEXT_JSON") or "{}")
    return str(context.get("policy") or os.environ.get("POLICY") or "autopilot.yaml")


def synthesise(configuration: Configuration) -> None:
    """Write the cloud assembly. Raises RuntimeError on unacknowledged cdk-nag findings."""
    # Only now: importing CDK starts a Node process, and a mistaken policy shall fail at once.
    from aws_cdk import App, Validations
    from cdk_nag import AwsSolutionsChecks

    from infra.stack import EndpointAutopilotStack

    app = App()
    EndpointAutopilotStack(app, STACK, configuration=configuration, bundle=BUNDLE)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()


def main() -> int:
    """Synthesise; 1 if the policy file has mistakes or the functions aren't bundled."""
    try:
        configuration = load(policy_path(), Where(STACK, os.environ.get("CDK_DEFAULT_REGION")))
    except PolicyMistakes as mistakes:
        print(mistakes, file=sys.stderr)
        return 1
    for warning in configuration.warnings:
        print(warning, file=sys.stderr)
    if not BUNDLE.is_dir():
        print("The functions aren't bundled yet: run `make build` first.", file=sys.stderr)
        return 1
    synthesise(configuration)
    return 0


if __name__ == "__main__":
    sys.exit(main())
