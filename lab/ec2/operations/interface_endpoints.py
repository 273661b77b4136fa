"""Interface endpoints: made, changed and deleted, with their network interfaces."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from .. import chance
from ..call import Call
from ..errors import AwsError, invalid_parameter
from ..identifiers import ENDPOINT_VPC
from ..listing import Item
from ..network import Network, new_id
from ..privatelink import InterfaceEndpoint
from . import (
    address_types,
    connections,
    dns_options,
    interfaces,
    owned,
    placing,
    policies,
    private_dns,
    quotas,
    seen,
    targets,
)
from .gateway_endpoints import new_policy
from .targets import Target

#: States in which nothing of an endpoint can be changed.
_OVER = frozenset({"rejected", "expired", "failed", "deleting"})


def view(network: Network, endpoint: InterfaceEndpoint, _now: float) -> Item:
    """An endpoint as DescribeVpcEndpoints shows it to its owner."""
    held = network.groups.get(endpoint.vpc_id, {})
    code, message = endpoint.error or ("", "")
    return {
        "VpcEndpointId": endpoint.id,
        "VpcEndpointType": "Interface",
        "VpcId": endpoint.vpc_id,
        "ServiceName": endpoint.service_name,
        "State": endpoint.state,
        "PolicyDocument": policies.shown(endpoint.policy),
        "RouteTableIds": [],
        "SubnetIds": list(endpoint.interfaces),
        "Groups": [{"GroupId": each, "GroupName": held[each].name} for each in endpoint.group_ids],
        "IpAddressType": endpoint.address_type,
        "DnsOptions": dns_options.shown(endpoint),
        "PrivateDnsEnabled": endpoint.private_dns,
        "RequesterManaged": endpoint.requester_managed,
        "NetworkInterfaceIds": list(endpoint.interfaces.values()),
        "DnsEntries": private_dns.entries(network, endpoint),
        "CreationTimestamp": endpoint.created,
        "Tags": network.tags_of(endpoint.id),
        "OwnerId": network.account_id,
        "ServiceRegion": endpoint.service_region,
        **({"LastError": {"Code": code, "Message": message}} if endpoint.error else {}),
    }


def make(call: Call) -> Item:
    """Makes the endpoint that the call asks for; returns the view of it.

    Raises:
        AwsError: anything about it is refused; nothing has changed then.
    """
    target = targets.find(call)
    if call.get("RouteTableIds"):
        raise invalid_parameter("Route table IDs are only supported for Gateway type VPC Endpoint.")
    vpc = owned.vpc(call, call.get("VpcId"), ENDPOINT_VPC)
    policy, tags = _policy(call, target), call.tags_for("vpc-endpoint")
    kind = address_types.of_interface(call, target, ())
    places = placing.subnets(call, vpc.id, target, call.get("SubnetIds", []), address_type=kind)
    group_ids = placing.groups(call, vpc.id, call.get("SecurityGroupIds", []))
    private = _wants_private_dns(call, target)
    if private:
        private_dns.check(call, vpc, target, accepted=False)
    only = dns_options.inbound_only(call, vpc.id, target, private, None)
    records = dns_options.records(call, kind)
    quotas.check_interface_endpoints(call, vpc.id)
    endpoint = _new(call, target, vpc.id, policy or policies.INTERFACE_FULL_ACCESS)
    endpoint.group_ids = group_ids or [interfaces.default_group(call, vpc.id)]
    endpoint.private_dns, endpoint.inbound_only = private, only
    endpoint.address_type, endpoint.record_type = kind, records
    call.network.interface_endpoints[endpoint.id] = endpoint
    call.network.create_tags([endpoint.id], tags)
    placing.settle_in(call, endpoint, places)
    connections.ask(call, endpoint, target)
    return view(call.network, endpoint, 0)


def _policy(call: Call, target: Target) -> str | None:
    document = policies.checked(call.get("PolicyDocument"))
    if document is not None and not target.policy:
        raise invalid_parameter(
            f"Endpoint policies are not supported for the service {target.name}."
        )
    return document


def _wants_private_dns(call: Call, target: Target) -> bool:
    """On by default for AWS's services (VPC guide); S3 and DynamoDB, which clash with the gateway
    endpoints, are believed to be exceptions."""
    amazon = target.service is None and not target.name.endswith((".s3", ".dynamodb"))
    wanted: bool = call.get("PrivateDnsEnabled", amazon)
    return wanted


def _new(call: Call, target: Target, vpc_id: str, policy: str) -> InterfaceEndpoint:
    now, identifier = call.world.clock(), new_id("vpce")
    return InterfaceEndpoint(
        id=identifier,
        owner=call.caller.account,
        region=call.caller.region,
        vpc_id=vpc_id,
        service_name=target.name,
        service_region=target.region,
        service_id=target.service.id if target.service else None,
        dns_label=f"{identifier}-{chance.token_hex('vpce-dns', 4)}",
        dns_suffix=target.dns_suffix,
        private_dns_name=target.private_name,
        private_zone_id=f"Z{chance.token_hex('zone', 6).upper()}",
        policy=policy,
        created=datetime.fromtimestamp(now, UTC),
        state="pending",
        settled_at=now,
        group_ids=[],
    )


def modify(call: Call, endpoint: InterfaceEndpoint) -> None:
    """Changes an endpoint.

    Raises:
        AwsError: anything about it is refused; nothing has changed then.
    """
    _check_modifiable(call, endpoint)
    target = targets.of(call, endpoint)
    kind = _new_address_type(call, endpoint, target)
    added = _added(call, endpoint, target, kind)
    group_ids = _new_groups(call, endpoint)
    policy = new_policy(call, policies.INTERFACE_FULL_ACCESS)
    if target is not None:
        _policy(call, target)
    private = _new_private_dns(call, endpoint, target)
    only = _new_inbound_only(call, endpoint, target, private)
    records = dns_options.records(call, kind, endpoint.record_type)
    endpoint.address_type, endpoint.record_type = kind, records
    endpoint.policy, endpoint.private_dns = policy or endpoint.policy, private
    endpoint.inbound_only = only
    if target is not None and private:
        endpoint.private_dns_name = target.private_name
    for each in call.get("RemoveSubnetIds", []):
        placing.leave(call.network, endpoint, [each])
    placing.bear(call.network, endpoint, group_ids)
    for interface_id in endpoint.interfaces.values():
        placing.address(call, endpoint, call.network.enis[interface_id])
    placing.settle_in(call, endpoint, added)
    endpoint.settled_at = call.world.clock() + call.world.takes("interface endpoint changed")


def _check_modifiable(call: Call, endpoint: InterfaceEndpoint) -> None:
    for member in ("AddRouteTableIds", "RemoveRouteTableIds"):
        if call.get(member):
            raise invalid_parameter(f"{member} is only supported for Gateway type VPC Endpoints.")
    if endpoint.state in _OVER:
        raise AwsError(
            "InvalidState", f"The VPC endpoint {endpoint.id} is {endpoint.state}; it cannot change."
        )
    if call.world.clock() < endpoint.settled_at:
        raise AwsError("OperationInProgress", "VpcEndpoint modify operation in progress")


def _new_address_type(call: Call, endpoint: InterfaceEndpoint, target: Target | None) -> str:
    """The type that the endpoint shall have; the subnets that stay must fit it."""
    if target is None:
        return address_types.asked(call, endpoint.address_type)
    gone = set(call.get("RemoveSubnetIds", []))
    stay = [s for s in call.network.all_subnets() if s.id in endpoint.interfaces.keys() - gone]
    return address_types.of_interface(call, target, stay, endpoint.address_type)


def _added(call: Call, endpoint: InterfaceEndpoint, target: Target | None, kind: str) -> list[Any]:
    """The subnets to add; one that it stands in already changes nothing."""
    for each in call.get("RemoveSubnetIds", []):
        owned.subnet(call, each)
    wanted = [each for each in call.get("AddSubnetIds", []) if each not in endpoint.interfaces]
    if not wanted:
        return []
    if target is None:
        raise invalid_parameter(f"The service {endpoint.service_name} is no longer there.")
    taken = endpoint.zones.values()
    return placing.subnets(call, endpoint.vpc_id, target, wanted, taken, address_type=kind)


def _new_groups(call: Call, endpoint: InterfaceEndpoint) -> list[str]:
    added = placing.groups(call, endpoint.vpc_id, call.get("AddSecurityGroupIds", []))
    gone = set(call.get("RemoveSecurityGroupIds", []))
    kept = [each for each in dict.fromkeys([*endpoint.group_ids, *added]) if each not in gone]
    if not kept:
        raise invalid_parameter("An interface endpoint must have at least one security group.")
    owned.check_group_count(kept)
    return kept


def _new_private_dns(call: Call, endpoint: InterfaceEndpoint, target: Target | None) -> bool:
    wanted: bool = call.get("PrivateDnsEnabled", endpoint.private_dns)
    if wanted and not endpoint.private_dns and target is not None:
        vpc = call.network.vpcs[endpoint.vpc_id]
        accepted = endpoint.state == "available"
        private_dns.check(call, vpc, target, accepted=accepted)
    return wanted


def _new_inbound_only(
    call: Call, endpoint: InterfaceEndpoint, target: Target | None, private: bool
) -> bool:
    if target is None:
        return endpoint.inbound_only
    before = endpoint.inbound_only if endpoint.private_dns else None
    return dns_options.inbound_only(call, endpoint.vpc_id, target, private, before)


def remove(call: Call, endpoint: InterfaceEndpoint, show: Callable[[float], Item]) -> None:
    """Begins the deletion of an endpoint of any type that has interfaces; `show` is its view.

    They keep what they hold on to until they go, which may be a while after the endpoint
    (openshift/hypershift #9517).
    """
    if endpoint.state == "deleting":
        return
    connections.leave(call, endpoint)
    network, both = call.network, connections.sides(call.world, endpoint)

    def gone(when: float) -> None:
        seen.leave(call.world, network, endpoint, show(when), when)
        network.interface_endpoints.pop(endpoint.id, None)
        network.forget_tags(endpoint.id)
        endpoint.state = "deleted"
        connections.ended(call.world, endpoint, when)
        call.world.later("interfaces linger", (network,), detached, since=when)

    def detached(_when: float) -> None:
        placing.leave(network, endpoint, endpoint.interfaces)

    call.world.later("interface endpoint gone", both, gone)
