"""Calls by their names, lists with every page, filters that can't come out empty."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from botocore import xform_name

from autopilot.aws.clients import client
from autopilot.aws.errors import aws_errors

MOST_FILTER_VALUES = 200
"""Values that one filter takes (EC2 API reference, "FilterLimitExceeded")."""

# The most endpoints that one page takes (EC2's words on DescribeVpcEndpoints).
_PAGE = 1000
# The SDK's clients whose names aren't what IAM calls the service.
_CLIENTS = {
    "elasticloadbalancing": "elbv2",
    "servicequotas": "service-quotas",
    "states": "stepfunctions",
}
# Where the next page's token is sent, and where it stood, if not in NextToken.
_TOKENS = {"elasticloadbalancing": ("Marker", "NextMarker")}
# What each list is called in its answer.
_LISTS = {
    "DescribeLoadBalancers": "LoadBalancers",
    "DescribeParameters": "Parameters",
    "DescribeNetworkInterfaces": "NetworkInterfaces",
    "DescribeRouteTables": "RouteTables",
    "DescribeSecurityGroups": "SecurityGroups",
    "DescribeSubnets": "Subnets",
    "DescribeVpcEndpointConnectionNotifications": "ConnectionNotificationSet",
    "DescribeVpcEndpointConnections": "VpcEndpointConnections",
    "DescribeVpcEndpointServiceConfigurations": "ServiceConfigurations",
    "DescribeVpcEndpointServicePermissions": "AllowedPrincipals",
    "DescribeVpcEndpointServices": "ServiceDetails",
    "DescribeVpcEndpoints": "VpcEndpoints",
    "DescribeVpcs": "Vpcs",
    "GetParametersByPath": "Parameters",
    "ListAccounts": "Accounts",
    "ListAccountsForParent": "Accounts",
    "ListMetrics": "Metrics",
    "ListOrganizationalUnitsForParent": "OrganizationalUnits",
    "ListParents": "Parents",
    "ListStackInstances": "Summaries",
}


def call(service: str, operation: str, **request: Any) -> Any:
    """What AWS answers to an operation of a service, both as IAM names them."""
    with aws_errors(service, operation):
        asked = client(_CLIENTS.get(service, service))
        return getattr(asked, xform_name(operation))(**request)


def pages(
    operation: str, *, service: str = "ec2", account: Any = None, **request: Any
) -> Iterator[Any]:
    """The elements in every page of an operation. `account`: another account's client.

    By hand, not by botocore's paginator: that needs one more model file at a cold start. Endpoints
    that are deleted are left out: AWS lists them for a while (openshift/hypershift #9517).
    """
    asked = account or client(_CLIENTS.get(service, service))
    sent, got = _TOKENS.get(service, ("NextToken", "NextToken"))
    more: dict[str, str] = {}
    while True:
        with aws_errors(service, operation):
            answer = getattr(asked, xform_name(operation))(**request, **more)
        for each in answer.get(_LISTS[operation], ()):
            if operation != "DescribeVpcEndpoints" or each.get("State", "").lower() != "deleted":
                yield each
        if not answer.get(got):
            return
        more = {sent: answer[got]}


def filters(name: str, values: Iterable[str]) -> Iterator[list[dict[str, Any]]]:
    """Filters for all `values`, as many as one call takes at a time.

    Raises ValueError if there is no value or an empty one: AWS would answer with everything.
    """
    every = sorted(set(values))
    if not all(every) or not every:
        raise ValueError(f"no values, or an empty one, for the filter {name}")
    for start in range(0, len(every), MOST_FILTER_VALUES):
        yield [{"Name": name, "Values": every[start : start + MOST_FILTER_VALUES]}]


def endpoints(
    types: Collection[str], chosen: Iterable[Mapping[str, Any]] = ()
) -> Iterator[Mapping[str, Any]]:
    """The account's endpoints of these types, as the API describes them; `chosen`: filters more."""
    wanted = {"Name": "vpc-endpoint-type", "Values": [*types]}
    for each in pages("DescribeVpcEndpoints", MaxResults=_PAGE, Filters=[*chosen, wanted]):
        if type_of(each) in types:
            yield each


def of_any_type(answer: Mapping[str, Any]) -> dict[str, Any]:
    """What an endpoint has whatever its type, by the facts' names."""
    created = answer.get("CreationTimestamp")
    return {
        "id": answer["VpcEndpointId"],
        "vpc_id": answer["VpcId"],
        "service_name": answer["ServiceName"],
        "state": answer["State"],
        "created": created.isoformat() if created else "",
        "policy": answer.get("PolicyDocument", ""),
        "requester_managed": answer.get("RequesterManaged", False),
        "tags": tags_of(answer),
    }


def type_of(answer: Mapping[str, Any]) -> str:
    """An endpoint's type; older answers bear none, and were of gateway endpoints (AWS CLI)."""
    return str(answer.get("VpcEndpointType", "Gateway"))


def tagged(resource_type: str, tags: Mapping[str, str]) -> dict[str, Any]:
    """The part of a request that has something made with its tags."""
    named = [{"Key": key, "Value": value} for key, value in tags.items()]
    return {"TagSpecifications": [{"ResourceType": resource_type, "Tags": named}]}


def tags_of(answer: Mapping[str, Any]) -> dict[str, str]:
    """The tags of whatever the API describes."""
    return {tag["Key"]: tag.get("Value", "") for tag in answer.get("Tags", ())}
