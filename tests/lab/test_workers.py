"""Functions of the same name in two accounts, as two stacks make them."""

from __future__ import annotations

from typing import Any

import pytest
from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from lab.inside import scope
from lab.worker import spare_other_accounts

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
