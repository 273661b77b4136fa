"""Names that differ by Region and partition, ids and tags of what we make."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from autopilot.policy.model import GatewayService

OWNER_TAG = "endpoint-autopilot:owner"


@dataclass(frozen=True)
class Partition:
    """Regions that begin with `regions`. `main`: the Region of its global services.

    `services`: how the names of some interface services begin there, others' with "com.amazonaws".
    """

    id: str
    regions: str
    services: str
    main: str


# Ids and prefixes: botocore's partitions.json. The beginnings are its DNS suffixes backwards
# (aws-cdk-lib, InterfaceVpcEndpointAwsService; aws-cdk #36471, #37596); main Regions: IAM's in
# botocore's endpoints.json. A test compares all of them. The last one holds all other Regions.
PARTITIONS = (
    Partition("aws-cn", "cn-", "cn.com.amazonaws", "cn-north-1"),
    Partition("aws-us-gov", "us-gov-", "com.amazonaws", "us-gov-west-1"),
    Partition("aws-iso", "us-iso-", "gov.ic.c2s", "us-iso-east-1"),
    Partition("aws-iso-b", "us-isob-", "gov.sgov.sc2s", "us-isob-east-1"),
    Partition("aws-iso-e", "eu-isoe-", "uk.adc-e.cloud", "eu-isoe-west-1"),
    Partition("aws-iso-f", "us-isof-", "gov.ic.hci.csp", "us-isof-south-1"),
    Partition("aws-eusc", "eusc-", "eu.amazonaws", "eusc-de-east-1"),
    Partition("aws", "", "com.amazonaws", "us-east-1"),
)

_PROPER = {"s3": "S3", "s3express": "S3 Express", "dynamodb": "DynamoDB"}


def partition_of(region: str) -> Partition:
    """The partition of `region`."""
    return next(p for p in PARTITIONS if region.startswith(p.regions))


def partition(region: str) -> str:
    """The partition's id: "aws", "aws-cn", "aws-us-gov", ..."""
    return partition_of(region).id


def service_name(region: str, service: GatewayService) -> str:
    """The full name of a gateway endpoint's service.

    "com.amazonaws." in every partition, China too, where interface services begin with "cn.":
    aws-cdk-lib's GatewayVpcEndpointAwsService has no prefix by partition, its interface twin has.
    """
    return f"com.amazonaws.{region}.{service}"


def proper_name(service: str) -> str:
    """What people call a gateway endpoint's service: "S3" for "s3"."""
    return _PROPER.get(service, service)


def endpoint_tags(owner: str, service: str) -> dict[str, str]:
    """The tags of an endpoint that the stack `owner` makes for `service`."""
    return {OWNER_TAG: owner, "Name": f"endpoint-autopilot-{service}"}


def client_token(execution: str, vpc_id: str, service: str, tables: tuple[str, ...]) -> str:
    """The token that makes a creation repeatable within one execution, 32 characters.

    Not across executions: the token of an endpoint that has been deleted since must not come again.
    """
    parts = "\n".join((execution, vpc_id, service, *sorted(tables)))
    return sha256(parts.encode()).hexdigest()[:32]
