"""A stack that brings its own gateway endpoint wins, however late its events are."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from autopilot.gateway.grace import FIRST_SEEN

from demo import scenes
from lab.process import LabError
from lab.settings import REPOSITORY, SECRET
from tests.end_to_end.stage import Stage

APP = Path(__file__).with_name("ten_stacks")


@pytest.fixture
def patient(stage: Stage) -> Iterator[Stage]:
    """The stage; what waits for others at the end doesn't wake into later stories."""
    yield stage
    stage.lab.clear_faults()
    stage.lab.delivery()
    for execution in stage.running("Network"):
        with suppress(stage.states.exceptions.ValidationException):
            stage.states.stop_execution(executionArn=execution["executionArn"])


def deploy(stage: Stage, folder: Path) -> subprocess.CompletedProcess[str]:
    """`cdk deploy` of all ten stacks, side by side, as a person in the account does it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    env = kept | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}",
        "AWS_REGION": stage.lab.region,
        "AWS_ACCESS_KEY_ID": stage.account,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_ENDPOINT_URL": stage.lab.url,
        "AWS_ENDPOINT_URL_S3": stage.lab.url,
        "AWS_EC2_METADATA_DISABLED": "true",
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "CDK_DISABLE_VERSION_CHECK": "true",
        "CDK_HOME": str(folder / "home"),
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
        "JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION": "1",
    }
    cdk = REPOSITORY / "node_modules" / ".bin" / "cdk"
    command = [str(cdk), "deploy", "--all", "--concurrency", "10", "--require-approval", "never"]
    return subprocess.run(
        [*command, "--output", str(folder / "out"), "--no-notices"],
        cwd=APP,
        env=env,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def test_ten_stacks_with_an_endpoint_of_their_own_deploy_beside_us(
    patient: Stage, tmp_path: Path
) -> None:
    """Each endpoint comes fifteen seconds after its VPC, and events take up to a minute."""
    stage, lab = patient, patient.lab
    lab.fault("CreateVpcEndpoint", delay_seconds=15, times=10, principal=":root")
    lab.delivery(shuffle=60, seed=11)

    done = deploy(stage, tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    networks = vpcs(stage)
    assert len(networks) == 10
    assert not lab.calls(operation="CreateVpcEndpoint", error="RouteAlreadyExists")
    for _ in range(3):
        with suppress(LabError):
            lab.wait_for_deliveries()
    # Theirs ends the wait for S3: the main table, which it doesn't serve, gets ours.
    scenes.wait_until(
        lambda: tables_by_service(stage, networks),
        lambda served: all(len(served.get((vpc, "s3"), ())) == 3 for vpc in networks),
        "all tables reach S3",
        seconds=150,
    )
    # Nothing of theirs is there for DynamoDB yet: it may still come.
    assert not any(service == "dynamodb" for _, service in tables_by_service(stage, networks))

    grace_is_over(stage)
    stage.run({"trigger": "event", "scope": {"vpc_ids": list(networks)}})
    served = tables_by_service(stage, networks)
    assert all(len(served[vpc, "dynamodb"]) == 3 for vpc in networks)


def vpcs(stage: Stage) -> list[str]:
    """The VPCs of the stacks."""
    chosen = [{"Name": "tag:aws:cloudformation:stack-name", "Values": ["Network*"]}]
    return [vpc["VpcId"] for vpc in stage.ec2.describe_vpcs(Filters=chosen)["Vpcs"]]


def tables_by_service(stage: Stage, networks: list[str]) -> dict[tuple[str, str], set[str]]:
    """The tables that an endpoint serves, by VPC and service."""
    found: dict[tuple[str, str], set[str]] = {}
    chosen = [{"Name": "vpc-id", "Values": networks}]
    for endpoint in stage.ec2.describe_vpc_endpoints(Filters=chosen)["VpcEndpoints"]:
        service = endpoint["ServiceName"].rpartition(".")[2]
        found.setdefault((endpoint["VpcId"], service), set()).update(endpoint["RouteTableIds"])
    return found


def grace_is_over(stage: Stage) -> None:
    """Let all waiting end: nobody waits ten minutes in a test."""
    dynamodb = stage.lab.client("dynamodb", stage.account)
    table = stage.lab.outputs(stage.account)["LedgerTableName"]
    past = {"S": (datetime.now(UTC) - timedelta(minutes=1)).isoformat()}
    rows = dynamodb.query(
        TableName=table,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": FIRST_SEEN}},
    )["Items"]
    for row in rows:
        dynamodb.put_item(TableName=table, Item={**row, "until": past})
