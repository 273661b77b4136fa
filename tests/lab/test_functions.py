"""Functions run as in Lambda: under AWS's runtime client, with the bundle's packages only."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from lab.client import Lab, wait_until

ONE, TWO = "111111111111", "222222222222"


def invoke(lab: Lab, event: dict[str, object], account: str = ONE) -> dict[str, Any]:
    """Invoke the small app's function; return its answer or its error."""
    name = lab.outputs(account)["FunctionName"]
    answer = lab.client("lambda", account).invoke(FunctionName=name, Payload=json.dumps(event))
    result: dict[str, Any] = json.loads(answer["Payload"].read())
    return result


def run(lab: Lab, event: dict[str, object]) -> dict[str, Any]:
    """Run the small app's state machine to its end."""
    return execute(lab, lab.outputs()["NetworkWorkflowArn"], event)


def execute(lab: Lab, machine: str, event: dict[str, Any]) -> dict[str, Any]:
    workflows = lab.client("stepfunctions")
    started = workflows.start_execution(stateMachineArn=machine, input=json.dumps(event))

    def ended() -> dict[str, Any] | None:
        found: dict[str, Any] = workflows.describe_execution(executionArn=started["executionArn"])
        return None if found["status"] == "RUNNING" else found

    return wait_until(ended, 20, "the execution ends")


def values(lab: Lab, namespace: str, name: str, **dimensions: str) -> list[float]:
    """The sums of a metric, by minute."""
    found = lab.client("cloudwatch").get_metric_statistics(
        Namespace=namespace,
        MetricName=name,
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
        StartTime=time.time() - 600,
        EndTime=time.time() + 60,
        Period=60,
        Statistics=["Sum"],
    )["Datapoints"]
    return [point["Sum"] for point in found]


def test_an_exception_reaches_the_workflow_under_its_name(lab: Lab) -> None:
    ended = run(lab, {"do": "fail"})
    assert ended["status"] == "SUCCEEDED"
    output = json.loads(ended["output"])
    assert output["caught"] == "Throttled"
    assert output["cause"]["errorMessage"] == "ec2:DescribeVpcs said no"


def test_a_task_that_waits_for_its_token_fails_with_its_function(lab: Lab) -> None:
    workflows = lab.client("stepfunctions")
    known = workflows.describe_state_machine(stateMachineArn=lab.outputs()["NetworkWorkflowArn"])
    waits = known["definition"].replace(":lambda:invoke", ":lambda:invoke.waitForTaskToken")
    made = workflows.create_state_machine(name="waits", definition=waits, roleArn=known["roleArn"])
    ended = execute(lab, made["stateMachineArn"], {"do": "fail"})
    assert json.loads(ended["output"])["caught"] == "Throttled"


def test_a_package_that_the_bundle_lacks_is_missing(lab: Lab) -> None:
    for package in ("boto3", "ministack", "lab"):
        assert (
            invoke(lab, {"do": "import", "module": package})["errorType"] == "ModuleNotFoundError"
        )


def test_sees_what_lambda_shows_it_and_nothing_else(lab: Lab) -> None:
    seen = invoke(lab, {"do": "look"})
    environment, root = seen["environment"], seen["environment"]["LAMBDA_TASK_ROOT"]
    assert environment["KIND"] == "tiny"
    assert environment["AWS_DATA_PATH"] == f"{root}/models"
    assert environment["AWS_ENDPOINT_URL"] == lab.url
    assert environment["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.13"
    assert environment["_X_AMZN_TRACE_ID"].startswith("Root=1-")
    assert (seen["folder"], seen["path"][0]) == (root, root)
    assert not any("site-packages" in folder for folder in seen["path"])
    assert not {"HOME", "LAB_PORT", "TMPDIR", "GATEWAY_PORT"} & set(environment)
    assert (seen["memory"], 0 < seen["left"] <= 2000) == ("256", True)
    assert seen["arn"].split(":")[4] == ONE


@pytest.mark.parametrize("account", [ONE, TWO])
def test_holds_a_session_of_its_role_in_its_account(lab: Lab, account: str) -> None:
    environment = invoke(lab, {"do": "look"}, account)["environment"]
    mine = {
        "aws_access_key_id": environment["AWS_ACCESS_KEY_ID"],
        "aws_secret_access_key": environment["AWS_SECRET_ACCESS_KEY"],
        "aws_session_token": environment["AWS_SESSION_TOKEN"],
    }
    name = lab.outputs(account)["FunctionName"]
    configuration = lab.client("lambda", account).get_function_configuration(FunctionName=name)
    role = configuration["Role"]
    identity = lab.session().client("sts", **mine).get_caller_identity()
    assert identity["Account"] == account
    assert identity["Arn"].endswith(f":assumed-role/{role.rsplit('/', 1)[-1]}/{name}")
    lab.session().client("ec2", **mine).describe_vpcs()
    (call,) = lab.calls()
    assert (call["account"], call["principal"], call["session"]) == (account, role, name)


def test_a_function_that_exits_or_hangs_ends_with_lambdas_own_errors(lab: Lab) -> None:
    assert invoke(lab, {"do": "exit"})["errorType"] == "Runtime.ExitError"
    assert invoke(lab, {"do": "hang"})["errorType"] == "Sandbox.Timedout"


def test_a_handler_that_cannot_be_imported_is_named(lab: Lab) -> None:
    functions, name = lab.client("lambda"), lab.outputs()["FunctionName"]
    functions.update_function_configuration(FunctionName=name, Handler="absent.handler")
    try:
        assert invoke(lab, {})["errorType"] == "Runtime.ImportModuleError"
    finally:
        functions.update_function_configuration(FunctionName=name, Handler="handler.handler")


def test_a_printed_metric_lands_in_cloudwatch(lab: Lab) -> None:
    assert invoke(lab, {"do": "metric", "value": 41})["folder"]
    wait_until(lambda: 41 in values(lab, "Tests", "Healed", service="tests"), 5, "the metric")


def test_errors_and_failed_executions_are_counted(lab: Lab) -> None:
    machine, name = lab.outputs()["NetworkWorkflowArn"], lab.outputs()["FunctionName"]

    def counted() -> tuple[float, float]:
        errors = values(lab, "AWS/Lambda", "Errors", FunctionName=name)
        failed = values(lab, "AWS/States", "ExecutionsFailed", StateMachineArn=machine)
        return sum(errors), sum(failed)

    before = counted()
    assert run(lab, {"do": "import", "module": "boto3"})["status"] == "FAILED"
    assert counted() == (before[0] + 1, before[1] + 1)


def test_prints_go_to_the_functions_log_group(lab: Lab) -> None:
    invoke(lab, {"do": "leave a trace"})
    name = lab.outputs()["FunctionName"]
    found = lab.client("logs").filter_log_events(
        logGroupName=f"/aws/lambda/{name}", filterPattern="leave"
    )["events"]
    assert any("asked to leave a trace" in event["message"] for event in found)


def test_a_queue_is_read_in_batches_of_its_window(lab: Lab) -> None:
    url, name = lab.outputs()["BatchesUrl"], lab.outputs()["FunctionName"]
    before = sum(values(lab, "AWS/Lambda", "Invocations", FunctionName=name))
    sqs = lab.client("sqs")
    begun = time.monotonic()
    for half in (range(10), range(10, 20)):
        entries = [{"Id": str(n), "MessageBody": json.dumps(n)} for n in half]
        sqs.send_message_batch(QueueUrl=url, Entries=entries)

    def invoked() -> float | None:
        count = sum(values(lab, "AWS/Lambda", "Invocations", FunctionName=name)) - before
        return count or None

    assert wait_until(invoked, 10, "the function is invoked") == 1
    assert time.monotonic() - begun >= 2
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert attributes["ApproximateNumberOfMessages"] == "0"
    assert attributes["ApproximateNumberOfMessagesNotVisible"] == "0"


def test_a_queue_that_fills_raises_its_alarm_and_tells_ops(lab: Lab) -> None:
    ops, outputs, sqs = lab.ops(), lab.outputs(), lab.client("sqs")
    sqs.send_message_batch(
        QueueUrl=outputs["DeadUrl"],
        Entries=[{"Id": str(n), "MessageBody": "dead"} for n in range(3)],
    )
    told = ops.wait_for(lambda message: message.body.get("NewStateValue") == "ALARM", 40)
    assert told.body["AlarmName"] == outputs["AlarmName"]
    sqs.purge_queue(QueueUrl=outputs["DeadUrl"])


def test_ops_messages_come_with_their_attributes(lab: Lab) -> None:
    ops = lab.ops()
    lab.client("sns").publish(
        TopicArn=lab.outputs()["OpsTopicArn"],
        MessageStructure="json",
        Message=json.dumps({"default": "plain", "sqs": json.dumps({"kind": "Test"})}),
        MessageAttributes={"severity": {"DataType": "String", "StringValue": "info"}},
    )
    told = ops.wait_for(lambda message: message.body == {"kind": "Test"}, 5)
    assert told.attributes == {"severity": "info"}
