"""An operator in another window: edits the policy of an account and runs `npx cdk deploy`."""

from __future__ import annotations

import os
import shutil
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from demo import people
from lab.client import Lab
from lab.settings import REPOSITORY, SECRET

POLICY = Path(__file__).parent / "policy" / "autopilot.yaml"
CDK = REPOSITORY / "node_modules" / ".bin" / "cdk"


def begin(lab: Lab, account: str, addition: str) -> Future[float]:
    """Deploy into `account` with the demo's policy and `addition` at its end, meanwhile.

    The result is how long it took, in seconds; or it raises OutcomeMissing.
    """
    return ThreadPoolExecutor(1).submit(_deploy, lab, account, addition)


def _deploy(lab: Lab, account: str, addition: str) -> float:
    begun = time.monotonic()
    with TemporaryDirectory() as folder:
        edited = Path(folder) / "policy"
        shutil.copytree(POLICY.parent, edited)
        with (edited / POLICY.name).open("a") as file:
            file.write(addition)
        out = f"{folder}/cdk.out"
        people.typed(
            f"`cdk deploy` into {account} works",
            [str(CDK), "deploy", "--require-approval", "never", "--output", out, "--no-notices"],
            _env(lab, account, folder, edited / POLICY.name),
            seconds=240,
        )
    return time.monotonic() - begun


def _env(lab: Lab, account: str, folder: str, policy: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    quiet = {"CDK_DISABLE_CLI_TELEMETRY": "true", "CDK_DISABLE_VERSION_CHECK": "true"}
    own = {"TMPDIR": folder, "CDK_HOME": folder, "POLICY": str(policy), "AWS_REGION": lab.region}
    return {**kept, **people.shell(lab, account, SECRET), **quiet, **own}
