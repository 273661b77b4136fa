"""What a Python function of the lab runs in: a clean environment under AWS's own runtime client."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import os
import shlex
import shutil
import sys
import tempfile
import threading
import uuid
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ministack.services import sts

CLIENT = ("awslambdaric", "runtime_client", "simplejson", "snapshot_restore_py")
START = Path(__file__).with_name("bootstrap.py")
TASK_ROOT = "/var/task"
OPT = "/opt"

_lock = threading.Lock()


def client_folder(root: Path) -> Path:
    """Make a folder in `root` that holds awslambdaric and what it needs, and nothing else.

    Functions find it behind their own bundle, so a package that isn't in the bundle is missing here
    as it is in Lambda. Raises ModuleNotFoundError if the runtime client isn't installed.
    """
    folder = root / "runtime-client"
    folder.mkdir()
    for name in CLIENT:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            raise ModuleNotFoundError(f"the lab needs {name} (requirements/dev.in)")
        origin = Path(spec.origin)
        origin = origin.parent if origin.name == "__init__.py" else origin
        (folder / origin.name).symlink_to(origin)
    return folder


def unpack(code: bytes, root: Path) -> Path:
    """Unpack a bundle once per content; return the folder with its `task` and a `bootstrap`."""
    folder = root / hashlib.sha256(code).hexdigest()
    with _lock:
        if folder.is_dir():
            return folder
        made = Path(tempfile.mkdtemp(dir=root))
        with zipfile.ZipFile(io.BytesIO(code)) as bundle:
            bundle.extractall(made / "task")
        _write_bootstrap(made / "bootstrap", root)
        _settle(made, folder)
    return folder


def unpack_layers(layers: Sequence[bytes], root: Path) -> Path | None:
    """Unpack layers over one another, the first one first, as Lambda does into `/opt`.

    Lambda guide, "Managing Lambda dependencies with layers": later ones win. Once per content.
    """
    if not layers:
        return None
    digests = "".join(hashlib.sha256(layer).hexdigest() for layer in layers)
    folder = root / f"opt-{hashlib.sha256(digests.encode()).hexdigest()}"
    return _unpacked(layers, folder, root)


def _unpacked(archives: Sequence[bytes], folder: Path, root: Path) -> Path:
    with _lock:
        if folder.is_dir():
            return folder
        made = Path(tempfile.mkdtemp(dir=root))
        for archive in archives:
            with zipfile.ZipFile(io.BytesIO(archive)) as opened:
                opened.extractall(made)
        _settle(made, folder)
    return folder


def _settle(made: Path, folder: Path) -> None:
    try:
        made.rename(folder)
    except OSError:  # another lab, with the same LAB_CACHE, was faster
        if not folder.is_dir():
            raise
        shutil.rmtree(made)


def interpreter(root: Path) -> list[str]:
    """The command of functions' Python.

    -I and -S: no site-packages, no user folder, no PYTHON* variables reach the function. Byte code
    goes beside the bundle, never into it: Lambda's bundle is read-only.
    """
    return [sys.executable, "-I", "-S", "-X", f"pycache_prefix={root / 'bytecode'}"]


def _write_bootstrap(path: Path, root: Path) -> None:
    command = [*interpreter(root), str(START)]
    cd = 'cd "$LAMBDA_TASK_ROOT" && unset OLDPWD'  # where the lab was is none of its business
    path.write_text(f"#!/bin/sh\n{cd} && exec {shlex.join(command)}\n")
    path.chmod(0o755)


@dataclass(frozen=True)
class Place:
    """Where a function's bundle, its layers (None without) and the runtime client are."""

    task: Path
    opt: Path | None
    client: Path


def environment(config: Mapping[str, Any], place: Place, port: int, lab_url: str) -> dict[str, str]:
    """Return the whole environment of a function's process.

    `config` is the function's configuration, `port` where the Lambda runtime API listens. Values
    that begin with `/var/task` or `/opt` are moved to where the bundle and the layers really are.
    """
    region = config["FunctionArn"].split(":")[3]
    own = (config.get("Environment") or {}).get("Variables") or {}
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        **{name: _moved(value, place) for name, value in own.items()},
        **_lambda_variables(config, region),
        **session_of(config),
        "AWS_ENDPOINT_URL": lab_url,
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{port}",
        "LAMBDA_TASK_ROOT": str(place.task),
        "LAMBDA_RUNTIME_DIR": str(place.client),
        # The bootstrap takes it away.
        **({"LAB_OPT": str(place.opt)} if place.opt else {}),
    }


def _moved(value: str, place: Place) -> str:
    roots = {TASK_ROOT: place.task} | ({OPT: place.opt} if place.opt else {})

    def moved(part: str) -> str:
        for root, real in roots.items():
            if part == root or part.startswith(f"{root}/"):
                return f"{real}{part.removeprefix(root)}"
        return part

    return os.pathsep.join(moved(part) for part in value.split(os.pathsep))


def _lambda_variables(config: Mapping[str, Any], region: str) -> dict[str, str]:
    """Lambda developer guide, "Defined runtime environment variables"."""
    name = config["FunctionName"]
    version = config.get("Version", "$LATEST")
    logging = config.get("LoggingConfig") or {}
    stream = f"{datetime.now(UTC):%Y/%m/%d}/[{version}]{uuid.uuid4().hex}"
    variables = {
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{config.get('Runtime', 'python3.13')}",
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config.get("MemorySize", 128)),
        "AWS_LAMBDA_FUNCTION_VERSION": version,
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": logging.get("LogGroup") or f"/aws/lambda/{name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": stream,
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        "_HANDLER": config["Handler"],
    }
    if logging.get("LogFormat") == "JSON":
        variables["AWS_LAMBDA_LOG_FORMAT"] = "JSON"
        variables["AWS_LAMBDA_LOG_LEVEL"] = logging.get("ApplicationLogLevel") or "INFO"
    return variables


def session_of(config: Mapping[str, Any]) -> dict[str, str]:
    """Return credentials of a session of the function's role, known to MiniStack's STS.

    The session is named after the function, as Lambda does.
    """
    role_arn, name = config["Role"], config["FunctionName"]
    account, role = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
    digest = hashlib.sha256(f"{config['FunctionArn']}:{role_arn}".encode()).hexdigest()
    key, secret, token = f"ASIA{digest[:16].upper()}", digest[16:56], digest
    session = {
        "Arn": f"arn:aws:sts::{account}:assumed-role/{role}/{name}",
        "UserId": f"AROA{digest[:17].upper()}:{name}",
        "SecretAccessKey": secret,
        "SessionToken": token,
    }
    sts.register_session(key, session)
    return {
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_SESSION_TOKEN": token,
    }


def has_bootstrap(code: bytes) -> bool:
    """Say whether a bundle brings its own `bootstrap`, as those for `provided` runtimes do."""
    with zipfile.ZipFile(io.BytesIO(code)) as bundle:
        return "bootstrap" in bundle.namelist()
