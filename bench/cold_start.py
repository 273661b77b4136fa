"""How long a function takes from nothing to its first EC2 client, against a bare boto3 client."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from infra.bundle import add_bytecode

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


@dataclass(frozen=True)
class ColdStart:
    """Medians in seconds: the function with its bytecode in the bundle, without it, and boto3."""

    with_bytecode: float
    without: float
    bare: float


def seconds(body: str, bundle: Path | None) -> float:
    """Run `body` in a fresh interpreter that writes no bytecode; its time without the start."""
    path = [str(bundle)] if bundle else []
    isolated = ["-I", "-B", *(["-S"] if path else [])]
    ran = subprocess.run(
        [sys.executable, *isolated, "-c", _TIMED.format(path=path, body=body)],
        capture_output=True,
        text=True,
        check=True,
        env=environment(bundle),
    )
    return float(ran.stdout)


def environment(bundle: Path | None) -> dict[str, str]:
    """The function's environment, as the stack sets it."""
    return {
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_DATA_PATH": str(bundle / "models") if bundle else "",
        "POWERTOOLS_SERVICE_NAME": "bench",
        "POWERTOOLS_METRICS_NAMESPACE": "EndpointAutopilot",
        "OWNER": "EndpointAutopilot",
        "ACCOUNT_ID": "111111111111",
    }


def compare(function: str) -> ColdStart:
    """Measure `function` and a bare `boto3.client("ec2")`, runs interleaved.

    boto3 has its bytecode, as Lambda's own has. The bundle carries some if it was built by Lambda's
    Python; here the Python that runs this compiles it, so that both run on the same one.
    """
    with TemporaryDirectory() as parent:
        shipped, plain = Path(parent) / "shipped", Path(parent) / "plain"
        for copy in (shipped, plain):
            shutil.copytree(BUNDLE, copy, ignore=shutil.ignore_patterns("__pycache__"))
        add_bytecode(shipped)
        ours = _OURS.format(function=function)
        runs = [
            (seconds(ours, shipped), seconds(ours, plain), seconds(_BARE, None))
            for _ in range(RUNS)
        ]
    return ColdStart(*(median(times) for times in zip(*runs, strict=True)))
