"""The changes that the lab makes to MiniStack, each with its reason; pinned to one version."""

from __future__ import annotations

import time
from contextvars import ContextVar
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import ministack.app
from ministack.core import lambda_runtime
from ministack.services import cloudwatch, eventbridge, lambda_svc, sqs, stepfunctions

from lab import alarms, all_hooks, inside, packages, runtime
from lab.metrics import Datum
from lab.worker import PythonWorker, end_idle_ones, spare_other_accounts

MINISTACK = "1.5.33"


class WrongVersionError(RuntimeError):
    """The hooks reach into MiniStack, so they are good for one version only."""


@dataclass(frozen=True)
class Place:
    """Where this lab keeps what functions run in, and where it answers."""

    code: Path
    client: Path
    url: str


def install(place: Place) -> None:
    """Install every hook; raises WrongVersionError."""
    found = version("ministack")
    if found != MINISTACK:
        raise WrongVersionError(f"the lab's hooks are for ministack {MINISTACK}, not {found}")
    enforce_iam(True)
    eventbridge.new_uuid = inside.event_uuid  # MiniStack's ids of events know no seed
    _run_python_under_the_runtime_client(place)
    spare_other_accounts()
    end_idle_ones()
    _count_every_invocation()
    _keep_batching_windows()
    _judge_alarms_as_cloudwatch_does()
    _count_executions()
    _work_out_timeouts()
    _fail_waiting_tasks()
    for more in all_hooks.MODULES:
        more.install()


def enforce_iam(on: bool) -> None:
    """Switch IAM's evaluation in MiniStack on or off: the one place that decides it."""
    ministack.app.AUTH = on


def _run_python_under_the_runtime_client(place: Place) -> None:
    # MiniStack's own Python worker reports every exception as Runtime.HandlerError, so that no
    # Retry or Catch by name matches.
    their_class, their_warm = lambda_runtime._worker_class_for, lambda_svc._execute_function_warm

    def worker_class(config: dict[str, Any]) -> Any:
        return PythonWorker if _is_python(config) else their_class(config)

    def execute(func: dict[str, Any], event: Any, request_id: str) -> Any:
        python = _is_python(func.get("config") or func)
        run = lambda_svc._execute_function_provided_warm if python else their_warm
        return run(func, event, request_id)

    lambda_runtime._worker_class_for = worker_class
    lambda_svc._execute_function_warm = execute
    _isolate_functions(place)


def _isolate_functions(place: Place) -> None:
    # MiniStack hands the server's whole environment to a function, and the account's root
    # credentials instead of a session of its role.
    their_env, their_folder = lambda_svc._provided_worker_env, lambda_svc._provided_runtime_code_dir

    def env(config: dict[str, Any], code_dir: str, port: int) -> Any:
        if not _is_python(config):
            return their_env(config, code_dir, port)
        opt = runtime.unpack_layers(packages.layers_of(config), place.code)
        where = runtime.Place(Path(code_dir) / "task", opt, place.client)
        return runtime.environment(config, where, port, place.url)

    def folder(code: bytes) -> str:
        # A bundle that brings its own bootstrap is one for a `provided` runtime.
        theirs = runtime.has_bootstrap(code)
        return str(their_folder(code) if theirs else runtime.unpack(code, place.code))

    lambda_svc._provided_worker_env = env
    lambda_svc._provided_runtime_code_dir = folder


def _is_python(config: dict[str, Any]) -> bool:
    return str(config.get("Runtime", "")).startswith("python")


def _count_every_invocation() -> None:
    # MiniStack counts only calls of the Invoke API; AWS counts those of state machines, queues and
    # rules too.
    run, count = lambda_svc._execute_function_dispatch, lambda_svc._emit_lambda_metrics

    def dispatch(
        func: dict[str, Any], config: dict[str, Any], event: Any, request_id: str, started: float
    ) -> Any:
        result = run(func, config, event, request_id, started)
        took = (time.time() - started) * 1000
        count(config["FunctionName"], took, bool(result.get("error")), False)
        return result

    def throttles_only(name: str, duration_ms: float, error: bool, throttle: bool) -> None:
        if throttle:
            count(name, duration_ms, error, throttle)

    lambda_svc._execute_function_dispatch = dispatch
    lambda_svc._emit_lambda_metrics = throttles_only


def _keep_batching_windows() -> None:
    # MiniStack takes what is there at once, ten messages at most; AWS gathers for as long as the
    # event source mapping says, or until BatchSize is reached.
    waiting: dict[str, float] = {}

    def receive(queue_url: str, batch_size: int) -> list[dict[str, Any]]:
        with sqs._queues_lock:
            queue = sqs._get_q(queue_url)
            sqs._expire_retained(queue)
            sqs._dlq_sweep(queue)
            arn, now = queue["attributes"]["QueueArn"], time.time()
            visible = sum(m.get("visible_at", 0) <= now for m in queue["messages"])
            since = waiting.setdefault(arn, now)
            if not visible:
                waiting.pop(arn)
                return []
            if visible < batch_size and now < since + _window_of(arn):
                return []
            waiting.pop(arn)
            timeout = int(queue["attributes"].get("VisibilityTimeout", "30"))
            batch: list[dict[str, Any]] = sqs._collect_msgs(queue, batch_size, timeout)
            return batch

    sqs._receive_messages_for_esm = receive


def _window_of(queue_arn: str) -> float:
    mappings = [m for m in lambda_svc._esms.values() if m.get("EventSourceArn") == queue_arn]
    return float(max((m.get("MaximumBatchingWindowInSeconds") or 0 for m in mappings), default=0))


def _judge_alarms_as_cloudwatch_does() -> None:
    # MiniStack mixes the points of all dimensions (one queue's depth would raise another queue's
    # alarm) and knows neither missing data nor "M out of N".
    cloudwatch._evaluate_alarm = alarms.judge


def _count_executions() -> None:
    # MiniStack publishes no AWS/States metrics.
    tell = stepfunctions._emit_execution_status_event
    names = {"RUNNING": "Started", "ABORTED": "Aborted", "TIMED_OUT": "TimedOut"}

    def told(execution: dict[str, Any]) -> None:
        status = execution["status"]
        machine = {"StateMachineArn": execution["stateMachineArn"]}
        name = f"Executions{names.get(status, status.title())}"
        alarms.publish([Datum("AWS/States", name, machine, 1.0, "Count", time.time())])
        tell(execution)

    stepfunctions._emit_execution_status_event = told


def _work_out_timeouts() -> None:
    # MiniStack takes a JSONata TimeoutSeconds for a number.
    execute = stepfunctions._execute_task

    def executed(state: dict[str, Any], given: Any, execution: Any, ctx: Any) -> Any:
        if isinstance(state.get("TimeoutSeconds"), str):
            number = stepfunctions._jsonata_state_field
            seconds = number(state, "TimeoutSeconds", "number", given, ctx)
            state = {**state, "TimeoutSeconds": int(seconds)}
        return execute(state, given, execution, ctx)

    stepfunctions._execute_task = executed


class _FailedError(Exception):
    """What a function that a waiting task ran failed with, in a form that MiniStack lets pass."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


def _fail_waiting_tasks() -> None:
    # MiniStack waits for the token though the function that was to pass it on has failed.
    waiting: ContextVar[bool] = ContextVar("a task that waits for its token", default=False)
    run, wait = stepfunctions._call_lambda, stepfunctions._invoke_with_callback

    def ran(function: str, event: Any) -> Any:
        try:
            return run(function, event)
        except stepfunctions._ExecutionError as error:
            if waiting.get():
                raise _FailedError(error) from error
            raise

    def waited(resource: str, given: Any, token: str, state: Any) -> Any:
        before = waiting.set(True)
        try:
            return wait(resource, given, token, state)
        except _FailedError as failed:
            stepfunctions._task_tokens.pop(token, None)
            raise failed.error from failed
        finally:
            waiting.reset(before)

    stepfunctions._call_lambda, stepfunctions._invoke_with_callback = ran, waited
