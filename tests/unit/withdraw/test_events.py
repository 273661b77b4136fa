"""What others' refused calls ask us to give way to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from autopilot.reconcile.cloudtrail import BadEvent, event_in
from autopilot.reconcile.codec import decode
from autopilot.reconcile.wakeup import merge
from autopilot.withdraw.events import Demand, WithdrawalWakeup, read
from hypothesis import given
from hypothesis import strategies as st

EVENTS = Path(__file__).parents[2] / "events"
TEAM = "arn:aws:sts::111111111111:assumed-role/NetworkTeam/session"
AT = "2026-11-20T10:15:30Z"
VPC, TABLE = "vpc-0a1b2c3d4e5f60718", "rtb-0f1e2d3c4b5a69788"
Event = dict[str, Any]


def event(name: str, **detail: Any) -> Event:
    loaded: Event = json.loads((EVENTS / f"{name}.json").read_text())
    loaded["detail"] |= detail
    return loaded


def woken(given_: Event) -> WithdrawalWakeup | None:
    return read(event_in(json.dumps(given_)))


def demands(given_: Event) -> list[Demand]:
    found = woken(given_)
    return list(found.demands) if found else []


def test_a_vpc_that_could_not_be_deleted() -> None:
    found = woken(event("delete_vpc_failed_dependency"))
    assert found is not None
    assert found.demands == (Demand("vpc", VPC, TEAM, AT),)
    assert found.event_ids == ("0b8c5e1e-2a66-4b5c-8f0e-1a2b3c4d5e6f",)


@pytest.mark.parametrize(
    ("call", "member", "kind", "thing"),
    [
        ("DeleteSubnet", "subnetId", "subnet", "subnet-0123456789abcdef0"),
        ("DeleteSecurityGroup", "groupId", "group", "sg-0123456789abcdef0"),
    ],
)
def test_a_subnet_or_a_group_likewise(call: str, member: str, kind: Any, thing: str) -> None:
    refused = event(
        "delete_vpc_failed_dependency", eventName=call, requestParameters={member: thing}
    )
    assert demands(refused) == [Demand(kind, thing, TEAM, AT)]


@pytest.mark.parametrize("code", ["Client.RouteAlreadyExists", "Client.InvalidParameter"])
def test_an_endpoint_refused_for_our_route_under_both_codes(code: str) -> None:
    refused = event("create_vpc_endpoint_failed_route_exists", errorCode=code)
    service = "com.amazonaws.us-east-1.s3"
    assert demands(refused) == [Demand("route", TABLE, TEAM, AT, service=service)]


def test_all_tables_of_the_call_are_asked_for_though_aws_names_the_first() -> None:
    refused = event("create_vpc_endpoint_failed_route_exists")
    request = refused["detail"]["requestParameters"]["CreateVpcEndpointRequest"]
    request["RouteTableId"].append({"tag": 2, "content": "rtb-00000000000000002"})
    assert {demand.id for demand in demands(refused)} == {TABLE, "rtb-00000000000000002"}


def test_a_table_that_only_awss_words_name_is_asked_for_too() -> None:
    refused = event("create_vpc_endpoint_failed_route_exists")
    del refused["detail"]["requestParameters"]["CreateVpcEndpointRequest"]["RouteTableId"]
    assert [demand.id for demand in demands(refused)] == [TABLE]


def test_an_endpoint_that_could_not_be_given_a_table() -> None:
    refused = event(
        "create_vpc_endpoint_failed_route_exists",
        eventName="ModifyVpcEndpoint",
        requestParameters={
            "ModifyVpcEndpointRequest": {
                "VpcEndpointId": "vpce-0123456789abcdef0",
                "AddRouteTableId": {"tag": 1, "content": TABLE},
            }
        },
    )
    theirs = "vpce-0123456789abcdef0"
    assert demands(refused) == [Demand("route", TABLE, TEAM, AT, endpoint_id=theirs)]


@pytest.mark.parametrize(
    "other",
    [
        event("create_vpc"),
        event("create_vpc_endpoint_failed_zone"),
        event("create_vpc_failed_quota"),
        event("delete_vpc_failed_dependency", errorCode="Client.UnauthorizedOperation"),
        event("delete_vpc_failed_dependency", errorCode="Client.DryRunOperation"),
        event("delete_vpc_failed_dependency", errorCode=None),
        event("delete_vpc_failed_dependency", eventName="DeleteRouteTable"),
        event("delete_vpc_failed_dependency", eventSource="elsewhere.amazonaws.com"),
        {**event("delete_vpc_failed_dependency"), "detail-type": "Something Else"},
        event(
            "create_vpc_endpoint_failed_route_exists",
            errorCode="Client.InvalidParameter",
            errorMessage="no such table",
        ),
        event("delete_vpc_failed_dependency", requestParameters=None, errorMessage="No."),
    ],
)
def test_other_events_ask_for_nothing(other: Event) -> None:
    assert woken(other) is None


@pytest.mark.parametrize(
    "broken",
    [
        event("delete_vpc_failed_dependency", eventTime="yesterday"),
        event("delete_vpc_failed_dependency", eventID=""),
        event("create_vpc_endpoint_failed_route_exists", requestParameters={}),
        event("create_vpc_endpoint_failed_route_exists", eventName="ModifyVpcEndpoint"),
        {**event("create_vpc"), "detail": "text"},
    ],
)
def test_what_cannot_be_read_says_where(broken: Event) -> None:
    with pytest.raises(BadEvent, match=r"^detail"):
        woken(broken)


DEMANDS = st.builds(
    Demand,
    st.sampled_from(["vpc", "subnet"]),
    st.sampled_from(["vpc-1", "vpc-2"]),
    st.sampled_from(["alice", "bob"]),
    st.sampled_from(["2026-11-20T10:15:30Z", "2026-11-20T10:15:31Z", "2026-11-20T10:15:32Z"]),
)
WAKEUPS = st.lists(
    st.builds(
        WithdrawalWakeup,
        st.lists(DEMANDS, max_size=3).map(tuple),
        st.lists(st.sampled_from("abc"), max_size=2).map(tuple),
    ),
    min_size=1,
    max_size=4,
)


@given(WAKEUPS, st.randoms())
def test_a_batch_asks_once_for_each_thing_whatever_its_order(
    wakeups: list[WithdrawalWakeup], random: Any
) -> None:
    shuffled = random.sample(wakeups, len(wakeups))
    one, other = merge(wakeups), merge(shuffled)
    assert {(d.kind, d.id, d.at) for d in one.demands} == {
        (d.kind, d.id, d.at) for d in other.demands
    }
    assert one.name == other.name
    things = [(d.kind, d.id) for d in one.demands]
    assert len(things) == len(set(things))
    for demand in one.demands:
        same = [
            d.at for w in wakeups for d in w.demands if (d.kind, d.id) == (demand.kind, demand.id)
        ]
        assert demand.at == max(same), "the latest counts"


def test_the_same_events_bear_the_same_name_and_a_new_one_another() -> None:
    again = merge([WithdrawalWakeup((), ("b",)), WithdrawalWakeup((), ("a", "b"))])
    assert again.name == WithdrawalWakeup((), ("a", "b")).name
    assert again.name != WithdrawalWakeup((), ("a",)).name
    assert len(again.name) <= 80


def test_the_input_of_the_workflow() -> None:
    found = woken(event("delete_vpc_failed_dependency"))
    assert found is not None
    document = found.document()
    assert document["trigger"] == "event"
    assert [decode(Demand, each) for each in document["demands"]] == list(found.demands)
