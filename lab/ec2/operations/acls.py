"""Network ACLs: the default one of each VPC, which lets everything through."""

from __future__ import annotations

from typing import Any

from ..call import Operations
from ..identifiers import ACL
from ..listing import TAG_FILTERS, Item, Kind, Listing, describe
from ..network import Network


def _entry(entry: Any) -> Item:
    return {
        "CidrBlock": entry.cidr_block,
        "Egress": entry.egress is True or entry.egress == "true",
        "Protocol": str(entry.protocol),
        "RuleAction": entry.rule_action,
        "RuleNumber": int(entry.rule_number),
    }


def _view(network: Network, acl: Any, _now: float) -> Item:
    """An ACL with the subnets that it guards: in the lab all of its VPC."""
    return {
        "NetworkAclId": acl.id,
        "VpcId": acl.vpc_id,
        "OwnerId": network.account_id,
        "IsDefault": acl.default,
        "Entries": [_entry(each) for each in acl.entries],
        "Associations": [
            {
                "NetworkAclAssociationId": each.id,
                "NetworkAclId": acl.id,
                "SubnetId": each.subnet_id,
            }
            for each in acl.associations
            if any(subnet.id == each.subnet_id for subnet in network.subnets_of(acl.vpc_id))
        ],
        "Tags": network.tags_of(acl.id),
    }


KIND = Kind(
    "network-acl",
    lambda network: network.network_acls.values(),
    lambda acl: str(acl.vpc_id),
    _view,
)
_LISTING = Listing(
    kind=KIND,
    result="NetworkAcls",
    ids="NetworkAclIds",
    id_kind=ACL,
    id_filter="network-acl-id",
    vpc_filter="vpc-id",
    filters={
        **TAG_FILTERS,
        "association.association-id": ("Associations", "NetworkAclAssociationId"),
        "association.network-acl-id": ("Associations", "NetworkAclId"),
        "association.subnet-id": ("Associations", "SubnetId"),
        "default": ("IsDefault",),
        "entry.cidr": ("Entries", "CidrBlock"),
        "entry.egress": ("Entries", "Egress"),
        "entry.icmp.code": ("Entries", "IcmpTypeCode", "Code"),
        "entry.icmp.type": ("Entries", "IcmpTypeCode", "Type"),
        "entry.ipv6-cidr": ("Entries", "Ipv6CidrBlock"),
        "entry.port-range.from": ("Entries", "PortRange", "From"),
        "entry.port-range.to": ("Entries", "PortRange", "To"),
        "entry.protocol": ("Entries", "Protocol"),
        "entry.rule-action": ("Entries", "RuleAction"),
        "entry.rule-number": ("Entries", "RuleNumber"),
        "network-acl-id": ("NetworkAclId",),
        "owner-id": ("OwnerId",),
        "vpc-id": ("VpcId",),
    },
)

OPERATIONS: Operations = {"DescribeNetworkAcls": describe(_LISTING)}
