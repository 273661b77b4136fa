"""What an update must find where it left it: a new logical id deletes the old resource."""

from __future__ import annotations

import json

import pytest

from tests.infra.kept import KEPT, OUTPUTS, REPLACING
from tests.infra.synthesis import Synthesis


@pytest.mark.parametrize("kind", sorted(KEPT))
def test_logical_ids_are_those_of_what_is_deployed(stack: Synthesis, kind: str) -> None:
    gone = sorted(set(KEPT[kind]) - set(stack.of_type(kind)))
    assert not gone, "an update would delete these and make others in their place"


@pytest.mark.parametrize("kind", sorted(REPLACING))
def test_nothing_that_an_update_keeps_is_replaced(stack: Synthesis, kind: str) -> None:
    for name in KEPT[kind]:
        properties = stack.of_type(kind).get(name, {})
        found = {each: properties.get(each) for each in REPLACING[kind]}
        assert found == REPLACING[kind], name


def test_the_ledger_outlives_its_stack(stack: Synthesis) -> None:
    (name,) = KEPT["AWS::DynamoDB::Table"]
    table = stack.template["Resources"][name]
    assert table["UpdateReplacePolicy"] == "Retain"
    assert table["DeletionPolicy"] == "RetainExceptOnCreate"
    # A column of another name would keep for ever what is to go, and the reverse.
    expiry = {"AttributeName": "expires_at", "Enabled": True}
    assert table["Properties"]["TimeToLiveSpecification"] == expiry


def test_outputs_keep_their_names(stack: Synthesis) -> None:
    assert set(stack.template["Outputs"]) >= OUTPUTS


def test_a_hold_that_waits_calls_what_is_still_there(stack: Synthesis) -> None:
    """The three functions that a hold's old definition names, by where they are called from."""
    machine = stack.of_type("AWS::StepFunctions::StateMachine")["HoldMachine33E465D6"]
    called = {
        name: value["Fn::GetAtt"][0]
        for name, value in machine["DefinitionSubstitutions"].items()
        if name.endswith("FunctionArn")
    }
    assert called == {
        "OpenHoldFunctionArn": "ConnectionFunctionsOpenHoldFunction9E56D093",
        "AnswerConnectionsFunctionArn": "ConnectionFunctionsAnswerConnectionsFunctionB20F8EBA",
        "RecordFunctionArn": "FunctionsRecordFunction3D642F16",
    }
    assert json.dumps(machine["DefinitionString"]).count("waitForTaskToken") == 1
