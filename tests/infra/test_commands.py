"""Every command that our texts print or document does what it says, run against the lab."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from autopilot.notify.error_explanations import remedy
from autopilot.notify.finding import Finding
from autopilot.reconcile.removal_messages import by_hand

from demo.privatelink import ZONES, connect, network, publish
from lab.client import Lab
from tests.infra import commands
from tests.infra.synthesis import Synthesis
from tests.lab.waits import TRUST, WAITS, bundle
from tests.unit.notify.emails import EMAILS
from tests.unit.notify.reports import finding, place

# What the lab doesn't serve, and answers with a bare status: the CLI's own parser has taken it.
NOT_SERVED = "400"
# (service, operation) → AWS's error codes that are an answer to what the world below is like. A
# command that isn't here has not been thought of.
KNOWN: dict[tuple[str, str], set[str]] = {
    ("accessanalyzer", "validate-policy"): {NOT_SERVED},
    ("chatbot", "associate-to-configuration"): {NOT_SERVED},
    ("cloudformation", "delete-stack"): set(),
    ("cloudformation", "describe-stack-resource-drifts"): set(),
    ("cloudformation", "describe-stack-resources"): set(),
    # No hub below: the account administers no StackSets.
    ("cloudformation", "describe-stack-instance"): {"ValidationError"},
    ("cloudformation", "describe-stack-set"): {"ValidationError"},
    ("cloudformation", "detect-stack-drift"): set(),
    ("cloudformation", "list-stack-instances"): {"ValidationError"},
    ("cloudformation", "list-stack-sets"): {"ValidationError"},
    ("cloudtrail", "describe-trails"): set(),
    ("cloudtrail", "get-event-selectors"): set(),
    ("cloudtrail", "get-trail-status"): set(),
    ("cloudtrail", "lookup-events"): set(),
    ("cloudwatch", "describe-alarms"): set(),
    ("dynamodb", "delete-table"): set(),
    ("ec2", "accept-vpc-endpoint-connections"): set(),
    ("ec2", "create-tags"): set(),
    ("ec2", "create-vpc"): set(),
    ("ec2", "create-vpc-endpoint"): set(),
    ("ec2", "delete-security-group"): set(),
    ("ec2", "delete-vpc-endpoint-service-configurations"): set(),
    ("ec2", "delete-vpc-endpoints"): set(),
    ("ec2", "describe-vpc-endpoint-connection-notifications"): set(),
    ("ec2", "describe-vpc-endpoint-connections"): set(),
    ("ec2", "describe-vpc-endpoint-service-configurations"): set(),
    ("ec2", "describe-vpc-endpoint-service-permissions"): set(),
    ("ec2", "describe-vpc-endpoint-services"): set(),
    ("ec2", "describe-vpc-endpoints"): set(),
    ("ec2", "modify-vpc-attribute"): set(),
    ("ec2", "modify-vpc-endpoint"): set(),
    ("ec2", "modify-vpc-endpoint-service-permissions"): set(),
    ("ec2", "reject-vpc-endpoint-connections"): set(),
    # The service below has no private name.
    ("ec2", "start-vpc-endpoint-service-private-dns-verification"): {"InvalidParameter"},
    ("elbv2", "set-subnets"): set(),
    ("events", "list-rules"): set(),
    ("iam", "get-role"): set(),
    ("kms", "get-key-policy"): set(),
    ("lambda", "invoke"): set(),
    ("logs", "tail"): set(),
    ("organizations", "list-policies-for-target"): set(),
    # The account below is its own management account.
    ("organizations", "register-delegated-administrator"): {"AccountNotFoundException"},
    ("organizations", "deregister-delegated-administrator"): {"AccountNotRegisteredException"},
    # No hub below has made a bucket.
    ("s3", "rb"): {"NoSuchBucket"},
    ("service-quotas", "list-service-quotas"): set(),
    ("service-quotas", "request-service-quota-increase"): set(),
    ("sns", "get-topic-attributes"): set(),
    ("sns", "list-subscriptions-by-topic"): set(),
    ("sqs", "get-queue-attributes"): set(),
    ("sqs", "receive-message"): set(),
    ("sqs", "start-message-move-task"): set(),
    ("ssm", "delete-parameter"): set(),
    ("ssm", "delete-parameters"): set(),
    ("ssm", "get-parameters-by-path"): set(),
    ("stepfunctions", "get-execution-history"): set(),
    ("stepfunctions", "list-executions"): set(),
    ("stepfunctions", "start-execution"): set(),
}
# What can be done once only, or ends what others need.
LAST = ("reject", "delete", "set-subnets")


def in_notices() -> Iterator[tuple[str, str]]:
    """(notice, command) of every notice that `tests/unit/messages` shows, and of rarer ones."""
    for name, notice in EMAILS.items():
        yield from ((name, step.command) for step in notice.steps if step.command)
    full = finding("ChangeFailed", "vpc-1/s3", "failure", error="QuotaExceeded", message="")
    yield from (("QuotaExceeded", step.command) for step in remedy(full, place()) if step.command)
    for action, thing in (("delete service", "vpce-svc-1"), ("delete parameter", "/ea/x")):
        yield action, by_hand([_left(action, thing)], place())[0].command


def _left(action: str, thing: str) -> Finding:
    return finding("RetirementFailed", thing, "failure", action=action, thing=thing)


@pytest.fixture(scope="module")
def all_commands(stack: Synthesis) -> dict[str, str]:
    """Where each stands, by command."""
    found = [*in_notices(), *commands.in_alarms(stack), *commands.documented()]
    # Our own command line's have tests of their own: tests/end_to_end/test_cli.py, test_idle.py.
    return {each: where for where, each in reversed(found) if not each.startswith("./autopilot ")}


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab.start(deploy=False) as started:
        yield started


@pytest.fixture(autouse=True)
def _environment(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in commands.environment(lab.url).items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="module")
def filled(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the placeholders and the made-up ids stand for, by pattern, in this order."""
    return {**_network(lab), **_services(lab), **_rest(lab, tmp_path_factory.mktemp("files"))}


def _network(lab: Lab) -> dict[str, str]:
    ec2 = lab.client("ec2")
    lab.world({"settle_seconds": 0})
    service = publish(lab, "111111111111", "commands", ZONES)
    service.allow("222222222222")
    asking = connect(service, "222222222222")
    vpc, subnets = network(lab, "111111111111", "commands")
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    group = ec2.create_security_group(VpcId=vpc, GroupName="g", Description="g")["GroupId"]
    tags = [{"Key": "endpoint-autopilot:owner", "Value": "EndpointAutopilot"}]

    def endpoint(service: str, **more: Any) -> str:
        made = ec2.create_vpc_endpoint(
            VpcId=vpc,
            ServiceName=f"com.amazonaws.us-east-1.{service}",
            TagSpecifications=[{"ResourceType": "vpc-endpoint", "Tags": tags}],
            **more,
        )
        return str(made["VpcEndpoint"]["VpcEndpointId"])

    gateway = endpoint("s3")
    kind = {"VpcEndpointType": "Interface", "PrivateDnsEnabled": False}
    interface = endpoint("logs", SubnetIds=subnets[:1], **kind)
    return {
        r"vpce\.us-east-1\.vpce-svc-\w+": service.name.removeprefix("com.amazonaws."),
        r"vpce-svc-\d\w?\b": service.id,
        r"vpce-…": asking,
        r"(?<=vpc_ids\": \[\")vpc-1": vpc,
        r"(?<=connections --service-id )(\S+) --vpc-endpoint-ids (vpce-\d\b ?)+": (
            rf"\1 --vpc-endpoint-ids {asking} "
        ),
        r"vpce-\d(?= --add-subnet)": interface,
        r"(?<=--vpc-endpoint-ids )(vpce-\d(-\w+)?\b ?)+": f"{interface} ",
        r"vpce-\d(-\w+)?\b": gateway,
        r"\bvpc-\d\b": vpc,
        r"\brtb-\d( rtb-\d)*": table,
        r"\bsubnet-\d( subnet-\d)*": subnets[1],
        r"\bsg-\d\b": group,
        r"\bSUBNETS\b": "SUBNETS",
    }


def _services(lab: Lab) -> dict[str, str]:
    sqs, sns, kms = lab.client("sqs"), lab.client("sns"), lab.client("kms")
    topic = sns.create_topic(Name="ops")["TopicArn"]
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    arn = "arn:aws:sqs:us-east-1:111111111111"
    policy = json.dumps({"deadLetterTargetArn": f"{arn}:dead", "maxReceiveCount": 5})
    intake = sqs.create_queue(QueueName="intake", Attributes={"RedrivePolicy": policy})
    sqs.send_message(QueueUrl=dead, MessageBody="put aside by intake")
    return {
        r"arn:aws:thing:us-east-1:111111111111:QueuesIntakeDeadLetters\w+": f"{arn}:dead",
        r"arn:aws:thing:us-east-1:111111111111:QueuesIntake\w+": f"{arn}:intake",
        r"<dead-letter queue ARN>": f"{arn}:dead",
        r"<intake queue ARN>": f"{arn}:intake",
        r"<IntakeDeadLetterQueueUrl>|<dead-letter queue URL>": dead,
        r"\bQueues\w*DeadLetters\w+": dead,
        r"\bQUEUE\b": intake["QueueUrl"],
        r"\bTOPIC\b": topic,
        r"\bKEY\b": kms.create_key()["KeyMetadata"]["KeyId"],
    }


def _rest(lab: Lab, folder: Path) -> dict[str, str]:
    iam, states = lab.client("iam"), lab.client("stepfunctions")
    trust = json.dumps(TRUST).replace("states.", "lambda.")
    for name in ("Answer-1A2B", "Withdraw-1A2B", "Apply-1A2B", "answers"):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
    role = iam.create_role(RoleName="runs", AssumeRolePolicyDocument=json.dumps(TRUST))
    machine = states.create_state_machine(
        name="runs", definition=WAITS, roleArn=role["Role"]["Arn"]
    )["stateMachineArn"]
    execution = states.start_execution(stateMachineArn=machine, input='{"seconds": 300}')
    lab.client("lambda").create_function(
        FunctionName="EndpointAutopilot-AnswerHold",
        Runtime="python3.13",
        Role="arn:aws:iam::111111111111:role/answers",
        Handler="answer.handler",
        Code={"ZipFile": bundle("answer.py", "def handler(event, context): return event\n")},
    )
    lab.client("s3").create_bucket(Bucket="trail")
    lab.client("cloudtrail").create_trail(Name="trail", S3BucketName="trail")
    lab.client("logs").create_log_group(logGroupName="intake-logs")
    table = lab.client("dynamodb").create_table(
        TableName="kept",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )
    for name in ("/ea/x", "/endpoint-autopilot/vpc-1/vpce-svc-1/dns"):
        lab.client("ssm").put_parameter(Name=name, Value="x", Type="String")
    _stack(lab)
    document = folder / "policy.json"
    document.write_text("{}")
    balancer = lab.client("elbv2").describe_load_balancers()["LoadBalancers"][0]
    subnets = " ".join(zone["SubnetId"] for zone in balancer["AvailabilityZones"])
    return {
        r"arn:aws:states:us-east-1:111111111111:stateMachine:\w+": machine,
        r"<hold workflow ARN>": machine,
        r"<\w+WorkflowArn>|\b[A-Z][a-z]+Machine\w{8}\b|(?<=machine-arn )…": machine,
        r"arn:aws:states:us-east-1:111111111111:execution:\S+": execution["executionArn"],
        r"<this>": "EndpointAutopilot-AnswerHold",
        r"--stack-name EndpointAutopilotHub": "--stack-name EndpointAutopilot",
        r"<LedgerTableName>": table["TableDescription"]["TableName"],
        r"<number>": "100",
        r"POLICY\.json": str(document),
        r"\bTRAIL\b": "trail",
        r"\bBALANCER\b": balancer["LoadBalancerArn"],
        r"\bSUBNETS\b": subnets,
        r"\bFunctionsIntakeLogs\w+|<log group>": "intake-logs",
    }


def _stack(lab: Lab) -> None:
    made = lab.client("cloudformation")
    topic = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
    made.create_stack(StackName="EndpointAutopilot", TemplateBody=json.dumps(topic))
    made.get_waiter("stack_create_complete").wait(
        StackName="EndpointAutopilot", WaiterConfig={"Delay": 1}
    )


def turn(command: str) -> tuple[bool, str]:
    return commands.called(command)[1].startswith(LAST), command


def test_every_command_runs(all_commands: dict[str, str], filled: dict[str, str]) -> None:
    wrong, done = dict[str, str](), set[str]()
    for command in sorted(all_commands, key=turn):
        meant = commands.filled(command, filled)
        if meant in done:
            continue
        done.add(meant)
        error = commands.run(meant).error
        if error and error not in KNOWN.get(commands.called(command), set()):
            wrong[f"{all_commands[command]}: {meant}"] = error.strip()[-200:]
    assert wrong == {}


def test_no_command_is_new(all_commands: dict[str, str]) -> None:
    shown = {commands.called(command) for command in all_commands}
    assert shown == set(KNOWN), "each command has its row, and each row a command"
    written = commands.written()
    assert len(written) > 20, "the texts have moved: where are their commands?"
    assert written <= shown, "a notice may have a command that no test shows"


def test_what_was_put_aside_comes_back_by_the_documented_command(
    lab: Lab, all_commands: dict[str, str], filled: dict[str, str]
) -> None:
    sqs = lab.client("sqs")
    dead = sqs.get_queue_url(QueueName="dead")["QueueUrl"]
    moves = [command for command in all_commands if "start-message-move-task" in command]
    assert {all_commands[command] for command in moves} > {"alarms.md"}, "the alarm's, too"
    for command in moves:
        sqs.send_message(QueueUrl=dead, MessageBody="put aside by intake")
        assert commands.run(commands.filled(command, filled)).error == ""
        latest = sqs.list_message_move_tasks(SourceArn=_value(command, filled, "--source-arn"))
        assert latest["Results"][0]["Status"] == "COMPLETED", latest["Results"][0]


def _value(command: str, filled: dict[str, str], option: str) -> str:
    words = shlex.split(commands.filled(command, filled))
    return words[words.index(option) + 1]


def test_a_wrong_option_is_seen() -> None:
    ran = commands.run("aws ec2 describe-vpcs --vpcs vpc-1")
    assert re.search("Unknown options", ran.error)
