"""What each role may do, as a table: a permission that isn't here doesn't exist."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from typing import Any

import pytest
from autopilot.connections import holds, remembered
from autopilot.connections.remembered import MARKS
from autopilot.gateway.grace import FIRST_SEEN
from autopilot.gateway.rivals import RESTORED
from autopilot.interfaces.plan import ROOT
from autopilot.interfaces.retirement import RETIRED
from autopilot.notify.history import day
from autopilot.notify.ledger import FINDINGS
from autopilot.reconcile.withdrawn import WITHDRAWN
from autopilot.view.letter_week import LETTERS
from autopilot.view.seen import PARTITIONS

from infra import grants
from infra import ledger as granted
from infra.functions import connections, dashboard
from infra.operations import OPERATIONS
from tests.infra.conftest import READER
from tests.infra.hubs import Hub
from tests.infra.synthesis import Synthesis, resolved

EC2 = "arn:aws:ec2:us-east-1:111111111111"
OWNER = {"StringEquals": {"aws:RequestTag/endpoint-autopilot:owner": "EndpointAutopilot"}}
OURS = {"StringEquals": {"aws:ResourceTag/endpoint-autopilot:owner": "EndpointAutopilot"}}
AT_PUBLISHING = {"StringEquals": {"ec2:CreateAction": "CreateVpcEndpointServiceConfiguration"}}
GROUPS = f"{EC2}:security-group/*"
GROUP_CREATION = {"StringEquals": {"ec2:CreateAction": "CreateSecurityGroup"}}
AT_CREATION = {"StringEquals": {"ec2:CreateAction": "CreateVpcEndpoint"}}
BUS = "arn:aws:events:us-east-1:111111111111:event-bus/default"
FROM_US = {"StringEquals": {"events:source": "endpoint-autopilot"}}
SERVICES = f"{EC2}:vpc-endpoint-service/*"
READER_ROLE = "role/EndpointAutopilotZoneReader-us-east-1"

Row = tuple[str, str, str]
WRITE_LOGS = {("logs:CreateLogStream", "LOGS", ""), ("logs:PutLogEvents", "LOGS", "")}
TRACE = {("xray:PutTraceSegments", "*", ""), ("xray:PutTelemetryRecords", "*", "")}
GIVE_UP = {("sqs:SendMessage", "QueuesDeadLetters", "")}
FUNCTION = WRITE_LOGS | TRACE | GIVE_UP


def ledger(partitions: str | list[str], *actions: str) -> set[Row]:
    keys = [partitions] if isinstance(partitions, str) else partitions
    among = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": keys}}
    return {(f"dynamodb:{action}", "LedgerTable", str(among)) for action in actions}


SHOWN = ("finding", "connection", "hold", "withdrawn", "restored", "first-seen", "zones", "retired")
OF_DAYS = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["day/*"]}}
CONNECTIONS = f"{EC2}:vpc-endpoint-connection/*"


def marks(whose: str) -> str:
    """The condition on tags of connections: the stack's own, and no others."""
    owner = {f"aws:{whose}/endpoint-autopilot:owner": "EndpointAutopilot"}
    keys = {"aws:TagKeys": list(connections.MARKS)}
    return str({"StringEquals": owner, "ForAllValues:StringEquals": keys})


# Asked for beside EC2's action where several Regions are meant; it has no condition keys.
SEVERAL_REGIONS = ("vpce:AllowMultiRegion", f"{EC2}:vpc-endpoint/*", "")
SERVICES_SEVERAL_REGIONS = ("vpce:AllowMultiRegion", SERVICES, "")
DELETE = {
    SEVERAL_REGIONS,
    ("ec2:DescribeVpcEndpoints", "*", ""),
    ("ec2:DescribeSecurityGroups", "*", ""),
    ("ec2:DeleteVpcEndpoints", f"{EC2}:vpc-endpoint/*", str(OURS)),
    ("ec2:DeleteSecurityGroup", f"{EC2}:security-group/*", str(OURS)),
}
PARAMETERS = "arn:aws:ssm:us-east-1:111111111111:parameter/endpoint-autopilot/*"
# Some calls about tags keep the slash that a parameter's name begins with.
TAGGED = (PARAMETERS, PARAMETERS.replace("parameter/", "parameter//"))
READ_TAGS = {("ssm:ListTagsForResource", names, "") for names in TAGGED}
READ_TRAFFIC = {("cloudwatch:GetMetricData", "*", ""), ("cloudwatch:ListMetrics", "*", "")}
OVERWRITE = {"StringEquals": {"ssm:Overwrite": "true"}}
READ_ZONES = {("ec2:DescribeSubnets", "*", ""), ("ec2:DescribeVpcEndpoints", "*", "")}
SEE = READ_TRAFFIC | {
    ("ec2:DescribeVpcs", "*", ""),
    ("ec2:DescribeSubnets", "*", ""),
    ("ec2:DescribeRouteTables", "*", ""),
    ("ec2:DescribeVpcEndpoints", "*", ""),
    ("ec2:DescribeNetworkInterfaces", "*", ""),
    ("ec2:DescribeVpcEndpointServices", "*", ""),
    ("ec2:DescribeVpcEndpointServiceConfigurations", "*", ""),
    ("ec2:DescribeVpcEndpointConnections", "*", ""),
}
ANSWER_TASK = {("states:SendTaskSuccess", "*", "")}
PLAN_CONNECTIONS = (
    FUNCTION
    | {
        ("ec2:DescribeVpcEndpointServiceConfigurations", "*", ""),
        ("ec2:DescribeVpcEndpointConnections", "*", ""),
        ("ec2:DescribeVpcEndpointServicePermissions", SERVICES, ""),
        ("ec2:DescribeVpcEndpointConnectionNotifications", "*", ""),
    }
    | {("ec2:DeleteTags", CONNECTIONS, marks("ResourceTag"))}
    | ledger("connection", "Query", "PutItem", "DeleteItem")
    | ledger("hold", "Query")
)
REMEMBER_MEMBERS = ledger("organization", "Query", "PutItem")
CHECK_ZONES = FUNCTION | READ_ZONES | {("ec2:DescribeVpcEndpointServices", "*", "")}


def machine(*functions: str) -> set[Row]:
    """What a state machine's role may do: call its steps, write logs, trace."""
    logs = (
        "CreateLogDelivery GetLogDelivery UpdateLogDelivery DeleteLogDelivery ListLogDeliveries "
        "PutResourcePolicy DescribeResourcePolicies DescribeLogGroups"
    )
    traces = "PutTraceSegments PutTelemetryRecords GetSamplingRules GetSamplingTargets"
    return (
        {("lambda:InvokeFunction", f"{function}Function", "") for function in functions}
        | {(f"logs:{action}", "*", "") for action in logs.split()}
        | {(f"xray:{action}", "*", "") for action in traces.split()}
    )


MACHINES = ("Network", "Connections", "Hold", "Services", "Interfaces", "Withdraw", "Uninstall")
EARLIER = "arn:aws:dynamodb:us-east-1:111111111111:table/EndpointAutopilot-LedgerTable9343E4AA-*"


TABLE: dict[str, set[Row]] = {
    "LifetimeStopExecutionsRole": FUNCTION
    | {("states:ListExecutions", f"{name}Machine", "") for name in MACHINES}
    | {("states:StopExecution", f"executions of {name}Machine", "") for name in MACHINES},
    "LifetimeRecallMemoryRole": FUNCTION
    | {
        ("dynamodb:ListTables", "*", ""),
        ("dynamodb:DescribeTable", EARLIER, ""),
    }
    | {(action, EARLIER, when) for action, _, when in ledger("connection", "Query")}
    | ledger("connection", "PutItem"),
    "FunctionsIntakeRole": FUNCTION
    | {
        ("sqs:SendMessage", "QueuesIntakeDeadLetters", ""),
        ("states:StartExecution", "NetworkMachine", ""),
        ("states:StartExecution", "ConnectionsMachine", ""),
        ("states:StartExecution", "ServicesMachine", ""),
        ("states:StartExecution", "WithdrawMachine", ""),
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
    }
    | ledger(["withdrawn", "first-seen", "restored"], "Query", "PutItem", "DeleteItem"),
    "FunctionsApplyNetworkRole": FUNCTION
    | {
        ("ec2:DescribeVpcEndpoints", "*", ""),
        ("ec2:DescribeVpcs", "*", ""),
        ("ec2:DescribeRouteTables", "*", ""),
        ("ec2:DescribeNetworkInterfaces", "*", ""),
        ("ec2:CreateVpcEndpoint", f"{EC2}:vpc-endpoint/*", str(OWNER)),
        ("ec2:CreateVpcEndpoint", f"{EC2}:vpc/*", ""),
        ("ec2:CreateVpcEndpoint", f"{EC2}:route-table/*", ""),
        ("ec2:CreateTags", f"{EC2}:vpc-endpoint/*", str(AT_CREATION)),
        ("ec2:ModifyVpcEndpoint", f"{EC2}:vpc-endpoint/*", str(OURS)),
        ("ec2:ModifyVpcEndpoint", f"{EC2}:route-table/*", ""),
    }
    | ledger("withdrawn", "Query"),
    "FunctionsRecordRole": FUNCTION
    | {
        ("dynamodb:Query", "LedgerTable", ""),
        ("dynamodb:PutItem", "LedgerTable", ""),
        ("dynamodb:DeleteItem", "LedgerTable", ""),
        ("sns:Publish", "OpsTopic", ""),
        ("sns:GetTopicAttributes", "OpsTopic", ""),
        ("kms:Decrypt", "OpsKey", ""),
        ("kms:GenerateDataKey", "OpsKey", ""),
        ("events:PutEvents", BUS, str(FROM_US)),
    },
    "ConnectionFunctionsRelayRole": FUNCTION | {("events:PutEvents", BUS, str(FROM_US))},
    "ConnectionFunctionsPlanConnectionsRole": PLAN_CONNECTIONS,
    "ConnectionFunctionsRegisterNotificationsRole": FUNCTION
    | {
        ("ec2:CreateVpcEndpointConnectionNotification", SERVICES, ""),
        ("ec2:ModifyVpcEndpointConnectionNotification", SERVICES, ""),
    },
    "ConnectionFunctionsAnswerConnectionsRole": FUNCTION
    | {
        ("ec2:DescribeVpcEndpointConnections", "*", ""),
        ("ec2:DescribeVpcEndpointServiceConfigurations", "*", ""),
        ("ec2:DescribeVpcEndpointServicePermissions", SERVICES, ""),
        ("ec2:AcceptVpcEndpointConnections", SERVICES, ""),
        ("ec2:RejectVpcEndpointConnections", SERVICES, ""),
        ("ec2:CreateTags", CONNECTIONS, marks("RequestTag")),
    }
    | ledger("connection", "Query", "PutItem", "DeleteItem")
    | ledger("hold", "Query", "PutItem")
    | ledger("organization", "Query"),
    "ConnectionFunctionsSyncHoldsRole": FUNCTION
    | {("states:StartExecution", "HoldMachine", "")}
    | ANSWER_TASK
    | ledger("hold", "Query", "PutItem"),
    "ConnectionFunctionsOpenHoldRole": FUNCTION | ANSWER_TASK | ledger("hold", "Query", "PutItem"),
    "ConnectionFunctionsAnswerHoldRole": FUNCTION
    | ANSWER_TASK
    | ledger("hold", "Query", "PutItem"),
    "ConnectionFunctionsCheckZonesRole": CHECK_ZONES,
    "ServiceFunctionsPlanServicesRole": FUNCTION
    | {
        ("elasticloadbalancing:DescribeLoadBalancers", "*", ""),
        ("elasticloadbalancing:DescribeTags", "*", ""),
        ("ec2:DescribeVpcEndpointServiceConfigurations", "*", ""),
        ("ec2:DescribeVpcEndpointServicePermissions", SERVICES, ""),
        ("ec2:DescribeVpcEndpointConnections", "*", ""),
    },
    "ServiceFunctionsApplyServicesRole": FUNCTION
    | {
        ("ec2:DescribeVpcEndpointServiceConfigurations", "*", ""),
        ("ec2:DescribeVpcEndpointConnections", "*", ""),
        ("ec2:CreateVpcEndpointServiceConfiguration", SERVICES, str(OWNER)),
        ("ec2:CreateTags", SERVICES, str(AT_PUBLISHING)),
        ("ec2:ModifyVpcEndpointServiceConfiguration", SERVICES, str(OURS)),
        ("ec2:ModifyVpcEndpointServicePermissions", SERVICES, str(OURS)),
        ("ec2:StartVpcEndpointServicePrivateDnsVerification", SERVICES, str(OURS)),
        ("ec2:DeleteVpcEndpointServiceConfigurations", SERVICES, str(OURS)),
        ("ec2:RejectVpcEndpointConnections", SERVICES, str(OURS)),
        SERVICES_SEVERAL_REGIONS,
    },
    "InterfaceFunctionsPlanInterfacesRole": FUNCTION
    | {
        ("ec2:DescribeVpcs", "*", ""),
        ("ec2:DescribeVpcAttribute", f"{EC2}:vpc/*", ""),
        ("ec2:DescribeSubnets", "*", ""),
        ("ec2:DescribeSecurityGroups", "*", ""),
        ("ec2:DescribeVpcEndpoints", "*", ""),
        ("ec2:DescribeVpcEndpointServices", "*", ""),
        ("servicequotas:GetServiceQuota", "*", ""),
        ("ssm:GetParametersByPath", PARAMETERS.removesuffix("/*"), ""),
        ("ssm:GetParametersByPath", PARAMETERS, ""),
    }
    | READ_TAGS
    | ledger("withdrawn", "Query")
    | ledger("finding", "Query")
    | ledger("retired", "Query", "PutItem", "DeleteItem"),
    "InterfaceFunctionsApplyInterfaceRole": FUNCTION
    | {
        ("ec2:DescribeVpcEndpoints", "*", ""),
        ("ec2:DescribeSecurityGroups", "*", ""),
        ("ec2:DescribeSubnets", "*", ""),
        ("ec2:DescribeVpcs", "*", ""),
        SEVERAL_REGIONS,
        ("ec2:CreateVpcEndpoint", f"{EC2}:vpc-endpoint/*", str(OWNER)),
        ("ec2:CreateVpcEndpoint", f"{EC2}:vpc/*", ""),
        ("ec2:CreateVpcEndpoint", f"{EC2}:subnet/*", ""),
        ("ec2:CreateVpcEndpoint", GROUPS, str(OURS)),
        ("ec2:CreateTags", f"{EC2}:vpc-endpoint/*", str(AT_CREATION)),
        ("ec2:ModifyVpcEndpoint", f"{EC2}:vpc-endpoint/*", str(OURS)),
        ("ec2:ModifyVpcEndpoint", f"{EC2}:subnet/*", ""),
        ("ec2:ModifyVpcEndpoint", GROUPS, ""),
        ("ec2:DeleteVpcEndpoints", f"{EC2}:vpc-endpoint/*", str(OURS)),
        ("route53:AssociateVPCWithHostedZone", "arn:aws:route53:::hostedzone/*", ""),
        ("ec2:CreateSecurityGroup", GROUPS, str(OWNER)),
        ("ec2:CreateSecurityGroup", f"{EC2}:vpc/*", ""),
        ("ec2:CreateTags", GROUPS, str(GROUP_CREATION)),
        ("ec2:AuthorizeSecurityGroupIngress", GROUPS, str(OURS)),
        ("ec2:RevokeSecurityGroupIngress", GROUPS, str(OURS)),
        ("ec2:RevokeSecurityGroupEgress", GROUPS, str(OURS)),
        ("ec2:DeleteSecurityGroup", GROUPS, str(OURS)),
        ("ssm:PutParameter", PARAMETERS, str(OWNER)),
        ("ssm:PutParameter", PARAMETERS, str(OVERWRITE)),
        ("ssm:DeleteParameter", PARAMETERS, str(OURS)),
    }
    | READ_TAGS
    | {("ssm:AddTagsToResource", names, str(OWNER)) for names in TAGGED},
    "DashboardFunctionsPressRole": FUNCTION
    | {("lambda:InvokeFunction", "ConnectionFunctionsAnswerHoldFunction", "")},
    "DashboardFunctionsShowRole": FUNCTION
    | SEE
    | ledger(list(SHOWN), "PartiQLSelect")
    | {("dynamodb:Query", "LedgerTable", str(OF_DAYS))},
    "LetterFunctionsLetterRole": FUNCTION
    | SEE
    | ledger(list(SHOWN), "PartiQLSelect")
    | ledger("letter", "Query", "PutItem")
    | {
        ("dynamodb:PartiQLSelect", "LedgerTable", str(OF_DAYS)),
        ("sns:Publish", "OpsTopic", ""),
        ("kms:Decrypt", "OpsKey", ""),
        ("kms:GenerateDataKey", "OpsKey", ""),
    },
    "WeeklyLetterScheduleRole": {
        ("lambda:InvokeFunction", "LetterFunctionsLetterFunction", ""),
        ("sqs:SendMessage", "QueuesDeadLetters", ""),
    },
    "InterfacesRole": machine(
        "InterfaceFunctionsPlanInterfaces", "InterfaceFunctionsApplyInterface", "FunctionsRecord"
    )
    | {("states:StartExecution", "InterfacesMachine", "")},
    "RemovalFunctionsPlanWithdrawalRole": FUNCTION
    | {
        ("ec2:DescribeVpcs", "*", ""),
        ("ec2:DescribeSubnets", "*", ""),
        ("ec2:DescribeRouteTables", "*", ""),
        ("ec2:DescribeVpcEndpoints", "*", ""),
        ("ec2:DescribeSecurityGroups", "*", ""),
        ("ec2:DescribeNetworkInterfaces", "*", ""),
    }
    | ledger("withdrawn", "Query"),
    "RemovalFunctionsApplyWithdrawalRole": FUNCTION
    | DELETE
    | {
        ("ec2:ModifyVpcEndpoint", f"{EC2}:vpc-endpoint/*", str(OURS)),
        ("ec2:ModifyVpcEndpoint", f"{EC2}:route-table/*", ""),
        ("ec2:ModifyVpcEndpoint", f"{EC2}:subnet/*", ""),
        ("ec2:ModifyVpcEndpoint", f"{EC2}:security-group/*", ""),
    }
    | ledger("withdrawn", "Query", "PutItem"),
    "RemovalFunctionsPlanUninstallRole": FUNCTION
    | {
        ("ec2:DescribeVpcEndpoints", "*", ""),
        ("ec2:DescribeSecurityGroups", "*", ""),
        ("ec2:DescribeVpcEndpointServiceConfigurations", "*", ""),
        ("ec2:DescribeVpcEndpointConnections", "*", ""),
        ("ssm:DescribeParameters", "*", ""),
    },
    "RemovalFunctionsApplyUninstallRole": FUNCTION
    | DELETE
    | {
        ("ec2:DescribeVpcEndpointServiceConfigurations", "*", ""),
        ("ec2:DeleteVpcEndpointServiceConfigurations", SERVICES, str(OURS)),
        SERVICES_SEVERAL_REGIONS,
        ("ssm:DeleteParameter", PARAMETERS, str(OURS)),
    }
    | READ_TAGS,
    "WithdrawRole": machine(
        "RemovalFunctionsPlanWithdrawal", "RemovalFunctionsApplyWithdrawal", "FunctionsRecord"
    )
    | {
        ("states:StartExecution", "NetworkMachine", ""),
        ("states:StartExecution", "InterfacesMachine", ""),
    },
    "UninstallRole": machine(
        "RemovalFunctionsPlanUninstall", "RemovalFunctionsApplyUninstall", "FunctionsRecord"
    ),
    "NetworkRole": machine("FunctionsPlanNetwork", "FunctionsApplyNetwork", "FunctionsRecord")
    | {("states:StartExecution", "NetworkMachine", "")},
    "ConnectionsRole": machine(
        "ConnectionFunctionsPlanConnections",
        "ConnectionFunctionsRegisterNotifications",
        "ConnectionFunctionsAnswerConnections",
        "ConnectionFunctionsSyncHolds",
        "ConnectionFunctionsCheckZones",
        "FunctionsRecord",
    )
    | {("states:StartExecution", "ConnectionsMachine", "")},
    "HoldRole": machine(
        "ConnectionFunctionsOpenHold", "ConnectionFunctionsAnswerConnections", "FunctionsRecord"
    ),
    "ServicesRole": machine(
        "ServiceFunctionsPlanServices", "ServiceFunctionsApplyServices", "FunctionsRecord"
    )
    | {
        ("states:StartExecution", "ServicesMachine", ""),
        ("states:StartExecution", "ConnectionsMachine", ""),
    },
    "TriggersScheduleRole": {
        ("states:StartExecution", "NetworkMachine", ""),
        ("states:StartExecution", "ConnectionsMachine", ""),
        ("states:StartExecution", "ServicesMachine", ""),
        ("states:StartExecution", "InterfacesMachine", ""),
        ("sqs:SendMessage", "QueuesDeadLetters", ""),
    },
}
ASK = {("organizations:DescribeAccount", "*", ""), ("organizations:ListParents", "*", "")}
HERE = {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}
ZONE_READER = {(action, resource, str(HERE)) for action, resource, _ in READ_ZONES}


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def named(resource: Any) -> str:
    """The resource without the hash of its logical id."""
    match resource:
        case {"Fn::GetAtt": [str(name), _]} | {"Ref": str(name)}:
            return "LOGS" if name.endswith("Logs" + name[-8:]) else name[:-8]
    text = str(resolved(resource))
    if of := re.fullmatch(r"arn:aws:states:us-east-1:111111111111:execution:(\w+)\.Name:\*", text):
        return f"executions of {of[1][:-8]}"
    return text


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


def actions_of(stack: Synthesis) -> set[str]:
    return {
        action
        for policy in stack.of_type("AWS::IAM::Policy").values()
        for statement in policy["PolicyDocument"]["Statement"]
        for action in listed(statement["Action"])
    }


@pytest.mark.parametrize("role", sorted(TABLE))
def test_role_may_do_this_and_no_more(stack: Synthesis, role: str) -> None:
    assert rows(stack, role) == TABLE[role]


def assume(*roles: str) -> set[Row]:
    return {("sts:AssumeRole", role, "") for role in roles}


def test_peers_are_read_by_one_role_of_theirs_and_read_us_likewise(with_peers: Synthesis) -> None:
    readers = assume(
        f"arn:aws:iam::222222222222:{READER_ROLE}", f"arn:aws:iam::444444444444:{READER_ROLE}"
    )
    own = rows(with_peers, "ConnectionFunctionsCheckZonesRole")
    assert own == CHECK_ZONES | readers
    assert rows(with_peers, "ZoneReaderRole") == ZONE_READER


def test_whoever_is_in_a_peer_organization_is_read_by_that_role_too(
    with_organization: Synthesis,
) -> None:
    readers = assume(f"arn:aws:iam::*:{READER_ROLE}")
    own = rows(with_organization, "ConnectionFunctionsCheckZonesRole")
    assert own == CHECK_ZONES | readers
    assert rows(with_organization, "ZoneReaderRole") == ZONE_READER


def test_only_planning_asks_the_organization_and_reads_zones_where_they_count(
    with_peers: Synthesis, with_organization: Synthesis
) -> None:
    role = "ConnectionFunctionsPlanConnectionsRole"
    planning = PLAN_CONNECTIONS | REMEMBER_MEMBERS
    assert rows(with_peers, role) == planning | ASK
    readers = assume(f"arn:aws:iam::*:{READER_ROLE}", READER)
    assert rows(with_organization, role) == planning | READ_ZONES | readers
    for stack in (with_peers, with_organization):
        others = {other: rows(stack, other) for other in set(TABLE) - {role}}
        assert not [other for other, found in others.items() if found & (ASK | assume(READER))]


def test_planning_reads_traffic_only_where_idle_endpoints_are_to_go(
    with_peers: Synthesis,
) -> None:
    role = "InterfaceFunctionsPlanInterfacesRole"
    assert rows(with_peers, role) == TABLE[role] | READ_TRAFFIC
    assert not TABLE[role] & READ_TRAFFIC


def test_the_ledgers_partitions_are_those_that_the_code_writes() -> None:
    written = (remembered.CONNECTIONS, holds.HOLDS, remembered.ORGANIZATION)
    assert written == (granted.CONNECTIONS, granted.HOLDS, granted.ORGANIZATION)
    written = (WITHDRAWN, FIRST_SEEN, RESTORED)
    assert written == (granted.WITHDRAWN, granted.FIRST_SEEN, granted.RESTORED)
    assert granted.RETIRED == RETIRED
    assert (granted.FINDINGS, f"/{grants.PARAMETERS}") == (FINDINGS, ROOT)
    assert connections.MARKS == MARKS
    assert dashboard.MEMORY == SHOWN == PARTITIONS
    assert granted.LETTERS == LETTERS
    assert fnmatch(day("2026-11-30"), granted.DAYS)


def test_there_are_no_other_roles_or_policies(stack: Synthesis) -> None:
    roles = stack.of_type("AWS::IAM::Role")
    assert {name[:-8] for name in roles} == set(TABLE)
    assert not [r for r in roles.values() if "Policies" in r or "ManagedPolicyArns" in r]
    assert not stack.of_type("AWS::IAM::ManagedPolicy")


IAM_PREFIX = {
    "stepfunctions": "states",
    "service-quotas": "servicequotas",
    "elbv2": "elasticloadbalancing",
}
# IAM checks a transaction item by item, as what the items are.
CHECKED_AS = {
    "dynamodb:TransactWriteItems": ("dynamodb:PutItem", "dynamodb:DeleteItem"),
    "dynamodb:ExecuteStatement": ("dynamodb:PartiQLSelect",),
    "lambda:Invoke": ("lambda:InvokeFunction",),
    "s3:HeadObject": ("s3:GetObject",),
    "s3:PutBucketEncryption": ("s3:PutEncryptionConfiguration",),
    "s3:PutPublicAccessBlock": ("s3:PutBucketPublicAccessBlock",),
}


def test_every_operation_in_use_is_allowed_to_some_function(
    with_peers: Synthesis, spoke: Synthesis, hub: Hub
) -> None:
    allowed = {action for role in TABLE for action, _, _ in rows(with_peers, role)}
    for fleets in (spoke, hub.stack):
        allowed |= actions_of(fleets)
    # Where the policy names addresses of owners, which tests/infra/test_notify.py has.
    allowed.add("sns:ListSubscriptionsByTopic")
    used = {
        f"{IAM_PREFIX.get(service, service)}:{operation}"
        for service, operations in OPERATIONS.items()
        for operation in operations
    }
    checked = {each for action in used for each in CHECKED_AS.get(action, (action,))}
    assert checked - allowed == set()


def test_intake_starts_the_interfaces_where_the_policy_wants_any(
    stack: Synthesis, with_interfaces: Synthesis
) -> None:
    start = ("states:StartExecution", "InterfacesMachine", "")
    assert start not in rows(stack, "FunctionsIntakeRole")
    assert rows(with_interfaces, "FunctionsIntakeRole") == TABLE["FunctionsIntakeRole"] | {start}
