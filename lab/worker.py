"""The worker that runs Python functions under AWS's runtime client."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ministack.core import lambda_runtime
from ministack.core.responses import get_account_id, get_region
from ministack.services import lambda_svc

from lab.alarms import judge_all, publish
from lab.inside import scope
from lab.metrics import embedded

#: Lambda guide, "Lambda quotas": 6 MB for a synchronous answer, and 100 bytes.
LARGEST_ANSWER = 6_291_556


class PythonWorker(lambda_runtime.ProvidedWorker):  # type: ignore[misc]  # MiniStack has no types
    """Runs a Python function as MiniStack runs `provided` ones: over the Lambda runtime API."""

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
