"""What an account has from the beginning: its attributes and its default DHCP options."""

from __future__ import annotations

from typing import Any

from ..call import Call, Operations
from ..errors import invalid_value
from ..identifiers import DHCP_OPTIONS
from ..listing import TAG_FILTERS, Item, Kind, Listing, describe
from ..network import Network


def _attributes(call: Call) -> dict[str, str]:
    default = call.network.default_vpc
    return {
        "supported-platforms": "VPC",
        "default-vpc": default.id if default else "none",
        "max-instances": "20",
        "vpc-max-security-groups-per-interface": "5",
        "max-elastic-ips": "5",
        "vpc-max-elastic-ips": "5",
    }


def _describe_attributes(call: Call) -> Item:
    held, named = _attributes(call), call.get("AttributeNames", [])
    for name in named:
        if name not in held:
            raise invalid_value(name, "attributeName")
    return {
        "AccountAttributes": [
            {"AttributeName": name, "AttributeValues": [{"AttributeValue": value}]}
            for name, value in held.items()
            if not named or name in named
        ]
    }


class _Default:
    """The one set of DHCP options that an account has in a Region, and never changes."""

    def __init__(self, network: Network) -> None:
        self.id = f"dopt-{int(network.account_id):017x}"


def _view(network: Network, options: Any, _now: float) -> Item:
    internal = {"us-east-1": "ec2.internal"}
    domain = internal.get(network.region_name, f"{network.region_name}.compute.internal")
    values = {"domain-name": domain, "domain-name-servers": "AmazonProvidedDNS"}
    return {
        "DhcpOptionsId": options.id,
        "OwnerId": network.account_id,
        "DhcpConfigurations": [
            {"Key": key, "Values": [{"Value": value}]} for key, value in values.items()
        ],
        "Tags": network.tags_of(options.id),
    }


def dhcp_options_id(network: Network) -> str:
    """The id of the account's default DHCP options in this Region."""
    return _Default(network).id


KIND = Kind("dhcp-options", lambda network: [_Default(network)], lambda _options: None, _view)
_LISTING = Listing(
    kind=KIND,
    result="DhcpOptions",
    ids="DhcpOptionsIds",
    id_kind=DHCP_OPTIONS,
    id_filter="dhcp-options-id",
    vpc_filter=None,
    filters={
        **TAG_FILTERS,
        "dhcp-options-id": ("DhcpOptionsId",),
        "key": ("DhcpConfigurations", "Key"),
        "owner-id": ("OwnerId",),
        "value": ("DhcpConfigurations", "Values", "Value"),
    },
)

OPERATIONS: Operations = {
    "DescribeAccountAttributes": _describe_attributes,
    "DescribeDhcpOptions": describe(_LISTING),
}
