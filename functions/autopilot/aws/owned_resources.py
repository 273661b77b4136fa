"""Reads everything that bears the stack's tag."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autopilot.aws.pages import filters, pages
from autopilot.aws.vpc_contents import attached_endpoint, group
from autopilot.connections.facts import OVER
from autopilot.reconcile.tags import OWNER_TAG
from autopilot.uninstall.facts import OwnedResources, UsedService

_PAGE = 1000
# The stack's parameters are here; IAM lets it delete nowhere else.
_PARAMETERS = "/endpoint-autopilot"
# DescribeParameters takes that many for a page (Systems Manager API reference).
_PARAMETERS_PAGE = 50


def survey(owner: str) -> OwnedResources:
    """All that bears the tag of `owner`. Raises AwsErrors, ValueError for no owner."""
    endpoints = _tagged("DescribeVpcEndpoints", owner)
    services = _tagged("DescribeVpcEndpointServiceConfigurations", owner)
    return OwnedResources(
        endpoints=tuple(e for e in map(attached_endpoint, endpoints) if not e.requester_managed),
        groups=tuple(map(group, _tagged("DescribeSecurityGroups", owner))),
        services=tuple(_service(each["ServiceId"]) for each in services),
        parameters=tuple(_parameters(owner)),
    )


def _tagged(operation: str, owner: str) -> Iterator[Any]:
    for chosen in filters(f"tag:{OWNER_TAG}", [owner]):
        yield from pages(operation, Filters=chosen, MaxResults=_PAGE)


def _service(service_id: str) -> UsedService:
    """EC2 deletes no service with a connection that isn't over (openshift/hypershift: "Service has
    existing active VPC Endpoint connections!")."""
    live = []
    for chosen in filters("service-id", [service_id]):
        live += [
            # A transit gateway's attachment has no endpoint.
            connection.get("VpcEndpointId") or connection.get("VpcEndpointConnectionId", "?")
            for connection in pages(
                "DescribeVpcEndpointConnections", Filters=chosen, MaxResults=_PAGE
            )
            if connection.get("VpcEndpointState", "").lower() not in OVER
        ]
    return UsedService(service_id, tuple(sorted(live)))


def _parameters(owner: str) -> Iterator[str]:
    chosen = [
        {"Key": f"tag:{OWNER_TAG}", "Values": [owner]},
        {"Key": "Path", "Option": "Recursive", "Values": [_PARAMETERS]},
    ]
    for parameter in pages(
        "DescribeParameters", service="ssm", ParameterFilters=chosen, MaxResults=_PARAMETERS_PAGE
    ):
        yield parameter["Name"]
