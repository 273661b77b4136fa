"""What events say about interface endpoints."""

from __future__ import annotations

import contextlib
import copy
import json
import random
from pathlib import Path
from typing import Any

import pytest
from autopilot.interfaces.events import InterfaceWakeup, read
from autopilot.reconcile.cloudtrail import BadEvent, event_in
from autopilot.reconcile.scope import ALL_INTERFACES, MOST_IDS, InterfaceScope
from autopilot.reconcile.visible import gone
from autopilot.reconcile.wakeup import merge
from hypothesis import given
from hypothesis import strategies as st

EVENTS = Path(__file__).parents[2] / "events"
VPC, SUBNET, GROUP = "vpc-0a1b2c3d4e5f60718", "subnet-0123456789abcdef0", "sg-0aa11bb22cc33dd44"
ENDPOINT = "vpce-0aaaabbbbccccdddd"


def event(name: str) -> Any:
    return json.loads((EVENTS / f"{name}.json").read_text())


def call(name: str, request: Any = None, response: Any = None, **detail: Any) -> Any:
    made = event("create_tags")
    made["detail"] |= {
        "eventName": name,
        "requestParameters": request,
        "responseElements": response,
        **detail,
    }
    return made


def wakeup(made: Any) -> InterfaceWakeup | None:
    return read(event_in(json.dumps(made)))


def tagged(*ids: str) -> Any:
    items = [{"resourceId": id_} for id_ in ids]
    return call("CreateTags", {"resourcesSet": {"items": items}})


INTERFACE = {"CreateVpcEndpointRequest": {"VpcEndpointType": "Interface", "VpcId": VPC}}
MADE = {"CreateVpcEndpointResponse": {"vpcEndpoint": {"vpcEndpointId": ENDPOINT, "vpcId": VPC}}}


@pytest.mark.parametrize(
    ("made", "scope", "expect"),
    [
        (event("create_vpc"), InterfaceScope(vpc_ids=(VPC,)), (VPC,)),
        (
            call("CreateSubnet", {}, {"subnet": {"subnetId": SUBNET, "vpcId": VPC}}),
            InterfaceScope(vpc_ids=(VPC,)),
            (SUBNET,),
        ),
        (call("ModifyVpcAttribute", {"vpcId": VPC}), InterfaceScope(vpc_ids=(VPC,)), ()),
        (
            call("AssociateVpcCidrBlock", {"AssociateVpcCidrBlockRequest": {"VpcId": VPC}}),
            InterfaceScope(vpc_ids=(VPC,)),
            (),
        ),
        (
            call("DisassociateVpcCidrBlock", {"associationId": "vpc-cidr-assoc-1"}),
            ALL_INTERFACES,
            ("gone/vpc-cidr-assoc-1",),
        ),
        (
            call("CreateVpcEndpoint", INTERFACE, MADE),
            InterfaceScope(vpc_ids=(VPC,)),
            (ENDPOINT,),
        ),
        (event("modify_vpc_endpoint_by_us"), InterfaceScope(endpoint_ids=(ENDPOINT,)), ()),
        (event("delete_vpc_endpoints_one"), ALL_INTERFACES, (gone(ENDPOINT),)),
        (
            call("AcceptVpcEndpointConnections", {"x": {"VpcEndpointId": ENDPOINT}}),
            InterfaceScope(endpoint_ids=(ENDPOINT,)),
            (),
        ),
        *(
            (call(name, {"groupId": GROUP}), InterfaceScope(group_ids=(GROUP,)), ())
            for name in (
                "AuthorizeSecurityGroupIngress",
                "AuthorizeSecurityGroupEgress",
                "RevokeSecurityGroupIngress",
                "RevokeSecurityGroupEgress",
                "ModifySecurityGroupRules",
            )
        ),
        (
            tagged(VPC, SUBNET, ENDPOINT, GROUP, "i-0123456789abcdef0"),
            InterfaceScope(False, (VPC,), (SUBNET,), (ENDPOINT,), (GROUP,)),
            (),
        ),
    ],
)
def test_says_where_to_look(made: Any, scope: InterfaceScope, expect: tuple[str, ...]) -> None:
    found = wakeup(made)
    assert found is not None
    assert (found.scope, found.expect) == (scope, expect)
    assert found.event_ids == (made["detail"]["eventID"],)


@pytest.mark.parametrize(
    "made",
    [
        event("create_vpc_endpoint_gateway_by_others"),
        event("create_vpc_failed_quota"),
        event("create_route_table"),
        tagged("i-0123456789abcdef0"),
        call("CreateVpc", eventSource="s3.amazonaws.com"),
        call("ModifyVpcEndpoint", {}),
    ],
)
def test_is_not_for_interface_endpoints(made: Any) -> None:
    assert wakeup(made) is None


@pytest.mark.parametrize(
    "made",
    [
        call("CreateSubnet", {}, {}),
        call("CreateVpc", {}, {}),
        call("DeleteVpcEndpoints", {}),
        {"detail-type": "AWS API Call via CloudTrail"},
    ],
)
def test_what_cannot_be_read_is_a_bad_event(made: Any) -> None:
    with pytest.raises(BadEvent):
        wakeup(made)


def test_a_batch_is_one_look_whatever_its_order() -> None:
    made = [
        call("ModifyVpcAttribute", {"vpcId": f"vpc-{n:017x}"}, eventID=str(n)) for n in range(9)
    ]
    found = [w for each in made if (w := wakeup(each))]
    once = merge(found)
    random.Random(1).shuffle(found)
    assert merge([*found, *found]) == once
    assert len(once.scope.vpc_ids) == 9
    assert once.name.startswith("interfaces-") and len(once.name) <= 80


def test_a_very_large_batch_looks_everywhere() -> None:
    found = [InterfaceWakeup(InterfaceScope(vpc_ids=(f"vpc-{n}",))) for n in range(MOST_IDS + 1)]
    assert merge(found).scope == ALL_INTERFACES


def test_the_same_events_name_the_same_execution_a_new_one_another() -> None:
    one = wakeup(event("create_vpc"))
    other = wakeup(call("ModifyVpcAttribute", {"vpcId": VPC}, eventID="another"))
    assert one and other
    assert one.name == merge([one]).name != merge([one, other]).name


@given(st.sampled_from(sorted(EVENTS.glob("*.json"))), st.data())
def test_raises_nothing_but_bad_event_on_mangled_events(path: Path, data: st.DataObject) -> None:
    made = copy.deepcopy(json.loads(path.read_text()))
    detail = made.get("detail", {})
    if detail:
        key = data.draw(st.sampled_from(sorted(detail)))
        detail[key] = data.draw(st.sampled_from([None, "", 7, [], {}, {"items": None}]))
    with contextlib.suppress(BadEvent):
        wakeup(made)
