"""One voice: what holds for every mail, chat and JSON message, of whatever kind."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from autopilot.notify.notice import Step
from autopilot.notify.phrases import NOTHING, instant, moment
from autopilot.notify.render import message

from tests.unit.notify.emails import EMAILS, email, place_of
from tests.unit.notify.reports import about, finding, place

DAY = re.compile(r"\d{4}-\d\d-\d\d")
FOR_PEOPLE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC(?!\w|[.:+]\d)")
FOR_PROGRAMS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00")
ID = re.compile(r"\b(?:vpc|rtb|vpce|vpce-svc|subnet)-[0-9a-z]+(?![\w-])")
EITHER_CASE = ("If ", "To ", "Likewise for ", "And so on for ", "The other ")


@pytest.mark.parametrize(
    "stored",
    [
        "2026-11-30T07:25:00.921905+00:00",
        "2026-11-30T07:25:00.921Z",
        "2026-11-30T07:25:59+00:00",
        "2026-11-30T07:25Z",
        "2026-11-30T07:25:00",
        "2026-11-30 07:25:00.9",
        "2026-11-30T08:25:00+01:00",
        "2026-11-30T02:25:00.5-05:00",
    ],
)
def test_a_time_has_one_form_however_it_was_stored(stored: str) -> None:
    assert moment(stored) == "2026-11-30 07:25 UTC"


@pytest.mark.parametrize("odd", ["", "soon", "None", "0001-01-01T00:00:00+14:00"])
def test_what_is_no_time_stays_what_it_is(odd: str) -> None:
    assert moment(odd) == odd
    assert instant(odd) == odd


def test_programs_get_seconds_in_utc() -> None:
    assert instant("2026-11-30T08:25:07.921905+01:00") == "2026-11-30T07:25:07+00:00"
    assert instant("vpc-2026-11-30") == "vpc-2026-11-30"


@pytest.mark.parametrize("name", EMAILS)
def test_every_mail_and_chat_has_its_times_in_one_form(name: str) -> None:
    body = json.loads(message(EMAILS[name], place_of(name)).body)

    for words in (email(name), *texts_in(json.loads(body["https"])["content"])):
        assert DAY.findall(words) == [each[:10] for each in FOR_PEOPLE.findall(words)], words


@pytest.mark.parametrize("name", EMAILS)
def test_every_json_message_has_its_times_in_one_form(name: str) -> None:
    told = json.loads(json.loads(message(EMAILS[name], place_of(name)).body)["sqs"])

    for words in texts_in(told):
        both = FOR_PEOPLE.findall(words) + FOR_PROGRAMS.findall(words)
        assert sorted(DAY.findall(words)) == sorted(each[:10] for each in both), words


@pytest.mark.parametrize("name", EMAILS)
def test_a_mail_says_once_and_for_which_case_that_nothing_has_to_be_done(name: str) -> None:
    steps = EMAILS[name].steps
    says = [step for step in steps if "nothing" in step.text.lower() and "done" in step.text]
    others = [step for step in steps if step not in says]

    assert email(name).lower().count(NOTHING) == len(says) <= 1
    assert all(NOTHING in step.text.lower() and not step.command for step in says)
    if says and not says[0].text.startswith("If "):
        assert all(step.text.startswith("To look at ") for step in others), others
    if says:
        assert all(is_a_case(step) for step in others), others


@pytest.mark.parametrize("name", EMAILS)
def test_a_subject_names_no_id_alone_that_has_a_name(name: str) -> None:
    notice, at = EMAILS[name], place_of(name)
    ids = {id_ for subject in notice.subjects for id_ in subject.id.split("/") if ID.fullmatch(id_)}
    told = message(notice, at._replace(names=dict.fromkeys(ids, "NAME"))).subject

    whole = told.removesuffix("...")
    assert [id_ for id_ in ids & {*ID.findall(whole)} if f"NAME ({id_})" not in whole] == []


def test_a_removal_that_was_refused_says_so_and_why_in_its_subject() -> None:
    assert EMAILS["RetirementPlanned-enforce"].title.startswith("Removal refused: ")


@pytest.mark.parametrize(
    ("serves", "told"), [(True, "it serves"), (False, "it doesn't serve"), (None, "")]
)
def test_where_private_dns_is_off_the_subject_says_whether_endpoints_serve(
    serves: bool | None, told: str
) -> None:
    off = finding("PrivateDnsOff", "vpc-1/logs", endpoint_id="vpce-1", why="dns", serves=serves)

    assert told in about("opened", [off], place()).title


def is_a_case(step: Step) -> bool:
    return step.text.startswith(EITHER_CASE)


def texts_in(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for each in value.values():
                yield from texts_in(each)
        case list():
            for each in value:
                yield from texts_in(each)
