"""What events say about where to look."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from autopilot.gateway.events import NetworkWakeup, read
from autopilot.reconcile.cloudtrail import BadEvent, event_in
from autopilot.reconcile.scope import WHOLE_NETWORK, NetworkScope
from autopilot.reconcile.visible import gone
from autopilot.reconcile.wakeup import merge
from hypothesis import given
from hypothesis import strategies as st

EVENTS = Path(__file__).parents[2] / "events"
VPC, TABLE = "vpc-0a1b2c3d4e5f60718", "rtb-0f1e2d3c4b5a69788"
ENDPOINT, OTHER_ENDPOINT = "vpce-0aaaabbbbccccdddd", "vpce-0eeeeffff00001111"


def event(name: str) -> Any:
    return json.loads((EVENTS / f"{name}.json").read_text())


def call(name: str, request: Any = None, response: Any = None, **detail: Any) -> Any:
    """An event of a call that the files don't hold."""
    made = event("create_tags")
    made["detail"] |= {
        "eventName": name,
        "requestParameters": request,
        "responseElements": response,
        **detail,
    }
    return made


def wakeup(made: Any) -> NetworkWakeup | None:
    return read(event_in(json.dumps(made)))


def must(made: Any) -> NetworkWakeup:
    found = wakeup(made)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("made", "scope", "expect"),
    [
        (event("create_vpc"), NetworkScope(vpc_ids=(VPC,)), (VPC,)),
        (event("create_route_table"), NetworkScope(vpc_ids=(VPC,)), (TABLE,)),
        (event("associate_route_table"), NetworkScope(route_table_ids=(TABLE,)), ()),
        (event("create_tags"), NetworkScope(vpc_ids=(VPC,)), ()),
        (event("create_vpc_endpoint_gateway_by_others"), NetworkScope(vpc_ids=(VPC,)), (ENDPOINT,)),
        (event("modify_vpc_endpoint_by_us"), NetworkScope(endpoint_ids=(ENDPOINT,)), ()),
        (event("delete_vpc_endpoints_one"), WHOLE_NETWORK, (gone(ENDPOINT),)),
        (
            event("delete_vpc_endpoints_two"),
            WHOLE_NETWORK,
            (gone(ENDPOINT), gone(OTHER_ENDPOINT)),
        ),
        (
            call("CreateDefaultVpc", None, {"vpc": {"vpcId": VPC, "isDefault": True}}),
            NetworkScope(vpc_ids=(VPC,)),
            (VPC,),
        ),
        (
            call(
                "ReplaceRouteTableAssociation",
                {"associationId": "rtbassoc-1", "routeTableId": TABLE},
                {"newAssociationId": "rtbassoc-2"},
            ),
            NetworkScope(route_table_ids=(TABLE,)),
            (),
        ),
        (
            call("AssociateRouteTable", {"gatewayId": "igw-1", "routeTableId": TABLE}),
            NetworkScope(route_table_ids=(TABLE,)),
            (),
        ),
        (call("DisassociateRouteTable", {"associationId": "rtbassoc-1"}), WHOLE_NETWORK, ()),
        (
            call(
                "DeleteTags",
                {
                    "resourcesSet": {
                        "items": [{"resourceId": i} for i in (VPC, TABLE, "subnet-1", "vpc-2")]
                    },
                    "tagSet": {"items": [{"key": "endpoint-autopilot"}]},
                },
            ),
            NetworkScope(vpc_ids=(VPC, "vpc-2"), route_table_ids=(TABLE,)),
            (),
        ),
        # style A, should CloudTrail ever write it for endpoints
        (
            call(
                "DeleteVpcEndpoints",
                {"vpcEndpointIdSet": {"items": [{"vpcEndpointId": ENDPOINT}]}},
            ),
            WHOLE_NETWORK,
            (gone(ENDPOINT),),
        ),
        # one of two could not be deleted
        (
            call(
                "DeleteVpcEndpoints",
                {
                    "DeleteVpcEndpointsRequest": {
                        "VpcEndpointId": [
                            {"tag": 1, "content": ENDPOINT},
                            {"tag": 2, "content": OTHER_ENDPOINT},
                        ]
                    }
                },
                {
                    "DeleteVpcEndpointsResponse": {
                        "unsuccessful": {"item": {"resourceId": OTHER_ENDPOINT, "error": {}}}
                    }
                },
            ),
            WHOLE_NETWORK,
            (gone(ENDPOINT),),
        ),
    ],
)
def test_reads(made: Any, scope: NetworkScope, expect: tuple[str, ...]) -> None:
    found = must(made)

    assert (found.scope, found.expect) == (scope, expect)
    assert found.event_ids == (made["detail"]["eventID"],)


def _gateway(**request: Any) -> Any:
    made = event("create_vpc_endpoint_gateway_by_others")
    made["detail"]["requestParameters"]["CreateVpcEndpointRequest"] |= request
    return made


@pytest.mark.parametrize(
    "made",
    [
        event("create_subnet"),
        event("delete_route_table"),
        event("load_balancer_set_subnets"),
        event("modify_service_permissions"),
        event("create_vpc_failed_quota"),
        event("create_vpc_endpoint_failed_route_exists"),
        event("create_vpc_endpoint_failed_zone"),
        event("delete_vpc_failed_dependency"),
        _gateway(VpcEndpointType="Interface"),
        _gateway(VpcEndpointType="GatewayLoadBalancer"),
        call("CreateTags", {"resourcesSet": {"items": [{"resourceId": "i-1"}]}}),
        call("CreateVpc", eventSource="elsewhere.amazonaws.com"),
        {"detail-type": "Endpoint Connection Notification", "detail": {}},
        {"detail-type": "Endpoint Connection Notification"},
    ],
)
def test_leaves_to_others(made: Any) -> None:
    assert wakeup(made) is None


def without(name: str, *path: str) -> Any:
    made = event(name)
    node = made
    for key in path[:-1]:
        node = node[key]
    del node[path[-1]]
    return made


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ("", "body"),
        ("no JSON", "body"),
        ("[" * 100_000, "body"),
        ("[]", "body"),
        ("{}", "detail-type"),
        ('{"detail-type": 7}', "detail-type"),
        ('{"detail-type": "AWS API Call via CloudTrail"}', "detail"),
        ('{"detail-type": "AWS API Call via CloudTrail", "detail": []}', "detail"),
        ('{"detail-type": "AWS API Call via CloudTrail", "detail": {}}', "detail.eventName"),
        (json.dumps(without("create_vpc", "detail", "eventID")), "detail.eventID"),
        (
            json.dumps(without("create_vpc", "detail", "responseElements")),
            "detail.responseElements",
        ),
        (
            json.dumps(without("create_vpc", "detail", "responseElements", "vpc", "vpcId")),
            "detail.responseElements",
        ),
        (
            json.dumps(without("create_route_table", "detail", "responseElements")),
            "detail.responseElements",
        ),
        (
            json.dumps(without("associate_route_table", "detail", "requestParameters")),
            "detail.requestParameters",
        ),
        (
            json.dumps(call("CreateVpc", None, {"vpc": {"vpcId": "vpc-not an id"}})),
            "detail.responseElements",
        ),
        (
            json.dumps(
                call("CreateRouteTable", None, {"a": {"routeTableId": "rtb-1", "vpcId": "vpc-1"},
                                                "b": {"routeTableId": "rtb-2"}})
            ),
            "detail.responseElements",
        ),
    ],
)  # fmt: skip
def test_says_where_an_event_is_bad(body: str, place: str) -> None:
    with pytest.raises(BadEvent) as caught:
        read(event_in(body))

    assert caught.value.place == place
    assert str(caught.value) == f"{place}: {caught.value.reason}"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.text() | json_values.map(json.dumps))
def test_any_text_is_a_wakeup_or_a_bad_event(body: str) -> None:
    _wakeup_or_bad(body)


@given(
    st.sampled_from(sorted(path.stem for path in EVENTS.glob("*.json"))),
    st.data(),
    json_values,
)
def test_any_damage_to_an_event_leaves_a_wakeup_or_a_bad_event(
    name: str, data: st.DataObject, junk: Any
) -> None:
    made = copy.deepcopy(event(name))
    node, key = data.draw(st.sampled_from(list(_places(made))))
    node[key] = junk

    _wakeup_or_bad(json.dumps(made))


def _places(node: Any) -> list[tuple[Any, Any]]:
    if isinstance(node, dict):
        keys: list[Any] = list(node)
    elif isinstance(node, list):
        keys = list(range(len(node)))
    else:
        return []
    return [(node, key) for key in keys] + [p for key in keys for p in _places(node[key])]


def _wakeup_or_bad(body: str) -> None:
    try:
        found = read(event_in(body))
    except BadEvent as error:
        assert error.place
        assert error.reason
    else:
        assert found is None or merge([found]).name.startswith("network-")


def test_merges_a_burst_into_one_look_at_the_vpc() -> None:
    burst = [
        event("create_vpc"),
        event("create_route_table"),
        event("associate_route_table"),
        event("create_tags"),
    ]
    for number, made in enumerate(burst):
        made["detail"]["eventID"] = f"event-{number}"

    merged = merge(map(must, burst))

    assert merged.scope == NetworkScope(vpc_ids=(VPC,))
    assert merged.expect == (TABLE, VPC)
    assert merged.event_ids == ("event-0", "event-1", "event-2", "event-3")


def test_folds_an_endpoint_into_the_vpc_that_another_event_names() -> None:
    merged = merge(
        [
            must(event("modify_vpc_endpoint_by_us")),
            must(event("create_vpc_endpoint_gateway_by_others")),
        ]
    )

    assert merged.scope == NetworkScope(vpc_ids=(VPC,))


def test_looks_at_everything_when_too_many_are_named() -> None:
    some = [must(call("AssociateRouteTable", {"routeTableId": f"rtb-{n}"})) for n in range(151)]

    assert merge(some[:150]).scope == NetworkScope(
        route_table_ids=tuple(sorted(f"rtb-{n}" for n in range(150)))
    )
    assert merge(some).scope == WHOLE_NETWORK


def test_waits_for_a_bounded_number_of_things() -> None:
    created = [must(call("CreateVpc", None, {"vpc": {"vpcId": f"vpc-{n}"}})) for n in range(400)]

    assert len(merge(created).expect) == 150


def test_everything_swallows_the_rest() -> None:
    merged = merge([must(event("create_vpc")), must(event("delete_vpc_endpoints_one"))])

    assert merged.scope == WHOLE_NETWORK
    assert merged.scope.to_json() == "all"
    assert merged.expect == (gone(ENDPOINT), VPC)


def named(*pairs: tuple[str, str]) -> NetworkWakeup:
    """A wake-up merged of events given by name and id."""
    wakeups = []
    for name, event_id in pairs:
        made = event(name)
        made["detail"]["eventID"] = event_id
        wakeups.append(must(made))
    return merge(wakeups)


def test_the_name_follows_from_the_events() -> None:
    once = named(("create_vpc", "1"), ("create_route_table", "2"))

    assert named(("create_route_table", "2"), ("create_vpc", "1")).name == once.name
    assert named(("create_vpc", "1"), ("create_vpc", "1"), ("create_route_table", "2")).name == (
        once.name
    )
    assert named(("create_vpc", "1"), ("create_route_table", "3")).name != once.name
    assert len(once.name) == len("network-") + 32


@given(st.permutations(["create_vpc", "create_route_table", "create_tags",
                        "associate_route_table", "modify_vpc_endpoint_by_us",
                        "create_vpc_endpoint_gateway_by_others"]))  # fmt: skip
def test_the_order_of_events_does_not_matter(order: list[str]) -> None:
    pairs = [(name, name) for name in order]

    assert named(*pairs) == named(*sorted(pairs))
