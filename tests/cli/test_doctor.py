"""How a doctor asks AWS: what it may not see, what it asks anew, and how it tells all that."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from autopilot.policy.model import Policy
from autopilot.reconcile.identity import StackIdentity

from cli import doctor
from cli.checkup import looks_allowed, looks_running, looks_telling, visit
from cli.checkup.asking import Asking
from cli.checkup.model import Ailment, Checkup, Shell, Unchecked
from cli.checkup.patient import Patient, admit
from cli.checkup.template import Place, Template
from cli.deployed import Deployed
from cli.session import Here
from tests.cli.conftest import ACCOUNT, CALLER, OUTPUTS, Aws, Run, refusal, stack

US = StackIdentity("EndpointAutopilot", ACCOUNT, "us-east-1")
HERE = Here(US, CALLER, {**OUTPUTS, "OpsTopicArn": "arn:ops"})
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
TRUST: dict[str, Any] = {"Statement": []}
ALLOW = {"Effect": "Allow", "Action": ["ec2:DescribeVpcs", "ec2:CreateVpc"], "Resource": "*"}
BODY = {
    "Resources": {
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST}},
        "Policy": {
            "Type": "AWS::IAM::Policy",
            "Properties": {
                "PolicyName": "own",
                "Roles": [{"Ref": "Role"}],
                "PolicyDocument": {"Statement": [ALLOW]},
            },
        },
        "Rule": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "EventPattern": {
                    "source": ["aws.ec2"],
                    "detail-type": ["AWS API Call via CloudTrail"],
                    "detail": {"eventName": ["CreateVpc"]},
                }
            },
        },
        "Table": {"Type": "AWS::DynamoDB::Table"},
    }
}


def patient(mode: Any = "enforce") -> Patient:
    physical = {name: name.lower() for name in BODY["Resources"]}
    template = Template(BODY, physical, Place("aws", "us-east-1", ACCOUNT, "EndpointAutopilot"))
    whole = {"StackName": "EndpointAutopilot", "StackStatus": "CREATE_COMPLETE"}
    ran = Deployed(Policy(mode=mode), ())
    return Patient(HERE, whole, template, Asking(Shell()), NOW, ran)


@pytest.mark.parametrize(("mode", "told"), [("audit", []), ("enforce", ["not-notified"])])
def test_in_audit_mode_nothing_has_to_notify(aws: Aws, mode: str, told: list[str]) -> None:
    service = {"ServiceId": "vpce-svc-1", "ServiceType": [{"ServiceType": "Interface"}]}
    aws.will(DescribeVpcEndpointServiceConfigurations={"ServiceConfigurations": [service]})
    found = [*looks_telling.look_at_notifications(patient(mode))]
    assert [each.kind for each in found] == told


TRAIL = {"Name": "t", "TrailARN": "arn:t", "HomeRegion": "us-east-1", "IsMultiRegionTrail": True}


@pytest.mark.parametrize(
    ("trail", "answers", "kinds", "unchecked", "notes"),
    [
        ({}, {"GetEventSelectors": {"EventSelectors": [{}]}}, [], [], 0),
        ({"IsMultiRegionTrail": False, "HomeRegion": "eu-west-1"}, {}, ["no-trail"], [], 0),
        ({}, {"GetTrailStatus": {"IsLogging": False}}, ["trail-stopped"], [], 0),
        (
            {"IsOrganizationTrail": True},
            {"GetEventSelectors": refusal("AccessDeniedException")},
            [],
            [],
            1,
        ),
        (
            {},
            {"GetEventSelectors": refusal("AccessDeniedException")},
            [],
            ["cloudtrail:GetEventSelectors"],
            0,
        ),
        ({}, {"GetTrailStatus": refusal("ThrottlingException")}, [], [""], 0),
    ],
)
def test_a_trail_that_cannot_be_read_is_not_called_fine_nor_missing(
    aws: Aws,
    trail: dict[str, Any],
    answers: dict[str, Any],
    kinds: list[str],
    unchecked: list[str],
    notes: int,
) -> None:
    aws.will(DescribeTrails={"trailList": [{**TRAIL, **trail}]}, GetTrailStatus={"IsLogging": True})
    aws.will(**answers)
    seen = patient()
    assert [each.kind for each in looks_telling.look_at_trails(seen)] == kinds
    assert [each.needs for each in seen.ask.unchecked] == unchecked
    assert len(seen.notes) == notes


def roles_are(aws: Aws, simulate: Any) -> list[Ailment]:
    document = {"Version": "2012-10-17", "Statement": [ALLOW]}
    aws.will(
        GetRole={"Role": {"AssumeRolePolicyDocument": TRUST}},
        ListRolePolicies={"PolicyNames": ["own"]},
        GetRolePolicy={"PolicyDocument": document},
        SimulatePrincipalPolicy=simulate,
    )
    return [*looks_allowed.look_at_roles(patient())]


def simulated(**request: Any) -> dict[str, Any]:
    results = [
        {
            "EvalActionName": action,
            "EvalDecision": "allowed" if action == "ec2:DescribeVpcs" else "implicitDeny",
        }
        for action in request["ActionNames"]
    ]
    return {"EvaluationResults": results}


def test_what_iam_does_not_take_together_is_asked_one_by_one(aws: Aws) -> None:
    def picky(**request: Any) -> Any:
        if len(request["ActionNames"]) > 1:
            raise refusal("InvalidInput", "require different authorization information")
        return simulated(**request)

    (found,) = roles_are(aws, picky)
    assert (found.kind, "ec2:CreateVpc:" in found.what) == ("denied", True)
    asked = aws.requests("SimulatePrincipalPolicy")
    assert [len(each["ActionNames"]) for each in asked] == [2, 1, 1]
    (entry,) = (e for e in asked[0]["ContextEntries"] if e["ContextKeyName"] == "aws:PrincipalArn")
    assert entry["ContextKeyValues"] == [f"arn:aws:iam::{ACCOUNT}:role/role"]


def test_all_pages_of_a_simulation_are_read(aws: Aws) -> None:
    def paged(**request: Any) -> Any:
        answer = simulated(**request)
        first, second = answer["EvaluationResults"]
        if "Marker" in request:
            return {"EvaluationResults": [second], "IsTruncated": False}
        return {"EvaluationResults": [first], "IsTruncated": True, "Marker": "more"}

    (found,) = roles_are(aws, paged)
    assert "ec2:CreateVpc:" in found.what
    assert len(aws.requests("SimulatePrincipalPolicy")) == 2


def test_a_role_or_a_table_that_is_gone_is_told(aws: Aws) -> None:
    aws.will(
        GetRole=refusal("NoSuchEntity"),
        SimulatePrincipalPolicy=refusal("NoSuchEntity"),
        DescribeTable=refusal("ResourceNotFoundException"),
    )
    found = [
        *looks_allowed.look_at_roles(patient()), *looks_running.look_at_ledger(patient())
    ]  # fmt: skip
    assert [(each.kind, each.subject) for each in found] == [("gone", "role"), ("gone", "table")]


def test_a_template_is_read_whether_json_or_yaml(aws: Aws) -> None:
    summaries = [{"LogicalResourceId": "Table", "PhysicalResourceId": "t", "ResourceType": "x"}]
    aws.will(ListStackResources={"StackResourceSummaries": summaries}, GetFunction={})
    text = "Resources:\n  Table:\n    Type: AWS::DynamoDB::Table\n"
    for body in (BODY, json.dumps(BODY), text):
        aws.will(GetTemplate={"TemplateBody": body})
        found = admit(HERE, Asking(Shell()), NOW)
        assert [seen.physical for seen in found.template.of("AWS::DynamoDB::Table")] == ["t"]


SICK = Checkup(
    (
        Ailment("no-trail", "here", "No trail.", "Nothing is noticed.", ("aws x --y z",), "First."),
        Ailment("alarm-on", "a", "An alarm is on.", "Why."),
    ),
    (Unchecked("the roles", "alice is not authorized", "iam:GetRole"),),
    ("Nobody sees it.",),
)


@pytest.mark.parametrize(
    ("found", "code", "verdict"),
    [
        (SICK, 2, "2 things to mend: EndpointAutopilot in account 111111111111, us-east-1"),
        (Checkup((), SICK.unchecked), 1, "Nothing found in what could be checked:"),
        (Checkup(()), 0, "All is in place:"),
    ],
)
def test_what_is_printed(
    run: Run, monkeypatch: pytest.MonkeyPatch, found: Checkup, code: int, verdict: str
) -> None:
    monkeypatch.setattr(visit, "visit", lambda *_: found)
    ran = run("doctor")
    assert (ran.code, ran.err) == (code, "")
    assert verdict in ran.out
    if found is SICK:
        assert ran.out.index("Doesn't work") < ran.out.index("Works, but")
        assert "      aws x --y z\n" in ran.out, "a command stands on a line of its own"
        assert "needs iam:GetRole. AWS's words: alice is not authorized" in ran.out
    as_json = run("doctor", "--json")
    assert (as_json.code, as_json.json) == (code, doctor.plain(found))
    assert as_json.json["healthy"] is (code == 0)


def test_a_stack_without_a_permission_to_read_its_template_is_one_line(aws: Aws, run: Run) -> None:
    aws.will(
        DescribeStacks=stack(**OUTPUTS), GetTemplate=refusal("AccessDenied", "alice may not")
    )  # fmt: skip
    ran = run("doctor")
    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert "lack the permission cloudformation:GetTemplate" in ran.err
