"""Makes, changes and deletes interface endpoints."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, assert_never

from autopilot.aws.errors import NotFound, NotOurs, RefusedByAws
from autopilot.aws.interface_facts import endpoint_of
from autopilot.aws.pages import call, pages, tagged
from autopilot.interfaces.facts import Endpoint
from autopilot.interfaces.plan import EndpointItem
from autopilot.policy.model import Policy
from autopilot.reconcile.tags import owned_by, profile_tags

# Describes may trail a creation by seconds; an answer about an older endpoint can be checked.
_FRESH = timedelta(minutes=2)


def apply(item: EndpointItem, owner: str, policy: Policy) -> str:
    """Do what `item` says; the endpoint's id. Repeatable.

    Raises NotOurs, NotFound, other AwsErrors.
    """
    match item.action:
        case "create":
            return create(item, owner, policy.document(item.endpoint_policy))
        case "modify":
            return modify(item, owner, policy.document(item.endpoint_policy))
        case "delete":
            return delete(item, owner)
        case _:
            assert_never(item.action)


def create(item: EndpointItem, owner: str, policy: str | None) -> str:
    """Make the endpoint that `item` describes; its id. `policy`: JSON text, None for full access.

    Repeatable: the token is the item's. Raises NotFound if the token stands for an endpoint that
    is gone, other AwsErrors, ValueError if the item names no VPC, subnet or group.
    """
    if not (item.vpc_id and item.add_subnet_ids and item.group_ids):
        raise ValueError(f"{item.id}: an interface endpoint needs a VPC, subnets and a group")
    answer = call(
        "ec2",
        "CreateVpcEndpoint",
        VpcEndpointType="Interface",
        VpcId=item.vpc_id,
        ServiceName=item.service_name,
        SubnetIds=list(item.add_subnet_ids),
        SecurityGroupIds=list(item.group_ids),
        PrivateDnsEnabled=bool(item.private_dns),
        ClientToken=item.token,
        **tagged("vpc-endpoint", profile_tags(owner, item.profile, item.service)),
        **_dns_options(item.inbound_only),
        **_more(item, policy),
    )
    made = answer["VpcEndpoint"]
    _check_alive(made)
    return str(made["VpcEndpointId"])


def _more(item: EndpointItem, policy: str | None) -> dict[str, Any]:
    region = {"ServiceRegion": item.service_region} if item.service_region else {}
    document = {"PolicyDocument": policy} if item.set_policy and policy is not None else {}
    kind = {"IpAddressType": item.ip_address_type} if item.ip_address_type else {}
    return {**region, **document, **kind}


def _check_alive(made: Any) -> None:
    """A token answers for an endpoint that has been deleted since: then it makes nothing."""
    created = made.get("CreationTimestamp")
    if created is None or datetime.now(UTC) - created < _FRESH:
        return
    endpoint = _found(made["VpcEndpointId"])
    if endpoint is None or endpoint.standing == "going":
        raise NotFound(f"ec2:CreateVpcEndpoint: {made['VpcEndpointId']} of this token is gone")


def modify(item: EndpointItem, owner: str, policy: str | None) -> str:
    """Change what `item` names, in one call; the endpoint's id.

    Reads the endpoint first: it may have been deleted, given away or changed since the plan.
    Raises NotOurs, NotFound, other AwsErrors.
    """
    endpoint = _ours(item.endpoint_id or "", owner)
    request = _changes(item, endpoint)
    if item.set_policy:
        request |= {"ResetPolicy": True} if policy is None else {"PolicyDocument": policy}
    if request:
        call("ec2", "ModifyVpcEndpoint", VpcEndpointId=endpoint.id, **request)
    return endpoint.id


def _changes(item: EndpointItem, endpoint: Endpoint) -> dict[str, Any]:
    stands, bears, shall = set(endpoint.subnet_ids), set(endpoint.group_ids), set(item.group_ids)
    lists: dict[str, Iterable[str]] = {
        "AddSubnetIds": set(item.add_subnet_ids) - stands,
        "RemoveSubnetIds": set(item.remove_subnet_ids) & stands,
        "AddSecurityGroupIds": shall - bears,
        "RemoveSecurityGroupIds": bears - shall if shall else (),
    }
    request: dict[str, Any] = {name: sorted(ids) for name, ids in lists.items() if ids}
    if item.private_dns is not None and item.private_dns != endpoint.private_dns:
        request["PrivateDnsEnabled"] = item.private_dns
    if item.ip_address_type and item.ip_address_type != endpoint.address_type:
        request["IpAddressType"] = item.ip_address_type
    if "PrivateDnsEnabled" in request or item.inbound_only != endpoint.inbound_only:
        request |= _dns_options(item.inbound_only)
    return request


def _dns_options(inbound_only: bool | None) -> dict[str, Any]:
    """Always said where there is a choice: AWS's own default depends on what is asked besides."""
    if inbound_only is None:
        return {}
    return {"DnsOptions": {"PrivateDnsOnlyForInboundResolverEndpoint": inbound_only}}


def delete(item: EndpointItem, owner: str) -> str:
    """Delete our endpoint if it is there; its id.

    Raises NotFound if it is no duplicate any more, or if an idle one is wanted back; NotOurs, other
    AwsErrors.
    """
    try:
        endpoint = _ours(item.endpoint_id or "", owner)
    except NotFound:
        return item.endpoint_id or ""  # gone already, or going
    if item.cause == "duplicate" and not _another_serves(endpoint, owner):
        raise NotFound(f"ec2:DescribeVpcEndpoints: only {endpoint.id} of ours serves the VPC")
    if item.cause == "idle" and endpoint.private_dns:
        raise NotFound(f"ec2:DescribeVpcEndpoints: private DNS of {endpoint.id} is on again")
    answer = call("ec2", "DeleteVpcEndpoints", VpcEndpointIds=[endpoint.id])
    for each in answer.get("Unsuccessful", ()):
        code, message = each["Error"].get("Code", ""), each["Error"].get("Message", "")
        if not code.endswith(".NotFound"):
            raise RefusedByAws(f"ec2:DeleteVpcEndpoints: {code}: {message}")
    return endpoint.id


def _another_serves(endpoint: Endpoint, owner: str) -> bool:
    """Whether another of our endpoints is available in the VPC for the same service."""
    chosen = [
        {"Name": "vpc-id", "Values": [endpoint.vpc_id]},
        {"Name": "service-name", "Values": [endpoint.service_name]},
    ]
    found = map(endpoint_of, pages("DescribeVpcEndpoints", Filters=chosen))
    others = (each for each in found if each.id != endpoint.id)
    return any(each.standing == "available" and owned_by(each.tags, owner) for each in others)


def _ours(endpoint_id: str, owner: str) -> Endpoint:
    endpoint = _found(endpoint_id)
    if endpoint is None or endpoint.standing == "going":
        raise NotFound(f"ec2:DescribeVpcEndpoints: {endpoint_id} is gone, or going")
    if not owned_by(endpoint.tags, owner) or endpoint.requester_managed:
        raise NotOurs(f"ec2:ModifyVpcEndpoint: {endpoint_id} doesn't carry the tag of {owner}")
    return endpoint


def _found(endpoint_id: str) -> Endpoint | None:
    if not endpoint_id:
        raise ValueError("no endpoint id: AWS would describe every endpoint")
    try:
        found = pages("DescribeVpcEndpoints", VpcEndpointIds=[endpoint_id])
        return next(map(endpoint_of, found), None)
    except NotFound:
        return None
