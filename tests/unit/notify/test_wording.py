"""What ops read, word for word: `messages/` holds an email of each kind."""

from __future__ import annotations

from types import ModuleType

import pytest
from autopilot.notify.bus import ChangeDefinition
from autopilot.notify.finding import FindingDefinition
from autopilot.notify.phrases import action_in, command, counted, listed, title

from tests.kinds import CATALOG, CHANGES, MESSAGES
from tests.notices import MAILS, PAGE, page
from tests.unit.gateway.emails import DENIED, change_failed, made, opened
from tests.unit.notify.emails import EMAILS, email
from tests.unit.notify.reports import about, done, finding, place


@pytest.mark.parametrize("name", EMAILS)
def test_says_it_in_these_words(name: str) -> None:
    assert email(name) == (MAILS / f"{name}.txt").read_text()


def test_the_page_for_operators_is_made_of_these_definitions() -> None:
    assert PAGE.read_text() == page(), "run `python -m tests.notices`"


def test_no_email_is_left_over() -> None:
    assert {path.stem for path in MAILS.iterdir()} == set(EMAILS)


@pytest.mark.parametrize("messages", MESSAGES)
def test_no_definition_is_left_out_of_the_catalog(messages: ModuleType) -> None:
    found = [each for each in vars(messages).values() if isinstance(each, FindingDefinition)]
    changes = [each for each in vars(messages).values() if isinstance(each, ChangeDefinition)]
    assert {each.kind for each in messages.FINDINGS} == {each.kind for each in found}
    assert {each.kind for each in messages.CHANGES} == {each.kind for each in changes}
    assert len(CATALOG) == 1 + sum(len(each.FINDINGS) for each in MESSAGES), "a kind for each"


def test_every_kind_has_an_email_and_an_end() -> None:
    shown = {notice.kind for notice in EMAILS.values() if notice.change in ("opened", "done")}
    assert shown == {*CATALOG, *(each.kind for each in CHANGES), "Welcome"}
    for definition in CATALOG.values():
        assert (definition.ending is None) == (definition.lasts is not None)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (" with an explicit deny in a service control policy", ["organizations"]),
        (" because no resource control policy allows it", ["organizations"]),
        (" because no permissions boundary allows it", ["iam"]),
        (
            " because no identity-based policy allows it",
            ["cloudformation", "cloudformation", "iam", "organizations"],
        ),
        ("", ["cloudformation", "cloudformation", "iam", "organizations"]),
    ],
)
def test_a_denial_leads_to_whoever_denies(words: str, told: list[str]) -> None:
    steps = opened(change_failed("AccessDenied", DENIED + words)).steps

    assert [step.command.split()[1] for step in steps] == [*told, "stepfunctions"]
    assert all("Apply-1A2B" in step.command for step in steps if " iam " in step.command)


@pytest.mark.parametrize(
    ("error", "message", "remedy"),
    [
        (
            "QuotaExceeded",
            "ec2:CreateVpcEndpoint: VpcEndpointLimitExceeded: no",
            "aws service-quotas list-service-quotas",
        ),
        (
            "ServiceNotOffered",
            "ec2:CreateVpcEndpoint: InvalidServiceName: no",
            "Name=service-name,Values=com.amazonaws.us-east-1.s3",
        ),
        (
            "RefusedByAws",
            "ec2:CreateVpcEndpoint: Odd: no",
            "AttributeKey=EventName,AttributeValue=CreateVpcEndpoint",
        ),
        ("States.Timeout", "", "aws stepfunctions get-execution-history"),
        ("NotOurs", "ec2:ModifyVpcEndpoint: not ours", "AttributeValue=ModifyVpcEndpoint"),
    ],
)
def test_each_error_has_its_remedy_and_a_way_to_try_again(
    error: str, message: str, remedy: str
) -> None:
    commands = [step.command for step in opened(change_failed(error, message)).steps]

    assert any(remedy in each for each in commands)
    assert '{"trigger": "person", "scope": {"vpc_ids": ["vpc-1"]}}' in commands[-1]


def test_every_command_names_the_region() -> None:
    """The hub's own, or the spoke's where it is to be run there."""
    regions = ("--region us-east-1", "--region eu-central-1")
    for notice in EMAILS.values():
        for step in notice.steps:
            assert not step.command or step.command.endswith(regions)


@pytest.mark.parametrize("service", ["s3", "dynamodb"])
@pytest.mark.parametrize("action", ["create", "modify"])
def test_the_first_s3_endpoint_warns_of_bucket_policies(service: str, action: str) -> None:
    notice = made([done(f"vpc-1/{service}", action=action)], place())

    warned = any("aws:SourceIp" in step.text for step in notice.steps)
    assert warned == (service == "s3" and action == "create")


def test_a_changed_finding_says_so_in_its_title() -> None:
    changed = about("changed", [finding("QuotaNear", "us-east-1", used=17, limit=20)], place())

    assert changed.title == "Changed: 17 of 20 gateway endpoints in use in us-east-1"
    assert changed.change == "changed"


def test_the_endpoint_is_looked_up_where_a_finding_does_not_name_it() -> None:
    step = opened(finding("RouteTableBusy", route_table_ids=["rtb-1"], until=None)).steps[-1]

    assert step.command.startswith(
        'aws ec2 modify-vpc-endpoint --vpc-endpoint-id "$(aws ec2 describe-vpc-endpoints'
    )
    assert "--add-route-table-ids rtb-1 --region us-east-1" in step.command


def test_what_a_denial_names_comes_before_the_call() -> None:
    assert action_in("ec2:CreateVpcEndpoint: not authorized to perform: ec2:CreateTags on") == (
        "ec2:CreateTags"
    )
    # aws-cdk #36216: AWS names the call first, and what was missing last.
    words = (
        "not authorized to perform: ec2:ModifyVpcEndpoint on resource: arn:x because no identity"
    )
    words += "-based policy allows the vpce:AllowMultiRegion action"
    assert action_in(f"ec2:ModifyVpcEndpoint: {words}") == "vpce:AllowMultiRegion"
    assert action_in("ec2:CreateVpcEndpoint: UnauthorizedOperation: no") == "ec2:CreateVpcEndpoint"
    assert action_in("nothing of the kind") == action_in(None) == ""


def test_titles_are_short_plain_lines() -> None:
    assert title("Größe\n\tzwei") == "Gr??e zwei"
    assert len(title("x" * 300)) == 99
    assert title("x" * 300).endswith("...")
    assert title("\u2028\n") == "News"


def test_small_phrases() -> None:
    assert counted(1, "policy") == "1 policy"
    assert counted(2, "policy") == "2 policies"
    assert listed(["a", "b", "c"], 2) == "a, b and 1 more"


def test_commands_survive_a_shell() -> None:
    assert command(place(), "a --b c", "d e", "it's", "plain", "$(x)'") == (
        "aws a --b c 'd e' \"it's\" plain '$(x)'\"'\"'' --region us-east-1"
    )


def test_a_table_that_waits_for_two_services_is_one_table() -> None:
    notice = opened(
        *[
            finding("RouteTableBusy", f"vpc-1/{service}", route_table_ids=["rtb-1"], until=None)
            for service in ("s3", "dynamodb")
        ]
    )

    assert notice.title == "1 busy route table in vpc-1 without an endpoint's routes"


def test_a_reason_is_told_once_for_all_its_services() -> None:
    did = [
        done(f"vpc-{vpc}/{service}")
        for service in ("s3", "dynamodb", "s3express")
        for vpc in (1, 2)
    ]

    assert made(did, place()).why == (
        "The VPC is new, 1 route table is without a route to S3, DynamoDB and S3 Express.",
    )


def test_many_reasons_are_cut_and_counted() -> None:
    did = [done("vpc-1/s3", reason=f"reason {number}") for number in range(7)]

    assert made(did, place()).why[4:] == ("Reason 4.", "And 2 more reasons.")
