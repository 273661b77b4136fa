"""The CDK app: reads the policy file, builds one stack, refuses unacknowledged cdk-nag findings."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).parent
# `autopilot.core.policy` is the one thing that the app shares with the functions.
sys.path.insert(0, str(ROOT / "functions"))

from aws_cdk import App, Validations  # noqa: E402 the path must be set first
from cdk_nag import AwsSolutionsChecks  # noqa: E402 the path must be set first

from infra.policy_file import PolicyMistakes, load  # noqa: E402 the path must be set first
from infra.stack import EndpointAutopilotStack  # noqa: E402 the path must be set first

BUNDLE = ROOT / "build" / "functions"


def main() -> int:
    """Synthesise; 1 if the policy file has mistakes or the functions aren't bundled."""
    app = App()
    policy = app.node.try_get_context("policy") or os.environ.get("POLICY") or "autopilot.yaml"
    try:
        configuration = load(policy)
    except PolicyMistakes as mistakes:
        print(mistakes, file=sys.stderr)
        return 1
    if not BUNDLE.is_dir():
        print("The functions aren't bundled yet: run `make build` first.", file=sys.stderr)
        return 1
    EndpointAutopilotStack(app, "EndpointAutopilot", configuration=configuration, bundle=BUNDLE)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()
    return 0


if __name__ == "__main__":
    sys.exit(main())
