"""Target groups, as far as a published service and infrastructure as code need them."""

from __future__ import annotations

from typing import Any

from .. import chance
from ..balancers import Balancers, TargetGroup
from ..call import Call, Operations
from ..errors import AwsError
from . import balancer_names, balancer_tags, owned
from .balancing import balancers, find, page

Item = dict[str, Any]
PROTOCOLS = ("TCP", "TLS", "UDP", "TCP_UDP")
#: What a check is like unless the request says otherwise (ELB guide, TCP target groups).
_DEFAULTS: Item = {
    "HealthCheckProtocol": "TCP",
    "HealthCheckPort": "traffic-port",
    "HealthCheckEnabled": True,
    "HealthCheckIntervalSeconds": 30,
    "HealthCheckTimeoutSeconds": 10,
    "HealthyThresholdCount": 5,
    "UnhealthyThresholdCount": 2,
}
_ATTRIBUTES = {
    "deregistration_delay.timeout_seconds": "300",
    "deregistration_delay.connection_termination.enabled": "false",
    "preserve_client_ip.enabled": "false",
    "proxy_protocol_v2.enabled": "false",
    "stickiness.enabled": "false",
    "stickiness.type": "source_ip",
}


def invalid(message: str) -> AwsError:
    """The error for members that do not fit together."""
    return AwsError("ValidationError", message)


def view(call: Call, group: TargetGroup) -> Item:
    """A group as DescribeTargetGroups shows it, with the balancers that listen for it."""
    listening = balancers(call).listening.values()
    arns = [each.balancer_arn for each in listening if each.target_group_arn == group.arn]
    return {**group.settings, "LoadBalancerArns": list(dict.fromkeys(arns))}


def find_group(call: Call, arn: str) -> TargetGroup:
    """A target group of the caller.

    Raises:
        AwsError: TargetGroupNotFound.
    """
    found = balancers(call).groups_of_targets.get(arn)
    if found is None:
        raise AwsError("TargetGroupNotFound", "One or more target groups not found")
    return found


def _create(call: Call) -> Item:
    name, held = call.get("Name"), balancers(call)
    _check(call, name)
    vpc = owned.vpc(call, call.get("VpcId"))
    tags = balancer_tags.checked(call.get("Tags", []))
    there = _taken(call, held)
    if there is not None:
        return {"TargetGroups": [view(call, there)]}
    where = f"{call.caller.region}:{call.caller.account}"
    arn = (
        f"arn:{call.network.partition}:elasticloadbalancing:{where}:targetgroup/{name}"
        f"/{chance.token_hex('target-group', 8)}"
    )
    checks = {member: call.get(member, value) for member, value in _DEFAULTS.items()}
    settings = {
        "TargetGroupArn": arn,
        "TargetGroupName": name,
        "Protocol": call.get("Protocol"),
        "Port": call.get("Port"),
        "VpcId": vpc.id,
        **checks,
        **{each: call.get(each) for each in ("HealthCheckPath", "Matcher") if call.get(each)},
        "TargetType": call.get("TargetType", "instance"),
        "IpAddressType": call.get("IpAddressType", "ipv4"),
    }
    held.groups_of_targets[arn] = group = TargetGroup(arn, settings, asked=_terms(call))
    held.labels[arn] = tags
    return {"TargetGroups": [view(call, group)]}


def _taken(call: Call, held: Balancers) -> TargetGroup | None:
    """The group of this name if it was asked for in these terms.

    Raises:
        AwsError: one of the name was asked for in other terms.
    """
    name = call.get("Name")
    for group in held.groups_of_targets.values():
        if group.settings["TargetGroupName"] == name:
            if group.asked == _terms(call):
                return group
            raise AwsError(
                "DuplicateTargetGroupName",
                f"A target group with the same name '{name}' exists, but with different settings",
            )
    return None


def _terms(call: Call) -> Item:
    """What a request asks for besides its tags: the same again makes nothing (API reference)."""
    return {member: value for member, value in call.parameters.items() if member != "Tags"}


def _check(call: Call, name: str) -> None:
    balancer_names.check(name, "target group")
    if call.get("Protocol") not in PROTOCOLS:
        raise invalid(f"The lab has target groups of network balancers: {', '.join(PROTOCOLS)}")
    for member in ("Port", "VpcId"):
        if not call.get(member):
            raise invalid(f"A {member} must be specified")
    if call.get("TargetType", "instance") not in ("instance", "ip", "alb"):
        raise invalid(f"Target type '{call.get('TargetType')}' is not valid")


def _describe(call: Call) -> Item:
    held = balancers(call)
    arns, names = call.get("TargetGroupArns", []), call.get("Names", [])
    found = [find_group(call, arn) for arn in arns] or list(held.groups_of_targets.values())
    known = {group.settings["TargetGroupName"] for group in found}
    if not set(names) <= known:
        raise AwsError("TargetGroupNotFound", "One or more target groups not found")
    items = [view(call, g) for g in found if not names or g.settings["TargetGroupName"] in names]
    balancer = call.get("LoadBalancerArn")
    if balancer:
        find(call, balancer)
        items = [item for item in items if balancer in item["LoadBalancerArns"]]
    return page(call, "TargetGroups", items)


def _delete(call: Call) -> Item:
    """Deletes a group that no listener uses; one that is gone is no error, as on AWS."""
    held, arn = balancers(call), call.get("TargetGroupArn")
    if any(each.target_group_arn == arn for each in held.listening.values()):
        raise AwsError(
            "ResourceInUse",
            f"Target group '{arn}' is currently in use by a listener or a rule",
        )
    held.groups_of_targets.pop(arn, None)
    held.labels.pop(arn, None)
    return {}


def _target(group: TargetGroup, target: Item) -> tuple[str, int]:
    return str(target["Id"]), int(target.get("Port", group.settings["Port"]))


def _register(call: Call) -> Item:
    group = find_group(call, call.get("TargetGroupArn"))
    for target in call.get("Targets"):
        group.targets[_target(group, target)] = target.get("AvailabilityZone")
    return {}


def _deregister(call: Call) -> Item:
    group = find_group(call, call.get("TargetGroupArn"))
    for target in call.get("Targets"):
        group.targets.pop(_target(group, target), None)
    return {}


def _health(call: Call) -> Item:
    """Registered targets are healthy as soon as a listener uses their group (invented)."""
    group = find_group(call, call.get("TargetGroupArn"))
    asked = [_target(group, target) for target in call.get("Targets", [])]
    state: Item = {"State": "healthy"}
    if not view(call, group)["LoadBalancerArns"]:
        reason = "Target group is not configured to receive traffic from the load balancer"
        state = {"State": "unused", "Reason": "Target.NotInUse", "Description": reason}
    return {
        "TargetHealthDescriptions": [
            {
                "Target": {"Id": key[0], "Port": key[1], **_zone(zone)},
                "HealthCheckPort": str(key[1]),
                "TargetHealth": state,
            }
            for key, zone in group.targets.items()
            if not asked or key in asked
        ]
    }


def _zone(zone: str | None) -> Item:
    return {"AvailabilityZone": zone} if zone else {}


def _attributes(group: TargetGroup) -> Item:
    held = {**_ATTRIBUTES, **group.attributes}
    return {"Attributes": [{"Key": key, "Value": value} for key, value in held.items()]}


def _describe_attributes(call: Call) -> Item:
    return _attributes(find_group(call, call.get("TargetGroupArn")))


def _modify_attributes(call: Call) -> Item:
    group = find_group(call, call.get("TargetGroupArn"))
    wanted = {each.get("Key", ""): each.get("Value", "") for each in call.get("Attributes")}
    for key in wanted:
        if key not in _ATTRIBUTES:
            raise AwsError(
                "InvalidConfigurationRequest", f"Target group attribute key '{key}' is not valid"
            )
    group.attributes.update(wanted)
    return _attributes(group)


OPERATIONS: Operations = {
    "CreateTargetGroup": _create,
    "DeleteTargetGroup": _delete,
    "DeregisterTargets": _deregister,
    "DescribeTargetGroupAttributes": _describe_attributes,
    "DescribeTargetGroups": _describe,
    "DescribeTargetHealth": _health,
    "ModifyTargetGroupAttributes": _modify_attributes,
    "RegisterTargets": _register,
}
