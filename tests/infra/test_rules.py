"""Which events wake the automation, by MiniStack's matcher (event-ruler's semantics)."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import intake
import pytest
from autopilot.connections import events as connections
from autopilot.connections.events import DETAIL_TYPE, notification_in
from autopilot.gateway import events as network
from autopilot.interfaces import events as interfaces
from autopilot.services import events as services
from autopilot.withdraw import events as withdraw
from autopilot.workflows import report_in

from infra import patterns
from tests.infra.rules import Event, matching
from tests.infra.synthesis import Synthesis, resolved

EVENTS = Path(__file__).parents[1] / "events"


def event(name: str) -> Event:
    loaded: Event = json.loads((EVENTS / f"{name}.json").read_text())
    return loaded


OWN_ROLES = (
    "FunctionsApplyNetworkRole",
    "ConnectionFunctionsAnswerConnectionsRole",
    "ConnectionFunctionsRegisterNotificationsRole",
    "ServiceFunctionsApplyServicesRole",
    "InterfaceFunctionsApplyInterfaceRole",
    "RemovalFunctionsApplyWithdrawalRole",
    "RemovalFunctionsApplyUninstallRole",
)


def own_role(stack: Synthesis, role: str) -> str:
    """The role's ARN as the patterns of this test resolve it."""
    name, _ = stack.one("AWS::IAM::Role", role)
    return str(resolved({"Fn::GetAtt": [name, "Arn"]}))


@pytest.mark.parametrize(
    "name",
    [
        "create_vpc",
        "create_route_table",
        "associate_route_table",
        "create_vpc_endpoint_gateway_by_others",
        "delete_vpc_endpoints_one",
        "delete_vpc_endpoints_two",
        "create_tags",
        "modify_service_permissions",
        "load_balancer_set_subnets",
        "create_vpc_endpoint_failed_zone",
        "create_vpc_endpoint_failed_route_exists",
        "delete_vpc_failed_dependency",
    ],
)
def test_wakes_us_once(stack: Synthesis, name: str) -> None:
    assert len(matching(stack, event(name))) == 1


@pytest.mark.parametrize(
    "name",
    [
        "create_subnet",
        "create_vpc_failed_quota",
        "delete_route_table",
    ],
)
def test_leaves_us_asleep(stack: Synthesis, name: str) -> None:
    assert matching(stack, event(name)) == []


@pytest.mark.parametrize(
    "call",
    [
        "CreateDefaultVpc",
        "ReplaceRouteTableAssociation",
        "DisassociateRouteTable",
        "ModifyVpcEndpoint",
        "CreateVpcEndpointServiceConfiguration",
        "ModifyVpcEndpointServiceConfiguration",
        "DeleteVpcEndpointServiceConfigurations",
        "CreateVpcEndpointConnectionNotification",
        "ModifyVpcEndpointConnectionNotification",
        "DeleteVpcEndpointConnectionNotifications",
        "AcceptVpcEndpointConnections",
        "RejectVpcEndpointConnections",
    ],
)
def test_other_calls_wake_us_too(stack: Synthesis, call: str) -> None:
    given = event("create_vpc")
    given["detail"]["eventName"] = call
    assert len(matching(stack, given)) == 1


@pytest.mark.parametrize("role", OWN_ROLES)
@pytest.mark.parametrize(
    "call",
    [
        "ModifyVpcEndpoint",
        "AcceptVpcEndpointConnections",
        "RejectVpcEndpointConnections",
        "CreateVpcEndpointConnectionNotification",
        "ModifyVpcEndpointConnectionNotification",
    ],
)
def test_own_changes_leave_us_asleep(stack: Synthesis, call: str, role: str) -> None:
    given = event("modify_vpc_endpoint_by_us")
    given["detail"]["eventName"] = call
    issuer = given["detail"]["userIdentity"]["sessionContext"]["sessionIssuer"]
    assert len(matching(stack, given)) == 1, "a role of another name is somebody else"
    issuer["arn"] = own_role(stack, role)
    assert matching(stack, given) == []


@pytest.mark.parametrize("call", ["SetSubnets", "AcceptVpcEndpointConnections"])
def test_calls_that_failed_leave_us_asleep(stack: Synthesis, call: str) -> None:
    given = event("load_balancer_set_subnets" if call == "SetSubnets" else "create_vpc")
    given["detail"] |= {"eventName": call, "errorCode": "Client.UnauthorizedOperation"}
    assert matching(stack, given) == []


def test_other_calls_to_load_balancers_leave_us_asleep(stack: Synthesis) -> None:
    given = event("load_balancer_set_subnets")
    given["detail"]["eventName"] = "CreateTargetGroup"
    assert matching(stack, given) == []


def test_only_an_endpoint_refused_for_its_zone_is_explained(stack: Synthesis) -> None:
    given = event("create_vpc_endpoint_failed_zone")
    given["detail"]["errorMessage"] = "The security group sg-1 does not exist"
    assert matching(stack, given) == []


@pytest.mark.parametrize("call", ["DeleteVpc", "DeleteSubnet", "DeleteSecurityGroup"])
@pytest.mark.parametrize(
    ("code", "rules"),
    [
        ("Client.DependencyViolation", 1),
        ("Client.UnauthorizedOperation", 0),
        ("Client.DryRunOperation", 0),
        (None, 0),
    ],
)
def test_a_deletion_that_something_of_ours_may_have_stopped_wakes_us(
    stack: Synthesis, call: str, code: str | None, rules: int
) -> None:
    given = event("delete_vpc_failed_dependency")
    given["detail"] |= {"eventName": call, "errorCode": code}
    if code is None:
        del given["detail"]["errorCode"]
    assert len(matching(stack, given)) == rules


@pytest.mark.parametrize("call", ["CreateVpcEndpoint", "ModifyVpcEndpoint"])
@pytest.mark.parametrize("code", ["Client.RouteAlreadyExists", "Client.InvalidParameter"])
def test_an_endpoint_refused_for_a_route_wakes_us_under_both_codes(
    stack: Synthesis, call: str, code: str
) -> None:
    given = event("create_vpc_endpoint_failed_route_exists")
    given["detail"] |= {"eventName": call, "errorCode": code}
    assert len(matching(stack, given)) == 1


@pytest.mark.parametrize("role", OWN_ROLES)
@pytest.mark.parametrize(
    "name", ["delete_vpc_failed_dependency", "create_vpc_endpoint_failed_route_exists"]
)
def test_our_own_refused_calls_leave_us_asleep(stack: Synthesis, name: str, role: str) -> None:
    given = event(name)
    issuer = given["detail"]["userIdentity"]["sessionContext"]["sessionIssuer"]
    issuer["arn"] = own_role(stack, role)
    assert matching(stack, given) == []


def relayed(detail: Event) -> Event:
    return {
        "source": "endpoint-autopilot",
        "detail-type": "Endpoint Connection Notification",
        "account": "111111111111",
        "region": "us-east-1",
        "resources": [],
        "time": "2026-11-20T10:15:32Z",
        "detail": detail,
    }


@pytest.mark.parametrize("name", ["json", "prose", "without_ids"])
def test_relayed_notifications_wake_us_and_nothing_else_of_ours_does(
    stack: Synthesis, name: str
) -> None:
    (record,) = json.loads((EVENTS / f"notification_{name}.json").read_text())["Records"]
    given = relayed(notification_in(record))
    assert len(matching(stack, given)) == 1
    assert matching(stack, given | {"detail-type": "Endpoint Connection Accepted"}) == []
    assert matching(stack, given | {"source": "aws.ec2"}) == []


def test_the_relay_and_the_rule_call_a_notification_the_same() -> None:
    assert patterns.NOTIFICATION == DETAIL_TYPE


@pytest.mark.parametrize(
    "identity",
    [
        {"type": "IAMUser", "arn": "arn:aws:iam::111111111111:user/ann", "userName": "ann"},
        {"type": "Root", "arn": "arn:aws:iam::111111111111:root"},
        {"type": "AWSService", "invokedBy": "cloudformation.amazonaws.com"},
        {"type": "Root", "sessionContext": {"attributes": {"mfaAuthenticated": "true"}}},
    ],
)
def test_callers_without_a_session_issuer_wake_us(stack: Synthesis, identity: Event) -> None:
    given = event("create_vpc")
    given["detail"]["userIdentity"] = identity
    assert len(matching(stack, given)) == 1


@pytest.mark.parametrize(
    ("resource", "rules"),
    [
        ("vpc-0a1b2c3d4e5f60718", 1),
        ("rtb-0f1e2d3c4b5a69788", 1),
        ("vpce-svc-0123456789abcdef0", 1),
        ("subnet-0a1b2c3d4e5f60718", 0),
        ("vpce-0a1b2c3d4e5f60718", 0),
        ("i-0a1b2c3d4e5f60718", 0),
    ],
)
@pytest.mark.parametrize("call", ["CreateTags", "DeleteTags"])
def test_tags_matter_on_vpcs_route_tables_and_services_only(
    stack: Synthesis, call: str, resource: str, rules: int
) -> None:
    given = event("create_tags")
    given["detail"]["eventName"] = call
    items = given["detail"]["requestParameters"]["resourcesSet"]["items"]
    items[0]["resourceId"] = resource
    assert len(matching(stack, given)) == rules
    more = copy.deepcopy(items[0]) | {"resourceId": "subnet-00000000000000000"}
    items.insert(0, more)
    assert len(matching(stack, given)) == rules, "one of several resources is enough"


ARN = "arn:aws:elasticloadbalancing:us-east-1:111111111111:"


@pytest.mark.parametrize(
    ("call", "request_", "woken"),
    [
        ("CreateLoadBalancer", {"name": "orders"}, 1),
        ("DeleteLoadBalancer", {"loadBalancerArn": f"{ARN}loadbalancer/net/orders/1"}, 1),
        ("AddTags", {"resourceArns": [f"{ARN}loadbalancer/net/orders/1"]}, 1),
        ("RemoveTags", {"resourceArns": [f"{ARN}loadbalancer/net/orders/1"]}, 1),
        ("AddTags", {"resourceArns": [f"{ARN}loadbalancer/app/shop/1"]}, 0),
        ("AddTags", {"resourceArns": [f"{ARN}targetgroup/shop/1"]}, 0),
        ("CreateTargetGroup", {}, 0),
    ],
)
def test_load_balancers_wake_us(stack: Synthesis, call: str, request_: Any, woken: int) -> None:
    given = event("load_balancer_set_subnets")
    given["detail"] |= {"eventName": call, "requestParameters": request_}
    assert len(matching(stack, given)) == woken


@pytest.mark.parametrize("call", patterns.INTERFACE_CALLS)
def test_subnets_groups_and_blocks_matter_where_the_policy_wants_interface_endpoints(
    stack: Synthesis, with_interfaces: Synthesis, call: str
) -> None:
    given = event("create_vpc")
    given["detail"]["eventName"] = call
    assert matching(stack, given) == []
    assert len(matching(with_interfaces, given)) == 1
    issuer = given["detail"]["userIdentity"]["sessionContext"]["sessionIssuer"]
    issuer["arn"] = own_role(with_interfaces, "InterfaceFunctionsApplyInterfaceRole")
    assert matching(with_interfaces, given) == []


@pytest.mark.parametrize("resource", ["subnet-0a1b2c3d", "vpce-0a1b2c3d", "sg-0a1b2c3d"])
def test_more_tags_matter_there_too(with_interfaces: Synthesis, resource: str) -> None:
    given = event("create_tags")
    given["detail"]["requestParameters"]["resourcesSet"]["items"][0]["resourceId"] = resource
    assert len(matching(with_interfaces, given)) == 1


TOPIC = "OpsTopicCA671FE6"


def subscribed(topic: str, call: str = "Subscribe") -> Event:
    given = event("load_balancer_set_subnets")
    detail = given["detail"] | {"eventName": call, "requestParameters": {"topicArn": topic}}
    return given | {"source": "aws.sns", "detail": detail}


@pytest.mark.parametrize("call", ["Subscribe", "ConfirmSubscription"])
def test_who_may_listen_now_is_looked_for(stack: Synthesis, call: str) -> None:
    (rule,) = matching(stack, subscribed(TOPIC, call))
    assert rule.startswith("TellingSubscribed")
    assert matching(stack, subscribed("another-topic", call)) == []
    assert matching(stack, subscribed(TOPIC, "Unsubscribe")) == []


def ended(machine: str, status: str) -> Event:
    given = event("load_balancer_set_subnets")
    kind = "Step Functions Execution Status Change"
    detail = {"status": status, "stateMachineArn": machine, "executionArn": "e"}
    return given | {"source": "aws.states", "detail-type": kind, "detail": detail}


@pytest.mark.parametrize(
    ("status", "told"),
    [("FAILED", 1), ("TIMED_OUT", 1), ("ABORTED", 1), ("RUNNING", 0), ("SUCCEEDED", 0)],
)
def test_executions_that_end_badly_are_told_whatever_the_workflow(
    stack: Synthesis, status: str, told: int
) -> None:
    machines = stack.of_type("AWS::StepFunctions::StateMachine")
    assert len(machines) == 7
    for name in machines:
        assert len(matching(stack, ended(str(resolved({"Ref": name})), status))) == told
        report = ended(f"arn:aws:states:us-east-1:111111111111:stateMachine:{name}-x", status)
        report["detail"] |= {"executionArn": "arn:e"}
        assert report_in(report).workflow in name.lower()
    assert matching(stack, ended("somebody-elses", status)) == []


# What each workflow must hear of: a call that another one reads, too, is not heard by halves.
READS = {
    "network": {*patterns.NETWORK_CALLS, *patterns.TAG_CALLS},
    "connections": {*patterns.SERVICE_CALLS, *patterns.TAG_CALLS, "SetSubnets"},
    "services": {
        *(call for call in patterns.SERVICE_CALLS if "VpcEndpointService" in call),
        *patterns.TAG_CALLS,
        *patterns.BALANCER_CALLS,
        *patterns.BALANCER_TAG_CALLS,
    },
    "interfaces": {
        *patterns.INTERFACE_CALLS,
        *patterns.TAG_CALLS,
        *(call for call in patterns.NETWORK_CALLS if "RouteTable" not in call),
        "AcceptVpcEndpointConnections",
    },
}
TABLES: dict[str, Any] = {
    "network": network._READERS,
    "connections": connections._READERS,
    "services": services._READERS,
    "interfaces": interfaces._READERS,
}


@pytest.mark.parametrize("workflow", READS)
def test_every_call_that_has_a_rule_is_read_by_whom_it_concerns(workflow: str) -> None:
    assert {name for _, name in TABLES[workflow]} == READS[workflow]


def test_no_rule_lets_a_call_through_that_nobody_reads(with_interfaces: Synthesis) -> None:
    assert {*READS, "withdraw"} == set(intake.READERS)
    let_through = {
        name
        for rule in with_interfaces.of_type("AWS::Events::Rule").values()
        if {"aws.ec2", "aws.elasticloadbalancing"}
        & {*rule.get("EventPattern", {}).get("source", ())}
        if rule["EventPattern"]["detail"].get("errorCode") == [{"exists": False}]
        for name in rule["EventPattern"]["detail"]["eventName"]
    }
    assert let_through == set().union(*READS.values())


def test_every_refusal_that_has_a_rule_is_read() -> None:
    routes = patterns.refused_routes(())["detail"]["eventName"]
    assert set(withdraw._DELETIONS) == set(patterns.DELETIONS)
    assert set(withdraw._ROUTES) == set(routes)
