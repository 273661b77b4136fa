"""Where the functions' code and policy come from: an ordinary asset, or the hub's bucket."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from autopilot.policy.model import Policy
from aws_cdk import Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3

from infra.hub.archive import digest_of, files_below
from infra.spoke import SpokeOf
from infra.staging import staged

Layers = tuple[lambda_.ILayerVersion, ...]
_SHOWN = 16


@contextmanager
def code_of(
    stack: Stack, spoke: SpokeOf | None, bundle: Path, policy: Policy
) -> Iterator[tuple[lambda_.Code, Layers]]:
    """The functions' code and layers, as long as the context lasts.

    Of a StackSet's spoke the hub's bucket in its Region has both: Lambda takes code from a bucket
    of another account that lets it, of its own Region (Lambda API reference, FunctionCode).
    """
    if spoke and spoke.by_stack_set:
        bucket = s3.Bucket.from_bucket_name(stack, "Hub", spoke.bucket)
        policies = lambda_.LayerVersion(
            stack,
            "Policy",
            code=lambda_.Code.from_bucket(bucket, spoke.policy_key),
            description="Endpoint Autopilot: the policy that is deployed here",
        )
        yield lambda_.Code.from_bucket(bucket, spoke.code_key), (policies,)
        return
    with staged(bundle, policy, spoke.belongs if spoke else None) as asset:
        yield lambda_.Code.from_asset(str(asset)), ()


def version_of(spoke: SpokeOf, bundle: Path) -> str:
    """Which code it runs, 16 characters: the same however it is deployed."""
    if spoke.by_stack_set:
        return PurePosixPath(spoke.code_key).stem[:_SHOWN]
    return digest_of(files_below(bundle))[:_SHOWN]
