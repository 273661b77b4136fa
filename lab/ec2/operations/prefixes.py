"""Prefix lists that AWS keeps, as both kinds of describe show them."""

from __future__ import annotations

from typing import Any

from ..call import Call, Operations
from ..errors import missing_parameter
from ..identifiers import PLAIN_PREFIX_LIST, PREFIX_LIST
from ..listing import TAG_FILTERS, Kind, Listing, describe
from ..network import Network

Item = dict[str, Any]


def _managed_view(network: Network, listing: Any, _now: float) -> Item:
    return {
        "PrefixListId": listing.id,
        "AddressFamily": listing.address_family,
        "State": "create-complete",
        "PrefixListArn": listing.prefix_list_arn,
        "PrefixListName": listing.prefix_list_name,
        "Tags": network.tags_of(listing.id),
        "OwnerId": "AWS",
    }


def _plain_view(_network: Network, listing: Any, _now: float) -> Item:
    entries = next(iter(listing.entries.values()))
    return {
        "PrefixListId": listing.id,
        "PrefixListName": listing.prefix_list_name,
        "Cidrs": [entry["Cidr"] for entry in entries],
    }


MANAGED_KIND = Kind(
    "managed-prefix-list",
    lambda network: network.managed_prefix_lists.values(),
    lambda _listing: None,
    _managed_view,
)
PLAIN_KIND = Kind("prefix-list", MANAGED_KIND.objects, MANAGED_KIND.vpc_of, _plain_view)

_MANAGED = Listing(
    kind=MANAGED_KIND,
    result="PrefixLists",
    ids="PrefixListIds",
    id_kind=PREFIX_LIST,
    id_filter="prefix-list-id",
    vpc_filter=None,
    filters={
        **TAG_FILTERS,
        "owner-id": ("OwnerId",),
        "prefix-list-id": ("PrefixListId",),
        "prefix-list-name": ("PrefixListName",),
    },
)
_PLAIN = Listing(
    kind=PLAIN_KIND,
    result="PrefixLists",
    ids="PrefixListIds",
    id_kind=PLAIN_PREFIX_LIST,
    id_filter="prefix-list-id",
    vpc_filter=None,
    filters={"prefix-list-id": ("PrefixListId",), "prefix-list-name": ("PrefixListName",)},
)


def _entries(call: Call) -> Item:
    identifier = call.get("PrefixListId")
    if not identifier:
        raise missing_parameter("PrefixListId")
    PREFIX_LIST.check(identifier)
    listing = call.network.managed_prefix_lists.get(identifier)
    if listing is None:
        raise PREFIX_LIST.unknown(identifier)
    return {"Entries": [{"Cidr": each["Cidr"]} for each in next(iter(listing.entries.values()))]}


OPERATIONS: Operations = {
    "DescribeManagedPrefixLists": describe(_MANAGED),
    "DescribePrefixLists": describe(_PLAIN),
    "GetManagedPrefixListEntries": _entries,
}
