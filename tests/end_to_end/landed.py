"""The version that people have deployed: the last one that landed on main, taken out of git."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from lab.settings import REPOSITORY

# After a landing, write here what `git rev-parse main` says then, in full; nothing else.
LANDED = "59d12722078db71cb2a044dbc901e5f304912b55"
# What a fresh environment gives, without a set-up: this tree's Python, and what its pip has loaded.
PYTHON = sys.executable


def unpacked(folder: Path) -> Path:
    """The app of that version, ready for the CDK CLI. Fails with what to fetch, if git lacks it."""
    if not (REPOSITORY / ".git").exists():
        pytest.skip("no git repository here to take the last landed version from")
    told = subprocess.run(["git", "archive", LANDED], cwd=REPOSITORY, capture_output=True)
    if told.returncode:
        pytest.fail(
            f"The last landed version isn't in this clone: run `git fetch origin {LANDED}`, or "
            f"`git fetch --unshallow origin`. Git says: {told.stderr.decode().strip()}"
        )
    with tarfile.open(fileobj=io.BytesIO(told.stdout)) as archive:
        archive.extractall(folder, filter="data")
    _use_this_python(folder)
    return folder


def _use_this_python(app: Path) -> None:
    """Its commands without its .venv, which would have to be installed; the bundle is its own."""
    settings = json.loads((app / "cdk.json").read_text())
    settings |= {"app": f"{PYTHON} app.py", "build": f"{PYTHON} -m infra.bundle"}
    (app / "cdk.json").write_text(json.dumps(settings))
    built = REPOSITORY / "build"
    # What others have written takes pip to get; it is taken from here if it would be the same.
    shutil.copytree(built / "vendor", app / "build" / "vendor")
    shutil.copy(built / "vendor.sha256", app / "build")
