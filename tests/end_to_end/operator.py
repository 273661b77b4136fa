"""An operator at a shell: the real `./autopilot`, with their own credentials, against a lab."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping

from demo.people import shell
from lab.client import Lab
from lab.settings import REPOSITORY, SECRET


def autopilot(
    lab: Lab, account: str, *arguments: str, says: str = "", more: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run it to its end; `says` is typed in, `more` added to the environment."""
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "AWS_REGION": lab.region,
        "AWS_EC2_METADATA_DISABLED": "true",
        **shell(lab, account, SECRET),
        **(more or {}),
    }
    return subprocess.run(
        [str(REPOSITORY / "autopilot"), *arguments],
        cwd=REPOSITORY,
        env=environment,
        input=says,
        capture_output=True,
        text=True,
    )
