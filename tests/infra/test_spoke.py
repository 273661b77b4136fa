"""A spoke's template: what a StackSet can deploy beside an earlier stack, and what goes up."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import heartbeat
import pytest
from aws_cdk import aws_sns as sns

from infra.fleet.model import Wave
from infra.policy_file import Configuration
from tests.infra.conftest import CODE, HUB, HUB_REGION, OF_STACK_SET
from tests.infra.everything import EVERYTHING
from tests.infra.linting import cfn_lint
from tests.infra.looking import COMMON, depends_on, functions
from tests.infra.rules import matching
from tests.infra.synthesis import ACCOUNT, REGION, Synthesis, build, resolved, synthesise

BUS = f"arn:aws:events:{HUB_REGION}:{HUB}:event-bus/EndpointAutopilotHub"
BUCKET = f"endpoint-autopilot-{HUB}-us-east-1-an"
# The default policy's template without a fleet, as it was before there were fleets. Whoever changes
# the single account's template on purpose writes the new one here.
BEFORE_FLEETS = "104798d87dbc3581eba47023fba11cf2e9513da7091cb5282bf462f4a8ab75f1"


def digest(stack: Synthesis) -> str:
    """Of the template, without what the builder's Python and the bundle decide."""
    text = re.sub(r'"python3\.\d+"', "PYTHON", stack.file.read_text())
    return sha256(re.sub(r"\b[0-9a-f]{64}\b", "ASSET", text).encode()).hexdigest()


def test_without_a_fleet_the_template_is_as_it_was(stack: Synthesis) -> None:
    assert digest(stack) == BEFORE_FLEETS


def test_a_stack_set_needs_no_bootstrap_no_assets_and_no_parameters(spoke: Synthesis) -> None:
    assert set(spoke.template) == {"Description", "Metadata", "Resources", "Outputs"}
    assert not [path for path in spoke.folder.glob("asset.*")]
    code = {"S3Bucket": BUCKET, "S3Key": CODE}
    for function in spoke.of_type("AWS::Lambda::Function").values():
        assert resolved(function["Code"]) == code
    _, layer = spoke.one("AWS::Lambda::LayerVersion")
    assert resolved(layer["Content"]) == {"S3Bucket": BUCKET, "S3Key": OF_STACK_SET.policy_key}


def test_every_function_has_the_layer_with_the_policy(spoke: Synthesis) -> None:
    name, _ = spoke.one("AWS::Lambda::LayerVersion")
    assert {json.dumps(f["Layers"]) for f in functions(spoke).values()} == {
        json.dumps([{"Ref": name}])
    }


def test_what_it_makes_bears_the_same_owner_whatever_its_stack_is_called(
    spoke: Synthesis,
) -> None:
    for function in functions(spoke).values():
        assert function["Environment"]["Variables"]["OWNER"] == "EndpointAutopilot"
    assert spoke.template["Outputs"]["OwnerTag"]["Value"] == "EndpointAutopilot"


def test_no_name_is_one_that_an_earlier_stack_may_still_have(spoke: Synthesis) -> None:
    groups = [g for g in spoke.of_type("AWS::Logs::LogGroup").values() if "LogGroupName" in g]
    assert len(groups) == 7
    for group in groups:
        prefix, _, rest = json.dumps(group["LogGroupName"]).partition('{"Ref": "AWS::StackName"}')
        assert "/aws/vendedlogs/states/" in prefix, "in no need of a line in the resource policy"
        assert rest
    fixed = {
        (name, key)
        for name, resource in spoke.template["Resources"].items()
        for key, value in resource.get("Properties", {}).items()
        if key.endswith("Name") and key not in ("FunctionName", "AttributeName")
        if isinstance(value, str)
    }
    # A policy's name is its role's own.
    assert {key for _, key in fixed} <= {"DisplayName", "MetricName", "PolicyName"}


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Synthesis:
    """A StackSet's spoke with all that a policy may switch on."""
    return synthesise(tmp_path_factory.mktemp("all"), EVERYTHING, OF_STACK_SET)


def test_a_chats_actions_are_this_stacks_and_fit_into_their_names(everything: Synthesis) -> None:
    actions = everything.of_type("AWS::Chatbot::CustomAction").values()
    assert len(actions) == 2
    stack_id = {"Fn::Select": [2, {"Fn::Split": ["/", {"Ref": "AWS::StackId"}]}]}
    for action in actions:
        first, *rest = action["ActionName"]["Fn::Join"][1]
        assert first == stack_id
        longest = "".join("ap-southeast-99" if part == {"Ref": "AWS::Region"} else part
                          for part in rest)  # fmt: skip
        assert 36 + len(longest) <= 64


def test_peers_that_are_spokes_are_let_in_by_the_names_of_their_roles(
    everything: Synthesis, tmp_path: Any
) -> None:
    _, role = everything.one("AWS::IAM::Role", "ZoneReader")
    for statement in role["AssumeRolePolicyDocument"]["Statement"]:
        callers = resolved(statement["Condition"]["ArnLike"]["aws:PrincipalArn"])
        assert [each.split(":role/")[1] for each in callers] == [
            "EndpointAutopilot-*",
            "StackSet-EndpointAut*",
        ]


def test_cfn_lint_finds_nothing(spoke: Synthesis) -> None:
    # A plain one is made of the same and of the single account's template, which is linted, too.
    assert cfn_lint(spoke.file) == ""


def test_cdk_nag_stops_a_spokes_synthesis_too(tmp_path: Any) -> None:
    app, stack = build(tmp_path, Configuration(), OF_STACK_SET)
    sns.Topic(stack, "Planted")
    with pytest.raises(RuntimeError, match="AwsSolutions-SNS3"):
        app.synth()


def test_it_stays_far_below_the_limits(everything: Synthesis) -> None:
    assert everything.file.stat().st_size < 400_000
    assert len(everything.template["Resources"]) < 270


def test_only_who_deploys_by_hand_has_a_dashboard(spoke: Synthesis, plain: Synthesis) -> None:
    assert not spoke.of_type("AWS::CloudWatch::Dashboard")
    assert plain.of_type("AWS::CloudWatch::Dashboard")


def test_nobody_but_the_hub_is_mailed(spoke: Synthesis) -> None:
    protocols = {each["Protocol"] for each in spoke.of_type("AWS::SNS::Subscription").values()}
    assert protocols == {"lambda"}
    assert "letter.handler" not in functions(spoke)
    rules = [r.get("Description", "") for r in spoke.of_type("AWS::Events::Rule").values()]
    assert not [each for each in rules if "listens" in each or "listen now" in each]


def environment(stack: Synthesis, module: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = functions(stack)[f"{module}.handler"]["Environment"]["Variables"]
    return {name: value for name, value in found.items() if name not in COMMON}


def test_record_knows_the_hub_and_what_commands_have_to_call_the_stack(
    spoke: Synthesis, plain: Synthesis
) -> None:
    assert resolved(environment(spoke, "record")["HUB_BUS_ARN"]) == BUS
    assert environment(spoke, "record")["STACK_NAME"] == {"Ref": "AWS::StackName"}
    assert environment(plain, "record")["STACK_NAME"] == "EndpointAutopilot"


def up(stack: Synthesis) -> tuple[dict[str, Any], dict[str, Any]]:
    _, rule = stack.one("AWS::Events::Rule", "UpwardUp")
    (target,) = rule["Targets"]
    return rule, target


@pytest.mark.parametrize("which", ["spoke", "plain"])
def test_news_and_heartbeats_go_to_the_hubs_bus_by_a_role_that_may_nothing_else(
    which: str, request: pytest.FixtureRequest
) -> None:
    stack: Synthesis = request.getfixturevalue(which)
    rule, target = up(stack)
    assert rule["EventPattern"] == {
        "source": ["endpoint-autopilot"],
        "account": [{"Ref": "AWS::AccountId"}],
        "region": [{"Ref": "AWS::Region"}],
        "detail-type": ["Endpoint Autopilot News", "Endpoint Autopilot Heartbeat"],
    }
    assert resolved(target["Arn"]) == BUS
    name, role = stack.one("AWS::IAM::Role", "UpwardRole")
    assert target["RoleArn"] == {"Fn::GetAtt": [name, "Arn"]}
    assert "events.amazonaws.com" in json.dumps(role["AssumeRolePolicyDocument"])
    _, policy = stack.one("AWS::IAM::Policy", "UpwardRole")
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == "events:PutEvents"
    assert resolved(statement["Resource"]) == BUS


@pytest.mark.parametrize("kind", ["News", "Heartbeat"])
def test_what_others_put_on_its_bus_is_none_of_its_news(kind: str, spoke: Synthesis) -> None:
    """A default bus may be open to others, as that of an account that gathers events."""
    said: dict[str, Any] = {"source": "endpoint-autopilot"}
    said |= {"detail-type": f"Endpoint Autopilot {kind}"}
    said |= {"account": ACCOUNT, "region": REGION, "time": "", "resources": [], "detail": {}}
    own = {"News": ["Up", "News"], "Heartbeat": ["Up"]}[kind]
    names = {spoke.one("AWS::Events::Rule", f"Upward{each}")[0] for each in own}
    assert set(matching(spoke, said)) == names
    assert matching(spoke, {**said, "account": "333333333333"}) == []
    assert matching(spoke, {**said, "region": "ap-south-1"}) == []


def test_what_the_hub_does_not_take_is_tried_for_a_day_and_kept_for_fourteen(
    spoke: Synthesis,
) -> None:
    _, target = up(spoke)
    assert target["RetryPolicy"] == {
        "MaximumEventAgeInSeconds": 86_400,
        "MaximumRetryAttempts": 185,
    }
    name, queue = spoke.one("AWS::SQS::Queue", "UpwardQueuesHubUndelivered")
    assert target["DeadLetterConfig"]["Arn"] == {"Fn::GetAtt": [name, "Arn"]}
    assert queue["MessageRetentionPeriod"] == 14 * 86_400
    _, policy = spoke.one("AWS::SQS::QueuePolicy", "UpwardQueuesHubUndelivered")
    rule, _ = spoke.one("AWS::Events::Rule", "UpwardUp")
    (allowed,) = [s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Allow"]
    assert allowed["Condition"] == {"ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": [rule, "Arn"]}}}
    assert environment(spoke, "heartbeat")["UNDELIVERED_QUEUE_URL"] == {"Ref": name}


def test_a_minutes_news_are_one_heartbeat(spoke: Synthesis) -> None:
    queue, _ = spoke.one("AWS::SQS::Queue", "UpwardQueuesHeartbeatWanted")
    _, rule = spoke.one("AWS::Events::Rule", "UpwardNews")
    assert rule["EventPattern"]["detail-type"] == ["Endpoint Autopilot News"]
    (target,) = rule["Targets"]
    assert target["Arn"] == {"Fn::GetAtt": [queue, "Arn"]}
    assert json.loads(target["Input"]) == {"trigger": "news"}, "small, whatever the news is"
    _, source = spoke.one("AWS::Lambda::EventSourceMapping", "SpokeFunctionsHeartbeat")
    assert source["MaximumBatchingWindowInSeconds"] == 60
    assert source["EventSourceArn"] == {"Fn::GetAtt": [queue, "Arn"]}


def test_it_speaks_once_an_hour_and_at_each_release(spoke: Synthesis) -> None:
    _, rule = spoke.one("AWS::Events::Rule", "UpwardHourly")
    assert rule["ScheduleExpression"] == "rate(1 hour)"
    assert json.loads(rule["Targets"][0]["Input"]) == {"trigger": "hourly"}
    name, spoken = spoke.one("Custom::Heartbeat")
    assert spoken["Release"] == "r-1"
    assert {spoken["Code"], spoken["Policy"]} == {CODE, OF_STACK_SET.policy_key}
    recalled, _ = spoke.one("Custom::RecallMemory")
    rule_up, _ = spoke.one("AWS::Events::Rule", "UpwardUp")
    assert {recalled, rule_up} <= depends_on(spoke, name)


def test_the_version_is_told_alike_however_it_is_deployed(spoke: Synthesis) -> None:
    assert environment(spoke, "heartbeat")["CODE_VERSION"] == ("0c" * 8)
    assert environment(spoke, "heartbeat")["RELEASE"] == "r-1"


def _several(named: Any) -> list[Any]:
    return named if isinstance(named, list) else [named]


def statements(stack: Synthesis, role: str, action: str) -> list[str]:
    """On what a role may do that: logical ids."""
    _, policy = stack.one("AWS::IAM::Policy", role)
    return [
        resource["Fn::GetAtt"][0]
        for each in policy["PolicyDocument"]["Statement"]
        if each["Action"] == action
        for resource in _several(each["Resource"])
    ]


def test_a_deployments_heartbeat_is_said_again_before_its_waves_time_is_over(
    spoke: Synthesis,
) -> None:
    wanted, _ = spoke.one("AWS::SQS::Queue", "UpwardQueuesHeartbeatWanted")
    dead, _ = spoke.one("AWS::SQS::Queue", "QueuesDeadLetters")
    assert environment(spoke, "heartbeat")["WANTED_QUEUE_URL"] == {"Ref": wanted}
    assert environment(spoke, "heartbeat")["DEAD_LETTER_QUEUE_URL"] == {"Ref": dead}
    may = statements(spoke, "SpokeFunctionsHeartbeatRole", "sqs:SendMessage")
    assert {*may} == {wanted, dead}
    # What SQS lets a message wait (its API reference, SendMessage).
    assert max(heartbeat.AGAIN_AFTER) <= 900
    _, source = spoke.one("AWS::Lambda::EventSourceMapping", "SpokeFunctionsHeartbeat")
    said = max(heartbeat.AGAIN_AFTER) + source["MaximumBatchingWindowInSeconds"]
    assert said < Wave(("all",)).wait_minutes * 60


@pytest.mark.parametrize("which", ["spoke", "plain"])
def test_what_the_bus_does_not_take_from_record_waits_with_what_the_hub_has_not_got(
    which: str, request: pytest.FixtureRequest
) -> None:
    stack: Synthesis = request.getfixturevalue(which)
    undelivered, _ = stack.one("AWS::SQS::Queue", "UpwardQueuesHubUndelivered")
    assert environment(stack, "record")["UNDELIVERED_QUEUE_URL"] == {"Ref": undelivered}
    assert undelivered in statements(stack, "FunctionsRecordRole", "sqs:SendMessage")


def test_a_spokes_alarm_says_that_news_may_be_stuck(spoke: Synthesis, stack: Synthesis) -> None:
    said = "AWS refuses for good what the hub was to be told"
    for of, whether in ((spoke, True), (stack, False)):
        _, alarm = of.one("AWS::CloudWatch::Alarm", "AlarmsDeadLetters")
        assert (said in json.dumps(alarm["AlarmDescription"])) == whether


def test_every_alarm_goes_up(spoke: Synthesis) -> None:
    _, rule = spoke.one("AWS::Events::Rule", "UpwardAlarms")
    alarms = spoke.of_type("AWS::CloudWatch::Alarm")
    assert len(alarms) == 4
    assert {each["Fn::GetAtt"][0] for each in rule["EventPattern"]["resources"]} == set(alarms)
    assert rule["EventPattern"]["detail-type"] == ["CloudWatch Alarm State Change"]


@pytest.mark.parametrize("which", ["spoke", "plain"])
def test_the_hubs_one_role_may_ask_two_functions_and_nobody_else_anything(
    which: str, request: pytest.FixtureRequest
) -> None:
    stack: Synthesis = request.getfixturevalue(which)
    asked = {
        resolved(each["FunctionName"]).rsplit(":", 1)[-1]
        for each in stack.of_type("AWS::Lambda::Permission").values()
        if resolved(each["Principal"]) == f"arn:aws:iam::{HUB}:role/EndpointAutopilotHubAsk"
    }
    handlers = {
        stack.of_type("AWS::Lambda::Function")[name]["Handler"].removesuffix(".handler")
        for name in asked
    }
    assert handlers == {"take_answer", "look_ahead"}
    others = {
        str(each["Principal"])
        for each in stack.of_type("AWS::Lambda::Permission").values()
        if isinstance(each["Principal"], str)
    }
    assert others == {"events.amazonaws.com", "sns.amazonaws.com"}


def test_the_heartbeat_names_who_takes_questions(spoke: Synthesis) -> None:
    for module, variable in (
        ("take_answer", "TAKE_ANSWER_FUNCTION"),
        ("look_ahead", "LOOK_AHEAD_FUNCTION"),
    ):
        (name, _) = environment(spoke, "heartbeat")[variable]["Fn::GetAtt"]
        assert spoke.of_type("AWS::Lambda::Function")[name]["Handler"] == f"{module}.handler"


def test_memory_is_taken_over_from_any_stack_of_ours_and_from_no_other(spoke: Synthesis) -> None:
    table, _ = spoke.one("AWS::DynamoDB::Table")
    assert environment(spoke, "recall_memory")["LEDGER_PREFIX"].split() == [
        f"EndpointAutopilot-{table}-",
        f"StackSet-EndpointAutopilot-*-{table}-",
    ]
    _, policy = spoke.one("AWS::IAM::Policy", "LifetimeRecallMemoryRole")
    named = [
        resolved(statement["Resource"])
        for statement in policy["PolicyDocument"]["Statement"]
        if "dynamodb" in str(statement["Action"]) and statement["Resource"] != "*"
    ]
    patterns = {arn for each in named for arn in ([each] if isinstance(each, str) else each)}
    assert {each.rsplit("table/", 1)[-1] for each in patterns if "table/" in each} == {
        f"EndpointAutopilot-{table}-*",
        f"StackSet-EndpointAutopilot-*-{table}-*",
    }


def test_other_stacks_of_ours_are_looked_for_every_hour(spoke: Synthesis) -> None:
    _, rule = spoke.one("AWS::Events::Rule", "LifetimeAgain")
    assert json.loads(rule["Targets"][0]["Input"]) == {"trigger": "again"}
    assert environment(spoke, "recall_memory")["OF_FLEET"] == "yes"
    [asked] = [
        resolved(statement["Resource"])
        for statement in whole_statements(spoke, "LifetimeRecallMemoryRole")
        if statement["Action"] == "cloudformation:DescribeStacks"
    ]
    assert sorted(each.rsplit(":", 1)[-1] for each in asked) == [
        "stack/EndpointAutopilot/*",
        "stack/StackSet-EndpointAutopilot-*/*",
    ], "the stacks of no others"


@pytest.mark.parametrize(
    "module",
    [
        *("plan_network", "plan_interfaces", "plan_services", "plan_withdrawal"),
        *("plan_connections", "answer_connections"),
    ],
)
def test_who_decides_looks_whether_another_stack_acts(module: str, spoke: Synthesis) -> None:
    known = environment(spoke, module)
    assert known["OF_FLEET"] == "yes"
    assert "Ref" in known["LEDGER_TABLE"]
    role = next(
        name
        for name in spoke.of_type("AWS::IAM::Policy")
        if f"{module.title().replace('_', '')}Role" in name
    )
    partitions = [
        key
        for statement in whole_statements(spoke, role)
        if statement["Action"] == "dynamodb:Query"
        for key in statement["Condition"]["ForAllValues:StringEquals"]["dynamodb:LeadingKeys"]
    ]
    assert "succession" in partitions


def whole_statements(stack: Synthesis, role: str) -> list[dict[str, Any]]:
    _, policy = stack.one("AWS::IAM::Policy", role)
    found: list[dict[str, Any]] = policy["PolicyDocument"]["Statement"]
    return found


def test_a_plain_spoke_has_ordinary_assets(plain: Synthesis) -> None:
    (code,) = {json.dumps(f["Code"]) for f in functions(plain).values()}
    assert "cdk-hnb659fds" in code
    assert not plain.of_type("AWS::Lambda::LayerVersion")
    (asset,) = [path for path in plain.folder.glob("asset.*") if path.is_dir()]
    assert json.loads((asset / "spoke.json").read_text())["hub_account"] == HUB
    assert (asset / "policy.json").is_file()
