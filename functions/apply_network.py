"""Apply one change of the plan to one endpoint, as far as it still stands.

Minutes may have passed since the plan, so the VPC, its tables and who is busy are read again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any, Protocol, assert_never

from autopilot.aws import ec2, settings, survey
from autopilot.aws.errors import (
    AccessDenied,
    AwsError,
    NoLongerWanted,
    NotFound,
    NotOurs,
    ParameterMismatch,
    RefusedByAws,
    RouteAlreadyExists,
)
from autopilot.aws.ledger import Ledger
from autopilot.aws.withdrawal_memory import withdrawn
from autopilot.gateway.facts import Facts
from autopilot.gateway.outcome import Outcome, done, stale
from autopilot.gateway.plan import Item
from autopilot.gateway.recheck import GONE, Standing, asks_who_is_busy, still_stands
from autopilot.policy.model import Policy
from autopilot.reconcile.identity import StackIdentity
from aws_lambda_powertools import Logger

logger = Logger()

# The plan no longer fits how things stand: another look tells what does.
_STALE = (RouteAlreadyExists, NotFound, ParameterMismatch, NotOurs, NoLongerWanted)
# One table may be refused for itself, and the call with it: then the others go without it.
_OF_ONE_TABLE = (NotFound, RouteAlreadyExists, RefusedByAws, AccessDenied)
_MOST_REFUSALS = 5
Change = Callable[[Item], str]


@dataclass(frozen=True)
class Settings:
    """What the environment tells: the stack's name, its account, its Region, a table."""

    owner: str
    account_id: str
    aws_region: str
    ledger_table: str


class Endpoints(Protocol):
    """Changes gateway endpoints."""

    def create(self, item: Item, owner: str, policy: str | None, execution: str) -> str:
        """Make one; its id."""

    def modify(self, item: Item, owner: str, policy: str | None) -> str:
        """Change one; its id."""


class Network(Protocol):
    """Reads how one VPC stands."""

    def of_vpc(self, vpc_id: str) -> Facts:
        """The VPC and its route tables."""

    def busy_subnets(self, vpc_ids: Iterable[str]) -> Mapping[str, frozenset[str]]:
        """The subnets with a network interface, by VPC."""


@cache
def _settings() -> Settings:
    return settings.read(Settings)


def _us() -> StackIdentity:
    known = _settings()
    return StackIdentity(known.owner, known.account_id, known.aws_region)


def _away(now: datetime) -> frozenset[str]:
    return withdrawn(Ledger(_settings().ledger_table), now)


def _now() -> datetime:
    return datetime.now(UTC)


@logger.inject_lambda_context(clear_state=True)
def handler(
    event: Mapping[str, Any],
    _context: object,
    *,
    endpoints: Endpoints = ec2,
    network: Network = survey,
    away: Callable[[datetime], frozenset[str]] = _away,
    policy: Callable[[], Policy] = settings.bundled_policy,
    now: Callable[[], datetime] = _now,
) -> dict[str, Any]:
    """Carry out `event["item"]`; the outcome. Raises the AwsErrors that make it no outcome yet."""
    item, execution, wanted = Item.from_json(event["item"]), event["execution"], policy()
    logger.set_correlation_id(execution)
    standing = _standing(item, network, away, wanted, now())
    if standing.left:
        logger.warning("left alone since the plan", id=item.id, tables=dict(standing.left))
    try:
        outcome = _apply(standing, _change(endpoints, wanted, execution))
    except _STALE as error:
        outcome = stale(item, type(error).__name__, str(error))
    logger.info("change applied", **{key: outcome.to_json()[key] for key in _LOGGED})
    return outcome.to_json()


_LOGGED = ("id", "action", "endpoint_id", "route_table_ids", "result", "error", "reason")


def _change(endpoints: Endpoints, policy: Policy, execution: str) -> Change:
    def change(item: Item) -> str:
        document = policy.document(item.endpoint_policy)
        match item.action:
            case "create":
                return endpoints.create(item, _us().owner, document, execution)
            case "modify":
                return endpoints.modify(item, _us().owner, document)
            case _:
                assert_never(item.action)

    return change


def _standing(
    item: Item,
    network: Network,
    away: Callable[[datetime], frozenset[str]],
    policy: Policy,
    now: datetime,
) -> Standing:
    facts = replace(network.of_vpc(item.vpc_id), withdrawn=away(now))
    if asks_who_is_busy(item, policy, now):
        facts = replace(facts, busy_subnets=network.busy_subnets([item.vpc_id]))
    return still_stands(item, facts, policy, _us(), now)


def _apply(standing: Standing, change: Change) -> Outcome:
    """The change without the tables that AWS refuses by name: one bad one fails the whole call."""
    if standing.item is None:
        raise NoLongerWanted(f"right before the call: {standing.why or 'the VPC is left alone'}")
    item, refused = standing.item, dict[str, str]()
    while True:
        try:
            endpoint_id = change(item)
            break
        except _OF_ONE_TABLE as error:
            named = _named(item, error)
            if not named or len(refused) >= _MOST_REFUSALS:
                raise
            refused |= dict.fromkeys(named, str(error))
            kept = tuple(id_ for id_ in item.route_table_ids if id_ not in named)
            item = replace(item, route_table_ids=kept)
    if refused:
        logger.warning("tables refused by name", id=item.id, tables=refused)
    gone = [id_ for id_, why in standing.left.items() if why == GONE]
    return done(item, endpoint_id, [*refused, *gone])


def _named(item: Item, error: AwsError) -> set[str]:
    """The tables that a refusal names, unless that is all of them."""
    named = {id_ for id_ in item.route_table_ids if id_ in str(error)}
    return named if len(named) < len(item.route_table_ids) else set()
