"""Names of services, of what we make for them, and of the parameters that hold DNS names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256

from autopilot.core.names import OWNER_TAG

PROFILE_TAG = "endpoint-autopilot:profile"
ROOT = "/endpoint-autopilot"
"""Where the parameters with DNS names lie."""

_REGION = r"[a-z]{2}(?:-[a-z]+)+-\d"
# "com.amazonaws.us-east-1.logs", "com.amazonaws.vpce.us-east-1.vpce-svc-0123", in China "cn.com.…".
_FULL = re.compile(rf"(?:cn\.)?com\.amazonaws\.(?P<own>vpce\.)?(?P<region>{_REGION})\.(?P<rest>.+)")


def full_names(service: str, region: str) -> tuple[str, ...]:
    """The names under which a service of the policy may be offered, likeliest first.

    A short name has one form in most partitions. In China some services bear "cn." in front and
    others don't (aws-cdk-lib, InterfaceVpcEndpointAwsService): what is offered decides.
    """
    if is_full(service):
        return (service,)
    plain = f"com.amazonaws.{region}.{service}"
    return (f"cn.{plain}", plain) if region.startswith("cn-") else (plain,)


def is_full(service: str) -> bool:
    """Whether the policy wrote a full name ("com.amazonaws.…", "aws.sagemaker.…")."""
    return service.startswith(("com.amazonaws.", "cn.com.amazonaws.", "aws."))


def region_of(service_name: str, home: str) -> str:
    """The Region in a full name; `home` where the name doesn't say."""
    found = _FULL.fullmatch(service_name)
    return found["region"] if found else home


def is_private(service_name: str) -> bool:
    """Whether it is somebody's own endpoint service, not one of AWS's."""
    found = _FULL.fullmatch(service_name)
    return bool(found and found["own"])


def label(service_name: str, home: str) -> str:
    """What ids and people call a service: "logs", "vpce-svc-0123"; the full name if need be."""
    found = _FULL.fullmatch(service_name)
    if not found or (found["region"] != home and not found["own"]):
        return service_name
    return found["rest"]


def group_name(owner: str, profile: str) -> str:
    """The name of the security group of a profile, the same in each VPC.

    It makes creation repeatable: CreateSecurityGroup takes no client token, but one name once.
    """
    return f"endpoint-autopilot {owner} {profile}"


def tags(owner: str, profile: str, name: str) -> dict[str, str]:
    """The tags of what the stack `owner` makes for a profile."""
    return {OWNER_TAG: owner, PROFILE_TAG: profile, "Name": f"endpoint-autopilot-{name}"}


def parameter(vpc_id: str, service_id: str, zone_id: str | None = None) -> str:
    """The parameter with the DNS name of an endpoint in a VPC, or with its name in a zone."""
    name = f"{ROOT}/{vpc_id}/{service_id}/dns"
    return name if zone_id is None else f"{name}/{zone_id}"


def client_token(parts: Iterable[str]) -> str:
    """A token that makes a creation repeatable, 32 characters."""
    return sha256("\n".join(parts).encode()).hexdigest()[:32]
