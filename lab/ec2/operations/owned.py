"""Finds the resources that a call changes: they must be well named, there, and the caller's own."""

from __future__ import annotations

from collections.abc import Sized
from typing import Any

from ..call import Call
from ..errors import AwsError
from ..identifiers import (
    GROUP,
    INTERFACE,
    INTERNET_GATEWAY,
    NAT_GATEWAY,
    ROUTE_TABLE,
    SUBNET,
    VPC,
    IdKind,
)


def vpc(call: Call, vpc_id: str, kind: IdKind = VPC) -> Any:
    """The caller's own VPC; `kind` says in whose words a bad id is refused.

    Raises:
        AwsError: the id is malformed, unknown, or another account's that is only shared.
    """
    kind.check(vpc_id)
    found = call.network.vpcs.get(vpc_id)
    if found is not None:
        return found
    raise refused_to_participant(call, vpc_id) or kind.unknown(vpc_id)


def refused_to_participant(call: Call, vpc_id: str) -> AwsError | None:
    """The error for changing a VPC that another account only shares, or None if it does not.

    The wording is that of terraform-provider-aws PR #46953 (CreateSubnet in a shared VPC).
    """
    caller = call.caller
    if call.world.sharing_owner(caller.account, caller.region, vpc_id) is None:
        return None
    return AwsError(
        "UnauthorizedOperation",
        f"You are not authorized to perform {call.operation} operation. A subnet in this vpc is"
        " shared but the provided object is not owned by you",
    )


def _named(kind: IdKind, things: dict[str, Any], identifier: str) -> Any:
    kind.check(identifier)
    if identifier not in things:
        raise kind.unknown(identifier)
    return things[identifier]


def subnet(call: Call, subnet_id: str, kind: IdKind = SUBNET) -> Any:
    """The caller's own subnet; `kind` says in whose words a bad id is refused.

    Raises:
        AwsError: the id is malformed or unknown to the account.
    """
    things = {each.id: each for each in call.network.all_subnets()}
    return _named(kind, things, subnet_id)


def usable_subnet(call: Call, subnet_id: str) -> Any:
    """A subnet that the caller may put things in: its own, or one shared with it.

    Raises:
        AwsError: the id is malformed or unknown to the account.
    """
    world, caller = call.world, call.caller
    SUBNET.check(subnet_id)
    for network in world.visible_networks(caller.account, caller.region):
        for each in network.all_subnets():
            shared = caller.account in world.shares.get(each.vpc_id, ())
            if each.id == subnet_id and (network is call.network or shared):
                return each
    raise SUBNET.unknown(subnet_id)


def route_table(call: Call, table_id: str, kind: IdKind = ROUTE_TABLE) -> Any:
    """The caller's route table; `kind` says in whose words a bad id is refused.

    Raises:
        AwsError: the id is malformed or unknown to the account.
    """
    return _named(kind, call.network.route_tables, table_id)


def interface(call: Call, interface_id: str) -> Any:
    """The caller's network interface.

    Raises:
        AwsError: the id is malformed or unknown to the account.
    """
    return _named(INTERFACE, call.network.enis, interface_id)


def internet_gateway(call: Call, gateway_id: str) -> Any:
    """The caller's internet gateway.

    Raises:
        AwsError: the id is malformed or unknown to the account.
    """
    return _named(INTERNET_GATEWAY, call.network.internet_gateways, gateway_id)


def nat_gateway(call: Call, gateway_id: str) -> Any:
    """The caller's NAT gateway.

    Raises:
        AwsError: the id is malformed or unknown to the account.
    """
    return _named(NAT_GATEWAY, call.network.nat_gateways, gateway_id)


def group(call: Call, group_id: str) -> Any:
    """The caller's security group.

    Raises:
        AwsError: the id is malformed or unknown to the account.
    """
    things = {
        identifier: each
        for groups in call.network.groups.values()
        for identifier, each in groups.items()
    }
    return _named(GROUP, things, group_id)


#: Security groups of one network interface (VPC quotas).
MOST_GROUPS = 5


def check_group_count(identifiers: Sized) -> None:
    """Refuses more security groups than an interface bears.

    Raises:
        AwsError: SecurityGroupsPerInterfaceLimitExceeded.
    """
    if len(identifiers) > MOST_GROUPS:
        raise AwsError(
            "SecurityGroupsPerInterfaceLimitExceeded",
            "The maximum number of security groups per interface has been reached.",
        )


def group_named(call: Call, vpc_id: str, name: str) -> Any:
    """The security group of this name in a VPC.

    Raises:
        AwsError: there is none.
    """
    for each in call.network.groups.get(vpc_id, {}).values():
        if each.name == name:
            return each
    raise GROUP.unknown(name)
