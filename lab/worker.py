"""The worker that runs Python functions under AWS's runtime client."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

from ministack.core import lambda_runtime
from ministack.core.responses import get_account_id, get_region
from ministack.services import lambda_svc

from lab.alarms import judge_all, publish
from lab.inside import scope
from lab.metrics import embedded

#: So many processes of functions that wait for work are kept, the last used ones: one takes 27 MB,
#: and 24 stacks have 600 functions. Ending one costs its next call a cold start (0.2 s of a core).
MOST_IDLE = 64
#: So many start at once: hundreds on two cores would each take longer than Lambda waits for one.
_starting = threading.BoundedSemaphore(6)
#: Lambda guide, "Lambda quotas": 6 MB for a synchronous answer, and 100 bytes.
LARGEST_ANSWER = 6_291_556


class PythonWorker(lambda_runtime.ProvidedWorker):  # type: ignore[misc]  # MiniStack has no types
    """Runs a Python function as MiniStack runs `provided` ones: over the Lambda runtime API."""

    def _spawn(self, init_timeout: float | None = None) -> None:
        with _starting:
            super()._spawn(init_timeout)

    def _pump_output(self, stream: Any, log_queue: Any) -> None:
        super()._pump_output(_Listening(stream, self._heard), log_queue)

    def _heard(self, line: bytes) -> None:
        data = list(embedded(line.decode("utf-8", "replace")))
        if data:
            region, account = self.config["FunctionArn"].split(":")[3:5]
            with scope(account, region):
                publish(data)
                judge_all()

    def _record_result(self, generation: int, request_id: str, kind: str, payload: Any) -> bool:
        if kind == "response" and _bytes_of(payload) > LARGEST_ANSWER:
            kind, payload = "error", _TOO_LARGE
        recorded: bool = super()._record_result(generation, request_id, kind, payload)
        return recorded

    def _await_init(self, init_timeout: float | None = None) -> None:
        try:
            super()._await_init(init_timeout)
        except RuntimeError as error:
            # MiniStack drops the type, so `Runtime.ImportModuleError` would read `Runtime.Unknown`.
            if not isinstance(self._init_error, dict):
                raise
            raise lambda_runtime.ProvidedRuntimeError(
                self._init_error.get("errorMessage", ""),
                self._init_error.get("errorType", "Runtime.Unknown"),
            ) from error


_TOO_LARGE = {
    "errorMessage": f"Response payload size exceeded maximum allowed payload size "
    f"({LARGEST_ANSWER} bytes).",
    "errorType": "Function.ResponseSizeTooLarge",
}


def _bytes_of(payload: Any) -> int:
    return len(json.dumps(payload, ensure_ascii=False).encode("utf-8", "surrogatepass"))


def spare_other_accounts() -> None:
    """Have a function that is made or changed end its own account's workers only.

    Stacks of two accounts name their functions alike: MiniStack's CloudFormation, making the one,
    would end the other in the middle of its work, and whoever waits for that waits for ever.
    """
    invalidate = lambda_svc.invalidate_worker

    def invalidated(
        name: str, qualifier: str | None = None, account: str = "", region: str = ""
    ) -> None:
        account, region = account or get_account_id(), region or get_region()
        invalidate(name, qualifier=qualifier, account=account, region=region)

    lambda_svc.invalidate_worker = invalidated


def end_idle_ones(most: int = MOST_IDLE) -> None:
    """Have no more than so many workers wait for work; those used longest ago end first."""
    acquire = lambda_svc.acquire_worker

    def acquired(*given: Any, **named: Any) -> Any:
        leased = acquire(*given, **named)
        if leased[1] == "spawn" and (idle := _surplus(most)):
            threading.Thread(target=lambda_runtime.kill_workers, args=(idle,), daemon=True).start()
        return leased

    lambda_svc.acquire_worker = acquired


def _surplus(most: int) -> list[Any]:
    """Take the idle workers that are too many out of the pool, so that nobody gets one."""
    with lambda_runtime._lock:
        pool = lambda_runtime._workers
        idle = [each for entries in pool.values() for each in entries if not each.in_use]
        idle.sort(key=lambda worker: worker.last_used)
        surplus = idle[: max(0, len(idle) - most)]
        for key in [*pool] if surplus else ():
            pool[key] = [each for each in pool[key] if each not in surplus]
            if not pool[key]:
                del pool[key]
    return surplus


class _Listening:
    """A function's output, heard line by line while MiniStack reads it."""

    def __init__(self, stream: Any, heard: Callable[[bytes], None]) -> None:
        self._stream = stream
        self._heard = heard

    def readline(self) -> bytes:
        line: bytes = self._stream.readline()
        self._heard(line)
        return line

    def close(self) -> None:
        self._stream.close()
