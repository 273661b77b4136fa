"""The lab as a child process: started, waited for, stopped."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import TypeVar

from lab.settings import REPOSITORY

READY_SECONDS = 240.0
STOP_SECONDS = 10.0
_URL = "export AWS_ENDPOINT_URL="  # printed right after `lab ready`
T = TypeVar("T")


class LabError(RuntimeError):
    """The lab did not start, died, or refused a request; the message says why."""


class Process:
    """The lab's process and what it printed; `progress` gets each line until the lab is ready."""

    def __init__(self, settings: Mapping[str, str], progress: Callable[[str], None]) -> None:
        self._lines: deque[str] = deque(maxlen=300)
        self._progress = progress
        self._ready = threading.Event()
        self._url: str | None = None
        self._process = subprocess.Popen(
            [sys.executable, "-m", "lab"],
            cwd=REPOSITORY,
            env={**os.environ, **settings},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def _read(self) -> None:
        if self._process.stdout is None:
            return
        with self._process.stdout as printed:
            for line in printed:
                self._hear(line.rstrip())
        self._ready.set()  # it will never be; who waits finds it dead

    def _hear(self, line: str) -> None:
        self._lines.append(line)
        if line.startswith(_URL):
            self._url = line.removeprefix(_URL)
            self._ready.set()
        elif not self._ready.is_set():
            self._progress(line)

    def wait_until_ready(self) -> str:
        """Wait for `lab ready`; return where the lab answers. Raises LabError."""
        if not self._ready.wait(READY_SECONDS):
            self.stop()
            raise LabError(f"the lab was not ready within {READY_SECONDS} s\n{self.tail()}")
        if self._url is None:
            raise LabError(f"the lab ended with exit code {self.stop()}\n{self.tail()}")
        return self._url

    def tail(self) -> str:
        """Return the last lines printed."""
        return "\n".join(self._lines)

    def stop(self) -> int:
        """Stop it as SIGTERM does, harder if need be; return the exit code."""
        if self._process.poll() is None:
            self._process.terminate()
        try:
            code = self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        self._reader.join(STOP_SECONDS)
        return code


def wait_until(check: Callable[[], T | None], seconds: float, what: str) -> T:
    """Return the first thing `check` finds that isn't None or False; raises LabError in the end."""
    end = time.monotonic() + seconds
    while True:
        begun = time.monotonic()
        found = check()
        if found is not None and found is not False:
            return found
        if time.monotonic() > end:
            raise LabError(f"not within {seconds} s: {what}")
        # A test waits here, no product code. On a machine that is busy whoever only looks makes
        # it busier: at most a third of the time is spent with looking.
        time.sleep(min(max(0.1, 2 * (time.monotonic() - begun)), 1.0))
