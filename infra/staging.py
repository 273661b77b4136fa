"""Puts the functions' bundle and the compiled policy together into one asset."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import TZPATH

from autopilot.fleet.belongs import Belongs
from autopilot.policy.model import Policy
from autopilot.reconcile.codec import encode

from infra.lambda_python import bytecode, chosen


@contextmanager
def staged(bundle: Path, policy: Policy, belongs: Belongs | None = None) -> Iterator[Path]:
    """A directory of its own, with the bundle and `policy.json`, as long as the context lasts; of a
    plain spoke with `spoke.json` too.

    Its own, so that two synths at once (tests, other policies) never see each other's policy. CDK
    copies an asset into the cloud assembly when the first function uses it.
    """
    with TemporaryDirectory() as parent:
        root = Path(parent) / "bundle"
        shutil.copytree(bundle, root, ignore=others_bytecode)
        text = json.dumps(encode(policy), indent=1, sort_keys=True)
        (root / "policy.json").write_text(text, encoding="utf-8")
        if belongs:
            (root / "spoke.json").write_text(json.dumps(encode(belongs)), encoding="utf-8")
        window = policy.gateway_endpoints.change_window
        if window is not None:
            ship_timezone(root, window.timezone)
        yield root


def others_bytecode(_folder: str, names: list[str]) -> list[str]:
    """Bytecode that isn't for the functions' Python: it comes from tests that import the bundle."""
    own = bytecode(chosen())
    return [name for name in names if name.endswith(".pyc") and not name.endswith(own)]


def ship_timezone(root: Path, name: str) -> None:
    """Put one time zone's data into the bundle, as the package `tzdata` where Python looks last.

    Lambda's image is minimal: provided.al2023 came without time zones at first (aws-lambda-dotnet
    #1620), and a change window must not depend on it.
    """
    source = next((path for path in (Path(base) / name for base in TZPATH) if path.is_file()), None)
    if source is None:
        return
    target = root / "tzdata" / "zoneinfo" / name
    target.parent.mkdir(parents=True, exist_ok=True)
    for package in target.relative_to(root).parents[:-1]:
        (root / package / "__init__.py").touch()
    shutil.copyfile(source, target)
