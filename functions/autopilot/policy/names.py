"""Names of services: what AWS calls them in each Region, and what people do."""

from __future__ import annotations

import re

from autopilot.policy.model import GatewayService
from autopilot.policy.partitions import PARTITIONS, partition_of

_PROPER = {"s3": "S3", "s3express": "S3 Express", "dynamodb": "DynamoDB"}


def service_name(region: str, service: GatewayService) -> str:
    """The full name of a gateway endpoint's service.

    "com.amazonaws." in every partition, China too, where interface services begin with "cn.":
    so aws-cdk-lib's GatewayVpcEndpointAwsService and InterfaceVpcEndpointAwsService have it.
    """
    return f"com.amazonaws.{region}.{service}"


def proper_name(service: str) -> str:
    """What people call a gateway endpoint's service: "S3" for "s3"."""
    return _PROPER.get(service, service)


_PLAIN = "com.amazonaws"
GLOBAL = frozenset({"iam", "route53", "s3-global.accesspoint", "savingsplans"})
"""Short names of services without a Region in their names (PrivateLink guide)."""

_REGION = r"[a-z]{2,4}(?:-[a-z]+)+-\d"
_BEGINNINGS = "|".join(
    sorted(re.escape(beginning) for beginning in {p.services for p in PARTITIONS})
)
# "com.amazonaws.us-east-1.logs", "com.amazonaws.vpce.us-east-1.vpce-svc-0123", "cn.com.…", "eu.…".
_FULL = re.compile(rf"(?:{_BEGINNINGS})\.(?:(?P<own>vpce\.)?(?P<region>{_REGION})\.)?(?P<rest>.+)")
# "aws.sagemaker.us-east-1.notebook", "aws.api.us-east-1.freetier".
_OTHER = re.compile(rf"aws\.[a-z0-9-]+\.(?P<region>{_REGION})\..+")


def full_names(service: str, region: str) -> tuple[str, ...]:
    """The names under which a service of the policy may be offered, likeliest first.

    A short name has one form in most partitions. In others some services' names begin otherwise:
    what is offered decides.
    """
    if is_full(service):
        return (service,)
    where = "" if service in GLOBAL else f"{region}."
    begin = (partition_of(region).services, _PLAIN)
    return tuple(dict.fromkeys(f"{each}.{where}{service}" for each in begin))


def is_full(service: str) -> bool:
    """Whether the policy wrote a full name ("com.amazonaws.…", "aws.sagemaker.…")."""
    return service.startswith("aws.") or _FULL.fullmatch(service) is not None


def region_in(service_name: str) -> str | None:
    """The Region that a full name holds; None for a global service's."""
    found = _FULL.fullmatch(service_name) or _OTHER.fullmatch(service_name)
    return found["region"] if found else None


def regions_of(service_name: str, written: str | None, home: str) -> tuple[str, ...]:
    """Where to look for a service, likeliest first. `written`: the Region that the policy gives it.

    A global service stands here, or in its partition's main Region.
    """
    known = written or region_in(service_name)
    return (known,) if known else tuple(dict.fromkeys((home, partition_of(home).main)))


def is_private(service_name: str) -> bool:
    """Whether it is somebody's own endpoint service, not one of AWS's."""
    found = _FULL.fullmatch(service_name)
    return bool(found and found["own"])


def label(service_name: str, home: str) -> str:
    """What ids and people call a service: "logs", "vpce-svc-0123"; the full name if need be."""
    found = _FULL.fullmatch(service_name)
    if not found or (found["region"] not in (home, None) and not found["own"]):
        return service_name
    return found["rest"]


def group_name(owner: str, profile: str) -> str:
    """The name of the security group of a profile, the same in each VPC.

    It makes creation repeatable: CreateSecurityGroup takes no client token, but one name once.
    """
    return f"endpoint-autopilot {owner} {profile}"
