"""A hub's account inside a target's unit: two stacks in one account and Region don't clash."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from autopilot.fleet.wire import UPWARD
from autopilot.policy.tags import matches
from autopilot.workflows import CATALOG

from infra.hub.stack import HUB as HUB_STACK
from infra.spoke import ASK_ROLE
from tests.infra.hubs import Hub
from tests.infra.looking import functions
from tests.infra.rules import matching
from tests.infra.synthesis import ACCOUNT, REGION, Synthesis

# As StackSets call it (believed: docs/believed.md).
SPOKE_STACK = "StackSet-EndpointAutopilot-canary-11111111-2222-3333-4444-555555555555"
_NAMES = re.compile(r"(Name|Alias)$")
# What is no name of the thing's own, or names something within its parent.
_OF_OTHERS = {"FunctionName", "AttributeName", "PolicyName", "MetricName", "DisplayName",
              "EventBusName", "LayerName", "IndexName"}  # fmt: skip


@pytest.fixture
def spoke_of_hub(hub: Hub) -> dict[str, Any]:
    """The canary's template, which the hub's own account gets from its StackSet."""
    found: dict[str, Any] = hub.templates["canary"]["Resources"]
    return found


def named(resources: dict[str, Any], stack: str) -> set[tuple[str, str]]:
    """Type and name of whatever a template names itself, as CloudFormation fills it in."""
    found = set()
    for each in resources.values():
        for key, value in each.get("Properties", {}).items():
            if _NAMES.search(key) and key not in _OF_OTHERS:
                text = json.dumps(value).replace('{"Ref": "AWS::StackName"}', stack)
                found.add((each["Type"], text))
    return found


def test_no_two_things_have_one_name(hub: Hub, spoke_of_hub: dict[str, Any]) -> None:
    of_hub = named(hub.stack.template["Resources"], HUB_STACK)
    of_spoke = named(spoke_of_hub, SPOKE_STACK)
    assert ("AWS::IAM::Role", f'"{ASK_ROLE}"') in of_hub
    assert [name for kind, name in of_spoke if kind == "AWS::Logs::LogGroup"]
    assert of_hub & of_spoke == set()


def test_nothing_goes_from_the_hubs_bus_back_to_the_accounts_own(hub: Hub) -> None:
    """Else each event would go round for ever: the spoke's rule sends on what the default bus has.
    The hub's own rule on it takes time for its only source."""
    for rule in hub.stack.of_type("AWS::Events::Rule").values():
        on_its_own_bus = "EventBusName" in rule
        assert on_its_own_bus == ("ScheduleExpression" not in rule)
        for target in rule["Targets"]:
            kind = hub.stack.template["Resources"][target["Arn"]["Fn::GetAtt"][0]]["Type"]
            assert kind == ("AWS::SQS::Queue" if on_its_own_bus else "AWS::Lambda::Function")


def test_no_rule_of_the_spokes_takes_what_the_hub_puts_on_the_default_bus(
    hub: Hub, spoke: Synthesis
) -> None:
    """What workflows have done bears other types, the hub's findings none; and the hub's functions
    make no call that wakes a workflow."""
    kinds = {kind for each in CATALOG.values() for kind in getattr(each, "on_the_bus", ())}
    assert not kinds & set(UPWARD)
    event = {"source": "endpoint-autopilot", "account": ACCOUNT, "region": REGION}
    for kind in kinds:
        assert matching(spoke, {**event, "detail-type": kind, "time": "", "resources": [],
                                "detail": {}}) == []  # fmt: skip
    actions = json.dumps(hub.stack.of_type("AWS::IAM::Policy"))
    assert '"ec2:' not in actions and '"elasticloadbalancing:' not in actions


def test_each_knows_its_own_things_by_another_owner_and_another_table(
    hub: Hub, spoke_of_hub: dict[str, Any]
) -> None:
    told = [f["Environment"]["Variables"]["OWNER"] for f in functions(hub.stack).values()]
    owners = {HUB_STACK if each == {"Ref": "AWS::StackName"} else each for each in told}
    of_spoke = [r["Properties"] for r in spoke_of_hub.values() if r["Type"].endswith("::Function")]
    theirs = {f["Environment"]["Variables"]["OWNER"] for f in of_spoke if "Environment" in f}
    assert (owners, theirs) == ({HUB_STACK}, {"EndpointAutopilot"})
    (recalls,) = (f for f in of_spoke if f["Handler"] == "recall_memory.handler")
    table, _ = hub.stack.one("AWS::DynamoDB::Table")
    earlier = recalls["Environment"]["Variables"]["LEDGER_PREFIX"].split()
    assert earlier
    for prefix in earlier:
        assert not matches(f"{HUB_STACK}-{table}-1ABCDEFGHIJKL", f"{prefix}*")
