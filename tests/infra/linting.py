"""Has cfn-lint read a template."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CFN_LINT = Path(sys.executable).with_name("cfn-lint")


def cfn_lint(*templates: Path) -> str:
    """What cfn-lint finds in any of them, for a Region of each partition.

    It reads what it knows of resources once for all of them.
    """
    regions = ["us-east-1", "us-gov-west-1", "cn-north-1"]
    command = [str(CFN_LINT), "--regions", *regions, "--template", *map(str, templates)]
    return subprocess.run(command, capture_output=True, text=True).stdout
