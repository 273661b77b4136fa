"""The commands and links that ops get about connections."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from autopilot.connections.messages_commands import console
from autopilot.connections.messages_holds import short_name
from autopilot.notify.notice import Notice

from tests.unit.connections.reports import ALICE, held, of_connection
from tests.unit.notify.reports import about, finding, place


def commands(notice: Notice) -> list[str]:
    return [step.command for step in notice.steps if step.command]


def test_the_answer_with_a_reason_survives_a_shell_and_names_whoever_runs_it(
    tmp_path: Path,
) -> None:
    notice = about("opened", [held()], place())
    [invoke] = [each for each in commands(notice) if "lambda invoke" in each]
    aws = tmp_path / "aws"
    aws.write_text(
        f'#!/bin/sh\nif [ "$1" = sts ]; then echo {ALICE}; else printf "%s\\n" "$@"; fi\n'
    )
    aws.chmod(0o755)
    path = {"PATH": f"{tmp_path}:/bin:/usr/bin"}
    ran = subprocess.run(["sh", "-c", invoke], env=path, capture_output=True, check=True)

    words = ran.stdout.decode().splitlines()
    assert json.loads(words[words.index("--payload") + 1]) == {
        "endpoint_id": "vpce-1",
        "answer": "accept",
        "by": ALICE,
        "reason": "REASON",
    }
    assert words[words.index("--function-name") + 1] == "EndpointAutopilot-AnswerHold"


@pytest.mark.parametrize(
    ("region", "start"),
    [
        ("eu-west-1", "https://eu-west-1.console.aws.amazon.com/vpcconsole/home?region=eu-west-1#"),
        ("cn-north-1", "https://cn-north-1.console.amazonaws.cn/vpcconsole/"),
        ("us-gov-west-1", "https://us-gov-west-1.console.amazonaws-us-gov.com/vpcconsole/"),
        ("eusc-de-east-1", "https://eusc-de-east-1.console.amazonaws-eusc.eu/vpcconsole/"),
    ],
)
def test_links_lead_to_the_partitions_own_console(region: str, start: str) -> None:
    link = console("vpce-svc-1", region)
    assert link.startswith(start)
    assert link.endswith("#EndpointServiceDetails:vpcEndpointServiceId=vpce-svc-1")


def test_no_link_where_the_console_is_not_public() -> None:
    assert console("vpce-svc-1", "us-iso-east-1") == ""
    notice = about("opened", [held()], place(region="us-iso-east-1"))
    assert not any("console" in step.text for step in notice.steps)


def test_permissions_name_the_partitions_principals() -> None:
    notice = about("opened", [held()], place(region="cn-north-1"))

    assert any(
        "--add-allowed-principals arn:aws-cn:iam::222222222222:root" in each
        for each in commands(notice)
    )


def test_an_owner_that_nobody_knows_gets_no_permission() -> None:
    notice = about("opened", [held(owner="")], place())

    assert not any("--add-allowed-principals" in each for each in commands(notice))
    assert "an unknown account" in notice.subjects[0].line


def test_many_services_get_a_few_commands_and_a_word_on_the_rest() -> None:
    notice = about("opened", [held(f"vpce-svc-{n}/vpce-{n}") for n in range(9)], place())

    assert sum("accept-vpc-endpoint-connections" in each for each in commands(notice)) == 3
    assert any(step.text == "And so on for 6 more services." for step in notice.steps)


def test_what_failed_for_connections_is_tried_again_for_their_services() -> None:
    of = of_connection("AnswerFailed", severity="failure", error="Throttled", message="ec2:X: slow")
    again = about("opened", [of], place()).steps[-1].command
    assert '"scope": {"service_ids": ["vpce-svc-1"]}' in again


@pytest.mark.parametrize(
    ("action", "verb"), [("accept", "accept"), ("reject", "reject"), ("cut", "reject")]
)
def test_an_answer_that_failed_can_be_given_by_hand(action: str, verb: str) -> None:
    of = of_connection("AnswerFailed", severity="failure", error="Throttled", action=action)

    assert any(f"ec2 {verb}-vpc-" in each for each in commands(about("opened", [of], place())))


def test_a_persons_connection_is_for_information_anybody_elses_for_action() -> None:
    persons = of_connection("ConnectionNotAllowed", severity="info", accepted_by=ALICE)
    nobodys = of_connection("ConnectionNotAllowed", "vpce-svc-1/vpce-2", accepted_by="")

    assert about("opened", [persons], place()).severity == "info"
    assert about("opened", [persons, nobodys], place()).severity == "action"


@pytest.mark.parametrize(
    ("arn", "name"),
    [
        (ALICE, "Admin/alice"),
        ("arn:aws:iam::111111111111:user/bob", "bob"),
        ("arn:aws:iam::111111111111:root", "root"),
        ("eve", "eve"),
        ("", "Somebody"),
    ],
)
def test_people_are_called_by_their_names(arn: str, name: str) -> None:
    assert short_name(arn) == name


def test_advice_on_many_failed_creations_is_cut() -> None:
    found = [finding("ZoneAdvice", f"vpc-{n}/service", "info", would_serve={}) for n in range(5)]

    assert about("opened", found, place()).steps[-1].text == "The other 2 likewise."
