"""Gateway endpoints: made, changed and deleted, with their routes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from ..call import Call
from ..errors import AwsError, invalid_parameter, missing_parameter
from ..identifiers import ENDPOINT_TABLE, ENDPOINT_VPC
from ..network import Endpoint, Network, new_id
from ..prefix_lists import gateway_service
from . import dns_options, gateway_routes, offers, owned, policies, quotas, seen

Item = dict[str, Any]


def view(network: Network, endpoint: Endpoint, now: float) -> Item:
    """An endpoint as DescribeVpcEndpoints shows it; states are lower-case on the wire."""
    code, message = endpoint.error or ("", "")
    return {
        "VpcEndpointId": endpoint.id,
        "VpcEndpointType": "Gateway",
        "VpcId": endpoint.vpc_id,
        "ServiceName": endpoint.service_name,
        "State": _state(endpoint, now),
        "PolicyDocument": policies.shown(endpoint.policy),
        "RouteTableIds": list(endpoint.route_table_ids),
        "SubnetIds": [],
        "Groups": [],
        "IpAddressType": endpoint.address_type,
        "DnsOptions": {"DnsRecordIpType": endpoint.record_type},
        "PrivateDnsEnabled": False,
        "RequesterManaged": endpoint.requester_managed,
        "NetworkInterfaceIds": [],
        "DnsEntries": [],
        "CreationTimestamp": endpoint.created,
        "Tags": network.tags_of(endpoint.id),
        "OwnerId": network.account_id,
        **({"LastError": {"Code": code, "Message": message}} if endpoint.error else {}),
    }


def _state(endpoint: Endpoint, now: float) -> str:
    if endpoint.deleting:
        return "deleting"
    if endpoint.error:
        return "failed"
    return "pending" if endpoint.pending and now < endpoint.settled_at else "available"


def make(call: Call) -> Item:
    """Makes the endpoint that the call asks for, and its routes; returns the view of it.

    Raises:
        AwsError: anything about it is refused; nothing has changed then.
    """
    network = call.network
    service = _service(call)
    vpc = owned.vpc(call, call.get("VpcId"), ENDPOINT_VPC)
    policy = policies.checked(call.get("PolicyDocument"))
    tags = call.tags_for("vpc-endpoint")
    tables = _tables(call, vpc.id, call.get("RouteTableIds", []))
    kind = gateway_routes.address_type(call, service, "ipv4")
    listings = gateway_routes.listings(call, service, kind)
    gateway_routes.refuse_second_routes(call, tables, listings)
    records = dns_options.of_gateway(call, kind)
    quotas.check_gateway_endpoints(call)
    endpoint = _new(call, vpc.id, service)
    endpoint.policy, endpoint.prefix_list_ids = policy or endpoint.policy, listings
    endpoint.address_type, endpoint.record_type = kind, records
    network.endpoints[endpoint.id] = endpoint
    network.create_tags([endpoint.id], tags)
    gateway_routes.attach(network, endpoint, tables)
    return view(network, endpoint, call.world.clock())


def _new(call: Call, vpc_id: str, service: str) -> Endpoint:
    now = call.world.clock()
    return Endpoint(
        id=new_id("vpce"),
        vpc_id=vpc_id,
        service=service,
        service_name=call.get("ServiceName"),
        prefix_list_ids=[],
        policy=policies.FULL_ACCESS,
        created=datetime.fromtimestamp(now, UTC),
        settled_at=now + call.world.takes("gateway endpoint made"),
    )


def _service(call: Call) -> str:
    """The short name of the gateway service asked for.

    Raises:
        AwsError: it is missing, unknown, no gateway service, or wants more than a gateway endpoint.
    """
    name = call.get("ServiceName")
    if not name:
        raise missing_parameter("ServiceName")
    service = gateway_service(call.caller.region, name)
    if service is None:
        offers.refuse_type(call, name, "Gateway")
        raise offers.unknown_service(name)
    for member, what in (("SubnetIds", "Subnet IDs"), ("SecurityGroupIds", "Security group IDs")):
        if call.get(member):
            raise invalid_parameter(
                f"{what} are only supported for Interface and GatewayLoadBalancer type VPC"
                " Endpoints."
            )
    return service


def _tables(call: Call, vpc_id: str, identifiers: Iterable[str]) -> list[Any]:
    """The named tables, which must be the VPC's."""
    tables = []
    for identifier in dict.fromkeys(identifiers):
        table = owned.route_table(call, identifier, ENDPOINT_TABLE)
        if table.vpc_id != vpc_id:
            raise invalid_parameter(f"Route table {identifier} does not belong to VPC {vpc_id}.")
        if any(str(target).startswith("igw-") for target in table._associations.values()):
            raise invalid_parameter(
                f"Route table {identifier} is associated with a gateway; it takes no routes to VPC"
                " endpoints."
            )
        tables.append(table)
    return tables


def modify(call: Call, endpoint: Endpoint) -> None:
    """Changes an endpoint's tables and policy.

    Raises:
        AwsError: anything about it is refused; nothing has changed then.
    """
    network = call.network
    _refuse_interface_members(call)
    now = call.world.clock()
    if endpoint.deleting or endpoint.error:
        state = _state(endpoint, now)
        raise AwsError(
            "InvalidState", f"The VPC endpoint {endpoint.id} is {state}; it cannot change."
        )
    if now < endpoint.settled_at:
        raise AwsError("OperationInProgress", "VpcEndpoint modify operation in progress")
    added = _new_tables(call, endpoint)
    removed = _tables(call, endpoint.vpc_id, call.get("RemoveRouteTableIds", []))
    change_type = gateway_routes.new_type(call, endpoint, removed)
    endpoint.policy = new_policy(call, policies.FULL_ACCESS) or endpoint.policy
    change_type()
    gateway_routes.detach(endpoint, removed)
    gateway_routes.attach(network, endpoint, added)
    endpoint.settled_at = now + call.world.takes("gateway endpoint changed")
    endpoint.pending = False


def _new_tables(call: Call, endpoint: Endpoint) -> list[Any]:
    """The tables to add; one that the endpoint has already changes nothing."""
    named = _tables(call, endpoint.vpc_id, call.get("AddRouteTableIds", []))
    new = [table for table in named if table.id not in endpoint.route_table_ids]
    kind = gateway_routes.address_type(call, endpoint.service, endpoint.address_type)
    gateway_routes.refuse_second_routes(
        call, new, gateway_routes.listings(call, endpoint.service, kind)
    )
    return new


def new_policy(call: Call, default: str) -> str | None:
    """The policy that a ModifyVpcEndpoint asks for, or None if it asks for none.

    Raises:
        AwsError: a bad policy, or one together with ResetPolicy.
    """
    if call.get("ResetPolicy"):
        if call.get("PolicyDocument"):
            raise AwsError(
                "InvalidParameterCombination",
                "The parameters ResetPolicy and PolicyDocument cannot be used together.",
            )
        return default
    return policies.checked(call.get("PolicyDocument"))


_INTERFACE_MEMBERS = (
    "AddSubnetIds",
    "RemoveSubnetIds",
    "AddSecurityGroupIds",
    "RemoveSecurityGroupIds",
    "PrivateDnsEnabled",
)


def _refuse_interface_members(call: Call) -> None:
    for member in _INTERFACE_MEMBERS:
        if call.get(member):
            raise invalid_parameter(f"{member} is only supported for Interface type VPC Endpoints.")


def remove(call: Call, endpoint: Endpoint) -> None:
    """Begins an endpoint's deletion: it keeps its routes until it is gone.

    Raises:
        AwsError: an interface endpoint relies on it.
    """
    if endpoint.deleting:
        return
    dns_options.check_unneeded(call.network, endpoint)
    network, endpoint.deleting = call.network, True

    def gone(when: float) -> None:
        seen.leave(call.world, network, endpoint, view(network, endpoint, when), when)
        del network.endpoints[endpoint.id]
        gateway_routes.detach(endpoint, network.tables_of(endpoint.vpc_id))
        network.forget_tags(endpoint.id)

    call.world.later("gateway endpoint gone", (network,), gone)
