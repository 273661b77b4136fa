"""What each role may do, as a table: a permission that isn't here doesn't exist."""

from __future__ import annotations

from typing import Any

import pytest

from infra.operations import OPERATIONS
from tests.infra.synthesis import Synthesis, resolved

EC2 = "arn:aws:ec2:us-east-1:111111111111"
OWNER = {"StringEquals": {"aws:RequestTag/endpoint-autopilot:owner": "EndpointAutopilot"}}
OURS = {"StringEquals": {"aws:ResourceTag/endpoint-autopilot:owner": "EndpointAutopilot"}}
AT_CREATION = {"StringEquals": {"ec2:CreateAction": "CreateVpcEndpoint"}}
BUS = "arn:aws:events:us-east-1:111111111111:event-bus/default"
FROM_US = {"StringEquals": {"events:source": "endpoint-autopilot"}}

Row = tuple[str, str, str]
WRITE_LOGS = {("logs:CreateLogStream", "LOGS", ""), ("logs:PutLogEvents", "LOGS", "")}
TRACE = {("xray:PutTraceSegments", "*", ""), ("xray:PutTelemetryRecords", "*", "")}
GIVE_UP = {("sqs:SendMessage", "QueuesDeadLetters", "")}
FUNCTION = WRITE_LOGS | TRACE | GIVE_UP

TABLE: dict[str, set[Row]] = {
    "FunctionsIntakeRole": FUNCTION
    | {
        ("sqs:SendMessage", "QueuesIntakeDeadLetters", ""),
        ("states:StartExecution", "NetworkMachine", ""),
        ("sqs:ReceiveMessage", "QueuesIntake", ""),
        ("sqs:ChangeMessageVisibility", "QueuesIntake", ""),
        ("sqs:GetQueueUrl", "QueuesIntake", ""),
        ("sqs:DeleteMessage", "QueuesIntake", ""),
        ("sqs:GetQueueAttributes", "QueuesIntake", ""),
    },
    "FunctionsPlanNetworkRole": FUNCTION
    | {
        ("ec2:DescribeVpcs", "*", ""),
        ("ec2:DescribeRouteTables", "*", ""),
        ("ec2:DescribeVpcEndpoints", "*", ""),
        ("ec2:DescribeNetworkInterfaces", "*", ""),
        ("servicequotas:GetServiceQuota", "*", ""),
    },
    "FunctionsApplyNetworkRole": FUNCTION
    | {
        ("ec2:DescribeVpcEndpoints", "*", ""),
        ("ec2:DescribeVpcs", "*", ""),
        ("ec2:CreateVpcEndpoint", f"{EC2}:vpc-endpoint/*", str(OWNER)),
        ("ec2:CreateVpcEndpoint", f"{EC2}:vpc/*", ""),
        ("ec2:CreateVpcEndpoint", f"{EC2}:route-table/*", ""),
        ("ec2:CreateTags", f"{EC2}:vpc-endpoint/*", str(AT_CREATION)),
        ("ec2:ModifyVpcEndpoint", f"{EC2}:vpc-endpoint/*", str(OURS)),
        ("ec2:ModifyVpcEndpoint", f"{EC2}:route-table/*", ""),
    },
    "FunctionsRecordRole": FUNCTION
    | {
        ("dynamodb:Query", "LedgerTable", ""),
        ("dynamodb:PutItem", "LedgerTable", ""),
        ("dynamodb:DeleteItem", "LedgerTable", ""),
        ("sns:Publish", "OpsTopic", ""),
        ("kms:Decrypt", "OpsKey", ""),
        ("kms:GenerateDataKey", "OpsKey", ""),
        ("events:PutEvents", BUS, str(FROM_US)),
    },
    "NetworkRole": {
        ("lambda:InvokeFunction", "FunctionsPlanNetworkFunction", ""),
        ("lambda:InvokeFunction", "FunctionsApplyNetworkFunction", ""),
        ("lambda:InvokeFunction", "FunctionsRecordFunction", ""),
        ("states:StartExecution", "NetworkMachine", ""),
        ("logs:CreateLogDelivery", "*", ""),
        ("logs:GetLogDelivery", "*", ""),
        ("logs:UpdateLogDelivery", "*", ""),
        ("logs:DeleteLogDelivery", "*", ""),
        ("logs:ListLogDeliveries", "*", ""),
        ("logs:PutResourcePolicy", "*", ""),
        ("logs:DescribeResourcePolicies", "*", ""),
        ("logs:DescribeLogGroups", "*", ""),
        ("xray:PutTraceSegments", "*", ""),
        ("xray:PutTelemetryRecords", "*", ""),
        ("xray:GetSamplingRules", "*", ""),
        ("xray:GetSamplingTargets", "*", ""),
    },
    "TriggersScheduleRole": {
        ("states:StartExecution", "NetworkMachine", ""),
        ("sqs:SendMessage", "QueuesDeadLetters", ""),
    },
}


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def named(resource: Any) -> str:
    """The resource without the hash of its logical id."""
    match resource:
        case {"Fn::GetAtt": [str(name), _]} | {"Ref": str(name)}:
            return "LOGS" if name.endswith("Logs" + name[-8:]) else name[:-8]
    return str(resolved(resource))


def rows(stack: Synthesis, role: str) -> set[Row]:
    return {
        (action, named(resource), str(resolved(statement.get("Condition", ""))))
        for policy in stack.of_type("AWS::IAM::Policy").values()
        if any(named(r) == role for r in policy["Roles"])
        for statement in policy["PolicyDocument"]["Statement"]
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
        if statement["Effect"] == "Allow"
    }


@pytest.mark.parametrize("role", sorted(TABLE))
def test_role_may_do_this_and_no_more(stack: Synthesis, role: str) -> None:
    assert rows(stack, role) == TABLE[role]


def test_there_are_no_other_roles_or_policies(stack: Synthesis) -> None:
    roles = stack.of_type("AWS::IAM::Role")
    assert {name[:-8] for name in roles} == set(TABLE)
    assert not [r for r in roles.values() if "Policies" in r or "ManagedPolicyArns" in r]
    assert not stack.of_type("AWS::IAM::ManagedPolicy")


IAM_PREFIX = {"stepfunctions": "states", "service-quotas": "servicequotas"}
# IAM checks a transaction item by item, as what the items are.
CHECKED_AS = {"dynamodb:TransactWriteItems": ("dynamodb:PutItem", "dynamodb:DeleteItem")}


def test_every_operation_in_use_is_allowed_to_some_function(stack: Synthesis) -> None:
    allowed = {action for role in TABLE for action, _, _ in rows(stack, role)}
    for service, operations in OPERATIONS.items():
        for operation in operations:
            action = f"{IAM_PREFIX.get(service, service)}:{operation}"
            assert set(CHECKED_AS.get(action, (action,))) <= allowed
