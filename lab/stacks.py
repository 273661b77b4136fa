"""CloudFormation's networks are made by the lab's own EC2, call by call, as AWS makes them.

MiniStack's CloudFormation keeps VPCs, subnets, tables and endpoints in an EC2 of its own, which
refuses nothing, and of which CloudTrail tells nothing.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from ministack.core.responses import get_account_id, get_region
from ministack.services.cloudformation import provisioners, stacks

from lab.ec2.models import operation_model
from lab.ec2.tagging import by_cloudformation
from lab.front import Front, Request
from lab.signature import Scope

#: How long a stack tries to delete what something still hangs on. Invented: AWS tries for minutes.
LONGEST = 10.0
_EVERY = 0.2
CLOUDFORMATION = "cloudformation.amazonaws.com"
Properties = Mapping[str, Any]
Made = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Kind:
    """One type of resource: the call that makes it, which takes these properties by their names.

    `answer` leads to what was made in the answer, `id` names its id there; `told`: what else of it
    Fn::GetAtt may ask for. `undo` and `undone_by`: the call that deletes it, and its parameter.
    """

    make: str
    takes: tuple[str, ...]
    answer: str
    id: str
    undo: str
    undone_by: str
    told: tuple[str, ...] = ()
    many: bool = False


KINDS: Mapping[str, Kind] = {
    "AWS::EC2::VPC": Kind(
        "CreateVpc", ("CidrBlock",), "Vpc", "VpcId", "DeleteVpc", "VpcId", ("CidrBlock",)
    ),
    "AWS::EC2::Subnet": Kind(
        "CreateSubnet",
        ("VpcId", "CidrBlock", "AvailabilityZone"),
        "Subnet",
        "SubnetId",
        "DeleteSubnet",
        "SubnetId",
        ("AvailabilityZone", "CidrBlock"),
    ),
    "AWS::EC2::RouteTable": Kind(
        "CreateRouteTable",
        ("VpcId",),
        "RouteTable",
        "RouteTableId",
        "DeleteRouteTable",
        "RouteTableId",
    ),
    "AWS::EC2::SubnetRouteTableAssociation": Kind(
        "AssociateRouteTable",
        ("RouteTableId", "SubnetId"),
        "",
        "AssociationId",
        "DisassociateRouteTable",
        "AssociationId",
    ),
    "AWS::EC2::VPCEndpoint": Kind(
        "CreateVpcEndpoint",
        (
            *("VpcId", "ServiceName", "VpcEndpointType", "RouteTableIds", "SubnetIds"),
            *("SecurityGroupIds", "PolicyDocument", "PrivateDnsEnabled"),
        ),
        "VpcEndpoint",
        "VpcEndpointId",
        "DeleteVpcEndpoints",
        "VpcEndpointIds",
        many=True,
    ),
}


class RefusedError(ValueError):
    """EC2 refused a call: the resource, and with it the stack, fails with these words."""


def install(front: Front) -> None:
    """Have MiniStack make these types of resource by calls to `front`."""
    theirs = stacks._runs_on_worker_thread
    # A call may be made to wait; meanwhile everything else goes on.
    stacks._runs_on_worker_thread = lambda kind: kind in KINDS or theirs(kind)
    for name, kind in KINDS.items():
        provisioners._RESOURCE_HANDLERS[name] = _handlers(kind, front)


def _handlers(kind: Kind, front: Front) -> dict[str, Any]:
    def create(_logical_id: str, properties: Properties, _stack: str) -> Made:
        wanted = {name: properties[name] for name in kind.takes if name in properties}
        answer = _call(front, kind.make, _as_called(wanted))
        made = answer[kind.answer] if kind.answer else answer
        # Tags come after what they are on: a look may see it without them.
        if tags := properties.get("Tags"):
            _call(front, "CreateTags", {"Resources": [made[kind.id]], "Tags": list(tags)})
        _finish(front, made[kind.id], properties)
        return made[kind.id], {name: made[name] for name in (kind.id, *kind.told)}

    def delete(physical_id: str, _properties: Properties) -> None:
        target = [physical_id] if kind.many else physical_id
        until = time.monotonic() + LONGEST
        while not _gone(front, kind, target, until):
            time.sleep(_EVERY)

    return {"create": create, "update": _unchanged, "delete": delete}


def _gone(front: Front, kind: Kind, target: Any, until: float) -> bool:
    """Delete it; False if something that is going still hangs on it, and there is time."""
    try:
        _call(front, kind.undo, {kind.undone_by: target})
    except RefusedError as error:
        held = "DependencyViolation" in str(error) and time.monotonic() < until
        if not held and "NotFound" not in str(error):
            raise
        return not held
    return True


def _unchanged(physical_id: str, old: Properties, new: Properties, _stack: str) -> Made:
    if dict(old) != dict(new):
        raise RefusedError("The lab's CloudFormation makes and deletes networks, it changes none")
    return physical_id, {}


def _as_called(wanted: dict[str, Any]) -> dict[str, Any]:
    """Properties as the API takes them: documents as text, words that mean yes or no as such."""
    if isinstance(wanted.get("PolicyDocument"), Mapping):
        wanted["PolicyDocument"] = json.dumps(wanted["PolicyDocument"])
    if "PrivateDnsEnabled" in wanted:
        wanted["PrivateDnsEnabled"] = str(wanted["PrivateDnsEnabled"]).lower() == "true"
    return wanted


def _finish(front: Front, id_: str, properties: Properties) -> None:
    """A VPC's attributes are calls of their own, as CreateVpc takes none."""
    for name in ("EnableDnsSupport", "EnableDnsHostnames"):
        if name in properties and id_.startswith("vpc-"):
            value = {"Value": str(properties[name]).lower() == "true"}
            _call(front, "ModifyVpcAttribute", {"VpcId": id_, name: value})


def _call(front: Front, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Call EC2 as CloudFormation does for whoever deploys. Raises RefusedError."""
    model: Any = operation_model("ec2", operation)
    members = create_serializer("ec2").serialize_to_request(parameters, model)["body"]
    scope = Scope(get_account_id(), get_region(), "ec2")
    headers = {"user-agent": CLOUDFORMATION}
    token = by_cloudformation.set(True)
    try:
        body = urlencode(members).encode()
        answer: Any = front.serve(Request(scope, headers, "", body, CLOUDFORMATION))
    finally:
        by_cloudformation.reset(token)
    status = int(answer.status)
    raw = {"body": answer.body, "headers": dict(answer.headers), "status_code": status}
    parsed: dict[str, Any] = create_parser("ec2").parse(raw, model.output_shape)
    if status >= HTTPStatus.BAD_REQUEST:
        raise RefusedError("{Code}: {Message}".format(**parsed["Error"]))
    return parsed
