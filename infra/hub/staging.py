"""Lays the bundle out as the hub's functions have it: with the fleet, or with the release."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from autopilot.fleet.roster import Roster

from infra.hub.release import Release
from infra.hub.roster import written
from infra.staging import others_bytecode


@contextmanager
def knowing(bundle: Path, told: Roster) -> Iterator[Path]:
    """The bundle with the fleet in `roster.json`."""
    with _copied(bundle) as root:
        (root / "roster.json").write_text(written(told), encoding="utf-8")
        yield root


@contextmanager
def carrying(bundle: Path, release: Release) -> Iterator[Path]:
    """The bundle with the release below `release/`: no bucket of the CDK's has to be read for it,
    whatever key that is encrypted with."""
    with _copied(bundle) as root:
        release.write(root / "release")
        yield root


@contextmanager
def _copied(bundle: Path) -> Iterator[Path]:
    with TemporaryDirectory() as parent:
        root = Path(parent) / "bundle"
        shutil.copytree(bundle, root, ignore=others_bytecode)
        yield root
