"""Apply one change of the plan to one endpoint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol, assert_never

from autopilot.aws import ec2, settings
from autopilot.aws.errors import NotFound, NotOurs, ParameterMismatch, RouteAlreadyExists
from autopilot.core.outcome import Outcome, done, stale
from autopilot.core.plan import Item
from autopilot.core.policy import Policy
from aws_lambda_powertools import Logger

logger = Logger()

# The plan no longer fits how things stand: another look tells what does.
_STALE = (RouteAlreadyExists, NotFound, ParameterMismatch, NotOurs)


@dataclass(frozen=True)
class Settings:
    """What the environment tells: the stack's name."""

    owner: str


class Endpoints(Protocol):
    """Changes gateway endpoints."""

    def create(self, item: Item, owner: str, policy: str | None, execution: str) -> str:
        """Make one; its id."""

    def modify(self, item: Item, owner: str, policy: str | None) -> str:
        """Change one; its id."""


@cache
def _owner() -> str:
    return settings.read(Settings).owner


@logger.inject_lambda_context(clear_state=True)
def handler(
    event: Mapping[str, Any],
    _context: object,
    *,
    endpoints: Endpoints = ec2,
    policy: Callable[[], Policy] = settings.bundled_policy,
) -> dict[str, Any]:
    """Carry out `event["item"]`; the outcome. Raises the AwsErrors that make it no outcome yet."""
    item = Item.from_json(event["item"])
    logger.set_correlation_id(event["execution"])
    outcome = _apply(item, event["execution"], endpoints, policy())
    logger.info("change applied", **{key: outcome.to_json()[key] for key in _LOGGED})
    return outcome.to_json()


_LOGGED = ("id", "action", "endpoint_id", "route_table_ids", "result", "error", "reason")


def _apply(item: Item, execution: str, endpoints: Endpoints, policy: Policy) -> Outcome:
    document = policy.document(item.endpoint_policy)
    try:
        match item.action:
            case "create":
                endpoint_id = endpoints.create(item, _owner(), document, execution)
            case "modify":
                endpoint_id = endpoints.modify(item, _owner(), document)
            case _:
                assert_never(item.action)
    except _STALE as error:
        return stale(item, type(error).__name__, str(error))
    return done(item, endpoint_id)
