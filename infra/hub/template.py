"""A target's template: the stack as a StackSet deploys it, held against what AWS takes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aws_cdk import App, Validations
from aws_cdk.cx_api import CloudFormationStackArtifact
from cdk_nag import AwsSolutionsChecks

from infra.fleet.model import Target
from infra.policy.where import STACK
from infra.spoke import SpokeOf
from infra.stack import EndpointAutopilotStack

# CloudFormation guide, "Understand CloudFormation quotas": of a template in S3 a megabyte, and 500
# resources.
MOST_BYTES = 1_000_000
MOST_RESOURCES = 500
RELEASE = "<the release that this template is part of>"
"""Stands for the release in a template: the release is made of the templates, too."""


class ReleaseUnfit(Exception):
    """Raised when a target's template is none that a StackSet can deploy; all of it is said."""


def template_of(
    target: Target, spoke: SpokeOf, bundle: Path, context: Mapping[str, Any] | None = None
) -> str:
    """The template as JSON, with RELEASE where the release is named.

    An app of its own, in this process: about a second. Raises ReleaseUnfit, RuntimeError on a
    finding of cdk-nag's.
    """
    with TemporaryDirectory() as folder:
        # `context` as the hub's app has it: CDK reads cdk.json for the command line only.
        app = App(outdir=folder, context=context, auto_synth=False, analytics_reporting=False)
        EndpointAutopilotStack(
            app,
            STACK,
            configuration=target.configuration,
            bundle=bundle,
            spoke=replace(spoke, release=RELEASE),
        )
        Validations.of(app).add_plugins(AwsSolutionsChecks(app))
        made = app.synth().get_stack_by_name(STACK)
        text = json.dumps(made.template, separators=(",", ":"), sort_keys=True)
        if wrong := [*_unfit(made, text)]:
            raise ReleaseUnfit(f"{target.name}: its template {'; '.join(wrong)}")
        return text


def _unfit(made: CloudFormationStackArtifact, text: str) -> Iterator[str]:
    """What would make AWS refuse it, or an account that has no bootstrap."""
    template: Mapping[str, Any] = made.template
    if made.assets:
        yield f"has {len(made.assets)} assets of the CDK's: spokes have no bootstrap"
    if "BootstrapVersion" in template.get("Parameters", {}):
        yield "asks for the CDK's bootstrap"
    if "Transform" in template:
        yield "has a transform, which automatic deployment doesn't take"
    if len(text.encode()) > MOST_BYTES:
        yield f"has {len(text.encode()):,} bytes, and CloudFormation takes {MOST_BYTES:,}"
    if (resources := len(template["Resources"])) >= MOST_RESOURCES:
        yield f"has {resources} resources, and CloudFormation takes {MOST_RESOURCES}"
