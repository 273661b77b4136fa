"""Record: tells ops what is new, and remembers that they know.

What it needs (actions, on what, why):
- dynamodb:Query, dynamodb:PutItem, dynamodb:DeleteItem on the ledger table. Writes go out as
  TransactWriteItems, which IAM checks item by item as PutItem and DeleteItem.
- sns:Publish on the ops topic; kms:Decrypt and kms:GenerateDataKey on the topic's key.
- events:PutEvents on the default event bus, for the source endpoint-autopilot.
Service models: dynamodb Query and TransactWriteItems, sns Publish, events PutEvents.
Environment: OWNER, ACCOUNT_ID, AWS_REGION, LEDGER_TABLE, OPS_TOPIC_ARN, ANSWER_HOLD_FUNCTION (the
name of the function that takes a person's answer, for the commands that ops get).
Time: under 15 minutes, after which a claim in the ledger counts as dead.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Protocol

from autopilot.aws import settings
from autopilot.aws.bus import Bus
from autopilot.aws.errors import AwsError
from autopilot.aws.ledger import Ledger
from autopilot.aws.ops import OpsTopic
from autopilot.core import rivals
from autopilot.core.bus_events import BusEvent
from autopilot.core.memory import Key, Memory, Row, Write
from autopilot.core.news import EXECUTIONS, News, news_in
from autopilot.core.notice import Place
from autopilot.core.remembered import FINDINGS
from autopilot.core.render import Message, message
from autopilot.core.report import AnyReport, Report, report_from_json
from autopilot.core.reported.view import Counts
from autopilot.core.sweeps import SUSPICION, sweep_row
from autopilot.core.telling import bus_errand, counts, tellings
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

logger = Logger()
metrics = Metrics()
_UNITS = {
    "GatewayEndpointQuotaUse": MetricUnit.Percent,
    "OldestHoldAge": MetricUnit.Seconds,
    "AnswerTime": MetricUnit.Seconds,
}


@dataclass(frozen=True)
class Settings:
    """What the environment tells: who and where we are, a table, a topic, a function's name."""

    owner: str
    account_id: str
    aws_region: str
    ledger_table: str
    ops_topic_arn: str
    answer_hold_function: str = "ANSWER_HOLD"


class Remembers(Protocol):
    """The ledger."""

    def rows(self, pk: str, prefix: str = "") -> Sequence[Row]:
        """All rows under `pk` whose sort key begins with `prefix`."""

    def write(self, writes: Sequence[Write]) -> Collection[Key]:
        """Write what may be written; the keys of what may not."""


class Publishes(Protocol):
    """The ops topic."""

    def publish(self, message: Message) -> None:
        """Publish one message."""


class Puts(Protocol):
    """The event bus."""

    def put(self, events: Sequence[BusEvent]) -> None:
        """Put all events."""


@dataclass(frozen=True)
class Outlets:
    """Where news go, and where it is remembered that they went."""

    ledger: Remembers
    ops: Publishes
    bus: Puts


@cache
def _settings() -> Settings:
    return settings.read(Settings)


@cache
def _outlets() -> Outlets:
    known = _settings()
    return Outlets(Ledger(known.ledger_table), OpsTopic(known.ops_topic_arn), Bus())


def _now() -> datetime:
    return datetime.now(UTC)


def handler(
    event: Mapping[str, Any],
    _context: object,
    *,
    outlets: Callable[[], Outlets] = _outlets,
    now: Callable[[], datetime] = _now,
) -> dict[str, Any]:
    """Record one execution; how much was told. Raises AwsErrors: the workflow then tries again."""
    report, to, at = report_from_json(event), outlets(), now()
    logger.set_correlation_id(report.execution)
    memory = _recall(report, to.ledger)
    news = news_in(report, memory, at)
    refused = to.ledger.write(news.claims)
    told = _tell(news, refused, _place(report, at), to)
    _count(counts(report, news, memory, at))
    _count_put_back(report, to.ledger, at)
    logger.info(
        "news told",
        workflow=report.workflow,
        trigger=report.trigger,
        messages=told,
        elsewhere=len(refused),
    )
    return {"messages": told}


def _recall(report: AnyReport, ledger: Remembers) -> Memory:
    """What of the ledger this report can touch: no more is read."""
    did = report.workflow != "network" or bool(report.outcomes)
    own = ledger.rows(EXECUTIONS, report.execution) if did else ()
    judged = report.trigger == "sweep" and report.workflow in SUSPICION
    key = sweep_row(report.workflow) if judged else None
    sweep = ledger.rows(key.pk, key.sk) if key else ()
    return Memory(
        findings={row.key.sk: row for row in ledger.rows(FINDINGS)},
        execution={row.key.sk: row for row in own},
        sweep=sweep[0] if sweep else None,
    )


def _place(report: AnyReport, at: datetime) -> Place:
    known = _settings()
    return Place(
        known.account_id,
        known.aws_region,
        known.owner,
        report.execution,
        at.isoformat(timespec="seconds"),
        known.answer_hold_function,
        restarts=report.workflow not in ("hold", "withdraw", "retire"),
    )


def _tell(news: News, refused: Collection[Key], place: Place, to: Outlets) -> int:
    """Publish, then note that ops know: a crash in between tells twice, never not at all.

    One message that doesn't get through keeps no other back; its error is raised at the end.
    """
    told, errors = 0, list[AwsError]()
    for telling in tellings(news, refused, place):
        try:
            to.ops.publish(message(telling.notice, place))
            to.ledger.write(telling.settle)
            told += 1
        except AwsError as error:
            logger.exception("message not published", kind=telling.notice.kind)
            errors.append(error)
    if errand := bus_errand(news, refused):
        to.bus.put(errand[1])
        to.ledger.write([errand[0].settle])
    if errors:
        raise errors[0]
    to.ledger.write(news.silent)
    return told


def _count_put_back(report: AnyReport, ledger: Remembers, at: datetime) -> None:
    """Note how often routes came back: whoever takes them away for good gets them."""
    if isinstance(report, Report) and any(map(rivals.puts_back, report.outcomes)):
        rows = ledger.rows(rivals.RESTORED)
        ledger.write(rivals.counted(report.outcomes, rows, execution=report.execution, now=at))


def _count(counted: Counts) -> None:
    for name, values in counted.items():
        for value in values if isinstance(values, tuple) else (values,):
            metrics.add_metric(name=name, unit=_UNITS.get(name, MetricUnit.Count), value=value)
    metrics.flush_metrics()
