"""What ops read, word for word: `messages/` holds an email of each kind."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from autopilot.gateway.messages import ENDPOINTS_CHANGED
from autopilot.gateway.plan import NetworkOutcome
from autopilot.notify.digest import Untold, welcome
from autopilot.notify.finding import Finding
from autopilot.notify.notice import Notice, Place
from autopilot.notify.phrases import action_in, command, counted, listed, moment, title
from autopilot.notify.render import text
from autopilot.workflows import CATALOG, CHANGES

from tests.notices import PAGE, page
from tests.unit.connections.emails import CONNECTION_EMAILS, PLACE
from tests.unit.interfaces.emails import INTERFACE_EMAILS, INTERFACE_PLACE
from tests.unit.notify.reports import about, done, finding, place
from tests.unit.services.emails import PLACE as SERVICES_PLACE
from tests.unit.services.emails import PUBLISH_EMAILS
from tests.unit.withdraw.emails import REMOVAL_EMAILS

MESSAGES = Path(__file__).parents[1] / "messages"

DENIED = (
    "ec2:CreateVpcEndpoint: UnauthorizedOperation: You are not authorized to perform this"
    " operation. User: arn:aws:sts::111111111111:assumed-role/Apply-1A2B/apply is not authorized"
    " to perform: ec2:CreateVpcEndpoint on resource: arn:aws:ec2:us-east-1:111111111111:vpc/vpc-1"
)


def change_failed(error: str, message: str = "", **data: Any) -> Finding:
    given = {"action": "create", "endpoint_id": None, "route_table_ids": ["rtb-1", "rtb-2"]}
    return finding(
        "ChangeFailed", "vpc-1/s3", "failure", error=error, message=message, **{**given, **data}
    )


def quota(kind: str, **data: Any) -> Finding:
    given = {"used": 16, "wanted": 2, "limit": 20, "limit_read": True, "why_not_read": None}
    return finding(kind, "us-east-1", **{**given, **data})


def opened(*findings: Finding) -> Notice:
    return about("opened", findings, place())


def made(outcomes: Sequence[NetworkOutcome], at: Place) -> Notice:
    return ENDPOINTS_CHANGED.done(outcomes).notice(at)


EMAILS = (
    CONNECTION_EMAILS
    | PUBLISH_EMAILS
    | INTERFACE_EMAILS
    | REMOVAL_EMAILS
    | {
        "GatewayEndpointsChanged": made(
            [
                done(
                    "vpc-1/s3",
                    route_table_ids=("rtb-1", "rtb-2"),
                    reason="the VPC is new, 2 route tables are without a route to S3",
                ),
                done(
                    "vpc-1/dynamodb",
                    route_table_ids=("rtb-1", "rtb-2"),
                    reason="the VPC is new, 2 route tables are without a route to DynamoDB",
                ),
                done(
                    "vpc-2/s3",
                    action="modify",
                    set_policy=False,
                    route_table_ids=("rtb-3",),
                    reason="a route table is new, 1 route table is without a route to S3",
                ),
                done(
                    "vpc-3/s3",
                    action="modify",
                    route_table_ids=(),
                    reason="our endpoint is there, its policy isn't the wanted one (org-only)",
                ),
            ],
            place(),
        ),
        "RouteTableBusy-audit": opened(
            finding(
                "RouteTableBusy",
                route_table_ids=["rtb-1", "rtb-2"],
                until=None,
                endpoint_id="vpce-1",
            ),
            finding(
                "RouteTableBusy",
                "vpc-2/dynamodb",
                route_table_ids=["rtb-3"],
                until=None,
                endpoint_id=None,
            ),
        ),
        "RouteTableBusy-window": opened(
            finding(
                "RouteTableBusy",
                "vpc-1/s3",
                "info",
                route_table_ids=["rtb-1"],
                until="2026-11-28T02:00:00+01:00",
            )
        ),
        "RouteTakenAway": opened(
            finding(
                "RouteTakenAway",
                route_table_ids=["rtb-1", "rtb-2"],
                times=3,
                endpoint_id="vpce-1",
            ),
            finding(
                "RouteTakenAway",
                "vpc-2/dynamodb",
                route_table_ids=["rtb-3"],
                times=3,
                endpoint_id=None,
            ),
        ),
        "QuotaNear": opened(quota("QuotaNear")),
        "QuotaReached": opened(
            quota(
                "QuotaReached",
                used=20,
                limit_read=False,
                why_not_read="servicequotas:GetServiceQuota: AccessDeniedException: no",
                left_undone=["vpc-1/s3", "vpc-1/dynamodb"],
                left_undone_count=60,
            )
        ),
        "PlannedChange": opened(
            finding(
                "PlannedChange",
                "vpc-1/s3",
                "info",
                action="create",
                endpoint_id=None,
                route_table_ids=["rtb-1"],
                set_policy=True,
                reason="the VPC is new, 1 route table is without a route to S3",
            ),
            finding(
                "PlannedChange",
                "vpc-2/s3",
                "info",
                action="modify",
                endpoint_id="vpce-2",
                route_table_ids=[],
                set_policy=True,
                reason="our endpoint is there, its policy isn't the wanted one (org-only)",
            ),
        ),
        "EndpointFailed": opened(
            finding("EndpointFailed", "vpc-1/s3", "failure", endpoint_id="vpce-1", state="failed"),
        ),
        "ForeignEndpointPolicy": opened(
            finding(
                "ForeignEndpointPolicy",
                "vpc-1/s3",
                "info",
                endpoint_ids=["vpce-9"],
                endpoint_policy="org-only",
            ),
        ),
        "ChangeFailed-AccessDenied": opened(change_failed("AccessDenied", DENIED)),
        "ChangeFailed-PolicyRejected": opened(
            change_failed(
                "PolicyRejected",
                "ec2:ModifyVpcEndpoint: InvalidPolicyDocument: no",
                action="modify",
                endpoint_id="vpce-1",
                route_table_ids=[],
            ),
        ),
        "WorkflowFailed": opened(
            finding(
                "WorkflowFailed",
                "network/Plan the changes",
                "failure",
                workflow="network",
                state="Plan the changes",
                error="ServiceUnavailable",
                cause="ec2:DescribeVpcs: Unavailable: try later",
                trigger="sweep",
            )
        ),
        "EventsNotArriving": opened(
            finding("EventsNotArriving", "sweep", found_by_sweep=3, sweeps_in_a_row=2)
        ),
        "Resolved": about(
            "resolved",
            [
                change_failed("AccessDenied", DENIED),
                finding("ChangeFailed", "vpc-2/s3", "failure", error="Throttled"),
            ],
            place(),
        ),
        "Welcome": welcome(
            Untold(
                standing=(
                    finding(
                        "PlannedChange",
                        "vpc-1/s3",
                        "info",
                        action="create",
                        route_table_ids=["rtb-1", "rtb-2"],
                        reason="there is no endpoint of ours",
                    ),
                    finding("RouteTableBusy", "vpc-2/s3", route_table_ids=["rtb-3"], until=None),
                ),
                over=(quota("QuotaNear"),),
                done=(
                    {
                        "kind": "GatewayEndpointsChanged",
                        "title": "Gateway endpoints in vpc-3: 1 created",
                        "at": "2026-11-24T22:10:00+00:00",
                        "subjects": '["vpc-3/s3"]',
                        "count": 4,
                    },
                ),
                since="2026-11-24T21:00:00+00:00",
            ),
            place(),
            "audit",
            CATALOG,
        ),
    }
)


def email(name: str) -> str:
    notice = EMAILS[name]
    head = f"Subject: {notice.title}\nSeverity: {notice.severity}\n\n"
    if name in PUBLISH_EMAILS:
        return head + text(notice, SERVICES_PLACE)
    spot = PLACE if name in CONNECTION_EMAILS else place()
    return head + text(notice, INTERFACE_PLACE if name in INTERFACE_EMAILS else spot)


@pytest.mark.parametrize("name", EMAILS)
def test_says_it_in_these_words(name: str) -> None:
    assert email(name) == (MESSAGES / f"{name}.txt").read_text()


def test_the_page_for_operators_is_made_of_these_definitions() -> None:
    assert PAGE.read_text() == page(), "run `python -m tests.notices`"


def test_no_email_is_left_over() -> None:
    assert {path.stem for path in MESSAGES.iterdir()} == set(EMAILS)


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
    for notice in EMAILS.values():
        for step in notice.steps:
            assert not step.command or step.command.endswith("--region us-east-1")


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
    assert title("Größe\n\tzwei") == "Gr e zwei"
    assert len(title("x" * 300)) == 99
    assert title("x" * 300).endswith("...")
    assert title("\x00é") == "News"


def test_small_phrases() -> None:
    assert counted(1, "policy") == "1 policy"
    assert counted(2, "policy") == "2 policies"
    assert listed(["a", "b", "c"], 2) == "a, b and 1 more"
    assert moment("2026-11-28T01:00:00+00:00") == "2026-11-28 01:00 UTC"
    assert moment("2026-11-28T01:00:00+02:00") == "2026-11-28 01:00 +02:00"


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
