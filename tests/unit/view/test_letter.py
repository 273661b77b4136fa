"""The weekly letter word for word, its message, and that no week's letter is sent twice."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from autopilot.notify.ledger import Row
from autopilot.notify.notice import Change
from autopilot.view.letter import KIND
from autopilot.view.letter_lines import drifts
from autopilot.view.letter_mail import letter_message, mail
from autopilot.view.letter_week import right_to_send, week_of
from autopilot.view.model import Overview
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # has no stubs here

from tests.unit.view.letters import HERE, HOSTILE, LETTERS, PLACE, busy, entry, many, quiet, unread

ROOT = Path(__file__).parents[3]
MAILS = ROOT / "tests" / "unit" / "letters"
SCHEMA = json.loads((ROOT / "docs" / "schemas" / "message.json").read_text())
NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)


@pytest.mark.parametrize("name", LETTERS)
def test_the_mail_reads_word_for_word(name: str) -> None:
    made = LETTERS[name]()
    said = f"Subject: {letter_message(made, PLACE).subject}\n\n{mail(made, PLACE)}"
    assert said == (MAILS / f"{name}.txt").read_text()


@pytest.mark.parametrize("name", LETTERS)
def test_programs_get_it_by_the_published_schema(name: str) -> None:
    sent = letter_message(LETTERS[name](), PLACE)
    document = json.loads(json.loads(sent.body)["sqs"])
    Draft202012Validator(SCHEMA).validate(document)
    assert document["kind"] == KIND
    assert document["severity"] == ("failure" if name == "unread" else "info")
    assert sent.attributes["kind"] == KIND


def test_programs_get_each_saving_with_its_amount_and_ids() -> None:
    document = json.loads(json.loads(letter_message(busy(), PLACE).body)["sqs"])
    facts = document["data"]["subjects"]
    assert facts["vpce-1"] == {
        "saving": "idle endpoint",
        "micro_usd": 3 * 7_300_000,
        "sure": True,
        "ids": ["vpce-1"],
    }
    assert facts["us-east-1"]["saves_micro_usd"] == 4 * 7_300_000
    assert document["data"]["by_kind"]["GatewayEndpointsChanged"] == 4


def test_a_chat_gets_the_gist_in_one_thread() -> None:
    shown = json.loads(json.loads(letter_message(busy(), PLACE).body)["https"])
    assert shown["metadata"]["threadId"] == "weekly letter"
    assert "29.20 USD" in shown["content"]["title"]
    assert len(shown["content"]["description"]) <= 2_500


def test_a_huge_week_is_still_two_screens_and_fits_the_topic() -> None:
    sent = letter_message(many(), PLACE)
    text = json.loads(sent.body)["default"]
    assert len(text.splitlines()) <= 60
    assert "- and 35 more" in text
    assert "There was more" in text
    assert len(sent.body.encode()) < 262_144 - 4_096
    assert len(sent.subject) < 100


def test_a_hostile_name_stays_on_its_line() -> None:
    made = replace(busy(), names={"vpc-2": HOSTILE})
    lines = mail(made, PLACE).splitlines()
    assert not [line for line in lines if line.startswith("Subject:")]


def test_what_is_not_known_is_never_said_to_be_fine() -> None:
    text = mail(unread(), PLACE)
    assert "Nothing to save was found" not in text
    assert "othing" not in text.split("NOT SEEN")[0]
    assert "0.00 USD" not in text
    for source in ("VPC endpoints", "metrics", "history"):
        assert f"- {source}: " in text


RULES = "The rules of our security group differ from the policy."
POLICY = "Our endpoint differs from profile workloads: its subnets, its policy."
SURPLUS = "its permission list names whom the policy doesn't"
OPEN = "It takes connections without acceptance."


@pytest.mark.parametrize(
    ("kind", "what", "why", "told"),
    [
        ("GatewayEndpointsChanged", "1 policy restored", "", True),
        ("InterfaceEndpointsChanged", "1 security group changed", RULES, True),
        ("InterfaceEndpointsChanged", "1 changed", POLICY, True),
        ("PrincipalsChanged", "1 given the permission list", SURPLUS, True),
        ("ServicesChanged", "1 put right", OPEN, True),
        # A first publication, a first endpoint, a profile that has grown: nobody drifted.
        (
            "PrincipalsChanged",
            "1 given the permission list",
            "its permission list lacks whom the policy names",
            False,
        ),
        ("GatewayEndpointsChanged", "1 created", "there is no endpoint of ours", False),
        (
            "InterfaceEndpointsChanged",
            "1 changed",
            "our endpoint differs from profile workloads: its subnets",
            False,
        ),
        ("HoldAnswered", "1 answered", RULES, False),
    ],
)
def test_put_right_is_only_what_stood_there_and_differed(
    kind: str, what: str, why: str, told: bool
) -> None:
    of = replace(entry("2026-11-29T10:02:00+00:00", kind, what), why=why)
    said = (f"- put right: {what}, 2026-11-29 10:02 UTC",) if told else ()
    assert drifts(Overview(HERE), (of,)).lines == said


@pytest.mark.parametrize("change", ["opened", "resolved"])
def test_a_route_that_is_left_as_it_is_was_not_put_right(change: Change) -> None:
    left = entry("2026-11-24T12:00:00+00:00", "RouteTakenAway", "Routes are gone", change)
    assert drifts(Overview(HERE), (left,)).lines == ()


def test_a_quiet_week_has_a_letter_too() -> None:
    assert "this letter is a sign of life" in mail(quiet(), PLACE)


@pytest.mark.parametrize(
    ("at", "week"),
    [
        (datetime(2026, 11, 30, 8, tzinfo=UTC), "2026-W49"),
        (datetime(2027, 1, 3, 23, tzinfo=UTC), "2026-W53"),
        (datetime(2027, 1, 4, 8, tzinfo=UTC), "2027-W01"),
    ],
)
def test_a_week_is_named_by_iso(at: datetime, week: str) -> None:
    assert week_of(at) == week


def row_of(call: str, at: datetime, *, told: bool) -> Row:
    right = right_to_send(None, call, at)
    assert right and right.claim and right.claim.row and right.settle.row
    return right.settle.row if told else right.claim.row


def test_a_letter_that_was_sent_is_not_sent_again() -> None:
    assert right_to_send(row_of("one", NOW, told=True), "two", NOW) is None
    assert right_to_send(row_of("one", NOW, told=True), "one", NOW) is None


def test_another_call_waits_until_the_first_must_be_dead() -> None:
    begun = row_of("one", NOW, told=False)
    assert right_to_send(begun, "two", NOW + timedelta(minutes=1)) is None
    assert right_to_send(begun, "two", NOW + timedelta(minutes=16))


def test_the_same_call_goes_on_with_what_it_began() -> None:
    right = right_to_send(row_of("one", NOW, told=False), "one", NOW + timedelta(minutes=2))
    assert right
    assert right.claim is None
