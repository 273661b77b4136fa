"""The version that people have deployed: the last one that landed on main, taken out of git."""

from __future__ import annotations

import io
import json
import shlex
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from lab.settings import REPOSITORY

# After a landing, write here what `git rev-parse main` says then, in full; nothing else.
LANDED = "29b58c6d221ddd018fa91befda2f66a548d34796"


def unpacked(folder: Path) -> Path:
    """The app of that version, ready for the CDK CLI; skips, with what to fetch, if it isn't here.

    A clone without history is no fault of the tree's, and can't be mended from within a test.
    """
    if not (REPOSITORY / ".git").exists():
        pytest.skip("no git repository here to take the last landed version from")
    command = ["git", "archive", "--format=zip", LANDED]
    told = subprocess.run(command, cwd=REPOSITORY, capture_output=True)
    if told.returncode:
        pytest.skip(
            f"The last landed version isn't in this clone: run `git fetch origin {LANDED}`, or "
            f"`git fetch --unshallow origin`. Git says: {told.stderr.decode().strip()}"
        )
    zipfile.ZipFile(io.BytesIO(told.stdout)).extractall(folder)
    _use_this_python(folder)
    return folder


def _use_this_python(app: Path) -> None:
    """Its commands, without a .venv of its own; the bundle that they make is its own."""
    settings = json.loads((app / "cdk.json").read_text())
    python = shlex.quote(sys.executable)
    settings |= {"app": f"{python} app.py", "build": f"{python} -m infra.bundle"}
    (app / "cdk.json").write_text(json.dumps(settings))
    # What others have written is kept if it is what that version asks for; else pip fetches it.
    vendor, stamp = (REPOSITORY / "build" / name for name in ("vendor", "vendor.sha256"))
    if vendor.is_dir() and stamp.is_file():
        shutil.copytree(vendor, app / "build" / "vendor")
        shutil.copy(stamp, app / "build")
