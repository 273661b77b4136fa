"""What the template holds: each hop's dead-letter queue, alarms, outputs, environment, limits."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra import lambda_python
from infra.triggers import spread_over
from tests.infra import synthesis
from tests.infra.looking import COMMON, depends_on, functions
from tests.infra.synthesis import Synthesis, resolved

HANDLERS = {f"{module}.handler" for module in synthesis.HANDLERS}


def queue(stack: Synthesis, beginning: str) -> str:
    return stack.one("AWS::SQS::Queue", beginning)[0]


def test_the_functions_share_one_asset(stack: Synthesis) -> None:
    found = functions(stack)
    assert set(found) == HANDLERS
    assert len({json.dumps(f["Code"], sort_keys=True) for f in found.values()}) == 1


@pytest.mark.parametrize("handler", sorted(HANDLERS))
def test_each_function_has_its_own_role_and_log_and_is_traced(
    stack: Synthesis, handler: str
) -> None:
    function = functions(stack)[handler]
    others = [f for f in functions(stack).values() if f is not function]
    assert function["Runtime"] == f"python{lambda_python.dotted(lambda_python.chosen())}"
    assert function["Architectures"] == ["arm64"]
    assert function["TracingConfig"] == {"Mode": "Active"}
    assert function["DeadLetterConfig"] == {
        "TargetArn": {"Fn::GetAtt": [queue(stack, "QueuesDeadLetters"), "Arn"]}
    }
    assert all(f["Role"] != function["Role"] for f in others)
    assert all(f["LoggingConfig"] != function["LoggingConfig"] for f in others)


def test_nothing_reserves_concurrency_that_a_new_account_lacks(stack: Synthesis) -> None:
    assert not [f for f in functions(stack).values() if "ReservedConcurrentExecutions" in f]


MACHINES = ("Network", "Connections", "Hold", "Services", "Interfaces", "Withdraw", "Uninstall")


@pytest.mark.parametrize(
    ("handler", "own"),
    [
        (
            "intake.handler",
            {
                "NETWORK_MACHINE_ARN",
                "CONNECTIONS_MACHINE_ARN",
                "SERVICES_MACHINE_ARN",
                "WITHDRAW_MACHINE_ARN",
                "DEAD_LETTER_QUEUE_URL",
            },
        ),
        ("plan_network.handler", {"LEDGER_TABLE"}),
        ("apply_network.handler", {"LEDGER_TABLE"}),
        ("record.handler", {"LEDGER_TABLE", "OPS_TOPIC_ARN", "ANSWER_HOLD_FUNCTION"}),
        ("relay.handler", set()),
        ("plan_connections.handler", {"LEDGER_TABLE", "CONNECTION_TOPIC_ARN"}),
        ("register_notifications.handler", {"CONNECTION_TOPIC_ARN"}),
        ("answer_connections.handler", {"LEDGER_TABLE"}),
        ("sync_holds.handler", {"LEDGER_TABLE", "HOLD_MACHINE_ARN"}),
        ("open_hold.handler", {"LEDGER_TABLE"}),
        ("answer_hold.handler", {"LEDGER_TABLE"}),
        ("check_zones.handler", set()),
        ("plan_services.handler", set()),
        ("apply_services.handler", set()),
        ("plan_interfaces.handler", {"LEDGER_TABLE"}),
        ("apply_interface.handler", set()),
        ("plan_withdrawal.handler", {"LEDGER_TABLE"}),
        ("apply_withdrawal.handler", {"LEDGER_TABLE"}),
        ("plan_uninstall.handler", set()),
        ("apply_uninstall.handler", set()),
        ("letter.handler", {"LEDGER_TABLE", "OPS_TOPIC_ARN"}),
        ("recall_memory.handler", {"LEDGER_TABLE", "LEDGER_PREFIX"}),
        ("stop_executions.handler", {"MACHINE_ARNS"}),
    ],
)
def test_environment(stack: Synthesis, handler: str, own: set[str]) -> None:
    variables = functions(stack)[handler]["Environment"]["Variables"]
    assert set(variables) == COMMON | own
    assert variables["OWNER"] == variables["POWERTOOLS_SERVICE_NAME"] == "EndpointAutopilot"
    assert variables["AWS_DATA_PATH"] == "/var/task/models"
    assert variables["ACCOUNT_ID"] == {"Ref": "AWS::AccountId"}


def test_log_groups_end_and_go_with_the_stack(stack: Synthesis) -> None:
    groups = [r for r in stack.template["Resources"].values() if r["Type"] == "AWS::Logs::LogGroup"]
    assert len(groups) == len(HANDLERS) + len(MACHINES)
    assert {g["Properties"]["RetentionInDays"] for g in groups} == {90}
    assert {g["DeletionPolicy"] for g in groups} == {"Delete"}


@pytest.mark.parametrize("name", MACHINES)
def test_state_machine_is_inline_traced_and_logs_errors(stack: Synthesis, name: str) -> None:
    _, machine = stack.one("AWS::StepFunctions::StateMachine", f"{name}Machine")
    assert json.loads(machine["DefinitionString"])["StartAt"] == "Set out"
    assert machine["TracingConfiguration"] == {"Enabled": True}
    assert machine["LoggingConfiguration"]["Level"] == "ERROR"
    assert machine["LoggingConfiguration"]["IncludeExecutionData"] is False


def tasks(machine: dict[str, Any]) -> list[dict[str, Any]]:
    """The tasks of a definition that call a function, those of its Maps too."""
    states = list(machine["States"].values())
    inner = [
        task
        for state in states
        if "ItemProcessor" in state
        for task in tasks(state["ItemProcessor"])
    ]
    return inner + [s for s in states if "FunctionName" in s.get("Arguments", {})]


@pytest.mark.parametrize("name", MACHINES)
def test_a_task_waits_longer_than_its_function_may_take(stack: Synthesis, name: str) -> None:
    _, machine = stack.one("AWS::StepFunctions::StateMachine", f"{name}Machine")
    given = machine["DefinitionSubstitutions"]
    found = tasks(json.loads(machine["DefinitionString"]))
    assert len(found) >= 3
    for task in found:
        arn = given[task["Arguments"]["FunctionName"].strip("${}")]
        may_take = stack.of_type("AWS::Lambda::Function")[arn["Fn::GetAtt"][0]]["Timeout"]
        # A person's time is the policy's.
        assert isinstance(task["TimeoutSeconds"], str) or task["TimeoutSeconds"] > may_take


@pytest.mark.parametrize("name", MACHINES)
def test_a_machine_calls_the_functions_of_its_own_workflow(stack: Synthesis, name: str) -> None:
    _, machine = stack.one("AWS::StepFunctions::StateMachine", f"{name}Machine")
    arns = [
        v["Fn::GetAtt"][0] for v in machine["DefinitionSubstitutions"].values() if "Fn::GetAtt" in v
    ]
    called = {
        stack.of_type("AWS::Lambda::Function")[arn]["Handler"][: -len(".handler")] for arn in arns
    }
    assert called == {"record", *STEPS[name].split()}


STEPS = {
    "Network": "plan_network apply_network",
    "Connections": "plan_connections register_notifications answer_connections sync_holds"
    " check_zones",
    "Hold": "open_hold answer_connections",
    "Services": "plan_services apply_services",
    "Interfaces": "plan_interfaces apply_interface",
    "Withdraw": "plan_withdrawal apply_withdrawal",
    "Uninstall": "plan_uninstall apply_uninstall",
}


def test_rules_go_to_the_intake_queue_and_then_to_its_dead_letters(stack: Synthesis) -> None:
    rules = stack.of_type("AWS::Events::Rule")
    wake = [rule for name, rule in rules.items() if name.startswith("Triggers")]
    assert len(wake) == 9
    for rule in wake:
        (target,) = rule["Targets"]
        assert target["Arn"] == {"Fn::GetAtt": [queue(stack, "QueuesIntake1"), "Arn"]}
        assert target["DeadLetterConfig"] == {
            "Arn": {"Fn::GetAtt": [queue(stack, "QueuesIntakeDeadLetters"), "Arn"]}
        }


def test_intake_queue_hides_a_message_six_times_as_long_as_the_function_may_take(
    stack: Synthesis,
) -> None:
    _, intake = stack.one("AWS::SQS::Queue", "QueuesIntake1")
    assert intake["VisibilityTimeout"] == 6 * functions(stack)["intake.handler"]["Timeout"]
    assert intake["RedrivePolicy"] == {
        "deadLetterTargetArn": {"Fn::GetAtt": [queue(stack, "QueuesIntakeDeadLetters"), "Arn"]},
        "maxReceiveCount": 5,
    }


def test_queues_are_encrypted_and_refuse_plain_http(stack: Synthesis) -> None:
    queues = stack.of_type("AWS::SQS::Queue")
    assert all(q["SqsManagedSseEnabled"] is True for q in queues.values())
    policies = json.dumps(list(stack.of_type("AWS::SQS::QueuePolicy").values()))
    assert policies.count('"aws:SecureTransport": "false"') == len(queues) == 3


def test_intake_takes_batches_and_reports_single_failures(stack: Synthesis) -> None:
    _, mapping = stack.one("AWS::Lambda::EventSourceMapping")
    assert mapping["BatchSize"] == 100
    assert mapping["MaximumBatchingWindowInSeconds"] == 5
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 2}


def sweeps(stack: Synthesis) -> dict[str, dict[str, Any]]:
    schedules = stack.of_type("AWS::Scheduler::Schedule")
    return {name: each for name, each in schedules.items() if not name.startswith("WeeklyLetter")}


def test_the_letter_is_scheduled_on_its_own_clock_and_calls_its_function(
    stack: Synthesis, with_window: Synthesis
) -> None:
    _, weekly = stack.one("AWS::Scheduler::Schedule", "WeeklyLetter")
    function, _ = stack.one("AWS::Lambda::Function", "LetterFunctionsLetter")
    assert weekly["ScheduleExpression"] == "cron(0 8 ? * MON *)"
    assert weekly["ScheduleExpressionTimezone"] == "UTC"
    assert weekly["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert weekly["Target"]["Arn"] == {"Fn::GetAtt": [function, "Arn"]}
    _, other = with_window.one("AWS::Scheduler::Schedule", "WeeklyLetter")
    assert other["ScheduleExpression"] == "cron(30 6 ? * FRI *)"
    assert other["ScheduleExpressionTimezone"] == "Europe/Berlin"


def test_no_letter_is_scheduled_where_the_policy_wants_none(with_interfaces: Synthesis) -> None:
    schedules = with_interfaces.of_type("AWS::Scheduler::Schedule")
    assert schedules
    assert not [name for name in schedules if name.startswith("WeeklyLetter")]


def test_only_sweeps_are_scheduled_without_a_change_window(stack: Synthesis) -> None:
    schedules = sweeps(stack)
    started = {schedule["Target"]["Arn"]["Ref"][:-8] for schedule in schedules.values()}
    assert started == {
        "NetworkMachine",
        "ConnectionsMachine",
        "ServicesMachine",
        "InterfacesMachine",
    }
    assert len(schedules) == 4
    for sweep in schedules.values():
        assert sweep["ScheduleExpression"] == "rate(6 hours)"
        assert sweep["FlexibleTimeWindow"] == {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 30}
        assert json.loads(sweep["Target"]["Input"]) == {"trigger": "sweep"}


def test_the_change_window_starts_the_workflow_on_its_own_clock(with_window: Synthesis) -> None:
    _, window = with_window.one("AWS::Scheduler::Schedule", "TriggersWindow")
    assert window["ScheduleExpression"] == "cron(30 2 ? * SAT,SUN *)"
    assert window["ScheduleExpressionTimezone"] == "Europe/Berlin"
    assert json.loads(window["Target"]["Input"]) == {"trigger": "window"}
    assert window["FlexibleTimeWindow"] == {"Mode": "OFF"}
    _, sweep = with_window.one("AWS::Scheduler::Schedule", "TriggersSweepConnections")
    assert sweep["ScheduleExpression"] == "rate(1 hour)"
    assert sweep["FlexibleTimeWindow"] == {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15}


def test_schedules_wait_for_what_they_need_since_they_fire_at_once(with_window: Synthesis) -> None:
    resources = with_window.template["Resources"]
    needed = {
        name
        for name, each in resources.items()
        if name.startswith("TriggersScheduleRole")
        or "CarryOn" in name
        or each["Type"] == "AWS::StepFunctions::StateMachine"
    }
    assert any("ScheduleRoleDefaultPolicy" in name for name in needed)
    for name in sweeps(with_window):
        assert needed <= set(resources[name]["DependsOn"])
    letter, _ = with_window.one("AWS::Scheduler::Schedule", "WeeklyLetter")
    policy, _ = with_window.one("AWS::IAM::Policy", "WeeklyLetterScheduleRole")
    assert policy in resources[letter]["DependsOn"]


@pytest.mark.parametrize(
    ("period", "spread"), [(1, 1), (5, 1), (60, 15), (120, 30), (360, 30), (1440, 30)]
)
def test_a_sweep_begins_well_before_the_next(period: int, spread: int) -> None:
    window = spread_over(period).max_window
    assert window
    assert window.to_minutes() == spread


def test_record_is_called_by_rules_whose_failures_an_alarm_sees(stack: Synthesis) -> None:
    rules = stack.of_type("AWS::Events::Rule")
    telling = {name: rule for name, rule in rules.items() if name.startswith("Telling")}
    assert {name[:-8] for name in telling} == {"TellingLook", "TellingSubscribed", "TellingEnded"}
    record, _ = stack.one("AWS::Lambda::Function", "FunctionsRecord")
    for rule in telling.values():
        (target,) = rule["Targets"]
        assert target["Arn"] == {"Fn::GetAtt": [record, "Arn"]}
        assert target["DeadLetterConfig"] == {
            "Arn": {"Fn::GetAtt": [queue(stack, "QueuesDeadLetters"), "Arn"]}
        }
    _, look = stack.one("AWS::Events::Rule", "TellingLook")
    assert look["ScheduleExpression"] == "rate(5 minutes)"
    assert json.loads(look["Targets"][0]["Input"]) == {"trigger": "welcome"}


def test_schedules_have_a_dead_letter_queue(with_window: Synthesis) -> None:
    for schedule in with_window.of_type("AWS::Scheduler::Schedule").values():
        assert schedule["Target"]["DeadLetterConfig"] == {
            "Arn": {"Fn::GetAtt": [queue(with_window, "QueuesDeadLetters"), "Arn"]}
        }


ALARMS = {
    "IntakeDeadLetters": ("AWS/SQS", "ApproximateNumberOfMessagesVisible", 1),
    "DeadLetters": ("AWS/SQS", "ApproximateNumberOfMessagesVisible", 1),
    "IntakeDelay": ("AWS/SQS", "ApproximateAgeOfOldestMessage", 900),
    "HoldsWait": ("EndpointAutopilot", "OldestHoldAge", 7 * 86400 * 8 // 10),
}


@pytest.mark.parametrize("name", sorted(ALARMS))
def test_alarm_watches_its_metric_and_tells_ops_what_to_do(stack: Synthesis, name: str) -> None:
    _, alarm = stack.one("AWS::CloudWatch::Alarm", f"Alarms{name}")
    found = (alarm["Namespace"], alarm["MetricName"], alarm["Threshold"])
    assert found == ALARMS[name]
    topic, _ = stack.one("AWS::SNS::Topic", "Ops")
    assert alarm["AlarmActions"] == [{"Ref": topic}]
    assert 40 < len(resolved(alarm["AlarmDescription"])) <= 1024


def test_there_are_no_other_alarms(stack: Synthesis) -> None:
    assert len(stack.of_type("AWS::CloudWatch::Alarm")) == len(ALARMS)


def test_holds_are_called_old_by_the_policys_own_measure(with_organization: Synthesis) -> None:
    _, alarm = with_organization.one("AWS::CloudWatch::Alarm", "AlarmsHoldsWait")
    assert alarm["Threshold"] == 2880


def test_own_metrics_bear_the_stacks_name(stack: Synthesis) -> None:
    for alarm in stack.of_type("AWS::CloudWatch::Alarm").values():
        if alarm["Namespace"] == "EndpointAutopilot":
            service = {"Name": "service", "Value": "EndpointAutopilot"}
            assert alarm["Dimensions"] == [service]


PUBLISHERS = {"Ops": "cloudwatch.amazonaws.com", "Heard": "vpce.amazonaws.com"}


@pytest.mark.parametrize("topic", sorted(PUBLISHERS))
def test_only_its_publisher_may_publish_to_an_encrypted_topic(stack: Synthesis, topic: str) -> None:
    name, properties = stack.one("AWS::SNS::Topic", topic)
    key_id, key = stack.one("AWS::KMS::Key")
    assert properties["KmsMasterKeyId"] == {"Fn::GetAtt": [key_id, "Arn"]}
    assert key["EnableKeyRotation"] is True
    service = {"Service": PUBLISHERS[topic]}
    may_use = [s for s in key["KeyPolicy"]["Statement"] if s["Principal"] == service]
    assert [s["Action"] for s in may_use] == [["kms:Decrypt", "kms:GenerateDataKey"]]
    _, policy = stack.one("AWS::SNS::TopicPolicy", topic)
    statements = policy["PolicyDocument"]["Statement"]
    (allowed,) = (s for s in statements if s["Effect"] == "Allow")
    assert (allowed["Principal"], allowed["Action"]) == (service, "sns:Publish")
    assert allowed["Resource"] == {"Ref": name}


def test_privatelink_may_publish_for_this_accounts_services_only(stack: Synthesis) -> None:
    _, policy = stack.one("AWS::SNS::TopicPolicy", "Heard")
    (allowed,) = (s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Allow")
    services = "arn:aws:ec2:us-east-1:111111111111:vpc-endpoint-service/*"
    assert resolved(allowed["Condition"]) == {
        "ArnLike": {"aws:SourceArn": services},
        "StringEquals": {"aws:SourceAccount": "111111111111"},
    }


def test_notifications_go_to_the_relay_and_then_to_the_dead_letters(stack: Synthesis) -> None:
    _, subscription = stack.one("AWS::SNS::Subscription")
    topic, _ = stack.one("AWS::SNS::Topic", "Heard")
    relay, _ = stack.one("AWS::Lambda::Function", "ConnectionFunctionsRelay")
    dead = {"Fn::GetAtt": [queue(stack, "QueuesDeadLetters"), "Arn"]}
    assert subscription["Protocol"] == "lambda"
    assert subscription["TopicArn"] == {"Ref": topic}
    assert subscription["Endpoint"] == {"Fn::GetAtt": [relay, "Arn"]}
    assert subscription["RedrivePolicy"] == {"deadLetterTargetArn": dead}
    _, policy = stack.one("AWS::SQS::QueuePolicy", "QueuesDeadLetters")
    allow = [s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Allow"]
    assert sum(s["Principal"] == {"Service": "events.amazonaws.com"} for s in allow) == 3
    (allowed,) = (s for s in allow if s["Principal"] == {"Service": "sns.amazonaws.com"})
    assert len(allow) == 4
    assert allowed["Condition"] == {"ArnEquals": {"aws:SourceArn": {"Ref": topic}}}
    _, permission = stack.one("AWS::Lambda::Permission", "ConnectionFunctions")
    assert permission["SourceArn"] == {"Ref": topic}


def test_ops_addresses_are_subscribed(with_window: Synthesis) -> None:
    _, subscription = with_window.one("AWS::SNS::Subscription", "Ops")
    assert subscription["Protocol"] == "email"
    assert subscription["Endpoint"] == "netops@example.com"


def test_ledger_costs_nothing_idle_forgets_in_time_and_can_be_restored(stack: Synthesis) -> None:
    _, table = stack.one("AWS::DynamoDB::Table")
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert {k["AttributeName"]: k["KeyType"] for k in table["KeySchema"]} == {
        "pk": "HASH",
        "sk": "RANGE",
    }


def test_the_ledger_outlives_the_stack_and_is_found_again(stack: Synthesis) -> None:
    name, _ = stack.one("AWS::DynamoDB::Table")
    table = stack.template["Resources"][name]
    assert table["DeletionPolicy"] == "RetainExceptOnCreate"
    assert table["UpdateReplacePolicy"] == "Retain"
    recall = functions(stack)["recall_memory.handler"]["Environment"]["Variables"]
    assert recall["LEDGER_PREFIX"] == f"EndpointAutopilot-{name}-"


def test_executions_end_after_what_starts_them_and_before_the_machines(stack: Synthesis) -> None:
    ending, _ = stack.one("Custom::StopExecutions")
    recalled, _ = stack.one("Custom::RecallMemory")
    machines = set(stack.of_type("AWS::StepFunctions::StateMachine"))
    assert machines <= depends_on(stack, ending)
    kinds = ("AWS::Events::Rule", "AWS::Scheduler::Schedule", "AWS::Lambda::EventSourceMapping")
    triggers = {name for kind in kinds for name in stack.of_type(kind)}
    assert len(triggers) >= 9 + 4 + 1
    for trigger in triggers:
        assert {ending, recalled} <= depends_on(stack, trigger)
    for kind in ("StopExecutions", "RecallMemory"):
        assert stack.one(f"Custom::{kind}")[1]["ServiceTimeout"] == "1200"


def test_logical_ids_of_what_holds_state_never_change(stack: Synthesis) -> None:
    """Another id would make CloudFormation replace the thing, and what it holds would be lost."""
    kinds = ("AWS::DynamoDB::Table", "AWS::KMS::Key", "AWS::SNS::Topic", "AWS::SQS::Queue")
    assert {name for kind in kinds for name in stack.of_type(kind)} == {
        "LedgerTable9343E4AA",
        "OpsKeyD2AEB59B",
        "OpsTopicCA671FE6",
        "HeardTopic91FD72BC",
        "QueuesIntake1E4F1171",
        "QueuesIntakeDeadLettersD03CF27D",
        "QueuesDeadLettersF0D5D2AD",
    }


def test_outputs(stack: Synthesis) -> None:
    assert set(stack.template["Outputs"]) == {
        "OpsTopicArn",
        "NetworkWorkflowArn",
        "ConnectionsWorkflowArn",
        "ServicesWorkflowArn",
        "InterfacesWorkflowArn",
        "UninstallWorkflowArn",
        "ConnectionTopicArn",
        "AnswerHoldFunctionName",
        "IntakeQueueUrl",
        "IntakeDeadLetterQueueUrl",
        "LedgerTableName",
    }


def test_fits_every_account_region_and_partition(stack: Synthesis) -> None:
    text = json.dumps(stack.template)
    assert "arn:aws" not in text
    assert "us-east-1" not in text


NAMES = ("FunctionName", "QueueName", "TopicName", "TableName", "RoleName", "StateMachineName",
         "DashboardName", "AlarmName", "Name")  # fmt: skip


def test_nothing_bears_a_name_that_could_collide(stack: Synthesis) -> None:
    for name, resource in stack.template["Resources"].items():
        properties = resource.get("Properties", {})
        fixed = [key for key in NAMES if isinstance(properties.get(key), str)]
        assert not fixed, f"{name} fixes {fixed}"


def test_template_stays_far_below_the_limits(stack: Synthesis) -> None:
    assert stack.file.stat().st_size < 350_000  # CloudFormation takes a megabyte
    assert len(stack.template["Resources"]) < 250  # and 500 resources


def test_nobody_may_read_zones_unless_the_policy_names_peers(stack: Synthesis) -> None:
    assert not [name for name in stack.of_type("AWS::IAM::Role") if name.startswith("ZoneReader")]


def trust(stack: Synthesis) -> list[dict[str, Any]]:
    _, role = stack.one("AWS::IAM::Role", "ZoneReader")
    assert resolved(role["RoleName"]) == "EndpointAutopilotZoneReader-us-east-1"
    statements: list[dict[str, Any]] = role["AssumeRolePolicyDocument"]["Statement"]
    assert all(s["Effect"] == "Allow" and s["Action"] == "sts:AssumeRole" for s in statements)
    return statements


def test_peer_accounts_own_autopilots_may_read_zones(with_peers: Synthesis) -> None:
    found = {resolved(s["Principal"]["AWS"]): resolved(s["Condition"]) for s in trust(with_peers)}
    assert found == {
        f"arn:aws:iam::{peer}:root": {
            "ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{peer}:role/EndpointAutopilot-*"}
        }
        for peer in ("222222222222", "444444444444")
    }


def test_a_peer_organizations_autopilots_may_read_zones(with_organization: Synthesis) -> None:
    (statement,) = trust(with_organization)
    assert statement["Principal"] == {"AWS": "*"}
    assert resolved(statement["Condition"]) == {
        "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/EndpointAutopilot-*"},
        "StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"},
    }
