"""Finds everything that bears the stack's tag, and removes what only leaving removes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autopilot.aws import parameters
from autopilot.aws.clients import client
from autopilot.aws.errors import NotFound, NotOurs, aws_errors
from autopilot.aws.pages import filters, pages
from autopilot.aws.removals import unsuccessful
from autopilot.aws.survey import tags_of
from autopilot.aws.vpc_contents import group_of, held_of
from autopilot.connections.facts import OVER
from autopilot.reconcile.removal import Removal
from autopilot.reconcile.tags import OWNER_TAG, owned_by
from autopilot.uninstall.facts import Estate, Service

_PAGE = 1000
_SERVICES = (
    "DescribeVpcEndpointServiceConfigurations",
    "describe_vpc_endpoint_service_configurations",
    "ServiceConfigurations",
)
# Where ours are; IAM lets us delete nowhere else.
_PARAMETERS = "/endpoint-autopilot"
# DescribeParameters takes that many for a page (Systems Manager API reference).
_PARAMETERS_PAGE = 50


def estate(owner: str) -> Estate:
    """All that bears the tag of `owner`. Raises AwsError's subclasses, ValueError for no owner."""
    endpoints = _tagged(("DescribeVpcEndpoints", "describe_vpc_endpoints", "VpcEndpoints"), owner)
    groups = _tagged(
        ("DescribeSecurityGroups", "describe_security_groups", "SecurityGroups"), owner
    )
    return Estate(
        endpoints=tuple(e for e in map(held_of, endpoints) if not e.requester_managed),
        groups=tuple(map(group_of, groups)),
        services=tuple(_service(each["ServiceId"]) for each in _tagged(_SERVICES, owner)),
        parameters=tuple(_parameters(owner)),
    )


def delete_service(item: Removal, owner: str) -> bool:
    """Delete an endpoint service; False if it is gone. Raises NotOurs, AwsError's others."""
    try:
        found = next(pages(*_SERVICES, ServiceIds=[item.thing]), None)
    except NotFound:
        return False
    if found is None:
        return False
    if not owned_by(tags_of(found), owner):
        raise NotOurs(f"ec2:DeleteVpcEndpointServiceConfigurations: {item.thing} isn't {owner}'s")
    with aws_errors("ec2", "DeleteVpcEndpointServiceConfigurations"):
        answer = client("ec2").delete_vpc_endpoint_service_configurations(ServiceIds=[item.thing])
        return unsuccessful(answer, "DeleteVpcEndpointServiceConfigurations")


def delete_parameter(item: Removal, owner: str) -> bool:
    """Delete an SSM parameter; False if it is gone. Raises NotOurs, AwsError's others."""
    return parameters.delete(item.thing, owner)


def _tagged(listed: tuple[str, str, str], owner: str) -> Iterator[Any]:
    for chosen in filters(f"tag:{OWNER_TAG}", [owner]):
        yield from pages(*listed, Filters=chosen, MaxResults=_PAGE)


def _service(service_id: str) -> Service:
    """EC2 deletes no service with a connection that isn't over (openshift/hypershift: "Service has
    existing active VPC Endpoint connections!")."""
    live = []
    for chosen in filters("service-id", [service_id]):
        live += [
            # A transit gateway's attachment has no endpoint.
            connection.get("VpcEndpointId") or connection.get("VpcEndpointConnectionId", "?")
            for connection in pages(
                "DescribeVpcEndpointConnections",
                "describe_vpc_endpoint_connections",
                "VpcEndpointConnections",
                Filters=chosen,
                MaxResults=_PAGE,
            )
            if connection.get("VpcEndpointState", "").lower() not in OVER
        ]
    return Service(service_id, tuple(sorted(live)))


def _parameters(owner: str) -> Iterator[str]:
    request: dict[str, Any] = {
        "ParameterFilters": [
            {"Key": f"tag:{OWNER_TAG}", "Values": [owner]},
            {"Key": "Path", "Option": "Recursive", "Values": [_PARAMETERS]},
        ],
        "MaxResults": _PARAMETERS_PAGE,
    }
    while True:
        with aws_errors("ssm", "DescribeParameters"):
            answer = client("ssm").describe_parameters(**request)
        yield from (parameter["Name"] for parameter in answer.get("Parameters", ()))
        if not answer.get("NextToken"):
            return
        request["NextToken"] = answer["NextToken"]
