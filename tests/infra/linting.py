"""Has cfn-lint read a template."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CFN_LINT = Path(sys.executable).with_name("cfn-lint")


def cfn_lint(template: Path) -> str:
    """What cfn-lint finds, for a Region of each partition."""
    regions = ["us-east-1", "us-gov-west-1", "cn-north-1"]
    command = [str(CFN_LINT), "--regions", *regions, "--template", str(template)]
    return subprocess.run(command, capture_output=True, text=True).stdout
