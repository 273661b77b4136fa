"""Look ahead: what a hub may ask of a spoke. It reads and no more.

    {"what": "plan", "policy": a compiled policy, "examples": 5, "schema": 1}
    {"what": "why", "id": "vpce-…", "schema": 1}

A plan is what the candidate would change of what the deployed policy does: `Ahead`
(autopilot.foreseen.counted). Whose question can't be read gets `{"wrong": why}`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from autopilot.aws import settings
from autopilot.aws.ledger import Ledger
from autopilot.aws.looking import fitting, why
from autopilot.aws.once import asked_once
from autopilot.aws.overview import overview
from autopilot.aws.step import bundled_policy, identity, ledger, logger, now
from autopilot.aws.unwritten import unwritten
from autopilot.foreseen.counted import MOST_EXAMPLES, ahead, unknown_keys
from autopilot.foreseen.difference import Difference, difference
from autopilot.foreseen.everything import Account, foresee
from autopilot.policy.model import Policy
from autopilot.policy.tags import one_line
from autopilot.reconcile.codec import decode, encode
from autopilot.reconcile.identity import StackIdentity

SCHEMA = 1
_LONGEST_ID, _LONGEST_WORDS = 256, 500


@dataclass(frozen=True)
class Settings:
    """What the environment tells: the topic that notifications are to go to."""

    connection_topic_arn: str


@dataclass(frozen=True)
class Means:
    """What it looks with: the deployed policy, and the ledger, which it only reads."""

    policy: Policy
    us: StackIdentity
    ledger: Ledger
    topic: str
    now: datetime


def _means() -> Means:
    topic = settings.read(Settings).connection_topic_arn
    return Means(bundled_policy(), identity(), ledger(), topic, now())


Question = Callable[[Means], dict[str, Any]]


@logger.inject_lambda_context(clear_state=True)
def handler(
    event: Mapping[str, Any], _context: object, *, means: Callable[[], Means] = _means
) -> dict[str, Any]:
    """The answer, under 200 KB. Raises AwsErrors where nothing can be told."""
    what = one_line(str(event.get("what")), 20)
    try:
        asked = _asked(event)
    except (KeyError, ValueError, TypeError) as error:
        wrong = one_line(str(error), _LONGEST_WORDS)
        logger.warning("not understood", what=what, error=wrong)
        return {"what": what, "wrong": wrong, "schema": SCHEMA}
    answer = asked(means())
    logger.info("looked", what=what)
    return {"what": what, **answer, "schema": SCHEMA}


def _asked(event: Mapping[str, Any]) -> Question:
    """What is asked. Raises KeyError, ValueError or TypeError for what can't be read."""
    match event.get("what"):
        case "plan":
            candidate = decode(Policy, event["policy"])
            unread = unknown_keys(event["policy"], encode(candidate))
            most = min(int(event.get("examples", 5)), MOST_EXAMPLES)
            return lambda means: _plan(candidate, unread, most, means)
        case "why":
            id_ = event["id"]
            if not isinstance(id_, str) or not 0 < len(id_) <= _LONGEST_ID:
                raise ValueError("id is none; write a text such as vpc-0123456789abcdef0")
            return lambda means: _why(id_, means)
        case what:
            raise ValueError(f"what is {what!r}; write plan or why")


def _plan(candidate: Policy, unread: Sequence[str], most: int, means: Means) -> dict[str, Any]:
    made = _compared(candidate, means)

    def answer(share: int) -> dict[str, Any]:
        told = ahead(made, unread, min(most, share))
        return {**encode(told), "differs": told.differs}

    return fitting(answer)


def _compared(candidate: Policy, means: Means) -> Difference:
    """Both planned from what AWS answers once: a change in between is no difference."""
    account = Account(means.us, unwritten(means.ledger), means.topic)
    with asked_once("ec2", "elbv2", "dynamodb"):
        before = foresee(account, means.policy, "the deployed policy", means.now)
        after = foresee(account, candidate, "the candidate", means.now)
    return difference(before, after)


def _why(id_: str, means: Means) -> dict[str, Any]:
    seen = overview(means.policy, means.us, means.ledger, means.now)
    return why(seen, id_, means.ledger, means.now)
