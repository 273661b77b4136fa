"""What events and notifications say about connections."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from autopilot.connections.calls import Advice, PersonsAnswer
from autopilot.connections.events import DETAIL_TYPE, ConnectionWakeup, notification_in, read
from autopilot.reconcile.cloudtrail import BadEvent, event_in
from autopilot.reconcile.codec import decode, encode
from autopilot.reconcile.scope import ALL_SERVICES, ServiceScope
from autopilot.reconcile.wakeup import merge
from hypothesis import given
from hypothesis import strategies as st

EVENTS = Path(__file__).parents[2] / "events"
SERVICE, ENDPOINT = "vpce-svc-0123456789abcdef0", "vpce-0c0ffee0c0ffee000"
OTHER = "vpce-0deadbeef00000000"
TEAM = "arn:aws:sts::111111111111:assumed-role/NetworkTeam/session"
AT = "2026-11-20T10:15:30Z"
BALANCER = (
    "arn:aws:elasticloadbalancing:us-east-1:111111111111:loadbalancer/net/orders/50dc6c495c0c9188"
)


def event(name: str) -> Any:
    return json.loads((EVENTS / f"{name}.json").read_text())


def call(name: str, request: Any = None, response: Any = None, **detail: Any) -> Any:
    made = event("modify_service_permissions")
    made["detail"] |= {
        "eventName": name,
        "requestParameters": request,
        "responseElements": response,
        **detail,
    }
    return made


def wakeup(made: Any) -> ConnectionWakeup | None:
    return read(event_in(json.dumps(made)))


def must(made: Any) -> ConnectionWakeup:
    found = wakeup(made)
    assert found is not None
    return found


def on_the_bus(detail: Any) -> Any:
    return {
        "id": "bus-1",
        "detail-type": DETAIL_TYPE,
        "source": "endpoint-autopilot",
        "detail": detail,
    }


def of(*services: str) -> ServiceScope:
    return ServiceScope(service_ids=services)


ONE_SERVICE = {"XRequest": {"ServiceId": SERVICE}}


@pytest.mark.parametrize(
    ("made", "scope", "look"),
    [
        (event("modify_service_permissions"), of(SERVICE), set()),
        (
            call(
                "CreateVpcEndpointServiceConfiguration",
                {"XRequest": {"AcceptanceRequired": True}},
                {"XResponse": {"serviceConfiguration": {"serviceId": SERVICE}}},
            ),
            of(SERVICE),
            {"notifications"},
        ),
        (call("ModifyVpcEndpointServiceConfiguration", ONE_SERVICE), of(SERVICE), {"zones"}),
        (
            call(
                "DeleteVpcEndpointServiceConfigurations",
                {"XRequest": {"ServiceId": {"tag": 1, "content": SERVICE}}},
            ),
            of(SERVICE),
            set(),
        ),
        (
            call("CreateVpcEndpointConnectionNotification", ONE_SERVICE),
            of(SERVICE),
            {"notifications"},
        ),
        (
            call(
                "ModifyVpcEndpointConnectionNotification",
                {"XRequest": {"ConnectionNotificationId": "vpce-nfn-0a"}},
            ),
            ALL_SERVICES,
            set(),
        ),
        (
            call(
                "DeleteVpcEndpointConnectionNotifications",
                {"XRequest": {"ConnectionNotificationId": {"tag": 1, "content": "vpce-nfn-0a"}}},
            ),
            ALL_SERVICES,
            set(),
        ),
        (
            event("load_balancer_set_subnets"),
            ServiceScope(load_balancer_arns=(BALANCER,)),
            {"zones"},
        ),
        (
            call("CreateTags", {"resourcesSet": {"items": [{"resourceId": SERVICE}]}}),
            of(SERVICE),
            set(),
        ),
    ],
)
def test_where_to_look(made: Any, scope: ServiceScope, look: set[Any]) -> None:
    found = must(made)
    assert (found.scope, set(found.look)) == (scope, look)
    assert (found.answers, found.advice) == ((), ())
    assert found.event_ids == (made["detail"]["eventID"],)


@pytest.mark.parametrize("verdict", ["accept", "reject"])
@pytest.mark.parametrize(
    "endpoints",
    [
        {"tag": 1, "content": ENDPOINT},
        [{"tag": 1, "content": ENDPOINT}, {"tag": 2, "content": OTHER}],
        {"items": [{"vpcEndpointId": ENDPOINT}]},
    ],
)
def test_a_persons_answer_names_the_person(verdict: Any, endpoints: Any) -> None:
    request = {"XRequest": {"ServiceId": SERVICE, "VpcEndpointId": endpoints}}
    unsuccessful = {"XResponse": {"unsuccessful": {"item": {"resourceId": OTHER}}}}
    name = f"{verdict.capitalize()}VpcEndpointConnections"

    found = must(call(name, request, unsuccessful))

    assert found.scope == of(SERVICE)
    assert found.answers == (PersonsAnswer(ENDPOINT, SERVICE, verdict, TEAM, AT),)


@pytest.mark.parametrize(
    ("identity", "by"),
    [
        ({"type": "Root", "arn": "arn:aws:iam::1:root"}, "arn:aws:iam::1:root"),
        ({"type": "AWSService", "invokedBy": "x.amazonaws.com"}, "x.amazonaws.com"),
        ({"type": "IdentityCenterUser"}, "IdentityCenterUser"),
        ({}, "somebody"),
        (None, "somebody"),
    ],
)  # fmt: skip
def test_whoever_answered_has_some_name(identity: Any, by: str) -> None:
    request = {"XRequest": {"ServiceId": SERVICE, "VpcEndpointId": ENDPOINT}}
    made = call("AcceptVpcEndpointConnections", request, userIdentity=identity)
    assert must(made).answers[0].by == by


def test_a_refused_endpoint_asks_for_advice() -> None:
    found = must(event("create_vpc_endpoint_failed_zone"))

    assert found.scope == ServiceScope()
    (advice,) = found.advice
    assert advice.vpc_id == "vpc-0a1b2c3d4e5f60718"
    assert advice.service_name == f"com.amazonaws.vpce.us-east-1.{SERVICE}"
    assert advice.subnet_ids == ("subnet-0123456789abcdef0", "subnet-0fedcba9876543210")
    assert advice.by == TEAM
    assert "does not support the availability zone" in advice.error
    assert decode(Advice, json.loads(json.dumps(encode(advice)))) == advice


@pytest.mark.parametrize(
    "made",
    [
        event("create_vpc"),
        event("create_tags"),
        event("create_vpc_endpoint_failed_route_exists"),
        event("create_vpc_endpoint_gateway_by_others"),
        call("AcceptVpcEndpointConnections", ONE_SERVICE, errorCode="Client.UnauthorizedOperation"),
        call("AcceptVpcEndpointConnections", ONE_SERVICE),  # transit gateway attachments only
        call("CreateVpcEndpointConnectionNotification", {"XRequest": {"VpcEndpointId": ENDPOINT}}),
        call("CreateVpcEndpoint", {}, {}),
        call("ModifyVpcEndpointServicePermissions", ONE_SERVICE, eventSource="s3.amazonaws.com"),
        {**event("create_vpc"), "detail-type": "Scheduled Event"},
    ],
)
def test_what_is_not_about_connections(made: Any) -> None:
    assert wakeup(made) is None


def test_application_load_balancers_carry_no_service() -> None:
    made = event("load_balancer_set_subnets")
    arn = BALANCER.replace("/net/", "/app/")
    made["detail"]["requestParameters"]["loadBalancerArn"] = arn
    assert wakeup(made) is None


@pytest.mark.parametrize(
    ("made", "place"),
    [
        (call("ModifyVpcEndpointServicePermissions", {}), "detail.requestParameters"),
        (call("CreateVpcEndpointServiceConfiguration", ONE_SERVICE), "detail.responseElements"),
        (
            call(
                "RejectVpcEndpointConnections",
                {"XRequest": [{"ServiceId": SERVICE}, {"ServiceId": "vpce-svc-0b"}]},
            ),
            "detail.requestParameters",
        ),
        (
            call(
                "CreateVpcEndpoint",
                {"XRequest": {"VpcId": "vpc-1"}},
                errorCode="Client.InvalidParameter",
                errorMessage="it does not support the availability zone",
            ),
            "detail.requestParameters",
        ),
        *(
            (
                call(
                    "AcceptVpcEndpointConnections",
                    {"XRequest": {"ServiceId": SERVICE, "VpcEndpointId": ENDPOINT}},
                    eventTime=at,
                ),
                "detail.eventTime",
            )
            for at in ("yesterday", "2026-11-20T10:15:30", "", None)
        ),
        ({"detail-type": "AWS API Call via CloudTrail", "detail": 1}, "detail"),
        ({}, "detail-type"),
        ([], "body"),
    ],
)
def test_what_cannot_be_read_says_where(made: Any, place: str) -> None:
    with pytest.raises(BadEvent) as caught:
        wakeup(made)
    assert caught.value.place == place


@pytest.mark.parametrize(
    ("detail", "scope"),
    [
        ({"service_ids": [SERVICE], "message_id": "m"}, of(SERVICE)),
        ({"service_ids": [SERVICE, SERVICE], "message_id": "m"}, of(SERVICE)),
        ({"service_ids": [], "endpoint_ids": [ENDPOINT], "message_id": "m"}, ALL_SERVICES),
        ({"service_ids": ["; drop"]}, ALL_SERVICES),
        ({"service_ids": 3}, ALL_SERVICES),
        ({}, ALL_SERVICES),
        (None, ALL_SERVICES),
        ("x", ALL_SERVICES),
    ],
)
def test_a_notification_on_the_bus_says_where_to_look(detail: Any, scope: ServiceScope) -> None:
    assert must(on_the_bus(detail)).scope == scope


def test_a_doubled_notification_has_one_name_and_a_new_one_another() -> None:
    first = on_the_bus({"service_ids": [SERVICE], "message_id": "m-1"})
    again = {**first, "id": "bus-2"}
    new = on_the_bus({"service_ids": [SERVICE], "message_id": "m-2"})

    assert must(first).name == must(again).name != must(new).name
    assert must(first).name.startswith("connections-")
    assert len(must(first).name) <= 80


@pytest.mark.parametrize(
    ("name", "services", "endpoints"),
    [
        ("notification_json", [SERVICE], [ENDPOINT]),
        ("notification_prose", [SERVICE], [ENDPOINT]),
        ("notification_without_ids", [], []),
    ],
)
def test_what_a_notification_says(name: str, services: list[str], endpoints: list[str]) -> None:
    (record,) = event(name)["Records"]
    assert notification_in(record) == {
        "service_ids": services,
        "endpoint_ids": endpoints,
        "message_id": record["Sns"]["MessageId"],
    }


def test_a_flood_of_ids_is_nonsense() -> None:
    said = " ".join(f"vpce-svc-{number:04x}" for number in range(101))
    assert notification_in({"Sns": {"Message": said}})["service_ids"] == []


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=9,
)


@given(st.dictionaries(st.sampled_from(["Sns", "x"]), json_values | st.fixed_dictionaries({
    "Subject": json_values, "Message": json_values, "MessageId": json_values})))  # fmt: skip
def test_no_notification_is_too_odd(record: Any) -> None:
    assert set(notification_in(record)) == {"service_ids", "endpoint_ids", "message_id"}
    must(on_the_bus(json.loads(json.dumps(notification_in(record)))))


@given(json_values, st.sampled_from(["requestParameters", "responseElements", "userIdentity"]))
def test_an_odd_event_is_read_or_refused_and_nothing_else(odd: Any, part: str) -> None:
    for name in ("AcceptVpcEndpointConnections", "CreateVpcEndpoint", "SetSubnets", "CreateTags"):
        made = copy.deepcopy(event("create_vpc_endpoint_failed_zone"))
        made["detail"] |= {"eventName": name, part: odd}
        with suppress(BadEvent):
            wakeup(made)


ANSWER = PersonsAnswer(ENDPOINT, SERVICE, "accept", TEAM, AT)
ADVICE = Advice("vpc-1", "name", ("subnet-1",), TEAM, "no", AT)


def test_wakeups_merge_whatever_their_order() -> None:
    every = [
        ConnectionWakeup(of("vpce-svc-0b"), look=frozenset({"zones"}), event_ids=("2",)),
        ConnectionWakeup(of("vpce-svc-0a"), answers=(ANSWER,), event_ids=("1",)),
        ConnectionWakeup(of("vpce-svc-0a"), answers=(ANSWER,), advice=(ADVICE,), event_ids=("1",)),
    ]

    merged = merge(every)

    assert merged == merge(reversed(every))
    assert merged.scope == of("vpce-svc-0a", "vpce-svc-0b")
    assert (set(merged.look), merged.answers, merged.advice) == ({"zones"}, (ANSWER,), (ADVICE,))
    assert merged.event_ids == ("1", "2")
    assert merged.document()["answers"] == [
        {"endpoint_id": ENDPOINT, "service_id": SERVICE, "verdict": "accept", "by": TEAM, "at": AT}
    ]


def test_everything_swallows_the_rest_and_many_are_everything() -> None:
    some, all_ = ConnectionWakeup(of("vpce-svc-0a")), ConnectionWakeup(ALL_SERVICES)
    assert merge([some, all_]).scope == ALL_SERVICES
    many = (ConnectionWakeup(of(f"vpce-svc-{n:x}")) for n in range(151))
    assert merge(many).scope == ALL_SERVICES
    balancers = ServiceScope(load_balancer_arns=tuple(map(str, range(151))))
    assert ServiceScope() | balancers == ALL_SERVICES


@pytest.mark.parametrize("scope", [ALL_SERVICES, ServiceScope(), of("a", "b")])
def test_a_scope(scope: ServiceScope) -> None:
    assert ServiceScope.from_json(json.loads(json.dumps(scope.to_json()))) == scope


def test_a_scope_that_is_none_says_so() -> None:
    with pytest.raises(ValueError, match="scope is 'some'"):
        ServiceScope.from_json("some")
