"""PrivateLink as EC2 answers: pages, filters, gone services, partial failures, empty ids."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from autopilot.aws import connection_answers, connections, notifications
from autopilot.aws.errors import AccessDenied, ServiceUnavailable
from autopilot.connections.facts import Connection, Notification, Permission, Service
from autopilot.connections.plan import Registration
from autopilot.reconcile.scope import ALL_SERVICES, ServiceScope
from botocore.stub import Stubber

Stub = Callable[[str], Stubber]
ONE, TWO, TOPIC = "vpce-svc-0a", "vpce-svc-0b", "arn:aws:sns:us-east-1:111111111111:connections"
BALANCER = "arn:aws:elasticloadbalancing:us-east-1:111111111111:loadbalancer/net/a/1"
CREATED = datetime(2026, 11, 24, 12, tzinfo=UTC)
SERVICES = "describe_vpc_endpoint_service_configurations"
CONNECTIONS = "describe_vpc_endpoint_connections"
PERMISSIONS = "describe_vpc_endpoint_service_permissions"
NOTIFICATIONS = "describe_vpc_endpoint_connection_notifications"


def by_id(*ids: str) -> dict[str, Any]:
    return {"Filters": [{"Name": "service-id", "Values": list(ids)}], "MaxResults": 1000}


def services(*ids: str, **changes: Any) -> dict[str, Any]:
    return {
        "ServiceConfigurations": [
            {
                "ServiceId": id_,
                "ServiceName": f"name.{id_}",
                "ServiceState": "Available",
                "ServiceType": [{"ServiceType": "Interface"}],
                "AcceptanceRequired": True,
                "AvailabilityZoneIds": ["use1-az2", "use1-az1"],
                "NetworkLoadBalancerArns": [BALANCER],
                "Tags": [{"Key": "tier", "Value": "shared"}],
                **changes,
            }
            for id_ in ids
        ]
    }


def connection(endpoint_id: str, service_id: str = ONE, **changes: Any) -> dict[str, Any]:
    return {
        "ServiceId": service_id,
        "VpcEndpointId": endpoint_id,
        "VpcEndpointOwner": "222222222222",
        "VpcEndpointState": "pendingAcceptance",
        "CreationTimestamp": CREATED,
        **changes,
    }


def permission(principal: str, **changes: Any) -> dict[str, Any]:
    made = {"PrincipalType": "Account", "Principal": principal, "PermissionType": "vpc-endpoint"}
    return {**made, **changes}


def test_surveys_one_service_in_three_calls(stub: Stub) -> None:
    ec2 = stub("ec2")
    ec2.add_response(SERVICES, services(ONE), by_id(ONE))
    ec2.add_response(CONNECTIONS, {"VpcEndpointConnections": [connection("vpce-01")]}, by_id(ONE))
    ec2.add_response(
        PERMISSIONS,
        {"AllowedPrincipals": [permission("arn:root"), {"Principal": "*"}]},
        {"ServiceId": ONE, "MaxResults": 1000},
    )

    seen = connections.survey(ServiceScope(service_ids=(ONE,)), notifications=False)

    assert seen.services == (
        Service(
            ONE, f"name.{ONE}", True, True, ("use1-az1", "use1-az2"), (BALANCER,),
            {"tier": "shared"},
        ),
    )  # fmt: skip
    assert seen.connections == (
        Connection("vpce-01", ONE, "222222222222", "pendingAcceptance", CREATED.isoformat()),
    )
    assert seen.permissions == {
        ONE: (Permission("arn:root", "Account", "vpc-endpoint"), Permission("*"))
    }
    assert (seen.notifications, seen.looked_at) == (None, (ONE,))


def test_surveys_everything_page_by_page(stub: Stub) -> None:
    ec2 = stub("ec2")
    page = {"MaxResults": 1000}
    ec2.add_response(SERVICES, {**services(ONE), "NextToken": "s"}, page)
    ec2.add_response(SERVICES, services(TWO), {**page, "NextToken": "s"})
    first = [connection("vpce-01", VpcEndpointState="deleted"), connection("vpce-02", TWO)]
    ec2.add_response(CONNECTIONS, {"VpcEndpointConnections": first, "NextToken": "c"}, page)
    ec2.add_response(
        CONNECTIONS,
        {"VpcEndpointConnections": [{"ServiceId": ONE, "TransitGatewayAttachmentId": "tgw-1"}]},
        {**page, "NextToken": "c"},
    )
    asked = {"ServiceId": TWO, "MaxResults": 1000}
    ec2.add_response(PERMISSIONS, {"AllowedPrincipals": [], "NextToken": "p"}, asked)
    ec2.add_response(
        PERMISSIONS, {"AllowedPrincipals": [permission("arn:x")]}, {**asked, "NextToken": "p"}
    )
    ec2.add_response(
        NOTIFICATIONS,
        {
            "ConnectionNotificationSet": [
                {
                    "ConnectionNotificationId": "vpce-nfn-1",
                    "ServiceId": ONE,
                    "ConnectionNotificationArn": TOPIC,
                    "ConnectionEvents": ["Delete", "Connect"],
                },
                {"ConnectionNotificationId": "vpce-nfn-2", "VpcEndpointId": "vpce-09",
                 "ConnectionNotificationArn": TOPIC},
            ]
        },
        page,
    )  # fmt: skip

    seen = connections.survey(ALL_SERVICES, notifications=True)

    assert [service.id for service in seen.services] == [ONE, TWO]
    assert [c.endpoint_id for c in seen.connections] == ["vpce-01", "vpce-02", ""]
    assert list(seen.permissions) == [TWO], "only lists that can decide something are read"
    assert seen.notifications == (Notification("vpce-nfn-1", ONE, TOPIC, ("Connect", "Delete")),)
    assert seen.looked_at == "all"


def test_finds_the_services_behind_a_load_balancer(stub: Stub) -> None:
    ec2 = stub("ec2")
    other = services(TWO, NetworkLoadBalancerArns=["arn:other"])["ServiceConfigurations"]
    found = {"ServiceConfigurations": [*services(ONE)["ServiceConfigurations"], *other]}
    ec2.add_response(SERVICES, found, {"MaxResults": 1000})
    ec2.add_response(CONNECTIONS, {"VpcEndpointConnections": []}, by_id(ONE))

    seen = connections.survey(ServiceScope(load_balancer_arns=(BALANCER,)), False)

    assert ([s.id for s in seen.services], seen.looked_at) == ([ONE], (ONE,))


def test_asks_nothing_more_where_no_service_stands_behind_it(stub: Stub) -> None:
    stub("ec2").add_response(SERVICES, services(ONE), {"MaxResults": 1000})
    seen = connections.survey(ServiceScope(load_balancer_arns=("arn:alb",)), True)
    assert (seen.services, seen.looked_at) == ((), ())


def test_asks_nothing_for_nothing(stub: Stub) -> None:
    stub("ec2")
    assert connections.survey(ServiceScope(), True).looked_at == ()


def test_a_service_that_goes_is_gone_and_was_looked_at(stub: Stub) -> None:
    ec2 = stub("ec2")
    ec2.add_response(SERVICES, services(ONE, ServiceState="Deleting"), by_id(ONE))
    ec2.add_response(CONNECTIONS, {"VpcEndpointConnections": [connection("vpce-01")]}, by_id(ONE))

    seen = connections.survey(ServiceScope(service_ids=(ONE,)), False)

    assert (seen.services, seen.permissions, seen.looked_at) == ((), {}, (ONE,))


def test_the_list_of_a_service_that_is_gone_is_empty(stub: Stub) -> None:
    stub("ec2").add_client_error(PERMISSIONS, "InvalidVpcEndpointServiceId.NotFound")
    assert list(connections.permissions(ONE)) == []


def test_a_list_that_may_not_be_read_is_an_error(stub: Stub) -> None:
    stub("ec2").add_client_error(PERMISSIONS, "UnauthorizedOperation")
    with pytest.raises(AccessDenied, match=r"^ec2:DescribeVpcEndpointServicePermissions"):
        list(connections.permissions(ONE))


@pytest.mark.parametrize(
    ("call", "operation"),
    [
        (connection_answers.accept, "accept_vpc_endpoint_connections"),
        (connection_answers.reject, "reject_vpc_endpoint_connections"),
    ],
)
def test_answers_and_says_what_aws_did_not_do(stub: Stub, call: Any, operation: str) -> None:
    refusal = {"ResourceId": "vpce-02", "Error": {"Code": "Invalid", "Message": "no"}}
    stub("ec2").add_response(
        operation,
        {"Unsuccessful": [refusal]},
        {"ServiceId": ONE, "VpcEndpointIds": ["vpce-01", "vpce-02"]},
    )
    assert call(ONE, ["vpce-02", "vpce-01"]) == {"vpce-02": "Invalid: no"}


@pytest.mark.parametrize(("service_id", "ids"), [("", ["vpce-01"]), (ONE, []), (ONE, [""])])
def test_answers_nobody_in_general(service_id: str, ids: list[str]) -> None:
    for call in (connection_answers.accept, connection_answers.reject):
        with pytest.raises(ValueError, match="each with its id"):
            call(service_id, ids)


def test_refuses_empty_ids() -> None:
    with pytest.raises(ValueError, match="service-id"):
        list(connections.services([]))
    with pytest.raises(ValueError, match="service-id"):
        list(connections.connections(()))
    with pytest.raises(ValueError, match="no service id"):
        list(connections.permissions(""))


def test_registers_repeatably(stub: Stub) -> None:
    asked: list[dict[str, Any]] = []
    ec2 = stub("ec2")
    ec2.client.meta.events.register(
        "provide-client-params.ec2", lambda params, **_: asked.append(params)
    )
    for _ in range(2):
        ec2.add_response("create_vpc_endpoint_connection_notification", {})
        notifications.register(Registration(ONE), TOPIC, "execution")

    assert asked[0] == asked[1]
    assert len(asked[0].pop("ClientToken")) == 32
    assert asked[0] == {
        "ServiceId": ONE,
        "ConnectionNotificationArn": TOPIC,
        "ConnectionEvents": ["Connect", "Delete"],
    }


def test_completes_a_registration_that_lacks_events(stub: Stub) -> None:
    stub("ec2").add_response(
        "modify_vpc_endpoint_connection_notification",
        {},
        {"ConnectionNotificationId": "vpce-nfn-1", "ConnectionEvents": ["Connect", "Delete"]},
    )
    notifications.register(Registration(ONE, "vpce-nfn-1"), TOPIC, "execution")


def test_a_broken_answer_names_the_call(stub: Stub) -> None:
    stub("ec2").add_client_error("accept_vpc_endpoint_connections", "InternalError")
    with pytest.raises(ServiceUnavailable, match=r"^ec2:AcceptVpcEndpointConnections"):
        connection_answers.accept(ONE, ["vpce-01"])
