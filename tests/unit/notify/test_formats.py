"""What programs and chats get: the published schema, and Amazon Q's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from autopilot.notify.render import message
from autopilot.notify.render_chat import chat, thread_of
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # has no stubs here

from tests.unit.notify.emails import COMBINED, EMAILS, place_of
from tests.unit.notify.reports import about, busy, place

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "schemas" / "message.json").read_text())
# The guide's event schema ("Custom notifications"), with what it says is required.
CONTENT = {"textType", "title", "description", "nextSteps", "keywords"}
METADATA = {"threadId", "summary", "eventType", "relatedResources", "additionalContext"}
WITH_BUTTONS = METADATA | {"enableCustomActions"}


def sent(name: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(message(EMAILS[name], place_of(name)).body)
    return body


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", EMAILS)
def test_every_message_for_programs_keeps_the_published_schema(name: str) -> None:
    told = json.loads(sent(name)["sqs"])

    assert not list(Draft202012Validator(SCHEMA).iter_errors(told))


def test_the_schema_knows_every_key_and_asks_for_what_always_comes() -> None:
    told = json.loads(sent("ChangeFailed-flood")["sqs"])

    assert set(told) == set(SCHEMA["properties"])
    assert set(told) - {"parts"} == set(SCHEMA["required"])
    assert list(Draft202012Validator(SCHEMA).iter_errors({**told, "time": "2026-11-30 07:25"}))


@pytest.mark.parametrize("name", COMBINED)
def test_the_parts_of_a_message_are_all_that_it_tells(name: str) -> None:
    told = json.loads(sent(name)["sqs"])

    assert told["kinds"] == list(dict.fromkeys(part["kind"] for part in told["parts"]))
    assert (told["kind"], told["severity"]) == tuple(
        told["parts"][0][key] for key in ("kind", "severity")
    )
    assert set(told["subjects"]) == {s for part in told["parts"] for s in part["subjects"]}
    assert told["data"]["by_kind"].keys() == set(told["kinds"])


@pytest.mark.parametrize("name", EMAILS)
def test_every_chat_keeps_amazon_qs_schema(name: str) -> None:
    shown = json.loads(sent(name)["https"])

    assert set(shown) == {"version", "source", "id", "content", "metadata"}
    assert shown["id"] == json.loads(sent(name)["sqs"])["id"]
    assert (shown["version"], shown["source"]) == ("1.0", "custom")
    assert set(shown["content"]) == CONTENT
    assert {"threadId", "summary", "eventType"} <= set(shown["metadata"]) <= WITH_BUTTONS
    assert shown["content"]["description"]
    assert all(isinstance(value, str) for value in context_of(shown).values())


def context_of(shown: dict[str, Any]) -> dict[str, Any]:
    context: dict[str, Any] = shown["metadata"].get("additionalContext", {})
    return context


def test_what_is_told_of_one_thing_is_one_thread() -> None:
    threads = {
        json.loads(sent(name)["https"])["metadata"]["threadId"]
        for name in (
            *("ConnectionHeld", "HoldAnswered-function", "HoldAnswered-too-late"),
            *("ConnectionRejected-expired", "ConnectionCut"),
        )
    }

    assert threads == {"111111111111/us-east-1/vpce-svc-1/vpce-1"}


def test_several_things_in_one_vpc_are_its_thread_and_several_vpcs_the_executions() -> None:
    both = about("opened", [busy("vpc-1/s3"), busy("vpc-1/dynamodb")], place())
    two = about("opened", [busy("vpc-1/s3"), busy("vpc-2/s3")], place())

    assert thread_of(both, place()) == "111111111111/us-east-1/vpc-1"
    assert thread_of(two, place()) == f"RouteTableBusy/{place().execution}"


def test_a_button_finds_the_ids_of_the_one_request_that_waits() -> None:
    shown = json.loads(sent("ConnectionHeld")["https"])

    assert context_of(shown) == {
        "endpoint_id": "vpce-1",
        "service_id": "vpce-svc-1",
        "service_name": "com.amazonaws.vpce.us-east-1.vpce-svc-1",
        "owner": "222222222222",
        "answered_by": place().answer_hold,
    }
    assert shown["metadata"]["enableCustomActions"] is True
    assert not context_of(json.loads(sent("ConnectionHeld-digest")["https"]))


@pytest.mark.parametrize("name", [name for name in EMAILS if name != "ConnectionHeld"])
def test_nothing_else_has_the_buttons_of_an_answer(name: str) -> None:
    shown = json.loads(sent(name)["https"])

    assert "answered_by" not in context_of(shown)
    assert "enableCustomActions" not in shown["metadata"]


def test_a_name_is_no_markup_in_a_chat() -> None:
    hostile = "<!channel> `x` *b* [a](https://example.com) <https://example.com|here>"
    at = place()._replace(names={"vpc-1": hostile})

    shown = chat(about("opened", [busy("vpc-1/s3")], at), at)
    words = f"{shown['content']['title']}{shown['content']['description']}"
    assert not set("<>`*[]|") & set(words)
    assert "(vpc-1)/s3" in words


def test_an_owner_is_no_markup_in_a_chat_and_no_id_that_gets_a_name() -> None:
    at = place()._replace(names={"vpc-1": "payments"})
    notice = about("opened", [busy("vpc-1/s3")], at)._replace(owners=("<!here> *vpc-1*",))

    shown = chat(notice, at)
    first = shown["content"]["description"].splitlines()[0]
    assert first == "Owner: \u2039!here\u203a vpc-1"
    assert shown["content"]["keywords"][-1] == first.removeprefix("Owner: ")
    plain = json.loads(message(notice, at).body)["default"]
    assert "Owner (tag ): <!here> *vpc-1*" in plain
