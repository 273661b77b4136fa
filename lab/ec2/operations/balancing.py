"""Load balancers in the lab's subnets: made, described, moved to other zones, deleted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ..balancers import Balancers, is_active
from ..call import Call, Operations
from ..errors import AwsError
from . import balancer_names, balancer_places, balancer_tags, gateways, owned

Item = dict[str, Any]


def balancers(call: Call) -> Balancers:
    """The caller's load balancers."""
    key = (call.caller.account, call.caller.region)
    if key not in call.world.balancers:
        call.world.balancers[key] = Balancers(call.network)
    held: Balancers = call.world.balancers[key]
    return held


def find(call: Call, arn: str) -> Any:
    """A load balancer of the caller.

    Raises:
        AwsError: LoadBalancerNotFound.
    """
    balancer = balancers(call).load_balancers.get(arn)
    if balancer is None:
        raise AwsError("LoadBalancerNotFound", "One or more load balancers not found")
    return balancer


def _zone(subnet: Any) -> Item:
    return {
        "ZoneName": subnet.availability_zone,
        "SubnetId": subnet.id,
        "LoadBalancerAddresses": [],
    }


def _view(balancer: Any, now: float) -> Item:
    groups = {"SecurityGroups": balancer.security_groups} if balancer.security_groups else {}
    return {
        "LoadBalancerArn": balancer.arn,
        "DNSName": balancer.dns_name,
        "CanonicalHostedZoneId": balancer.canonical_hosted_zone_id,
        "CreatedTime": balancer.made,
        "LoadBalancerName": balancer.name,
        "Scheme": balancer.scheme,
        "VpcId": balancer.vpc_id,
        "State": {"Code": "active" if is_active(balancer, now) else "provisioning"},
        "Type": balancer.type,
        "AvailabilityZones": [_zone(subnet) for subnet in balancer.subnets],
        **groups,
        "IpAddressType": balancer.ip_address_type,
    }


def _subnets(call: Call, kind: str) -> list[Any]:
    """The subnets asked for: the caller's, one a zone, two zones for an application balancer."""
    named = [*call.get("Subnets", [])]
    named += [_mapped(mapping) for mapping in call.get("SubnetMappings", [])]
    try:
        subnets = [owned.subnet(call, each) for each in named]
    except AwsError as error:
        raise AwsError("SubnetNotFound", error.message) from error
    zones = {subnet.availability_zone_id for subnet in subnets}
    if len(zones) < len(subnets):
        raise _bad_zones("A load balancer cannot be attached to multiple subnets in the same zone")
    if len(zones) < (2 if kind == "application" else 1):
        raise _bad_zones("At least two subnets in two different Availability Zones are required")
    if len({subnet.vpc_id for subnet in subnets}) > 1:
        raise _bad_zones("All subnets must belong to one VPC")
    return subnets


def _mapped(mapping: Item) -> str:
    if set(mapping) != {"SubnetId"} or not mapping["SubnetId"]:
        raise AwsError(
            "UnsupportedOperation", "The lab maps balancers to subnets by SubnetId only."
        )
    return str(mapping["SubnetId"])


def _check_internet(call: Call, scheme: str, vpc_id: str) -> None:
    """An internet-facing balancer needs an internet gateway (wording: public build logs)."""
    if scheme == "internet-facing" and not gateways.attached_to(call.network, vpc_id):
        raise AwsError("InvalidSubnet", f"VPC {vpc_id} has no internet gateway")


def _bad_zones(message: str) -> AwsError:
    return AwsError("InvalidConfigurationRequest", message)


def _create(call: Call) -> Item:
    kind = call.get("Type", "application")
    balancer_names.check(call.get("Name"))
    _check_terms(call)
    subnets = _subnets(call, kind)
    groups = [owned.group(call, each).id for each in call.get("SecurityGroups", [])]
    tags = balancer_tags.checked(call.get("Tags", []))
    scheme = call.get("Scheme", "internal" if kind == "gateway" else "internet-facing")
    _check_internet(call, scheme, subnets[0].vpc_id)
    held = balancers(call)
    there = balancer_names.taken(call, held.load_balancers.values())
    if there is not None:
        return {"LoadBalancers": [_view(there, call.world.clock())]}
    balancer = held.create_load_balancer(
        call.get("Name"),
        groups,
        [subnet.id for subnet in subnets],
        scheme=scheme,
        loadbalancer_type=kind,
        ip_address_type=call.get("IpAddressType", "ipv4"),
    )
    short = {"network": "net", "application": "app", "gateway": "gwy"}[kind]
    arn = balancer.arn.replace(":loadbalancer/app/", f":loadbalancer/{short}/")
    held.load_balancers[arn] = held.load_balancers.pop(balancer.arn)
    balancer.arn, balancer.made, balancer.asked = arn, _now(call), balancer_names.terms(call)
    balancer.active_from = call.world.clock() + call.world.takes("balancer made")
    balancer.zones_from = {}
    held.labels[arn] = tags
    balancer_places.place(call.network, balancer, subnets)
    return {"LoadBalancers": [_view(balancer, 0)]}


def _check_terms(call: Call) -> None:
    """Refuses what the model's enums don't hold."""
    for member, allowed in _ENUMS.items():
        value = call.get(member, allowed[0])
        if value not in allowed:
            raise balancer_names.not_in_enum(value, member, allowed)
    for mapping in call.get("SubnetMappings", []):
        _mapped(mapping)


_ENUMS = {
    "Type": ("application", "network", "gateway"),
    "Scheme": ("internet-facing", "internal"),
    "IpAddressType": ("ipv4", "dualstack"),
}


def _now(call: Call) -> Any:
    return datetime.fromtimestamp(call.world.clock(), UTC)


def page(call: Call, result: str, found: list[Item]) -> Item:
    """A page of up to 400 items; the marker is the number of those already shown."""
    marker, size = str(call.get("Marker") or 0), call.get("PageSize", 400)
    if not (marker.isascii() and marker.isdigit()):
        raise AwsError("ValidationError", f"Invalid marker '{marker}'")
    if not 1 <= size <= 400:
        raise AwsError("ValidationError", f"PageSize {size} is not within 1 and 400")
    start = int(marker)
    shown = found[start : start + size]
    more = {"NextMarker": str(start + size)} if start + size < len(found) else {}
    return {result: shown, **more}


def _describe(call: Call) -> Item:
    arns, names = call.get("LoadBalancerArns", []), call.get("Names", [])
    held = balancers(call).load_balancers
    by_name = {balancer.name: balancer for balancer in held.values()}
    if arns and names:
        raise AwsError(
            "ValidationError", "Load balancers are named by ARNs or by names, not by both"
        )
    if not set(names) <= by_name.keys():
        raise AwsError("LoadBalancerNotFound", "One or more load balancers not found")
    named = [find(call, arn) for arn in arns] or [by_name[name] for name in names]
    found = list(dict.fromkeys(named)) or list(held.values())
    now = call.world.clock()
    return page(call, "LoadBalancers", [_view(balancer, now) for balancer in found])


def _delete(call: Call) -> Item:
    """Deletes the balancer with all that is its own; one that is gone is no error, as on AWS."""
    held = balancers(call)
    balancer = held.load_balancers.get(call.get("LoadBalancerArn"))
    if balancer is None:
        return {}
    _refuse_kept(call, balancer)
    balancer_places.place(call.network, balancer, [])
    for arn in [each.arn for each in held.listening.values() if each.balancer_arn == balancer.arn]:
        del held.listening[arn]
        held.labels.pop(arn, None)
    held.labels.pop(balancer.arn, None)
    held.delete_load_balancer(balancer.arn)
    return {}


def _refuse_kept(call: Call, balancer: Any) -> None:
    """Endpoint services keep their balancers (cloud-custodian #9921 has code and wording), and so
    does the protection that a balancer may have (rain #187)."""
    arn = balancer.arn
    if getattr(balancer, "set_attributes", {}).get("deletion_protection.enabled") == "true":
        raise AwsError(
            "OperationNotPermitted",
            f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled",
        )
    if any(arn in service.balancer_arns for service in call.network.services.values()):
        raise AwsError(
            "ResourceInUse",
            f"Load balancer '{arn}' cannot be deleted because it is currently associated with"
            " another service",
        )


def _set_subnets(call: Call) -> Item:
    balancer = find(call, call.get("LoadBalancerArn"))
    subnets = _subnets(call, balancer.type)
    _await_new_zones(call, balancer, subnets)
    balancer_places.place(call.network, balancer, subnets)
    _drop_lost_zones(call)
    return {"AvailabilityZones": [_zone(subnet) for subnet in subnets]}


def _await_new_zones(call: Call, balancer: Any, subnets: list[Any]) -> None:
    """It takes minutes until an endpoint service can have a zone that its balancer gains."""
    standing = {str(subnet.availability_zone_id) for subnet in balancer.subnets}
    for subnet in subnets:
        zone = str(subnet.availability_zone_id)
        if zone not in standing:
            balancer.zones_from[zone] = call.world.clock() + call.world.takes("balancer zone")


def _drop_lost_zones(call: Call) -> None:
    """Takes from services the zones in which no balancer of theirs stands any more (believed)."""
    held = balancers(call).load_balancers
    for service in call.network.services.values():
        standing = {
            subnet.availability_zone_id
            for arn in service.balancer_arns
            for subnet in held[arn].subnets
        }
        service.zone_ids = [zone for zone in service.zone_ids if zone in standing]


OPERATIONS: Operations = {
    "CreateLoadBalancer": _create,
    "DeleteLoadBalancer": _delete,
    "DescribeLoadBalancers": _describe,
    "SetSubnets": _set_subnets,
}
