"""Who is told what: the section `notify`, its subscriptions, and the chat's buttons."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from autopilot.policy.model import NotifyPolicy, Policy

from infra.policy.notify import filters
from infra.policy_file import Configuration, PolicyMistakes, load
from tests.infra.synthesis import Synthesis, resolved, synthesise

NOTIFY = NotifyPolicy(
    "owner", {"team-a": ("a@example.com", "both@example.com"), "b": ("both@example.com",)}, True
)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def read(text: str) -> Configuration:
    Path("p.yaml").write_text(text)
    return load("p.yaml")


def mistakes(text: str) -> list[str]:
    with pytest.raises(PolicyMistakes) as raised:
        read(text)
    return str(raised.value).splitlines()


@pytest.fixture(scope="module")
def owned(tmp_path_factory: pytest.TempPathFactory) -> Synthesis:
    configuration = Configuration(Policy(notify=NOTIFY), emails=("ops@example.com",))
    return synthesise(tmp_path_factory.mktemp("owned"), configuration)


def test_owners_and_their_addresses_are_read() -> None:
    found = read(
        "notify:\n  emails: [ops@example.com]\n  owner_tag: owner\n  chat_buttons: true\n"
        "  owners:\n    team-a: [a@example.com, both@example.com]\n    b: [both@example.com]\n"
    )
    assert found.policy.notify == NOTIFY
    assert found.emails == ("ops@example.com",)
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "notify: {owner_tag: endpoint-autopilot:owner}\n",
            ['notify.owner_tag is "endpoint-autopilot:owner", which the automation writes itself'],
        ),
        (f"notify: {{owner_tag: {'x' * 129}}}\n", [f'notify.owner_tag is "{"x" * 129}"']),
        ("notify: {owner_tag: o, owners: [a@example.com]}\n", ["notify.owners is a list"]),
        ("notify: {owner_tag: o, owners: {a: a@example.com}}\n", ["notify.owners.a is"]),
        ("notify: {owner_tag: o, owners: {a: [nobody]}}\n", ["an entry of notify.owners.a is"]),
        (
            "notify: {owner_tag: o, owners: {'a\"b': [a@example.com]}}\n",
            ["an owner of notify.owners is 'a\"b', which no message has"],
        ),
        (
            "notify: {owners: {a: [a@example.com]}}\n",
            ["notify.owners has no effect: no tag names an owner"],
        ),
        (
            "notify: {owner_tag: o, emails: [a@example.com], owners: {a: [a@example.com]}}\n",
            ["a@example.com stands under notify.emails and notify.owners"],
        ),
        (
            "notify: {owner_tag: o, emails: [A@Example.com], owners: {a: [a@example.com]}}\n",
            ["a@example.com stands under notify.emails and notify.owners"],
        ),
        (
            "notify: {owner_tag: o, owners: {"
            + ", ".join(f"o{n}: [a@example.com]" for n in range(151))
            + "}}\n",
            ["an address has too many owners"],
        ),
        (
            "notify: {owner_tag: o, owners: {a: ["
            + ", ".join(f"a{n}@example.com" for n in range(201))
            + "]}}\n",
            ["notify.owners has 201 addresses"],
        ),
        ("notify: {chat_buttons: sometimes}\n", ['notify.chat_buttons is "sometimes"']),
    ],
)
def test_what_sns_would_not_take_is_a_mistake(text: str, said: list[str]) -> None:
    found = mistakes(text)
    assert len(found) == len(said)
    assert all(f"p.yaml:1: {what}" in line for what, line in zip(said, found, strict=True)), found


def test_owners_alone_are_a_warning() -> None:
    (warning,) = read("notify: {owner_tag: o, owners: {a: [a@example.com]}}\n").warnings
    assert "hear nothing until somebody hears everything" in str(warning)


def test_who_hears_of_an_owners_things_has_a_filter_and_ops_have_none(owned: Synthesis) -> None:
    every = owned.of_type("AWS::SNS::Subscription").values()
    subscriptions = [each for each in every if each["Protocol"] == "email"]
    assert {each["Endpoint"]: each.get("FilterPolicy") for each in subscriptions} == {
        "ops@example.com": None,
        "a@example.com": {"owner": ["team-a"]},
        "both@example.com": {"owner": ["team-a", "b"]},
    }


def test_an_address_is_one_however_it_is_written() -> None:
    owners = {"a": ("Team@example.com", "team@example.com"), "b": ("TEAM@example.com",)}
    assert filters(owners) == {"Team@example.com": ("a", "b")}


def test_only_then_the_record_function_may_see_who_listens(
    owned: Synthesis, stack: Synthesis
) -> None:
    may = "sns:ListSubscriptionsByTopic"
    assert may in json.dumps(owned.of_type("AWS::IAM::Policy"))
    assert may not in json.dumps(stack.of_type("AWS::IAM::Policy"))


def test_buttons_run_the_function_that_judges_and_are_made_on_request_only(
    owned: Synthesis, stack: Synthesis
) -> None:
    assert not stack.of_type("AWS::Chatbot::CustomAction")
    actions = [*owned.of_type("AWS::Chatbot::CustomAction").values()]
    assert [action["Attachments"][0]["ButtonText"] for action in actions] == ["Accept", "Reject"]
    for action in actions:
        told = json.dumps(action)
        assert "AnswerHold" in told
        assert "$endpoint" in told
        (attached,) = action["Attachments"]
        criteria = {each["VariableName"]: each["Operator"] for each in attached["Criteria"]}
        assert criteria == {"endpoint": "HAS_VALUE", "answers": "EQUALS"}
        assert set(attached["Variables"]) == set(criteria)
        assert len(resolved(action["ActionName"])) <= 64


def test_buttons_let_nobody_in_who_may_not_answer_already(
    owned: Synthesis, stack: Synthesis
) -> None:
    permissions = [len(each.of_type("AWS::Lambda::Permission")) for each in (owned, stack)]
    assert permissions[0] == permissions[1]
