"""Load balancers in the lab's subnets: made, described, moved to other zones, deleted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ..balancers import Balancers
from ..call import Call, Operations
from ..errors import AwsError
from ..network import Network
from . import owned

Item = dict[str, Any]


def _balancers(call: Call) -> Balancers:
    key = (call.caller.account, call.caller.region)
    held: Balancers = call.world.balancers.setdefault(key, Balancers(call.network))
    return held


def _zone(subnet: Any) -> Item:
    return {
        "ZoneName": subnet.availability_zone,
        "SubnetId": subnet.id,
        "LoadBalancerAddresses": [],
    }


def _view(balancer: Any) -> Item:
    groups = {"SecurityGroups": balancer.security_groups} if balancer.security_groups else {}
    return {
        "LoadBalancerArn": balancer.arn,
        "DNSName": balancer.dns_name,
        "CanonicalHostedZoneId": balancer.canonical_hosted_zone_id,
        "CreatedTime": balancer.made,
        "LoadBalancerName": balancer.name,
        "Scheme": balancer.scheme,
        "VpcId": balancer.vpc_id,
        "State": {"Code": balancer.state},
        "Type": balancer.type,
        "AvailabilityZones": [_zone(subnet) for subnet in balancer.subnets],
        **groups,
        "IpAddressType": balancer.ip_address_type,
    }


def _subnets(call: Call, kind: str) -> list[Any]:
    """The subnets asked for: the caller's, one a zone, two zones for an application balancer."""
    named = [*call.get("Subnets", [])]
    named += [mapping["SubnetId"] for mapping in call.get("SubnetMappings", [])]
    try:
        subnets = [owned.subnet(call, each) for each in named]
    except AwsError as error:
        raise AwsError("SubnetNotFound", error.message) from error
    zones = {subnet.availability_zone_id for subnet in subnets}
    if len(zones) < len(subnets):
        raise _bad_zones("A load balancer cannot be attached to multiple subnets in the same zone")
    if len(zones) < (1 if kind == "network" else 2):
        raise _bad_zones("At least two subnets in two different Availability Zones are required")
    if len({subnet.vpc_id for subnet in subnets}) > 1:
        raise _bad_zones("All subnets must belong to one VPC")
    return subnets


def _bad_zones(message: str) -> AwsError:
    return AwsError("InvalidConfigurationRequest", message)


def _create(call: Call) -> Item:
    kind = call.get("Type", "application")
    subnets = _subnets(call, kind)
    groups = [owned.group(call, each).id for each in call.get("SecurityGroups", [])]
    balancer = _balancers(call).create_load_balancer(
        call.get("Name"),
        groups,
        [subnet.id for subnet in subnets],
        scheme=call.get("Scheme", "internet-facing"),
        loadbalancer_type=kind,
        ip_address_type=call.get("IpAddressType", "ipv4"),
        tags=call.get("Tags", []),
    )
    short = {"network": "net", "application": "app", "gateway": "gwy"}[kind]
    arn = balancer.arn.replace(":loadbalancer/app/", f":loadbalancer/{short}/")
    balancers = _balancers(call).load_balancers
    balancers[arn] = balancers.pop(balancer.arn)
    balancer.arn, balancer.made = arn, _now(call)
    _place(call.network, balancer, subnets)
    return {"LoadBalancers": [_view(balancer)]}


def _now(call: Call) -> Any:
    return datetime.fromtimestamp(call.world.clock(), UTC)


def _place(network: Network, balancer: Any, subnets: list[Any]) -> None:
    """Gives the balancer a network interface in each of its subnets, and takes the others."""
    name = balancer.arn.partition(":loadbalancer/")[2]
    description = f"ELB {name}"
    wanted = {subnet.id for subnet in subnets}
    standing = set()
    for interface in list(network.enis.values()):
        if interface.description != description:
            continue
        if interface.subnet.id in wanted:
            standing.add(interface.subnet.id)
        else:
            del network.enis[interface.id]
    for subnet in subnets:
        if subnet.id not in standing:
            _interface(network, subnet, description)
    balancer.subnets = subnets


def _interface(network: Network, subnet: Any, description: str) -> None:
    interface = network.create_network_interface(
        subnet, network.free_address(subnet), description=description
    )
    interface.requester_managed, interface.status = True, "in-use"
    interface.interface_type = "network_load_balancer"


def _one(call: Call) -> Any:
    balancer = _balancers(call).load_balancers.get(call.get("LoadBalancerArn"))
    if balancer is None:
        raise AwsError("LoadBalancerNotFound", "One or more load balancers not found")
    return balancer


def _describe(call: Call) -> Item:
    """Pages of up to 400 balancers; the marker is the number of those already shown."""
    arns, names = call.get("LoadBalancerArns"), call.get("Names")
    found = _balancers(call).describe_load_balancers(arns, names)
    start, size = int(call.get("Marker") or 0), min(call.get("PageSize", 400), 400)
    shown = [_view(balancer) for balancer in found[start : start + size]]
    if start + size < len(found):
        return {"LoadBalancers": shown, "NextMarker": str(start + size)}
    return {"LoadBalancers": shown}


def _delete(call: Call) -> Item:
    """Deletes the balancer with its interfaces; one that is gone is no error, as on AWS."""
    balancer = _balancers(call).load_balancers.get(call.get("LoadBalancerArn"))
    if balancer is not None:
        _place(call.network, balancer, [])
        _balancers(call).delete_load_balancer(balancer.arn)
    return {}


def _set_subnets(call: Call) -> Item:
    balancer = _one(call)
    subnets = _subnets(call, balancer.type)
    _place(call.network, balancer, subnets)
    return {"AvailabilityZones": [_zone(subnet) for subnet in subnets]}


ELASTIC_LOAD_BALANCING: Operations = {
    "CreateLoadBalancer": _create,
    "DeleteLoadBalancer": _delete,
    "DescribeLoadBalancers": _describe,
    "SetSubnets": _set_subnets,
}
