"""IP address types of endpoints: what service, subnets and route tables allow."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from ..call import Call
from ..errors import invalid_parameter, invalid_value
from . import subnet_blocks
from .targets import Target

#: The families of each type.
FAMILIES = {
    "ipv4": frozenset({"ipv4"}),
    "ipv6": frozenset({"ipv6"}),
    "dualstack": frozenset({"ipv4", "ipv6"}),
}


def asked(call: Call, before: str = "ipv4") -> str:
    """The type that a call asks for. `before`: what the endpoint has; IPv4 unless told otherwise.

    Raises:
        AwsError: there is no such type.
    """
    wanted: str = call.get("IpAddressType", before)
    if wanted not in FAMILIES:
        raise invalid_value(wanted, "ipAddressType")
    return wanted


def check_service(address_type: str, name: str, offered: Collection[str]) -> None:
    """Refuses a type whose families a service doesn't offer all.

    Raises:
        AwsError: InvalidParameter.
    """
    if not FAMILIES[address_type] <= set(offered):
        raise invalid_parameter(
            f"The service {name} does not support the IP address type {address_type}."
        )


def of_interface(call: Call, target: Target, subnets: Iterable[Any], before: str = "ipv4") -> str:
    """The type of an interface endpoint that stands in these subnets.

    IPv4 takes subnets that have IPv4, dualstack those that have both, IPv6 those that have nothing
    else (CDK's reference of the enum).

    Raises:
        AwsError: the service or a subnet doesn't support it.
    """
    wanted = asked(call, before)
    check_service(wanted, target.name, target.address_types)
    for subnet in subnets:
        check_subnet(wanted, subnet)
    return wanted


def check_subnet(address_type: str, subnet: Any) -> None:
    """Refuses a subnet for an interface endpoint of this type.

    Raises:
        AwsError: InvalidParameter.
    """
    four, six = bool(subnet.cidr_block), subnet_blocks.has_six(subnet)
    fits = {"ipv4": four, "ipv6": six and not four, "dualstack": four and six}
    if not fits[address_type]:
        raise invalid_parameter(
            f"The subnet {subnet.id} does not support the IP address type {address_type}."
        )
