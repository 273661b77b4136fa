"""Attributes of load balancers, cross-zone balancing and protection from deletion among them."""

from __future__ import annotations

from typing import Any

from ..call import Call, Operations
from ..errors import AwsError
from .balancing import find

Item = dict[str, Any]

#: Attributes of a network load balancer that can be set, with their defaults (ELB guide).
_ATTRIBUTES = {
    "access_logs.s3.enabled": "false",
    "access_logs.s3.bucket": "",
    "access_logs.s3.prefix": "",
    "deletion_protection.enabled": "false",
    "dns_record.client_routing_policy": "any_availability_zone",
    "ipv6.deny_all_igw_traffic": "false",
    "load_balancing.cross_zone.enabled": "false",
    "zonal_shift.config.enabled": "false",
}


def _attributes(balancer: Any) -> list[Item]:
    held = {**_ATTRIBUTES, **getattr(balancer, "set_attributes", {})}
    return [{"Key": key, "Value": value} for key, value in held.items()]


def _describe_attributes(call: Call) -> Item:
    return {"Attributes": _attributes(find(call, call.get("LoadBalancerArn")))}


def _modify_attributes(call: Call) -> Item:
    balancer = find(call, call.get("LoadBalancerArn"))
    wanted = {each.get("Key", ""): each.get("Value", "") for each in call.get("Attributes")}
    for key in wanted:
        if key not in _ATTRIBUTES:
            raise AwsError(
                "InvalidConfigurationRequest", f"Load balancer attribute key '{key}' is not valid"
            )
    balancer.set_attributes = {**getattr(balancer, "set_attributes", {}), **wanted}
    return {"Attributes": _attributes(balancer)}


OPERATIONS: Operations = {
    "DescribeLoadBalancerAttributes": _describe_attributes,
    "ModifyLoadBalancerAttributes": _modify_attributes,
}
