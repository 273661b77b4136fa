"""The release: which one runs, and its way into the buckets from which it is fetched."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from aws_cdk import Aws, CfnCondition, CfnParameter, CustomResource, Duration, Fn
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.fleet.model import Fleet
from infra.function import Common, Function, Row
from infra.grants import Grant, may
from infra.hub.functions import describing_itself
from infra.hub.release import Release, template_key
from infra.hub.staging import carrying
from infra.spoke import bucket_of

LATEST = "latest"
# Longer than the function runs, with Lambda's two retries of what dies.
_ANSWER_WITHIN = Duration.minutes(20)
OBJECTS = "Keys are made of what lies under them."


class Spreading(Construct):
    """`done`: the custom resource, before which no StackSet may be touched."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        fleet: Fleet,
        release: Release,
        runs: str,
        bundle: Path,
        dead_letters: sqs.IQueue,
    ) -> None:
        """`release`: what this deployment brings, `runs`: the digest of the one that spokes run."""
        super().__init__(scope, id)
        self._fleet = fleet
        self.release = runs
        with carrying(bundle, release) as asset:
            code = lambda_.Code.from_asset(str(asset))
            common = Common(code=code, owner=Aws.STACK_NAME, dead_letters=dead_letters)
            function = Function(self, common=common, row=_row(_regions(fleet), fleet.account))
        self.done = self._spread(function, release)

    def _spread(self, function: Function, release: Release) -> CustomResource:
        fleet = self._fleet
        return CustomResource(
            self,
            "Spread",
            service_token=function.function.function_arn,
            resource_type="Custom::SpreadRelease",
            service_timeout=_ANSWER_WITHIN,
            properties={
                "Release": self.release,
                "Made": release.digest,
                "Targets": [each.name for each in fleet.targets],
                "Regions": [*_regions(fleet)],
                "Account": fleet.account,
                "Organization": fleet.organization,
                "Partition": Aws.PARTITION,
            },
        )

    def template_url(self, target: str) -> str:
        """Where a StackSet finds its template."""
        bucket = bucket_of(self._fleet.account, self._fleet.region)
        host = f"{bucket}.s3.{self._fleet.region}.{Aws.URL_SUFFIX}"
        return f"https://{host}/{template_key(self.release, target)}"


def running(scope: Construct, release: Release) -> str:
    """The release that runs: this synth's, or the one that the parameter names.

    `cdk deploy` keeps a parameter's last value: were the default this synth's release, no later one
    would ever be deployed.
    """
    parameter = CfnParameter(
        scope,
        "Release",
        default=LATEST,
        allowed_pattern=f"{LATEST}|[0-9a-f]{{16}}",
        constraint_description=f"{LATEST}, or the 16 characters of an earlier release",
        description=f"Which release spokes run; {LATEST}: the one that this deployment brings",
    )
    parameter.override_logical_id("Release")
    newest = CfnCondition(
        scope, "Newest", expression=Fn.condition_equals(parameter.value_as_string, LATEST)
    )
    return Fn.condition_if(newest.logical_id, release.digest, parameter.value_as_string).to_string()


def _regions(fleet: Fleet) -> tuple[str, ...]:
    """All Regions that are served by StackSets, the hub's own first."""
    served = {region for target in fleet.targets for region in target.regions}
    return (fleet.region, *sorted(served - {fleet.region}))


def _row(regions: Iterable[str], account: str) -> Row:
    buckets = [f"arn:{Aws.PARTITION}:s3:::{bucket_of(account, region)}" for region in regions]
    return Row(
        "spread_release",
        memory=1024,
        timeout=600,
        may=(*(grant for bucket in buckets for grant in _fill(bucket)), describing_itself()),
    )


def _fill(bucket: str) -> tuple[Grant, ...]:
    return (
        may(
            "s3:CreateBucket",
            "s3:ListBucket",
            "s3:PutBucketOwnershipControls",
            "s3:PutBucketPolicy",
            "s3:PutBucketPublicAccessBlock",
            "s3:PutEncryptionConfiguration",
            on=bucket,
        ),
        may("s3:GetObject", "s3:PutObject", on=f"{bucket}/*", because=OBJECTS),
    )
