"""The examples do what they say, by the AWS CLI that the lock file pins."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lab.client import Lab
from lab.settings import REPOSITORY

SCRIPT = REPOSITORY / "lab/examples/privatelink.sh"
ONE, TWO = "111111111111", "222222222222"


def run(**env: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        [str(SCRIPT)],
        env={**kept, "PATH": path, **env},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def test_two_accounts_connect_and_part_by_the_cli(lab: Lab) -> None:
    ran = run(AWS_ENDPOINT_URL=lab.url)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    said = ran.stdout.splitlines()
    assert [line.rpartition(" ")[2] for line in said if "endpoint is" in line] == [
        "pendingAcceptance",
        "available",
        "rejected",
    ]
    assert said[-1] == "done"
    assert [line.split(":")[1].split()[0] for line in said if "asking" in line] == [TWO]
    did = [(call["account"], call["operation"]) for call in lab.calls(error=None)]
    story = [
        (ONE, "CreateVpcEndpointServiceConfiguration"),
        (ONE, "ModifyVpcEndpointServicePermissions"),
        (TWO, "CreateVpcEndpoint"),
        (ONE, "AcceptVpcEndpointConnections"),
        (ONE, "RejectVpcEndpointConnections"),
        (TWO, "DeleteVpcEndpoints"),
        (ONE, "DeleteVpcEndpointServiceConfigurations"),
        (ONE, "DeleteLoadBalancer"),
    ]
    assert [each for each in did if each in story] == story
    failed = {(call["operation"], call["error"]) for call in lab.calls() if call["error"]}
    assert failed == {("DescribeVpcEndpointServices", "InvalidServiceName")}


@pytest.mark.parametrize(
    ("operation", "error"),
    [
        ("AcceptVpcEndpointConnections", "UnauthorizedOperation"),
        ("CreateLoadBalancer", "AccessDenied"),
    ],
)
def test_the_script_stops_at_what_fails(lab: Lab, operation: str, error: str) -> None:
    lab.fault(operation, error=error)
    ran = run(AWS_ENDPOINT_URL=lab.url)
    assert ran.returncode != 0
    assert error in ran.stderr
    assert "done" not in ran.stdout


def test_the_script_leaves_real_accounts_alone() -> None:
    ran = run()
    assert ran.returncode != 0
    assert "AWS_ENDPOINT_URL" in ran.stderr
