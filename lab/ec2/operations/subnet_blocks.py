"""IPv6 blocks of subnets: given at once or later, taken away; subnets that have no other."""

from __future__ import annotations

import ipaddress
from typing import Any

from .. import chance
from ..call import Call, Operations
from ..errors import AwsError, dependency_violation, invalid_value, missing_parameter
from . import owned, vpc_blocks

Item = dict[str, Any]


def view(subnet: Any) -> Item:
    """The members of a subnet's view that show its blocks."""
    four = {"CidrBlock": subnet.cidr_block} if subnet.cidr_block else {}
    sixes = [_view(each) for each in subnet.ipv6_cidr_block_associations.values()]
    return {**four, "Ipv6Native": subnet.ipv6_native, "Ipv6CidrBlockAssociationSet": sixes}


def _view(held: Item) -> Item:
    return {
        "AssociationId": held["associationId"],
        "Ipv6CidrBlock": held["ipv6CidrBlock"],
        "Ipv6CidrBlockState": {"State": "associated"},
    }


def has_six(subnet: Any) -> bool:
    """Whether interfaces in a subnet can have an IPv6 address."""
    return bool(subnet.ipv6_cidr_block_associations)


def check(call: Call, vpc: Any) -> str | None:
    """The IPv6 block that a CreateSubnet asks for, or None.

    Raises:
        AwsError: it isn't of the VPC's, or taken; an IPv6-only subnet without it or with an IPv4
            block; one with neither.
    """
    native, block = call.get("Ipv6Native", False), call.get("Ipv6CidrBlock")
    if native and call.get("CidrBlock"):
        raise AwsError(
            "InvalidParameterCombination", "An IPv6-only subnet takes no IPv4 CIDR block."
        )
    if not native and not call.get("CidrBlock"):
        raise missing_parameter("CidrBlock")
    if native and not block:
        raise missing_parameter("Ipv6CidrBlock")
    return _fitting(call, vpc, block) if block else None


def _fitting(call: Call, vpc: Any, block: str) -> str:
    try:
        wanted = ipaddress.IPv6Network(block)
    except ValueError:
        raise invalid_value(block, "ipv6CidrBlock", "This is not a valid CIDR block.") from None
    sixes = vpc_blocks.sixes(call.network, vpc, call.world.clock())
    if not 44 <= wanted.prefixlen <= 64 or not any(wanted.subnet_of(each) for each in sixes):
        raise AwsError("InvalidSubnet.Range", f"The CIDR '{block}' is invalid.")
    for subnet in call.network.subnets_of(vpc.id):
        for held in subnet.ipv6_cidr_block_associations.values():
            if wanted.overlaps(ipaddress.IPv6Network(held["ipv6CidrBlock"])):
                raise AwsError(
                    "InvalidSubnet.Conflict", f"The CIDR '{block}' conflicts with another subnet"
                )
    return str(wanted)


def give(subnet: Any, block: str) -> Item:
    """Gives a subnet an IPv6 block; what is kept of it."""
    identifier = f"subnet-cidr-assoc-0{chance.token_hex('subnet-cidr-assoc', 8)}"
    held = {"associationId": identifier, "ipv6CidrBlock": block}
    subnet.ipv6_cidr_block_associations[identifier] = held
    return held


def free_address(call: Call, subnet: Any) -> str:
    """The lowest IPv6 address of a subnet that no interface has; it has too many to run out."""
    block = ipaddress.IPv6Network(
        next(iter(subnet.ipv6_cidr_block_associations.values()))["ipv6CidrBlock"]
    )
    taken = {a for eni in call.network.interfaces_in(subnet.id) for a in eni.ipv6_addresses}
    numbers = (block.network_address + number for number in range(4, len(taken) + 5))
    return next(str(address) for address in numbers if str(address) not in taken)


def _associate(call: Call) -> Item:
    subnet = owned.subnet(call, call.get("SubnetId"))
    if not call.get("Ipv6CidrBlock"):
        raise missing_parameter("Ipv6CidrBlock")
    if has_six(subnet):
        raise AwsError("CidrLimitExceeded", f"The subnet {subnet.id} has an IPv6 CIDR block.")
    vpc = call.network.vpcs[subnet.vpc_id]
    held = give(subnet, _fitting(call, vpc, call.get("Ipv6CidrBlock")))
    return {"SubnetId": subnet.id, "Ipv6CidrBlockAssociation": _view(held)}


def _disassociate(call: Call) -> Item:
    identifier = call.get("AssociationId")
    for subnet in call.network.all_subnets():
        held = subnet.ipv6_cidr_block_associations.get(identifier)
        if held is None:
            continue
        if any(eni.ipv6_addresses for eni in call.network.interfaces_in(subnet.id)):
            raise dependency_violation("subnet-cidr-block-association", identifier)
        if subnet.ipv6_native:
            raise AwsError("OperationNotPermitted", "An IPv6-only subnet keeps its block.")
        del subnet.ipv6_cidr_block_associations[identifier]
        return {"SubnetId": subnet.id, "Ipv6CidrBlockAssociation": _view(held)}
    raise AwsError(
        "InvalidSubnetCidrBlockAssociationID.NotFound",
        f"The subnet CIDR block association ID '{identifier}' does not exist",
    )


OPERATIONS: Operations = {
    "AssociateSubnetCidrBlock": _associate,
    "DisassociateSubnetCidrBlock": _disassociate,
}
