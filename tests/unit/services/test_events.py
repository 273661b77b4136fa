"""What events say about published services."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from autopilot.reconcile.cloudtrail import BadEvent, event_in
from autopilot.reconcile.scope import ALL_SERVICES, ServiceScope
from autopilot.reconcile.wakeup import merge
from autopilot.services.events import ServicesWakeup, read
from hypothesis import given
from hypothesis import strategies as st

EVENTS = Path(__file__).parents[2] / "events"
SERVICE = "vpce-svc-0123456789abcdef0"
WHERE = "arn:aws:elasticloadbalancing:us-east-1:111111111111:loadbalancer"
ARN, OTHER = f"{WHERE}/net/orders/50dc6c495c0c9188", f"{WHERE}/net/billing/50dc6c495c0c9189"
APPLICATION = f"{WHERE}/app/shop/50dc6c495c0c9180"
BEHIND = ServiceScope(load_balancer_arns=(ARN,))
OF = ServiceScope(service_ids=(SERVICE,))


def event(name: str) -> Any:
    return json.loads((EVENTS / f"{name}.json").read_text())


def call(source: str, name: str, request: Any = None, response: Any = None, **more: Any) -> Any:
    made = event("load_balancer_set_subnets")
    made["detail"] |= {
        "eventSource": f"{source}.amazonaws.com",
        "eventName": name,
        "requestParameters": request,
        "responseElements": response,
        **more,
    }
    return made


def woken(made: Any) -> ServicesWakeup | None:
    return read(event_in(json.dumps(made)))


ELB, EC2 = "elasticloadbalancing", "ec2"
MADE = {"loadBalancers": [{"loadBalancerArn": ARN, "type": "network"}]}
NAMED = {"ServiceConfiguration": {"serviceId": SERVICE}}


@pytest.mark.parametrize(
    ("made", "scope", "expect"),
    [
        (event("load_balancer_set_subnets"), BEHIND, ()),
        (call(ELB, "CreateLoadBalancer", {"name": "orders"}, MADE), BEHIND, (ARN,)),
        (call(ELB, "DeleteLoadBalancer", {"loadBalancerArn": ARN}), BEHIND, (f"gone/{ARN}",)),
        (call(ELB, "AddTags", {"resourceArns": [ARN], "tags": [{"key": "a"}]}), BEHIND, ()),
        (call(ELB, "RemoveTags", {"resourceArns": [ARN, APPLICATION]}), BEHIND, ()),
        (call(EC2, "CreateVpcEndpointServiceConfiguration", {}, NAMED), OF, ()),
        (event("modify_service_permissions"), OF, ()),
        (call(EC2, "ModifyVpcEndpointServiceConfiguration", {"ServiceId": SERVICE}), OF, ()),
        (
            call(
                EC2,
                "DeleteVpcEndpointServiceConfigurations",
                {"ServiceId": {"tag": 1, "content": SERVICE}},
                {"unsuccessful": ""},
            ),
            ALL_SERVICES,
            (f"gone/{SERVICE}",),
        ),
        (
            call(
                EC2,
                "DeleteVpcEndpointServiceConfigurations",
                {"ServiceId": SERVICE},
                {"unsuccessful": {"item": {"resourceId": SERVICE}}},
            ),
            ALL_SERVICES,
            (),
        ),
        (
            call(EC2, "DeleteTags", {"resourcesSet": {"items": [{"resourceId": SERVICE}]}}),
            OF,
            (),
        ),
    ],
)
def test_says_where_to_look(made: Any, scope: ServiceScope, expect: tuple[str, ...]) -> None:
    found = woken(made)
    assert found == ServicesWakeup(scope, expect, (made["detail"]["eventID"],))


@pytest.mark.parametrize(
    "made",
    [
        event("create_vpc"),
        event("create_tags"),
        {"detail-type": "Endpoint Connection Notification", "source": "endpoint-autopilot"},
        call(ELB, "SetSubnets", {"loadBalancerArn": APPLICATION}),
        call(ELB, "AddTags", {"resourceArns": [f"{WHERE}group/targets/1"]}),
        call(ELB, "CreateLoadBalancer", {}, {"loadBalancers": [{"loadBalancerArn": APPLICATION}]}),
        call(ELB, "CreateLoadBalancer", {}, None, errorCode="DuplicateLoadBalancerName"),
        call(EC2, "AcceptVpcEndpointConnections", {"ServiceId": SERVICE}),
    ],
)
def test_others_are_not_for_us(made: Any) -> None:
    assert woken(made) is None


def test_a_call_that_names_no_service_cannot_be_read() -> None:
    with pytest.raises(BadEvent, match="holds no serviceid"):
        woken(call(EC2, "ModifyVpcEndpointServicePermissions", {}))


def test_many_events_are_one_look() -> None:
    one = ServicesWakeup(BEHIND, (ARN,), ("e1",))
    two = ServicesWakeup(ServiceScope(load_balancer_arns=(OTHER,)), (), ("e2",))
    both = merge([one, two])
    assert both == merge([two, one, two])
    assert both.scope.load_balancer_arns == (OTHER, ARN)
    assert both.document() == {
        "trigger": "event",
        "scope": {"service_ids": [], "load_balancer_arns": [OTHER, ARN]},
        "expect": [ARN],
    }
    assert both.name == merge([two, one]).name
    assert both.name != one.name
    assert len(both.name) <= 80


GARBAGE: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.just(SERVICE),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["serviceId", "loadBalancerArn", "items", "x"]), inner)
    ),
)


@given(GARBAGE, GARBAGE, st.sampled_from(["CreateLoadBalancer", "AddTags", "SetSubnets"]))
def test_whatever_an_event_holds_it_is_read_or_put_aside(
    request: Any, answer: Any, name: str
) -> None:
    made = copy.deepcopy(call(ELB, name, request, answer))
    with suppress(BadEvent):
        woken(made)
