"""What every step of a workflow is wrapped in, so that its handler says only what it does.

Lambda calls it as `handler(event, context)`; tests hand in their fakes as keywords beside these.
The event is decoded, the log bears the execution's ARN, what comes back is encoded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from aws_lambda_powertools import Logger

from autopilot.aws import settings
from autopilot.aws.ledger import Ledger
from autopilot.aws.settings import bundled_policy as bundled_policy  # handlers take it from here
from autopilot.notify.ledger import Rows
from autopilot.policy.model import Policy
from autopilot.reconcile.codec import decode, encode
from autopilot.reconcile.identity import StackIdentity

logger = Logger()


class InExecution(Protocol):
    """What a step is called with."""

    @property
    def execution(self) -> str:
        """The execution's ARN, "" outside of one."""


P = ParamSpec("P")
InputT = TypeVar("InputT", bound=InExecution)
Work = Callable[Concatenate[InputT, P], Any]
Handler = Callable[Concatenate[Mapping[str, Any], object, P], dict[str, Any]]


def step(kind: type[InputT]) -> Callable[[Work[InputT, P]], Handler[P]]:
    """Make a function of a request into Lambda's handler of the step's input.

    Raises KeyError or ValueError, naming what it can't read.
    """

    def wrap(work: Work[InputT, P]) -> Handler[P]:
        def handler(
            event: Mapping[str, Any], _context: object, /, *args: P.args, **kwargs: P.kwargs
        ) -> Any:
            given = decode(kind, event)
            logger.set_correlation_id(given.execution)
            return encode(work(given, *args, **kwargs))

        wrapped: Handler[P] = logger.inject_lambda_context(handler, clear_state=True)
        return wrapped

    return wrap


@dataclass(frozen=True)
class _Stack:
    """What the environment tells of us."""

    owner: str
    account_id: str
    aws_region: str


@dataclass(frozen=True)
class _Table:
    """What the environment tells of the ledger."""

    ledger_table: str


@cache
def identity() -> StackIdentity:
    """Who we are. Raises SettingsMissing."""
    known = settings.read(_Stack)
    return StackIdentity(known.owner, known.account_id, known.aws_region)


@cache
def ledger() -> Ledger:
    """The ledger. Raises SettingsMissing."""
    return Ledger(settings.read(_Table).ledger_table)


@dataclass(frozen=True)
class _Fleet:
    """Whether the account may have another one of our stacks, under another name."""

    of_fleet: str = ""


def stands_back(ledger: Rows) -> bool:
    """Whether another stack of the account acts in our place (decision 0032); only in fleets.

    Raises AwsErrors.
    """
    if not settings.read(_Fleet).of_fleet:
        return False
    from autopilot.reconcile.beside import SUCCESSION, yields

    return yields(ledger.rows(SUCCESSION), now())


def acting_policy() -> Policy:
    """The policy that steps plan by: in audit while another stack acts in our place, so that what
    we would do otherwise is told, and never two policies take turns. Raises AwsErrors."""
    policy = bundled_policy()
    if not settings.read(_Fleet).of_fleet:
        return policy
    return replace(policy, mode="audit") if stands_back(ledger()) else policy


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)
