"""Functions of the same name in two accounts, as two stacks make them."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from lab.inside import scope
from lab.worker import end_idle_ones, spare_other_accounts

ONE, OTHER, REGION, NAME = "111111111111", "222222222222", "us-east-1", "same-name"


class Idle:
    """A worker without a process."""

    _proc: Any = None


def test_making_a_function_ends_no_other_accounts_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {account: f"{account}:{REGION}:{NAME}:$LATEST" for account in (ONE, OTHER)}
    pool = {key: [Idle()] for key in keys.values()}
    monkeypatch.setattr(lambda_runtime, "_workers", pool)
    monkeypatch.setattr(lambda_svc, "invalidate_worker", lambda_svc.invalidate_worker)
    spare_other_accounts()
    with scope(ONE, REGION):
        lambda_svc.invalidate_worker(NAME)
    assert set(pool) == {keys[OTHER]}


class Pooled(Idle):
    def __init__(self, last_used: float, in_use: bool = False) -> None:
        self.last_used, self.in_use, self.ended = last_used, in_use, threading.Event()

    def _discard_tmpdir(self) -> None:
        self.ended.set()


def test_too_many_idle_workers_end_the_longest_unused_first_and_none_that_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    running, oldest, older, last = Pooled(1, True), Pooled(2), Pooled(3), Pooled(4)
    pool = {"a": [running, oldest], "b": [last], "c": [older]}
    fresh = Pooled(5, True)
    monkeypatch.setattr(lambda_runtime, "_workers", pool)
    monkeypatch.setattr(lambda_svc, "acquire_worker", lambda *_: (fresh, "spawn"))
    end_idle_ones(most=1)
    assert lambda_svc.acquire_worker("a") == (fresh, "spawn")
    assert oldest.ended.wait(5) and older.ended.wait(5)
    assert pool == {"a": [running], "b": [last]}
    assert not running.ended.is_set() and not last.ended.is_set()
