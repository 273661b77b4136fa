"""Record: tells ops what is new, and remembers that they know; welcomes who begins to listen.

A workflow calls it as its last step; rules call it for executions that ended badly, for
subscriptions to the ops topic, and every few minutes.

What it needs (actions, on what, why):
- dynamodb:Query, dynamodb:PutItem, dynamodb:DeleteItem on the ledger table. Writes go out as
  TransactWriteItems, which IAM checks item by item as PutItem and DeleteItem.
- sns:Publish on the ops topic; kms:Decrypt and kms:GenerateDataKey on the topic's key.
- sns:GetTopicAttributes on the ops topic: news to nobody are kept.
- events:PutEvents on the default event bus, for the source endpoint-autopilot.
Service models: dynamodb Query and TransactWriteItems, sns GetTopicAttributes and Publish, events
PutEvents.
Environment: OWNER, ACCOUNT_ID, AWS_REGION, LEDGER_TABLE, OPS_TOPIC_ARN, ANSWER_HOLD_FUNCTION (the
name of the function that takes a person's answer, for the commands that ops get).
Time: under 15 minutes, after which a claim in the ledger counts as dead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from autopilot.aws import settings
from autopilot.aws.bus import Bus
from autopilot.aws.ledger import Ledger
from autopilot.aws.ops import OpsTopic
from autopilot.aws.outlets import Outlets, look_who_listens, remembered, tell
from autopilot.gateway import rivals
from autopilot.gateway.plan import NetworkReport
from autopilot.notify.delta import EXECUTIONS, news_in
from autopilot.notify.ended import DETAIL_TYPE, EndedReport
from autopilot.notify.ledger import Memory, Rows
from autopilot.notify.notice import Place
from autopilot.notify.reported import Counts
from autopilot.notify.sweeps import SUSPICION, sweep_row
from autopilot.notify.telling import counts
from autopilot.policy.model import Policy
from autopilot.workflows import AnyReport, report_from_json
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

logger = Logger()
metrics = Metrics()
WELCOME = "welcome"
# Each is paid for by the hour in which it is written. A count of nothing isn't: a graph shows the
# same without it.
_COUNTS = frozenset({"ActionsTaken", "ChangesFailed", "FoundBySweep"})
_UNITS = {
    **dict.fromkeys(_COUNTS, MetricUnit.Count),
    "OpenFindings": MetricUnit.Count,
    "GatewayEndpointQuotaUse": MetricUnit.Percent,
    "HoldsOpen": MetricUnit.Count,
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
    context: Any,
    *,
    outlets: Callable[[], Outlets] = _outlets,
    policy: Callable[[], Policy] = settings.bundled_policy,
    now: Callable[[], datetime] = _now,
) -> dict[str, Any]:
    """Record one execution, or look who listens; how many messages went out.

    Raises AwsErrors: the workflow, or Lambda, then tries again.
    """
    to, at, mode = outlets(), now(), policy().mode
    if event.get("trigger") == WELCOME:
        # A second try of the same call bears the same id, and goes on with what the first began.
        place = _place(f"{WELCOME}/{context.aws_request_id}", at, restarts=False)
        return {"messages": look_who_listens(to, place, mode=mode, now=at)}
    ended = event.get("detail-type") == DETAIL_TYPE
    report = EndedReport.from_event(event) if ended else report_from_json(event)
    logger.set_correlation_id(report.execution)
    memory = _recall(report, to.ledger)
    news = news_in(report, memory, at)
    restarts = report.workflow not in ("hold", "withdraw", "uninstall")
    place = _place(report.execution, at, restarts=restarts)
    told = tell(news, memory, to, place, mode=mode, now=at)
    if not ended:
        _count(counts(news, memory, at))
    _count_put_back(report, to.ledger, at)
    logger.info("news told", workflow=report.workflow, trigger=report.trigger, messages=told)
    return {"messages": told}


def _recall(report: AnyReport, ledger: Rows) -> Memory:
    """What of the ledger this report can touch: no more is read."""
    own = ledger.rows(EXECUTIONS, report.execution) if _did_anything(report) else ()
    judged = report.trigger == "sweep" and report.workflow in SUSPICION
    key = sweep_row(report.workflow) if judged else None
    sweep = ledger.rows(key.pk, key.sk) if key else ()
    return replace(
        remembered(ledger),
        execution={row.key.sk: row for row in own},
        sweep=sweep[0] if sweep else None,
    )


def _did_anything(report: AnyReport) -> bool:
    """Whether there may be deeds; a quiet sweep of the network has none."""
    if isinstance(report, EndedReport):
        return False
    return not isinstance(report, NetworkReport) or bool(report.outcomes)


def _place(execution: str, at: datetime, *, restarts: bool) -> Place:
    known = _settings()
    return Place(
        known.account_id,
        known.aws_region,
        known.owner,
        execution,
        at.isoformat(timespec="seconds"),
        known.answer_hold_function,
        restarts=restarts,
    )


def _count_put_back(report: AnyReport, ledger: Rows, at: datetime) -> None:
    """Note how often routes came back: whoever takes them away for good gets them."""
    if isinstance(report, NetworkReport) and any(map(rivals.puts_back, report.outcomes)):
        rows = ledger.rows(rivals.RESTORED)
        ledger.write(rivals.counted(report.outcomes, rows, execution=report.execution, now=at))


def _count(counted: Counts) -> None:
    for name, values in counted.items():
        for value in values if isinstance(values, tuple) else (values,):
            if value or name not in _COUNTS:
                metrics.add_metric(name=name, unit=_UNITS[name], value=value)
    metrics.flush_metrics()
