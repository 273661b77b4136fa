"""The prefix lists that AWS keeps for the services behind gateway endpoints."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

#: Services that gateway endpoints reach.
GATEWAY_SERVICES = ("s3", "dynamodb", "s3express")

#: Ids seen in public configurations (us-east-1); elsewhere the lab derives a stable id of its own.
_KNOWN_IDS = {
    ("us-east-1", "s3"): "pl-63a5400a",
    ("us-east-1", "dynamodb"): "pl-02cd2c6b",
}

#: Address ranges by service; examples, as no test of a route depends on them.
CIDRS = {
    "s3": ("52.216.0.0/15", "3.5.0.0/19", "54.231.0.0/16"),
    "dynamodb": ("3.218.182.0/24", "52.94.0.0/22", "52.119.224.0/20"),
    "s3express": ("3.5.32.0/22", "18.34.0.0/19"),
}
#: The same of services that have gateway endpoints for IPv6 (gardener-extension-provider-aws #1601:
#: S3 alone, of S3 and DynamoDB); their lists' names: believed.
IPV6_CIDRS = {"s3": ("2600:1fa0:8000::/39", "2600:1f60:8000::/39")}
#: Lists that AWS keeps without a service of endpoints behind them (VPC guide, "AWS-managed prefix
#: lists"): what their names end with, `global` where they are the same in all Regions, and examples
#: of ranges.
OTHERS = {
    "global.cloudfront.origin-facing": ("13.32.0.0/15", "52.84.0.0/15"),
    "global.ipv6.cloudfront.origin-facing": ("2600:9000::/28",),
    "ec2-instance-connect": ("18.206.107.24/29",),
    "ipv6.ec2-instance-connect": ("2600:1f18:3fff:f800::/56",),
    "vpc-lattice": ("169.254.171.0/24",),
}


def list_name(region: str, short: str) -> str:
    """The name of a list, by what `every_list` calls it."""
    return f"com.amazonaws.{short}" if short.startswith("global.") else service_name(region, short)


def service_name(region: str, service: str) -> str:
    """The endpoint service's name, the same form in every partition."""
    return f"com.amazonaws.{region}.{service}"


def prefix_list_id(region: str, service: str) -> str:
    """The id of a service's prefix list: the same in every account of a Region."""
    known = _KNOWN_IDS.get((region, service))
    digest = hashlib.sha256(f"{region}/{service}".encode()).hexdigest()
    return known or f"pl-{digest[:8]}"


def prefix_list_ids(region: str, service: str, families: Iterable[str]) -> list[str]:
    """The lists of a service for address families ("ipv4", "ipv6"): one each."""
    names = {"ipv4": service, "ipv6": f"ipv6.{service}"}
    return [prefix_list_id(region, names[each]) for each in sorted(families)]


def gateway_service(region: str, name: str) -> str | None:
    """The short name ("s3") of a gateway service of this Region, or None."""
    for service in GATEWAY_SERVICES:
        if name == service_name(region, service):
            return service
    return None
