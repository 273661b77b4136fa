"""How long a function takes from nothing to its first EC2 client, against a bare boto3 client."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from statistics import median

BUNDLE = Path("build/functions")
RUNS = 15

_TIMED = """
import sys, time
began = time.perf_counter()
sys.path[:0] = {path!r}
{body}
print(time.perf_counter() - began)
"""
_BARE = "import boto3; boto3.client('ec2', region_name='us-east-1')"
_OURS = "import {function}; from autopilot.aws.clients import client; client('ec2')"


def seconds(body: str, path: list[str], env: dict[str, str]) -> float:
    """Run `body` in a fresh interpreter; the time it took, start of the interpreter excluded."""
    ran = subprocess.run(
        [
            sys.executable,
            "-I",
            *(["-S"] if path else []),
            "-c",
            _TIMED.format(path=path, body=body),
        ],
        capture_output=True,
        text=True,
        check=True,
        env=env,
    )
    return float(ran.stdout)


def environment() -> dict[str, str]:
    """The function's environment, as the stack sets it."""
    return {
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_DATA_PATH": str((BUNDLE / "models").resolve()),
        "POWERTOOLS_SERVICE_NAME": "bench",
        "POWERTOOLS_METRICS_NAMESPACE": "EndpointAutopilot",
        "OWNER": "EndpointAutopilot",
        "ACCOUNT_ID": "111111111111",
        "LEDGER_TABLE": "bench",
        "OPS_TOPIC_ARN": "bench",
        "STATE_MACHINE_ARN": "bench",
        "DEAD_LETTER_QUEUE_URL": "bench",
    }


def compare(function: str) -> tuple[float, float]:
    """Medians in seconds of interleaved runs: `function`, and a bare `boto3.client("ec2")`."""
    ours, bare = [], []
    path = [str(BUNDLE.resolve())]
    for _ in range(RUNS):
        bare.append(seconds(_BARE, [], environment() | {"AWS_DATA_PATH": ""}))
        ours.append(seconds(_OURS.format(function=function), path, environment()))
    return median(ours[1:]), median(bare[1:])
