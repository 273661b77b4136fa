"""Apply one change of the plan: to a security group, an interface endpoint, or its parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, assert_never

from autopilot.aws import interface_endpoints, parameters, security_groups, settings
from autopilot.aws.errors import (
    NotFound,
    NotOurs,
    ParameterMismatch,
    PrivateDnsRefused,
    ZoneNotRemote,
    ZoneTaken,
)
from autopilot.interfaces.items import EndpointItem, GroupItem, Item, ParameterItem, from_json
from autopilot.interfaces.outcome import Outcome, done, failed, stale
from autopilot.policy.model import Policy
from aws_lambda_powertools import Logger

logger = Logger()

# The plan no longer fits how things stand: another look tells what does.
_STALE = (NotFound, ParameterMismatch, PrivateDnsRefused, ZoneNotRemote, ZoneTaken)


@dataclass(frozen=True)
class Settings:
    """What the environment tells: the stack's name."""

    owner: str


@cache
def _owner() -> str:
    return settings.read(Settings).owner


@logger.inject_lambda_context(clear_state=True)
def handler(
    event: Mapping[str, Any],
    _context: object,
    *,
    policy: Callable[[], Policy] = settings.bundled_policy,
) -> dict[str, Any]:
    """Carry out `event["item"]`; the outcome. Raises the AwsErrors that make it no outcome yet."""
    item = from_json(event["item"])
    logger.set_correlation_id(event["execution"])
    outcome = _apply(item, policy())
    logger.info("change applied", **{key: outcome.to_json()[key] for key in _LOGGED})
    return outcome.to_json()


_LOGGED = ("id", "kind", "action", "thing", "result", "error", "reason")


def _apply(item: Item, policy: Policy) -> Outcome:
    try:
        return done(item, _carry_out(item, policy))
    except _STALE as error:
        return stale(item, type(error).__name__, str(error))
    except NotOurs as error:
        # Another look would ask for the same: what bears our name isn't ours.
        return failed(item, "NotOurs", str(error))


def _carry_out(item: Item, policy: Policy) -> str | None:
    match item:
        case GroupItem():
            return _group(item)
        case EndpointItem():
            return _endpoint(item, policy)
        case ParameterItem():
            parameters.apply(item, _owner())
            return item.endpoint_id
        case _:
            assert_never(item)


def _group(item: GroupItem) -> str:
    match item.action:
        case "create":
            return security_groups.create(item, _owner())
        case "modify":
            return security_groups.modify(item, _owner())
        case "delete":
            return security_groups.delete(item, _owner())
        case _:
            assert_never(item.action)


def _endpoint(item: EndpointItem, policy: Policy) -> str:
    match item.action:
        case "create":
            document = policy.document(item.endpoint_policy)
            return interface_endpoints.create(item, _owner(), document)
        case "modify":
            document = policy.document(item.endpoint_policy)
            return interface_endpoints.modify(item, _owner(), document)
        case "delete":
            return interface_endpoints.delete(item, _owner())
        case _:
            assert_never(item.action)
