"""Builds the functions' bundle: `python -m infra.bundle` (cdk.json's "build"), without Docker."""

from __future__ import annotations

import compileall
import fcntl
import hashlib
import py_compile
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from infra import models, operations
from infra.lambda_python import AVAILABLE, builder, chosen, dotted

ROOT = Path(__file__).parents[1]
BUILD = ROOT / "build"
SOURCES = ROOT / "functions"
REQUIREMENTS = ROOT / "requirements" / "runtime.txt"

# Wheels for Lambda's Python on arm64 (and `--python-version`); all that we use are pure Python.
PIP = (
    "install", "-qq", "--disable-pip-version-check", "--no-deps", "--require-hashes",
    "--no-compile", "--only-binary=:all:", "--platform=manylinux2014_aarch64",
    "--implementation=cp",
)  # fmt: skip
# Lambda's file system is read-only: without bytecode in the bundle each cold start compiles it all.
BYTECODE_ADVICE = (
    "Lambda has no Python {0}: the functions run under {1}, without bytecode in their bundle, and "
    "cold starts take more than twice as long. Build with {2} (`make clean; make "
    "PYTHON=python{1} build`) to ship it."
)
RECIPE = ("bundle", "lambda_python", "models", "operations")
# What pip installs and the functions never import. A test imports every handler from the bundle.
UNUSED = (
    "*.dist-info",
    "bin",
    "aws_lambda_powertools/event_handler",
    "aws_lambda_powertools/utilities/[!_j]*",  # the logger imports jmespath_utils
    "dateutil/zoneinfo/*.tar.gz",
    "urllib3/contrib/emscripten",
)


def main() -> None:
    """Bring build/functions up to date; `vendor`, other people's code, seldom changes."""
    BUILD.mkdir(exist_ok=True)
    with _alone():
        _refresh("vendor", recipe(), _install)
        _refresh("functions", [*recipe(), *sorted(SOURCES.rglob("*.py"))], _assemble)


def recipe() -> list[Path]:
    """The files that decide what `vendor` holds."""
    modules = (ROOT / "infra" / f"{name}.py" for name in RECIPE)
    return [REQUIREMENTS, *modules]


def _refresh(name: str, inputs: Iterable[Path], make: Callable[[Path], None]) -> None:
    """Make build/<name> anew if its inputs have changed; whoever reads sees the old or the new."""
    stamp, directory = BUILD / f"{name}.sha256", BUILD / name
    fingerprint = _fingerprint(inputs)
    if directory.is_dir() and stamp.is_file() and stamp.read_text() == fingerprint:
        return
    with TemporaryDirectory(dir=BUILD) as workspace:
        fresh, old = Path(workspace) / "fresh", Path(workspace) / "old"
        make(fresh)
        if directory.exists():
            directory.rename(old)
        fresh.rename(directory)
    stamp.write_text(fingerprint)


def _install(target: Path) -> None:
    print("Bundling the functions' dependencies ...", file=sys.stderr)
    version = f"--python-version={dotted(chosen())}"
    command = [sys.executable, "-m", "pip", *PIP, version, "--target", str(target)]
    command += ["-r", str(REQUIREMENTS)]
    subprocess.run(command, check=True, stdout=sys.stderr)  # noqa: S603 all of it is ours
    data = target / "botocore" / "data"
    kept = target / "kept"
    models.write_models(data, target / "models", operations.OPERATIONS)
    models.write_common(data, kept, operations.OPERATIONS)
    shutil.rmtree(data)
    kept.rename(data)
    for pattern in UNUSED:
        for path in target.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _assemble(target: Path) -> None:
    shutil.copytree(BUILD / "vendor", target)
    shutil.copytree(
        SOURCES, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__")
    )
    if builder() == chosen():
        add_bytecode(target)
    else:
        print(_advice(), file=sys.stderr)


def _advice() -> str:
    *most, last = map(dotted, AVAILABLE)
    better = f"{', '.join(most)} or {last}"
    return BYTECODE_ADVICE.format(dotted(builder()), dotted(chosen()), better)


def add_bytecode(bundle: Path) -> None:
    """Compile the bundle for the Python that runs this; the same sources give the same bytes."""
    compileall.compile_dir(
        bundle,
        quiet=1,
        stripdir=str(bundle),
        prependdir="/var/task",
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )


def _fingerprint(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256(f"{chosen()} {builder() == chosen()}".encode())
    for path in paths:
        digest.update(f"{path.relative_to(ROOT)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


@contextmanager
def _alone() -> Iterator[None]:
    """Several deployments may bundle at the same time."""
    with (BUILD / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    main()
