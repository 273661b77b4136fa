"""Request and answer in the words of CloudTrail, which has three styles for them.

A: camelCase, lists as {"items": [...]}; B: <Operation>Request and Response wrappers that look like
XML turned into JSON; plain: camelCase with plain lists, for services other than EC2.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from botocore.model import ListShape, Shape, StructureShape

from .answers import NAMESPACES
from .models import operation_model
from .reply import Reply

#: Operations recorded in style B. VPC endpoints and NAT gateways: public CloudTrail data sets;
#: CreateDefaultVpc and PrivateLink's: believed, as they are younger than those. Blocks of VPCs: by
#: the code of others who read these events; blocks of subnets: believed by analogy.
STYLE_B = frozenset(
    {
        "AcceptVpcEndpointConnections",
        "AssociateSubnetCidrBlock",
        "AssociateVpcCidrBlock",
        "CreateVpcEndpointConnectionNotification",
        "CreateVpcEndpointServiceConfiguration",
        "DeleteVpcEndpointConnectionNotifications",
        "DeleteVpcEndpointServiceConfigurations",
        "DisassociateSubnetCidrBlock",
        "DisassociateVpcCidrBlock",
        "ModifyVpcEndpointConnectionNotification",
        "ModifyVpcEndpointServiceConfiguration",
        "ModifyVpcEndpointServicePermissions",
        "RejectVpcEndpointConnections",
        "StartVpcEndpointServicePrivateDnsVerification",
        "CreateVpcEndpoint",
        "ModifyVpcEndpoint",
        "DeleteVpcEndpoints",
        "CreateNatGateway",
        "DeleteNatGateway",
        "CreateDefaultVpc",
    }
)
#: Style A's name of a request's list, and of a plain value in it, where it isn't the list's own.
_LISTS = {
    "Resources": ("resourcesSet", "resourceId"),
    "Tags": ("tagSet", ""),
    "TagSpecifications": ("tagSpecificationSet", ""),
    "Groups": ("groupSet", "groupId"),
    "PrivateIpAddresses": ("privateIpAddressesSet", ""),
    "UserIdGroupPairs": ("groups", ""),
}


def request_parameters(service: str, operation: str, reply: Reply) -> dict[str, Any] | None:
    """The event's requestParameters; None if the request was never understood."""
    model = operation_model(service, operation)
    shape = model.input_shape if model else None
    if reply.error is not None and not reply.parameters:
        return None
    if service != "ec2":
        return _plain(reply.parameters) or None
    if operation in STYLE_B:
        return {f"{operation}Request": _b_request(shape, reply.parameters)}
    return _a_request(shape, reply.parameters)


def response_elements(service: str, operation: str, reply: Reply) -> dict[str, Any] | None:
    """The event's responseElements; None after a failure."""
    model = operation_model(service, operation)
    shape = model.output_shape if model else None
    if reply.error is not None or reply.response is None:
        return None
    if service != "ec2":
        return _plain(reply.response) or None
    if operation in STYLE_B:
        head = {"xmlns": NAMESPACES["ec2"], "requestId": reply.request_id}
        members = _b_answer(shape, reply.response) or {}
        return {f"{operation}Response": {**head, **members}}
    members = _a_answer(shape, reply.response) if shape else {"_return": True}
    return {"requestId": reply.request_id, **members}


def _lower(name: str) -> str:
    return name[0].lower() + name[1:]


def _wire(shape: Shape, member: str) -> str:
    return str(shape.serialization.get("name", member))


def _members(shape: Shape | None) -> dict[str, Shape]:
    return dict(shape.members) if isinstance(shape, StructureShape) else {}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {_lower(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return _scalar(value)


def _scalar(value: Any) -> Any:
    if isinstance(value, datetime):
        text = value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
        return f"{text}.{value.microsecond // 1000:03d}Z"
    return value


def _a_request(shape: Shape | None, value: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for member, inner in _members(shape).items():
        if member in value:
            name, content = _a_member(member, inner, value[member])
            found[name] = content
    return found


def _a_member(member: str, shape: Shape, value: Any) -> tuple[str, Any]:
    if isinstance(shape, ListShape):
        name, of = _LISTS.get(member, (_lower(member), _lower(member).removesuffix("s")))
        items = [_a_item(shape.member, item, of) for item in value]
        return name, {"items": items} if items else {}
    name = _lower(_wire(shape, member))
    return name, _a_request(shape, value) if isinstance(shape, StructureShape) else value


def _a_item(shape: Shape, item: Any, of: str) -> Any:
    if shape.name == "TagSpecification":
        # The one list that style A leaves plain.
        tags = {"tags": _plain(item.get("Tags", []))}
        return {"resourceType": item.get("ResourceType"), **tags}
    if isinstance(shape, StructureShape):
        return _a_request(shape, item)
    return {of: item}


def _a_answer(shape: Shape, value: Any) -> Any:
    if isinstance(shape, ListShape):
        items = [_a_answer(shape.member, item) for item in value]
        return {"items": items} if items else {}
    if not isinstance(shape, StructureShape):
        return _scalar(value)
    return {
        _returned(_wire(inner, member)): _a_answer(inner, value[member])
        for member, inner in shape.members.items()
        if member in value
    }


def _returned(name: str) -> str:
    return "_return" if name == "return" else name


def _number(value: Any) -> Any:
    """XML has no types, so style B makes a number of whatever looks like one."""
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,18}", value):
        return int(value)
    return _scalar(value)


def _collapsed(items: list[Any]) -> Any:
    """Style B's lists: nothing is "", one is itself, several are a list."""
    if not items:
        return ""
    return items[0] if len(items) == 1 else items


def _b_request(shape: Shape | None, value: dict[str, Any]) -> Any:
    found: dict[str, Any] = {}
    for member, inner in _members(shape).items():
        if member not in value:
            continue
        name = _wire(inner, member)
        found[name[0].upper() + name[1:]] = _b_value(inner, value[member])
    return found or ""


def _b_value(shape: Shape, value: Any) -> Any:
    if isinstance(shape, ListShape):
        return _collapsed(
            [_b_item(shape.member, number, item) for number, item in enumerate(value, 1)]
        )
    if isinstance(shape, StructureShape):
        return _b_request(shape, value)
    return _number(value)


def _b_item(shape: Shape, number: int, item: Any) -> dict[str, Any]:
    if isinstance(shape, StructureShape):
        return {"tag": number, **(_b_request(shape, item) or {})}
    return {"tag": number, "content": _number(item)}


def _b_answer(shape: Shape | None, value: Any) -> Any:
    if isinstance(shape, ListShape):
        items = [_b_answer(shape.member, item) for item in value]
        return {"item": _collapsed(items)} if items else ""
    if not isinstance(shape, StructureShape):
        return _number(value)
    found = {
        _wire(inner, member): _b_answer(inner, value[member])
        for member, inner in shape.members.items()
        if member in value
    }
    return found or ""
