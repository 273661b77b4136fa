"""`python -m bench.moto_suite FOLDER`: moto's tests from its sources, against a lab of their own.

FOLDER is where moto's sources lie unpacked (`pip download --no-binary :all: --no-deps moto==…`),
freezegun beside them or installed. Nothing of moto's tests is kept here; `not_passing.txt` names
those that don't pass, under the reason for each. What passes and what doesn't is compared with it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from lab.client import Lab
from lab.settings import REPOSITORY

ACCOUNT = "123456789012"
LIST = Path(__file__).with_name("not_passing.txt")
TESTS = (
    "tests/test_ec2/test_availability_zones_and_regions.py",
    "tests/test_ec2/test_prefix_lists.py",
    "tests/test_ec2/test_route_tables.py",
    "tests/test_ec2/test_security_groups.py",
    "tests/test_ec2/test_subnets.py",
    "tests/test_ec2/test_tags.py",
    "tests/test_ec2/test_vpc_endpoint_services_integration.py",
    "tests/test_ec2/test_vpc_service_configuration_integration.py",
    "tests/test_ec2/test_vpcs.py",
    "tests/test_elbv2",
)


def reasons(text: str) -> dict[str, str]:
    """The reason by test id: a line that begins with # heads the tests below it."""
    found, reason = dict[str, str](), ""
    for line in text.splitlines():
        if line.startswith("#"):
            reason = line.lstrip("# ")
        elif line.strip():
            found[line.strip()] = reason
    return found


def run(folder: Path, lab: Lab) -> dict[str, str]:
    """The outcome of each test: passed, or what went wrong."""
    with tempfile.NamedTemporaryFile(suffix=".json") as outcomes:
        environment = {
            **os.environ,
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_SECRET_ACCESS_KEY": "any",
            "MOTO_OUTCOMES": outcomes.name,
            "PYTHONPATH": os.pathsep.join([str(REPOSITORY), os.environ.get("PYTHONPATH", "")]),
            "TEST_SERVER_MODE": "true",
            "TEST_SERVER_MODE_ENDPOINT": lab.url,
        }
        pytest = [sys.executable, "-m", "pytest", "-q", "-p", "bench.moto_suite.plugin"]
        subprocess.run(
            [*pytest, "--tb=short", "--no-header", *TESTS],
            cwd=folder,
            env=environment,
            stdout=subprocess.DEVNULL,
            check=False,  # some fail: that is what is counted
        )
        found: dict[str, str] = json.loads(Path(outcomes.name).read_text(encoding="utf-8"))
        return found


def compare(outcomes: Mapping[str, str], known: Mapping[str, str]) -> list[str]:
    """What differs from the list, a line each; what fails at random may pass."""
    failed = {test for test, came in outcomes.items() if came.startswith("failed")}
    steady = {test for test, why in known.items() if not why.startswith("At random")}
    new = [f"fails, unlisted: {test}\n    {outcomes[test]}" for test in failed - {*known}]
    old = [f"passes, and is on the list: {test}" for test in steady & {*outcomes} - failed]
    gone = [f"is on the list, and there is none: {test}" for test in {*known} - {*outcomes}]
    return sorted(new) + sorted(old) + sorted(gone)


def main() -> int:
    """Run moto's tests and print what differs; the exit code says whether anything does."""
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    with Lab.start(deploy=False) as lab:
        outcomes = run(Path(sys.argv[1]), lab)
    passed = sum(came == "passed" for came in outcomes.values())
    differences = compare(outcomes, reasons(LIST.read_text(encoding="utf-8")))
    print(*differences, f"{passed} of {len(outcomes)} pass", sep="\n")
    return 1 if differences else 0


if __name__ == "__main__":
    raise SystemExit(main())
