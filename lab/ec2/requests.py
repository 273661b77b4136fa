"""Requests on the wire (EC2 query, query, JSON 1.1) turned into the members that botocore names."""

from __future__ import annotations

import json
from typing import Any

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from .answers import NO_XML
from .errors import AwsError, invalid_value, missing_parameter

#: The body of a JSON service; the pairs of a query.
Body = bytes | list[tuple[str, str]]

#: Query parameters that belong to the protocol, not to the operation.
_PROTOCOL = {"Action", "Version", "AWSAccessKeyId", "SignatureMethod", "SignatureVersion"}
_PROTOCOL |= {"Signature", "Timestamp", "SecurityToken"}


def parse(model: OperationModel, body: Body) -> dict[str, Any]:
    """The request's members, typed as botocore would have taken them.

    Raises:
        AwsError: a member unknown to the operation, a required one missing, or a wrong type.
    """
    shape = model.input_shape
    if model.service_model.metadata["protocol"] == "json":
        return _parse_json(shape, body)
    tree: dict[str, Any] = {}
    for key, value in [] if isinstance(body, bytes) else body:
        if key not in _PROTOCOL:
            _plant(tree, key.split("."), value)
    if shape is None:
        _refuse_unknown(tree)
        return {}
    return _structure(shape, tree, _Protocol(model))


def _parse_json(shape: StructureShape | None, body: Body) -> dict[str, Any]:
    parameters = _json_object(body)
    for name, inner in shape.members.items() if shape else ():
        value = parameters.get(name)
        if value is not None and type(value) not in _JSON_TYPES.get(inner.type_name, (dict, list)):
            raise AwsError("SerializationException", f"{name} is of the wrong type")
    for name in shape.required_members if shape else []:
        if parameters.get(name) is None:
            raise missing_parameter(name)
    return parameters


def _json_object(body: Body) -> dict[str, Any]:
    try:
        found = json.loads(body if isinstance(body, bytes) and body else "{}")
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise AwsError("SerializationException", "The request's body is no JSON object")
    return found


_JSON_TYPES: dict[str, tuple[type, ...]] = {
    "boolean": (bool,),
    "double": (int, float),
    "integer": (int,),
    "string": (str,),
}


class _Protocol:
    """How the service writes names: EC2 capitalises, ELB wraps lists in `member`."""

    def __init__(self, model: OperationModel) -> None:
        self.ec2 = model.service_model.metadata["protocol"] == "ec2"

    def name_of(self, shape: Shape, member: str) -> str:
        """The wire's name of a structure's member (botocore's EC2Serializer has the rule)."""
        name = str(shape.serialization.get("queryName") or shape.serialization.get("name", member))
        return name[0].upper() + name[1:] if self.ec2 else name

    def items(self, shape: ListShape, node: Any) -> Any:
        """The numbered elements of a list."""
        if self.ec2 or shape.serialization.get("flattened"):
            return node
        wrapper = shape.member.serialization.get("name", "member")
        return node.get(wrapper, node) if isinstance(node, dict) else node


def _plant(tree: dict[str, Any], path: list[str], value: str) -> None:
    for part in path[:-1]:
        below = tree.setdefault(part, {})
        if not isinstance(below, dict):
            raise AwsError("InvalidQueryParameter", f"The parameter {part} has two meanings")
        tree = below
    tree[path[-1]] = value


def _structure(shape: StructureShape, tree: dict[str, Any], how: _Protocol) -> dict[str, Any]:
    if not isinstance(tree, dict):
        raise AwsError("InvalidQueryParameter", f"{shape.name} is a structure")
    left = dict(tree)
    found: dict[str, Any] = {}
    for member, inner in shape.members.items():
        name = how.name_of(inner, member)
        if name in left:
            found[member] = _value(inner, left.pop(name), name, how)
    _refuse_unknown(left)
    for member in shape.required_members:
        if member not in found or found[member] == "":
            raise missing_parameter(member)
    return found


def _refuse_unknown(left: dict[str, Any]) -> None:
    if left:
        name = next(iter(left))
        raise AwsError("UnknownParameter", f"The parameter {name} is not recognized")


def _value(shape: Shape, node: Any, name: str, how: _Protocol) -> Any:
    if isinstance(shape, StructureShape):
        return _structure(shape, node, how)
    if isinstance(shape, ListShape):
        return _list(shape, node, name, how)
    if isinstance(shape, MapShape):
        return _map(shape, node, name, how)
    if not isinstance(node, str):
        raise AwsError("InvalidQueryParameter", f"The parameter {name} is a single value")
    if NO_XML.search(node):
        raise invalid_value("", name, "It contains characters that are not allowed.")
    return _scalar(shape.type_name, node, name)


def _map(shape: MapShape, node: Any, name: str, how: _Protocol) -> dict[str, Any]:
    """Pairs of key and value under `entry`, numbered (the query protocol)."""
    entries = node.get("entry", {}) if isinstance(node, dict) else {}
    if not isinstance(entries, dict) or not all(isinstance(e, dict) for e in entries.values()):
        raise AwsError("InvalidQueryParameter", f"The parameter {name} is a map")
    return {
        str(each.get("key")): _value(shape.value, each.get("value", ""), name, how)
        for each in entries.values()
    }


def _list(shape: ListShape, node: Any, name: str, how: _Protocol) -> list[Any]:
    # botocore writes an empty list as a bare `Name=`; EC2 takes that as no list at all.
    if node == "":
        return []
    numbered = how.items(shape, node)
    if not isinstance(numbered, dict) or not all(key.isdigit() for key in numbered):
        raise AwsError("InvalidQueryParameter", f"The parameter {name} is a list")
    return [
        _value(shape.member, numbered[key], f"{name}.{key}", how)
        for key in sorted(numbered, key=int)
    ]


def _scalar(kind: str, text: str, name: str) -> Any:
    if kind == "boolean":
        if text.lower() not in ("true", "false"):
            raise invalid_value(text, name, "Boolean expected")
        return text.lower() == "true"
    if kind in ("integer", "long"):
        try:
            return int(text)
        except ValueError:
            raise invalid_value(text, name, "Integer expected") from None
    return text
