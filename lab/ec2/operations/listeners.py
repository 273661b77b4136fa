"""Listeners of network load balancers: a port that forwards to a target group."""

from __future__ import annotations

from typing import Any

from .. import chance
from ..balancers import Listener
from ..call import Call, Operations
from ..errors import AwsError
from . import balancer_tags
from .balancing import balancers, find, page
from .target_groups import PROTOCOLS, find_group, invalid

Item = dict[str, Any]


def _view(listener: Listener) -> Item:
    to = {"TargetGroupArn": listener.target_group_arn}
    return {
        "ListenerArn": listener.arn,
        "LoadBalancerArn": listener.balancer_arn,
        "Port": listener.port,
        "Protocol": listener.protocol,
        "DefaultActions": [
            {
                "Type": "forward",
                **to,
                "Order": 1,
                "ForwardConfig": {"TargetGroups": [to]},
            }
        ],
    }


def _create(call: Call) -> Item:
    held, balancer = balancers(call), find(call, call.get("LoadBalancerArn"))
    protocol, port = call.get("Protocol"), call.get("Port")
    if balancer.type != "network" or protocol not in PROTOCOLS or not port:
        raise invalid("The lab has listeners of network balancers only: a protocol and a port")
    group = find_group(call, _forwarded(call.get("DefaultActions")))
    tags = balancer_tags.checked(call.get("Tags", []))
    if group.settings["Protocol"] != protocol and (protocol, group.settings["Protocol"]) != _TLS:
        raise AwsError(
            "InvalidConfigurationRequest",
            "The protocols of the listener and the target group do not match",
        )
    if group.settings["VpcId"] != balancer.vpc_id:
        raise AwsError(
            "InvalidConfigurationRequest",
            "The target group and the load balancer are in different VPCs",
        )
    _refuse_twice(call, balancer.arn, port)
    of = balancer.arn.replace(":loadbalancer/", ":listener/")
    listener = Listener(
        f"{of}/{chance.token_hex('listener', 8)}", balancer.arn, protocol, port, group.arn
    )
    held.listening[listener.arn] = listener
    held.labels[listener.arn] = tags
    return {"Listeners": [_view(listener)]}


#: A TLS listener may hand on plain TCP (ELB guide).
_TLS = ("TLS", "TCP")


def _forwarded(actions: list[Item]) -> str:
    """The target group to which a request's only action forwards."""
    if len(actions) != 1 or actions[0].get("Type") != "forward":
        raise invalid("A listener of a network balancer has one action: forward")
    action = actions[0]
    groups = [each.get("TargetGroupArn") for each in _listed(action)]
    if action.get("TargetGroupArn"):
        groups.append(action["TargetGroupArn"])
    if len(set(groups)) != 1:
        raise invalid("A forward action names one target group")
    return str(groups[0])


def _listed(action: Item) -> list[Item]:
    listed: list[Item] = action.get("ForwardConfig", {}).get("TargetGroups", [])
    return listed


def _refuse_twice(call: Call, balancer_arn: str, port: int) -> None:
    for each in balancers(call).listening.values():
        if (each.balancer_arn, each.port) == (balancer_arn, port):
            raise AwsError("DuplicateListener", "A listener already exists on this port")


def _found(call: Call, arn: str) -> Listener:
    found = balancers(call).listening.get(arn)
    if found is None:
        raise AwsError("ListenerNotFound", "One or more listeners not found")
    return found


def _describe(call: Call) -> Item:
    arns, balancer = call.get("ListenerArns", []), call.get("LoadBalancerArn")
    if not arns and not balancer:
        raise invalid("You must specify either listener ARNs or a load balancer ARN")
    if arns:
        return page(call, "Listeners", [_view(_found(call, arn)) for arn in arns])
    find(call, balancer)
    of = [each for each in balancers(call).listening.values() if each.balancer_arn == balancer]
    return page(call, "Listeners", [_view(each) for each in of])


def _delete(call: Call) -> Item:
    listener = _found(call, call.get("ListenerArn"))
    del balancers(call).listening[listener.arn]
    balancers(call).labels.pop(listener.arn, None)
    return {}


OPERATIONS: Operations = {
    "CreateListener": _create,
    "DeleteListener": _delete,
    "DescribeListeners": _describe,
}
