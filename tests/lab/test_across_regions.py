"""One account in several Regions: what is one in all of them, and what is apart."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab.client import Lab, wait_until

ONE = "640000000001"
HOME, AWAY = "us-east-1", "eu-west-1"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "states.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


def client(lab: Lab, service: str, region: str) -> Any:
    return lab.session(ONE).client(service, region_name=region)


@pytest.fixture(scope="module", autouse=True)
def _role(one_lab: Lab) -> None:
    iam = client(one_lab, "iam", HOME)
    iam.create_role(RoleName="apart", AssumeRolePolicyDocument=json.dumps(TRUST))


def deploy(lab: Lab, name: str, region: str, role: dict[str, Any]) -> dict[str, Any]:
    stacks = client(lab, "cloudformation", region)
    properties = {"AssumeRolePolicyDocument": TRUST, **role}
    body = {
        "Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": properties}},
        "Outputs": {"Role": {"Value": {"Ref": "Role"}}},
    }
    stacks.create_stack(
        StackName=name, TemplateBody=json.dumps(body), Capabilities=["CAPABILITY_NAMED_IAM"]
    )

    def ended() -> dict[str, Any] | None:
        found: dict[str, Any] = stacks.describe_stacks(StackName=name)["Stacks"][0]
        return None if found["StackStatus"].endswith("IN_PROGRESS") else found

    return wait_until(ended, 20, "the stack is made or not")


def test_a_stack_of_the_same_name_has_roles_of_its_own_in_each_region(lab: Lab) -> None:
    name = f"s-{uuid.uuid4().hex[:12]}"
    roles = [deploy(lab, name, region, {})["Outputs"][0]["OutputValue"] for region in (HOME, AWAY)]
    assert roles[0] != roles[1]
    gone = client(lab, "cloudformation", AWAY)
    gone.delete_stack(StackName=name)
    gone.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    assert client(lab, "iam", AWAY).get_role(RoleName=roles[0])["Role"]["RoleName"] == roles[0]


def test_a_role_of_a_fixed_name_is_one_in_all_regions(lab: Lab) -> None:
    name = f"s-{uuid.uuid4().hex[:12]}"
    role = {"RoleName": name}
    assert deploy(lab, name, HOME, role)["StackStatus"] == "CREATE_COMPLETE"
    assert deploy(lab, name, AWAY, role)["StackStatus"] == "ROLLBACK_COMPLETE"
    assert client(lab, "iam", HOME).get_role(RoleName=name)


def _sqs(sqs: Any, name: str) -> None:
    sqs.create_queue(QueueName=name)


def _machine(states: Any, name: str) -> None:
    definition = {"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}
    role = f"arn:aws:iam::{ONE}:role/apart"
    states.create_state_machine(name=name, definition=json.dumps(definition), roleArn=role)


def _table(dynamodb: Any, name: str) -> None:
    key = {"AttributeName": "id"}
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{**key, "KeyType": "HASH"}],
        AttributeDefinitions=[{**key, "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


def _schedule(scheduler: Any, name: str) -> None:
    scheduler.create_schedule(
        Name=name,
        ScheduleExpression="rate(30 days)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": f"arn:aws:sqs:{HOME}:{ONE}:none", "RoleArn": f"arn:aws:iam::{ONE}:role/n"},
    )


def _metric(cloudwatch: Any, name: str) -> None:
    cloudwatch.put_metric_data(Namespace=name, MetricData=[{"MetricName": name, "Value": 1}])


def _alarm(cloudwatch: Any, name: str) -> None:
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace="Test",
        MetricName=name,
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )


def _alias(kms: Any, name: str) -> None:
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName=f"alias/{name}", TargetKeyId=key)


APART: dict[str, tuple[str, Callable[[Any, str], Any], Callable[[Any], Any]]] = {
    "queue": ("sqs", _sqs, lambda c: c.list_queues()),
    "topic": ("sns", lambda c, n: c.create_topic(Name=n), lambda c: c.list_topics()),
    "table": ("dynamodb", _table, lambda c: c.list_tables()),
    "machine": ("stepfunctions", _machine, lambda c: c.list_state_machines()),
    "rule": (
        "events",
        lambda c, n: c.put_rule(Name=n, EventPattern='{"source": ["a"]}'),
        lambda c: c.list_rules(),
    ),
    "bus": ("events", lambda c, n: c.create_event_bus(Name=n), lambda c: c.list_event_buses()),
    "schedule": ("scheduler", _schedule, lambda c: c.list_schedules()),
    "metric": ("cloudwatch", _metric, lambda c: c.list_metrics()),
    "alarm": ("cloudwatch", _alarm, lambda c: c.describe_alarms()),
    "key": ("kms", _alias, lambda c: c.list_aliases()),
    "parameter": (
        "ssm",
        lambda c, n: c.put_parameter(Name=n, Value="v", Type="String"),
        lambda c: c.describe_parameters(),
    ),
    "log group": (
        "logs",
        lambda c, n: c.create_log_group(logGroupName=n),
        lambda c: c.describe_log_groups(),
    ),
}


@pytest.mark.parametrize("kind", APART)
def test_what_is_made_in_one_region_is_not_in_another(lab: Lab, kind: str) -> None:
    service, make, look = APART[kind]
    name = f"apart-{uuid.uuid4().hex[:12]}"
    make(client(lab, service, HOME), name)
    assert name in json.dumps(look(client(lab, service, HOME)), default=str)
    assert name not in json.dumps(look(client(lab, service, AWAY)), default=str)
    make(client(lab, service, AWAY), name)
    assert name in json.dumps(look(client(lab, service, AWAY)), default=str)


def test_a_vpc_is_in_one_region(lab: Lab) -> None:
    vpc = client(lab, "ec2", HOME).create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    found = client(lab, "ec2", AWAY).describe_vpcs()["Vpcs"]
    assert vpc not in {each["VpcId"] for each in found}


CLOSED, OPTED_OUT = "me-south-1", "640000000002"
CALLS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "ec2": (lambda c: c.describe_vpcs(), "AuthFailure"),
    "sts": (lambda c: c.get_caller_identity(), "InvalidClientTokenId"),
    "sns": (lambda c: c.list_topics(), "InvalidClientTokenId"),
    "cloudformation": (lambda c: c.list_stacks(), "InvalidClientTokenId"),
    "elbv2": (lambda c: c.describe_load_balancers(), "InvalidClientTokenId"),
    "sqs": (lambda c: c.list_queues(), "InvalidClientTokenId"),
    "dynamodb": (lambda c: c.list_tables(), "UnrecognizedClientException"),
    "lambda": (lambda c: c.list_functions(), "UnrecognizedClientException"),
    "events": (lambda c: c.list_rules(), "UnrecognizedClientException"),
    "s3": (lambda c: c.get_object(Bucket="none", Key="none"), "InvalidAccessKeyId"),
}


@pytest.fixture(scope="module")
def opted_out(one_lab: Lab) -> Iterator[Lab]:
    account = one_lab.session(OPTED_OUT).client("account")
    account.disable_region(RegionName=CLOSED)
    yield one_lab
    account.enable_region(RegionName=CLOSED)


@pytest.mark.parametrize("service", CALLS)
def test_keys_mean_nothing_in_a_region_that_is_not_enabled(opted_out: Lab, service: str) -> None:
    call, code = CALLS[service]
    with pytest.raises(ClientError) as error:
        call(opted_out.session(OPTED_OUT).client(service, region_name=CLOSED))
    assert error.value.response["Error"]["Code"] == code
    if service != "s3":
        call(opted_out.session(OPTED_OUT).client(service, region_name=AWAY))
        call(opted_out.session(ONE).client(service, region_name=CLOSED))


def test_an_account_sees_which_regions_it_has_enabled(opted_out: Lab) -> None:
    session = opted_out.session(OPTED_OUT)
    ec2, account = session.client("ec2"), session.client("account")

    def shown(**asked: Any) -> dict[str, str]:
        found = ec2.describe_regions(**asked)["Regions"]
        return {each["RegionName"]: each["OptInStatus"] for each in found}

    assert CLOSED not in shown()
    assert shown(AllRegions=True)[CLOSED] == "not-opted-in"
    assert shown()[HOME] == "opt-in-not-required"
    disabled = account.list_regions(RegionOptStatusContains=["DISABLED"])["Regions"]
    assert [each["RegionName"] for each in disabled] == [CLOSED]
    status = account.get_region_opt_status(RegionName=CLOSED)["RegionOptStatus"]
    assert status == "DISABLED"
