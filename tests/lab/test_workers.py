"""Functions of the same name in two accounts, as two stacks make them."""

from __future__ import annotations

import pytest
from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from lab.inside import scope
from lab.worker import spare_other_accounts

ONE, OTHER, REGION, NAME = "111111111111", "222222222222", "us-east-1", "same-name"


class Idle:
    """A worker that notes its end."""

    ended = False

    def kill(self) -> None:
        self.ended = True


def test_making_a_function_ends_no_other_accounts_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    workers = {account: Idle() for account in (ONE, OTHER)}
    pool = {f"{account}:{REGION}:{NAME}:$LATEST": [each] for account, each in workers.items()}
    monkeypatch.setattr(lambda_runtime, "_workers", pool)
    monkeypatch.setattr(lambda_svc, "invalidate_worker", lambda_svc.invalidate_worker)
    spare_other_accounts()
    with scope(ONE, REGION):
        lambda_svc.invalidate_worker(NAME)
    assert workers[ONE].ended
    assert not workers[OTHER].ended
