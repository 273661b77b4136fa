"""Letter: the weekly letter to ops. Scheduler calls it; a person may, as well.

It is sent once a week, however often it is called; what fails is tried again by Lambda, then lies
in the dead-letter queue, which an alarm watches.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from autopilot.aws import settings
from autopilot.aws.ledger import Ledger
from autopilot.aws.outlets import OpsTopic
from autopilot.aws.step import bundled_policy, identity, ledger, logger, now
from autopilot.aws.weekly import Ops, send
from autopilot.policy.model import Policy


@dataclass(frozen=True)
class Settings:
    """What the environment tells: where ops listen."""

    ops_topic_arn: str


@cache
def _ops() -> OpsTopic:
    return OpsTopic(settings.read(Settings).ops_topic_arn)


@logger.inject_lambda_context(clear_state=True)
def handler(
    _event: Mapping[str, Any],
    context: Any,
    *,
    ledger: Callable[[], Ledger] = ledger,
    ops: Callable[[], Ops] = _ops,
    policy: Callable[[], Policy] = bundled_policy,
    now: Callable[[], datetime] = now,
) -> dict[str, bool]:
    """Whether the letter was sent now. Raises AwsErrors."""
    sent = send(policy(), identity(), ledger(), ops(), context.aws_request_id, now())
    logger.info("letter written", sent=sent)
    return {"sent": sent}
