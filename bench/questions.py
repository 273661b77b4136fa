"""An operator's questions to an account of 200 VPCs and 500 connections, each by one command."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench import big_account
from demo.people import shell
from lab.client import Lab
from lab.settings import REPOSITORY, SECRET

RUNS = 5
# Exit codes of `plan`: 2 is "there is something to do".
_FINE = (0, 2)
_BARE = "import boto3; boto3.client('ec2').describe_vpcs()"
_BUSY = ("busy_route_tables: audit", "busy_route_tables: now")


@dataclass(frozen=True)
class Asked:
    """Medians in seconds: each question by what it asks, and the bare SDK's one describe."""

    took: Mapping[str, float]
    bare: float


@contextmanager
def _other_policy() -> Iterator[str]:
    """The checkout's policy, but that busy tables get their routes at once."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "now.yaml"
        file.write_text((REPOSITORY / "autopilot.yaml").read_text().replace(*_BUSY))
        yield str(file)


def asked(lab: Lab, account: str) -> Asked:
    """Build the account, and ask each question some times, runs interleaved."""
    big_account.built(lab, account)
    with _other_policy() as file:
        commands = {
            "which subnets can't reach S3 and why": ["status"],
            "who accepted this connection": ["why", _connected(lab, account)],
            "what busy_route_tables: now changes": ["plan", "--policy", file],
            "which requests wait": ["requests"],
            "what it costs and what would save": ["costs"],
        }
        words = {what: [str(REPOSITORY / "autopilot"), *args] for what, args in commands.items()}
        words[""] = [sys.executable, "-c", _BARE]
        took: dict[str, list[float]] = {what: [] for what in words}
        for _ in range(RUNS):
            for what, command in words.items():
                took[what].append(_seconds(command, _environment(lab, account)))
    bare = median(took.pop(""))
    return Asked({what: median(times) for what, times in took.items()}, bare)


def _connected(lab: Lab, account: str) -> str:
    """An endpoint that is connected."""
    pages = lab.client("ec2", account).get_paginator("describe_vpc_endpoint_connections")
    return next(
        str(each["VpcEndpointId"])
        for page in pages.paginate()
        for each in page["VpcEndpointConnections"]
        if each["VpcEndpointState"] == "available"
    )


def _environment(lab: Lab, account: str) -> Mapping[str, str]:
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "AWS_REGION": lab.region,
        "AWS_DEFAULT_REGION": lab.region,
        "AWS_EC2_METADATA_DISABLED": "true",
        **shell(lab, account, SECRET),
    }


def _seconds(command: Sequence[str], environment: Mapping[str, str]) -> float:
    began = time.monotonic()
    ran = subprocess.run(
        command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False
    )
    if ran.returncode not in _FINE:
        raise RuntimeError(f"{command} ended with {ran.returncode}: {ran.stderr}")
    return time.monotonic() - began
