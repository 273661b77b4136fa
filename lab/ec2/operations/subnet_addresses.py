"""Addresses that a call wishes for an endpoint's interfaces: SubnetConfigurations."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ..call import Call
from ..errors import AwsError, invalid_parameter, missing_parameter
from . import interfaces


def check(call: Call, member: str, held: Collection[str] = ()) -> None:
    """Refuses wishes for other subnets than those that the call's `member` names (believed), and
    for those that are `held` already: the lab moves no interface to another address.

    Raises:
        AwsError: InvalidParameter, MissingParameter; UnsupportedOperation for an IPv6 address.
    """
    seen = set()
    for each in call.get("SubnetConfigurations", []):
        subnet = each.get("SubnetId")
        if not subnet:
            raise missing_parameter("SubnetConfiguration.SubnetId")
        if each.get("Ipv6"):
            raise AwsError("UnsupportedOperation", "The lab lets nobody choose an IPv6 address.")
        if subnet in seen or subnet in held or subnet not in call.get(member, []):
            raise invalid_parameter(
                f"The subnet {subnet} of a subnet configuration must be new, one of {member}, once."
            )
        seen.add(subnet)


def wished(call: Call, subnet: Any) -> str | None:
    """The IPv4 address that the call wishes in a subnet, which must be free there.

    Raises:
        AwsError: it is no address of the subnet, AWS's own, or somebody's.
    """
    for each in call.get("SubnetConfigurations", []):
        if each.get("SubnetId") == subnet.id and each.get("Ipv4"):
            interfaces.check_free(call.network, subnet, each["Ipv4"])
            return str(each["Ipv4"])
    return None
