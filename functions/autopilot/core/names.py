"""Names that differ by Region and partition, ids and tags of what we make."""

from __future__ import annotations

from hashlib import sha256

from autopilot.core.policy import GatewayService

OWNER_TAG = "endpoint-autopilot:owner"

# Region prefixes outside the standard partition; source: botocore's partitions.json.
_PARTITIONS = (
    ("cn-", "aws-cn"),
    ("us-gov-", "aws-us-gov"),
    ("us-iso-", "aws-iso"),
    ("us-isob-", "aws-iso-b"),
    ("eu-isoe-", "aws-iso-e"),
    ("us-isof-", "aws-iso-f"),
    ("eusc-", "aws-eusc"),
)

_PROPER = {"s3": "S3", "s3express": "S3 Express", "dynamodb": "DynamoDB"}


def partition(region: str) -> str:
    """The partition of `region`: "aws", "aws-cn", "aws-us-gov", ..."""
    return next((name for prefix, name in _PARTITIONS if region.startswith(prefix)), "aws")


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
