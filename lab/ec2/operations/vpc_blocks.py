"""Further blocks of VPCs, IPv4 and IPv6: associated and taken away, each in its own time."""

from __future__ import annotations

import ipaddress
from typing import Any

from .. import chance
from ..call import Call, Operations
from ..errors import AwsError, dependency_violation, invalid_value, missing_parameter
from ..network import Network
from . import blocks, owned

Item = dict[str, Any]
#: Five of each family unless AWS grants more (VPC guide, "Amazon VPC quotas").
_MOST = 5


def views(network: Network, vpc: Any, now: float) -> Item:
    """The members of a VPC's view that show its blocks."""
    _settle(network, vpc, now)
    every = list(vpc._cidr_block_association_set.values())
    shown: Item = {"CidrBlockAssociationSet": [_view(each) for each in every if not _is_v6(each)]}
    sixes = [_view(each) for each in every if _is_v6(each)]
    return {**shown, **({"Ipv6CidrBlockAssociationSet": sixes} if sixes else {})}


def _is_v6(held: Item) -> bool:
    return ":" in held["cidr_block"]


def _view(held: Item) -> Item:
    state = {"State": held["cidr_block_state"]["state"]}
    common = {"AssociationId": held["association_id"]}
    if not _is_v6(held):
        return {**common, "CidrBlock": held["cidr_block"], "CidrBlockState": state}
    pool = {"NetworkBorderGroup": held["border"], "Ipv6Pool": "Amazon"}
    return {**common, "Ipv6CidrBlock": held["cidr_block"], "Ipv6CidrBlockState": state, **pool}


def _settle(network: Network, vpc: Any, now: float) -> None:
    """Does what has fallen due: a block is associated after a while, or gone, with its route."""
    for identifier, held in list(vpc._cidr_block_association_set.items()):
        if now < held.get("until", now):
            continue
        state = held["cidr_block_state"]
        if state["state"] == "associating":
            state["state"] = "associated"
        elif state["state"] == "disassociating":
            del vpc._cidr_block_association_set[identifier]
            _drop_routes(network, vpc.id, held["cidr_block"])


def _drop_routes(network: Network, vpc_id: str, block: str) -> None:
    for table in network.tables_of(vpc_id):
        for key, route in list(table._routes.items()):
            named = (route.destination_cidr_block, route.destination_ipv6_cidr_block)
            if route.local and block in named:
                del table._routes[key]


def sixes(network: Network, vpc: Any, now: float) -> list[ipaddress.IPv6Network]:
    """The IPv6 blocks that subnets of a VPC can be in."""
    _settle(network, vpc, now)
    every = vpc._cidr_block_association_set.values()
    return [
        ipaddress.IPv6Network(each["cidr_block"])
        for each in every
        if _is_v6(each) and each["cidr_block_state"]["state"] == "associated"
    ]


def add_amazons(call: Call, vpc: Any) -> Item:
    """Gives a VPC an IPv6 block of Amazon's, associated after a while."""
    picked = chance.token_hex("ipv6-block", 4)
    block = str(ipaddress.IPv6Network(f"2600:1f{picked[:2]}:{picked[2:6]}:{picked[6:]}00::/56"))
    return _add(call, vpc, block)


def _add(call: Call, vpc: Any, block: str) -> Item:
    held = {
        "association_id": f"vpc-cidr-assoc-0{chance.token_hex('vpc-cidr-assoc', 8)}",
        "cidr_block": block,
        "cidr_block_state": {"state": "associating"},
        "until": call.world.clock() + call.world.takes("block changed"),
        "border": call.caller.region,
    }
    same = [e for e in vpc._cidr_block_association_set.values() if _is_v6(e) == _is_v6(held)]
    if len(same) >= _MOST:
        raise AwsError(
            "CidrLimitExceeded",
            f"This network '{vpc.id}' has met its maximum number of allowed CIDRs: {_MOST}",
        )
    vpc._cidr_block_association_set[held["association_id"]] = held
    for table in call.network.tables_of(vpc.id):
        six = {"destination_ipv6_cidr_block": block} if _is_v6(held) else {}
        call.network.create_route(table.id, None if six else block, local=True, **six)
    return held


def _associate(call: Call) -> Item:
    vpc = owned.vpc(call, call.get("VpcId"))
    _settle(call.network, vpc, call.world.clock())
    block, amazons = call.get("CidrBlock"), call.get("AmazonProvidedIpv6CidrBlock")
    if not block and not amazons:
        raise missing_parameter("CidrBlock")
    held = add_amazons(call, vpc) if amazons else _add(call, vpc, _free(vpc, block))
    return {"VpcId": vpc.id, **_answer(held)}


def _free(vpc: Any, block: str) -> str:
    wanted = ipaddress.ip_network(blocks.normal(block, "InvalidVpc.Range"))
    for each in vpc._cidr_block_association_set.values():
        if not _is_v6(each) and wanted.overlaps(ipaddress.ip_network(each["cidr_block"])):
            raise AwsError("CidrConflict", f"The CIDR '{block}' conflicts with another subnet")
    return str(wanted)


def _answer(held: Item) -> Item:
    return {f"{'Ipv6' if _is_v6(held) else ''}CidrBlockAssociation": _view(held)}


def _disassociate(call: Call) -> Item:
    network, identifier = call.network, call.get("AssociationId")
    for vpc in network.vpcs.values():
        _settle(network, vpc, call.world.clock())
        held = vpc._cidr_block_association_set.get(identifier)
        if held is not None:
            return {"VpcId": vpc.id, **_answer(_end(call, vpc, held))}
    if not str(identifier).startswith("vpc-cidr-assoc-"):
        raise invalid_value(identifier, "associationId")
    raise AwsError(
        "InvalidVpcCidrBlockAssociationID.NotFound",
        f"The vpc CIDR block association ID '{identifier}' does not exist",
    )


def _end(call: Call, vpc: Any, held: Item) -> Item:
    if held["cidr_block"] == vpc.cidr_block:
        raise AwsError(
            "OperationNotPermitted",
            f"The vpc CIDR block with association ID {held['association_id']} may not be"
            " disassociated. It is the primary IPv4 CIDR block of the VPC",
        )
    block = ipaddress.ip_network(held["cidr_block"])
    if any(_lies_in(subnet, block) for subnet in call.network.subnets_of(vpc.id)):
        raise dependency_violation("vpc-cidr-block-association", held["association_id"])
    held["cidr_block_state"] = {"state": "disassociating"}
    held["until"] = call.world.clock() + call.world.takes("block changed")
    return held


def _lies_in(subnet: Any, block: Any) -> bool:
    own = [each["ipv6CidrBlock"] for each in subnet.ipv6_cidr_block_associations.values()]
    own += [subnet.cidr_block] if subnet.cidr_block else []
    return any(block.overlaps(ipaddress.ip_network(each)) for each in own)


OPERATIONS: Operations = {
    "AssociateVpcCidrBlock": _associate,
    "DisassociateVpcCidrBlock": _disassociate,
}
