"""Quota, workflow, dead-letter queue, settings and clients."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from autopilot.aws import clients, parameters, quotas, settings
from autopilot.aws.errors import AccessDenied, Throttled
from autopilot.aws.executions import start
from autopilot.aws.queue import put_aside
from autopilot.aws.settings import SettingsMissing
from autopilot.gateway.events import NetworkWakeup
from autopilot.policy.model import Policy
from autopilot.policy.partitions import partition
from autopilot.reconcile.codec import encode
from autopilot.reconcile.quota import Limit
from autopilot.reconcile.scope import NetworkScope
from autopilot.reconcile.tags import OWNER_TAG
from botocore.session import Session
from botocore.stub import Stubber

Stub = Callable[[str], Stubber]
MACHINE = "arn:aws:states:us-east-1:111111111111:stateMachine:network"
WAKEUP = NetworkWakeup(NetworkScope(vpc_ids=("vpc-1",)), expect=("vpc-1",), event_ids=("e-1",))


def test_reads_the_quota_that_applies(stub: Stub) -> None:
    stub("service-quotas").add_response(
        "get_service_quota",
        {"Quota": {"Value": 60.0}},
        {"ServiceCode": "vpc", "QuotaCode": "L-1B52E74A"},
    )

    assert quotas.gateway_endpoints() == Limit(60)


def test_no_quota_applied_means_the_default(stub: Stub) -> None:
    stub("service-quotas").add_client_error("get_service_quota", "NoSuchResourceException")

    assert quotas.gateway_endpoints() == Limit(20)


@pytest.mark.parametrize("code", ["AccessDeniedException", "TooManyRequestsException"])
def test_assumes_the_default_and_says_why(stub: Stub, code: str) -> None:
    stub("service-quotas").add_client_error("get_service_quota", code, "no")

    assert quotas.gateway_endpoints() == Limit(20, f"servicequotas:GetServiceQuota: {code}: no")


def test_starts_one_execution_for_the_wakeup(stub: Stub) -> None:
    document = {
        "trigger": "event",
        "scope": {"vpc_ids": ["vpc-1"], "route_table_ids": [], "endpoint_ids": []},
        "expect": ["vpc-1"],
    }
    stub("stepfunctions").add_response(
        "start_execution",
        {"executionArn": "arn:aws:states:us-east-1:111111111111:execution:n:e", "startDate": 0},
        {"stateMachineArn": MACHINE, "name": WAKEUP.name, "input": json.dumps(document)},
    )

    assert start(MACHINE, WAKEUP)


def test_an_execution_started_before_is_success(stub: Stub) -> None:
    stub("stepfunctions").add_client_error("start_execution", "ExecutionAlreadyExists")

    assert not start(MACHINE, WAKEUP)


def test_a_throttled_start_is_an_error(stub: Stub) -> None:
    stub("stepfunctions").add_client_error("start_execution", "ThrottlingException")

    with pytest.raises(Throttled, match=r"^states:StartExecution: "):
        start(MACHINE, WAKEUP)


def test_puts_aside_with_the_reason(stub: Stub) -> None:
    stub("sqs").add_response(
        "send_message",
        {"MessageId": "m"},
        {
            "QueueUrl": "https://queue",
            "MessageBody": "junk",
            "MessageAttributes": {
                "reason": {"DataType": "String", "StringValue": ("body: is no JSON" * 20)[:256]}
            },
        },
    )

    put_aside("https://queue", "junk", "body: is no JSON" * 20)


def test_names_the_queue_call_that_failed(stub: Stub) -> None:
    stub("sqs").add_client_error("send_message", "AccessDenied")

    with pytest.raises(AccessDenied, match=r"^sqs:SendMessage: "):
        put_aside("https://queue", "junk", "reason")


@dataclass(frozen=True)
class _Settings:
    owner: str
    account_id: str
    note: str = "none"


def test_reads_settings_by_their_names() -> None:
    environ = {"OWNER": "Stack", "ACCOUNT_ID": "111111111111", "OTHER": "x"}

    assert settings.read(_Settings, environ) == _Settings("Stack", "111111111111")
    assert settings.read(_Settings, environ | {"NOTE": "one"}).note == "one"


def test_names_every_setting_that_is_missing() -> None:
    with pytest.raises(SettingsMissing, match=r"OWNER, ACCOUNT_ID$"):
        settings.read(_Settings, {"ACCOUNT_ID": ""})


def test_reads_the_bundled_policy(tmp_path: Path) -> None:
    wanted = Policy(mode="audit", skip_tags={"a": "*"})
    (tmp_path / "policy.json").write_text(json.dumps(encode(wanted)))

    assert settings.bundled_policy(tmp_path / "policy.json") == wanted


def test_a_client_is_made_once_in_the_functions_own_region() -> None:
    ec2 = clients.client("ec2")

    assert clients.client("ec2") is ec2
    assert ec2.meta.region_name == "us-east-1"


def attempts() -> dict[str, int]:
    return {
        name: clients.client(name).meta.config.retries["total_max_attempts"]
        for name in ("ec2", "sqs", "stepfunctions")
    }


def test_the_workflow_retries_ec2_and_the_sdk_the_rest_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "function")
    assert attempts() == {"ec2": 1, "sqs": 2, "stepfunctions": 2}


def test_outside_of_a_workflow_the_sdk_retries_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_LAMBDA_FUNCTION_NAME", raising=False)
    assert attempts() == {"ec2": 5, "sqs": 5, "stepfunctions": 5}


def test_finds_the_models_beside_the_functions(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()

    session = clients.models_beside(Session(), tmp_path)

    assert session.get_component("data_loader").search_paths[0] == str(tmp_path / "models")


def test_does_without_models_where_there_are_none(tmp_path: Path) -> None:
    session = clients.models_beside(Session(), tmp_path)

    assert str(tmp_path / "models") not in session.get_component("data_loader").search_paths


def test_knows_the_partition_of_every_region_that_the_sdk_knows() -> None:
    session = Session()
    for name in session.get_available_partitions():
        for region in session.get_available_regions("ec2", name):
            assert partition(region) == name


NAME = "/endpoint-autopilot/vpc-1/vpce-svc-1/dns"


def tagged(ssm: Stubber) -> None:
    ssm.add_response("list_tags_for_resource", {"TagList": [{"Key": OWNER_TAG, "Value": "us"}]})


def test_a_parameter_that_went_with_a_lost_answer_is_gone(stub: Stub) -> None:
    """IAM finds no tag on what is gone, and denies the try that follows."""
    ssm = stub("ssm")
    tagged(ssm)
    ssm.add_client_error("delete_parameter", "AccessDeniedException", "no")
    ssm.add_client_error("list_tags_for_resource", "InvalidResourceId", "gone")

    assert not parameters.delete(NAME, "us")


def test_a_parameter_that_may_not_be_deleted_is_told(stub: Stub) -> None:
    ssm = stub("ssm")
    tagged(ssm)
    ssm.add_client_error("delete_parameter", "AccessDeniedException", "no")
    tagged(ssm)

    with pytest.raises(AccessDenied, match="ssm:DeleteParameter"):
        parameters.delete(NAME, "us")
