"""Tags on whatever bears them, endpoints included."""

from __future__ import annotations

from typing import Any

from .. import filters, pages
from ..call import Call, Operations
from ..errors import AwsError
from ..filters import Path
from ..identifiers import CONNECTION, IdKind, taggable
from ..network import Network
from ..tagging import read_tags
from . import account, rule_views

Item = dict[str, Any]


def exists(network: Network, identifier: str) -> bool:
    """Whether the account has a resource of this id."""
    groups = (group for groups in network.groups.values() for group in groups)
    others = (each.allocation_id for each in network.addresses)
    held: tuple[Any, ...] = (
        network.vpcs,
        network.route_tables,
        network.enis,
        network.internet_gateways,
        network.nat_gateways,
        network.network_acls,
        {account.dhcp_options_id(network)},
        network.endpoints,
        network.interface_endpoints,
        network.services,
        network.permission_ids,
        network.connection_ids,
        {subnet.id for subnet in network.all_subnets()},
        set(groups),
        {rule.id for rule in rule_views.KIND.objects(network)},
        set(others),
    )
    return any(identifier in each for each in held)


def _resources(call: Call) -> list[str]:
    identifiers: list[str] = call.get("Resources")
    for identifier in identifiers:
        kind = taggable(identifier)
        if kind is None or not _takes_tags(call, kind[0]):
            raise AwsError("InvalidID", f"The ID '{identifier}' is not valid")
        kind[0].check(identifier)
        if not exists(call.network, identifier):
            raise kind[0].unknown(identifier)
    return identifiers


def _takes_tags(call: Call, kind: IdKind) -> bool:
    return kind is not CONNECTION or call.world.settings.connection_tags


def _create(call: Call) -> Item:
    tags = read_tags(call.get("Tags"))
    call.network.create_tags(_resources(call), tags)
    return {"Return": True}


def _delete(call: Call) -> Item:
    """Without Tags all go; with a value only a tag of that value goes. No tag is no error."""
    tags = call.get("Tags")
    for identifier in _resources(call):
        held = call.network.tags.get(identifier, {})
        for key in list(held):
            if tags is None or any(_matches(tag, key, held[key]) for tag in tags):
                del held[key]
    return {"Return": True}


def _matches(tag: dict[str, str], key: str, value: str) -> bool:
    return tag.get("Key") == key and tag.get("Value", value) == value


_FILTERS: dict[str, Path] = {
    "key": ("Key",),
    "resource-id": ("ResourceId",),
    "resource-type": ("ResourceType",),
    "value": ("Value",),
    "tag-key": ("Key",),
}


def _describe(call: Call) -> Item:
    page, wanted = pages.read(call), filters.read(_with_tag_filters(call), _FILTERS)
    found = []
    for identifier, tags in call.network.tags.items():
        kind = taggable(identifier)
        for key, value in tags.items():
            item = {"Key": key, "Value": value, "ResourceId": identifier}
            item["ResourceType"] = kind[1] if kind else ""
            if filters.passes(item, wanted, _FILTERS):
                found.append(item)
    start = page.start([f"{item['ResourceId']}/{item['Key']}" for item in found])
    shown = found[start : start + (page.size or len(found))]
    if start + len(shown) == len(found):
        return {"Tags": shown}
    last = f"{shown[-1]['ResourceId']}/{shown[-1]['Key']}"
    return {"Tags": shown, "NextToken": page.token(last, start + len(shown))}


def _with_tag_filters(call: Call) -> dict[str, Any]:
    """DescribeTags takes tag:KEY for what others call key and value together."""
    named = []
    for entry in call.get("Filters", []):
        name = entry.get("Name", "")
        if name.startswith("tag:"):
            named.append({"Name": "key", "Values": [name.removeprefix("tag:")]})
            named.append({"Name": "value", "Values": entry.get("Values", [])})
        else:
            named.append(entry)
    return {"Filters": named}


OPERATIONS: Operations = {
    "CreateTags": _create,
    "DeleteTags": _delete,
    "DescribeTags": _describe,
}
