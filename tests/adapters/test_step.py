"""A step is decoded, called with what tests hand in, logged under its execution, and encoded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from autopilot.aws import step as steps
from autopilot.aws.settings import SettingsMissing
from autopilot.aws.step import identity, ledger, logger, now, step
from autopilot.reconcile.identity import StackIdentity

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Asked:
    ids: tuple[str, ...] = ()
    execution: str = ""


@dataclass(frozen=True)
class Answered:
    ids: tuple[str, ...]
    at: datetime


@step(Asked)
def handler(asked: Asked, *, now: Callable[[], datetime] = now) -> Answered:
    logger.info("asked", count=len(asked.ids))
    return Answered(asked.ids, now())


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    for cached in (identity, ledger):
        cached.cache_clear()
    yield
    for cached in (identity, ledger):
        cached.cache_clear()


def test_decodes_the_event_and_encodes_the_answer(context: Any) -> None:
    answer = handler({"ids": ["a"]}, context, now=lambda: NOON)
    assert answer == {"ids": ["a"], "at": NOON.isoformat()}


def test_refuses_what_it_cannot_read(context: Any) -> None:
    with pytest.raises(ValueError, match="ids is 'a'; write a list"):
        handler({"ids": "a"}, context, now=lambda: NOON)


def test_logs_under_the_execution(context: Any, caplog: pytest.LogCaptureFixture) -> None:
    handler({"ids": ["a"], "execution": "arn"}, context, now=lambda: NOON)
    assert logger.get_correlation_id() == "arn"
    assert [record.message for record in caplog.records] == ["asked"]


def test_forgets_the_last_execution(context: Any) -> None:
    handler({"execution": "arn"}, context, now=lambda: NOON)
    handler({}, context, now=lambda: NOON)
    assert not logger.get_correlation_id()


def test_knows_the_stack_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("OWNER", "Stack"), ("ACCOUNT_ID", "1" * 12), ("AWS_REGION", "r")):
        monkeypatch.setenv(name, value)
    assert identity() == StackIdentity("Stack", "1" * 12, "r")


def test_names_what_the_environment_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LEDGER_TABLE", raising=False)
    with pytest.raises(SettingsMissing, match="LEDGER_TABLE"):
        steps.ledger()


def test_the_time_has_its_zone() -> None:
    assert now().tzinfo is UTC
