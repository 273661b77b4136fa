"""What of the hub is made on request: a chat's buttons, and who hears of an owner's things only."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from infra.chat import OF_HUB, OWN, Press
from infra.fleet.model import Wave
from tests.infra.hubs import FLEET, LAB, Hub, hub_of

ACTIONS = "AWS::Chatbot::CustomAction"
SMALL = replace(
    FLEET,
    targets=(LAB,),
    waves=(Wave(("lab",)),),
    plain=(),
    chat_buttons=True,
    owners={"team-a": ("a@example.com",)},
)
# What an API reference gives an action of (CustomActionAttachment): variables, criteria.
MOST = 5


@pytest.fixture(scope="module")
def chatting(tmp_path_factory: pytest.TempPathFactory) -> Hub:
    return hub_of(tmp_path_factory.mktemp("chat"), SMALL)


def test_buttons_are_made_on_request_only(hub: Hub, chatting: Hub) -> None:
    assert not hub.stack.of_type(ACTIONS)
    assert "CHAT_ASKS" not in json.dumps(hub.stack.of_type("AWS::Lambda::Function"))
    texts = [
        each["Attachments"][0]["ButtonText"] for each in chatting.stack.of_type(ACTIONS).values()
    ]
    assert texts == ["Accept", "Reject"]
    assert {"ChatAcceptAction", "ChatRejectAction"} <= {
        name[:16] for name in chatting.stack.template["Outputs"]
    }


def test_a_button_calls_the_function_that_asks_and_takes_all_of_it_from_the_notice(
    chatting: Hub,
) -> None:
    ask, _ = chatting.stack.one("AWS::Lambda::Function", "FunctionsHubAsk")
    _, look = chatting.stack.one("AWS::Lambda::Function", "FunctionsHubLook")
    assert look["Environment"]["Variables"]["CHAT_ASKS"] == {"Ref": ask}
    for verb, action in zip(
        ("accept", "reject"), chatting.stack.of_type(ACTIONS).values(), strict=True
    ):
        command = action["Definition"]["CommandText"]["Fn::Join"][1]
        assert command[:2] == ["lambda invoke --function-name ", {"Ref": ask}]
        assert OF_HUB.payload(verb) in command[2]
        (attached,) = action["Attachments"]
        assert set(attached["Variables"]) == {"spoke", "endpoint", "hold", "answers"}
        assert len(attached["Variables"]) <= MOST >= len(attached["Criteria"])
        criteria = {each["VariableName"]: each for each in attached["Criteria"]}
        assert set(criteria) == set(attached["Variables"])
        assert criteria.pop("answers")["Value"] == {"Ref": ask}
        assert {each["Operator"] for each in criteria.values()} == {"HAS_VALUE"}


def test_an_owner_hears_of_his_things_and_is_no_listener_of_all(hub: Hub, chatting: Hub) -> None:
    found = chatting.stack.of_type("AWS::SNS::Subscription").values()
    assert {each["Endpoint"]: each.get("FilterPolicy") for each in found} == {
        "ops@example.com": None,
        "a@example.com": {"owner": ["team-a"]},
    }
    _, ask = chatting.stack.one("AWS::Lambda::Function", "FunctionsHubAsk")
    asset = chatting.stack.folder / f"asset.{ask['Code']['S3Key'].removesuffix('.zip')}"
    assert json.loads((asset / "roster.json").read_text())["partly"] == ["a@example.com"]
    sees = "sns:ListSubscriptionsByTopic"
    assert sees in json.dumps(chatting.stack.of_type("AWS::IAM::Policy"))
    assert sees not in json.dumps(hub.stack.of_type("AWS::IAM::Policy"))


def test_it_gives_nobody_a_permission(hub: Hub, chatting: Hub) -> None:
    kinds = ("AWS::Lambda::Permission", "AWS::IAM::Role")
    for kind in kinds:
        assert set(chatting.stack.of_type(kind)) <= set(hub.stack.of_type(kind))


@pytest.mark.parametrize("press", [OWN, OF_HUB])
def test_what_a_button_hands_over_is_json_of_the_variables_that_it_has(press: Press) -> None:
    said = json.loads(press.payload("accept"))
    of = said.get("payload", said)
    assert (of["answer"], of["by"]) == ("accept", "chat")
    given = {word[1:] for word in json.dumps(said).split('"') if word.startswith("$")}
    assert given == set(press.variables)
