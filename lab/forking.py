"""Functions that are forked off a Python which has their packages, if nobody can tell.

A fresh interpreter spends most of a cold start importing what every function of a bundle imports.
A fork has it imported; all else is as in a fresh process, which each function gets that could tell
the difference: see `_Server.suits` and docs/decisions/0031.
"""

from __future__ import annotations

import json
import logging
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from ministack.core import lambda_runtime

from lab.fork_server import MOST
from lab.runtime import START, interpreter

Environment = Mapping[str, str]

SERVER = Path(__file__).with_name("fork_server.py")
#: A bundle that has none of them starts fast enough.
LARGE = ("aws_lambda_powertools", "botocore")
#: Variables that a server gets from the function it is started for; others' servers differ.
SHARED = (
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "LANG",
    "PATH",
    "TZ",
)
#: What C libraries read at the start of a process, of which Python hears nothing.
UNSEEN = ("GCONV_", "GLIBC_", "LC_", "LD_", "LOCPATH", "MALLOC_", "OPENSSL_", "PYTHON", "SSL_")
START_SECONDS = 30.0
logger = logging.getLogger("lab.forking")
_lock = threading.Lock()
_servers: dict[tuple[Any, ...], _Server] = {}


class Forked:
    """A forked process, as far as MiniStack uses a Popen."""

    def __init__(self, handle: int, told: int, stdout: IO[bytes]) -> None:
        self.stdout = stdout
        self.returncode: int | None = None
        self._handle, self._told = handle, told
        self._reading = threading.Lock()

    def poll(self) -> int | None:
        """The exit code, None if it runs."""
        return self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; return the exit code. Raises subprocess.TimeoutExpired."""
        code = self._ended(timeout)
        if code is None:
            raise subprocess.TimeoutExpired("a function", timeout or 0)
        return code

    def terminate(self) -> None:
        """Send it SIGTERM."""
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """Send it SIGKILL."""
        self._send(signal.SIGKILL)

    def _ended(self, timeout: float | None) -> int | None:
        with self._reading:
            if self.returncode is None and self._hears(timeout):
                said = os.read(self._told, 16)
                if not said:  # the server was killed: nobody would ever hear of it again
                    with suppress(ProcessLookupError):
                        signal.pidfd_send_signal(self._handle, signal.SIGKILL)
                self.returncode = int(said or -signal.SIGKILL)
                os.close(self._told)
                os.close(self._handle)
            return self.returncode

    def _hears(self, timeout: float | None) -> bool:
        ready = select.poll()  # `select` knows no number above 1023
        ready.register(self._told, select.POLLIN)
        return bool(ready.poll(None if timeout is None else timeout * 1000))

    def _send(self, number: signal.Signals) -> None:
        with self._reading:
            if self.returncode is None:
                with suppress(ProcessLookupError):
                    signal.pidfd_send_signal(self._handle, number)


class _Server:
    """A fork server: which process it is, what its packages read, and the names they took."""

    def __init__(self, command: Sequence[str], task: str, client: str, env: Environment) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [*command, str(SERVER), str(theirs.fileno()), task, client],
                cwd=task,
                env={name: env[name] for name in SHARED if name in env},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
            )
        self._lab = ours
        ours.settimeout(START_SECONDS)
        said = self._report()
        self._read: list[str] | None = said.get("read")
        self._taken = frozenset(said.get("taken", ()))
        self._asking = threading.Lock()

    def _report(self) -> dict[str, Any]:
        """What the packages read and took; nothing if they couldn't be imported."""
        with suppress(OSError):
            if said := self._lab.recv(MOST):
                report: dict[str, Any] = json.loads(said)
                return report
        logger.error("the packages of %s can't be forked: cold starts are slow", self._process.args)
        return {}

    def suits(self, env: Environment) -> bool:
        """Say whether the packages would have read and found the same in a function's process."""
        if self._read is None or any(name.startswith(UNSEEN) for name in env):
            return False
        if any(name not in SHARED and name in env for name in self._read):
            return False
        return not self._taken & _brought(env.get("LAB_OPT", ""))

    def fork(self, script: str, folder: str, env: Environment) -> Forked:
        """Fork a process that runs a script with this environment, and nothing else.

        Raises OSError where the server is gone, or late: it is asked for nothing any more then,
        since what it says would be the answer to an earlier question.
        """
        request = {"script": script, "folder": folder, "environment": {**env, "PWD": folder}}
        output, written = os.pipe()
        told, telling = os.pipe()
        try:
            handle = self._asked(json.dumps(request).encode(), [written, telling])
        except OSError:
            self._read = None
            os.close(output)
            os.close(told)
            raise
        finally:
            os.close(written)
            os.close(telling)
        return Forked(handle, told, os.fdopen(output, "rb"))

    def _asked(self, request: bytes, files: list[int]) -> int:
        with self._asking:
            if self._read is None:
                raise ChildProcessError("the lab's fork server was given up")
            socket.send_fds(self._lab, [request], files)
            _, handles, _, _ = socket.recv_fds(self._lab, 64, 1)
        if not handles:
            raise ChildProcessError("the lab's fork server has ended")
        return handles[0]

    def end(self) -> None:
        """Hang up: it kills what it forked, and ends."""
        self._lab.close()
        self._process.wait(START_SECONDS)


class _Subprocess:
    """`subprocess`, for MiniStack's workers."""

    def __getattr__(self, name: str) -> Any:
        return getattr(subprocess, name)

    def Popen(self, command: Sequence[str], **named: Any) -> Any:
        """Fork a Python function, where it can be; start everything else."""
        return forked(command, named.get("env") or {}) or subprocess.Popen(command, **named)


def install() -> None:
    """Have MiniStack's workers fork."""
    lambda_runtime.subprocess = _Subprocess()


def forked(command: Sequence[str], env: Environment) -> Forked | None:
    """Fork the function whose `bootstrap` (`runtime.unpack`) this is; None if it can't be."""
    made, task = Path(command[0]).parent, env.get("LAMBDA_TASK_ROOT", "")
    if sys.platform != "linux" or task != str(made / "task"):
        return None
    if not any((made / "task" / name).is_dir() for name in LARGE):
        return None
    server = _server(made, task, env)
    try:
        return server.fork(str(START), task, env) if server.suits(env) else None
    except OSError:
        logger.exception("functions of %s are started afresh from now on", task)
        return None


def _server(made: Path, task: str, env: Environment) -> _Server:
    key = (task, *(env.get(name) for name in SHARED))
    with _lock:
        if key not in _servers:
            command = interpreter(made.parent)
            _servers[key] = _Server(command, task, env["LAMBDA_RUNTIME_DIR"], env)
        return _servers[key]


def end() -> None:
    """End all servers, and what they forked."""
    with _lock:
        while _servers:
            _servers.popitem()[1].end()


def _brought(opt: str) -> set[str]:
    """The names that a layer's folders have for imports."""
    found = [*Path(opt).glob("python/*"), *Path(opt).glob("python/lib/*/site-packages/*")]
    return {each.name.partition(".")[0] for each in found} if opt else set()
