"""A spoke's doors: by its template no message reaches what may accept, but through them."""

from __future__ import annotations

import json
import re

import pytest

from tests.infra.conftest import HUB
from tests.infra.hubs import Hub
from tests.infra.synthesis import Synthesis, resolved

HUBS_ROLE = f"arn:aws:iam::{HUB}:role/EndpointAutopilotHubAsk"
ACCEPT = "ec2:AcceptVpcEndpointConnections"


@pytest.fixture(params=["spoke", "plain"])
def either(request: pytest.FixtureRequest) -> Synthesis:
    """A spoke, by StackSet or by hand."""
    found: Synthesis = request.getfixturevalue(request.param)
    return found


def test_one_function_may_accept_and_it_is_none_that_the_hub_may_ask(either: Synthesis) -> None:
    may = {
        name
        for name, policy in either.of_type("AWS::IAM::Policy").items()
        if ACCEPT in json.dumps(policy) or '"ec2:*"' in json.dumps(policy)
    }
    (one,) = may
    assert "AnswerConnections" in one
    asked = {
        json.dumps(each["FunctionName"])
        for each in either.of_type("AWS::Lambda::Permission").values()
        if resolved(each["Principal"]) == HUBS_ROLE
    }
    assert asked and not [each for each in asked if "AnswerConnections" in each]


def test_nobody_else_from_elsewhere_may_invoke_anything(either: Synthesis) -> None:
    for each in either.of_type("AWS::Lambda::Permission").values():
        principal = resolved(each["Principal"])
        assert principal == HUBS_ROLE or principal in ("events.amazonaws.com", "sns.amazonaws.com")
        assert "PrincipalOrgID" not in each and each["Action"] == "lambda:InvokeFunction"
    assert either.of_type("AWS::Lambda::Url") == {}


def test_no_other_account_puts_events_on_its_bus(either: Synthesis) -> None:
    assert either.of_type("AWS::Events::EventBusPolicy") == {}
    assert either.of_type("AWS::Events::EventBus") == {}


def test_of_the_hub_one_function_reaches_spokes_and_none_that_hears_any(hub: Hub) -> None:
    """What is put on the hub's bus comes to a function that writes rows, and no more."""
    may = {
        name: statement["Resource"]
        for name, policy in hub.stack.of_type("AWS::IAM::Policy").items()
        for statement in policy["PolicyDocument"]["Statement"]
        if re.search(r'"(lambda|events|sts|states|iam):', json.dumps(statement["Action"]))
    }
    asks, presses = sorted(may)
    assert "HubAsk" in asks and "HubPress" in presses
    own, _ = hub.stack.one("AWS::Lambda::Function", "FunctionsHubAsk")
    assert may[presses] == {"Fn::GetAtt": [own, "Arn"]}
