"""Tells ops what is new at once, or keeps it while nobody listens and tells it in one digest."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from autopilot.aws.errors import AwsError, ServiceUnavailable, Throttled
from autopilot.aws.outlets import Outlets, Publishes
from autopilot.notify import audience, history
from autopilot.notify.audience import AUDIENCE, UNTOLD
from autopilot.notify.delta import EXECUTIONS, Delta
from autopilot.notify.digest import digests
from autopilot.notify.finding import Catalog
from autopilot.notify.ledger import FINDINGS, Delivery, Key, Memory, Rows, Write
from autopilot.notify.notice import Place, later
from autopilot.notify.report import Counts, Report, View
from autopilot.notify.sweeps import sweep_row
from autopilot.workflows import CATALOG

if TYPE_CHECKING:  # most looks have nothing to tell, and don't load what writes mails
    from autopilot.notify.notice import Notice

message = later("autopilot.notify.render", "message")
logger = Logger()
_MOST_LOGGED = 50
metrics = Metrics()
# Each is paid for by the hour in which it is written. A count of nothing isn't: a graph shows the
# same without it.
_COUNTS = frozenset({"ActionsTaken", "ChangesFailed", "FoundBySweep"})
_UNITS = {
    **dict.fromkeys((*_COUNTS, "OpenFindings", "HoldsOpen"), MetricUnit.Count),
    **dict.fromkeys(("OldestHoldAge", "AnswerTime"), MetricUnit.Seconds),
    "GatewayEndpointQuotaUse": MetricUnit.Percent,
}


class Told(NamedTuple):
    """How many messages went out; `forgotten`: why what happened couldn't be remembered, if so."""

    messages: int
    forgotten: AwsError | None


def remembered(ledger: Rows) -> Memory:
    """What ops know, and what waits to be told."""
    return Memory(
        findings={row.key.sk: row for row in ledger.rows(FINDINGS)},
        untold={row.key.sk: row for row in ledger.rows(UNTOLD)},
    )


def recalled(report: Report, view: View, memory: Memory, ledger: Rows) -> Memory:
    """Of the ledger also what this report can touch: no more is read."""
    acted = view.changes or view.others
    own = ledger.rows(EXECUTIONS, report.execution) if acted else ()
    judged = report.trigger == "sweep" and view.unannounced
    sweep = ledger.rows(*sweep_row(report.workflow)) if judged else ()
    return memory._replace(
        execution={row.key.sk: row for row in own}, sweep=sweep[0] if sweep else None
    )


def tell(
    delta: Delta, memory: Memory, to: Outlets, place: Place, *, mode: str, now: datetime
) -> Told:
    """Tell what is new, or keep it for whoever will listen, and remember it as history.

    Raises AwsErrors; nothing is lost by repeating.
    """
    unheard = memory.untold or memory.waits
    if unheard or delta.says_something:
        if not somebody_listens(to.ops, memory):
            return Told(0, _keep(delta, memory, to, place, now))
        due = unheard and audience.welcome_is_due(memory)
        if due and (right := _claimed(memory, to, place, now)):
            forgotten = _keep(delta, memory, to, place, now)
            _welcome(right, to, place, mode, now)
            return Told(1, forgotten)
    return _tell(delta, memory, to, place, now)


def look_who_listens(to: Outlets, place: Place, *, mode: str, now: datetime) -> int:
    """Welcome who has begun to listen, note when nobody does; how many messages went out."""
    # Every few minutes, for as long as nobody listens: what waits is not read for that.
    row = {row.key.sk: row for row in to.ledger.rows(UNTOLD, AUDIENCE.sk)}
    if not somebody_listens(to.ops, Memory(untold=row)):
        to.ledger.write(audience.muted(Memory(untold=row), now))
        return 0
    memory = remembered(to.ledger)
    if not audience.welcome_is_due(memory, at_first=True):
        return 0
    if right := _claimed(memory, to, place, now):
        _welcome(right, to, place, mode, now)
        return 1
    return 0


def somebody_listens(ops: Publishes, memory: Memory) -> bool:
    """Whether somebody listens; yes if AWS doesn't say: no news is kept back for a permission.

    While AWS is busy it is as it was: what was done unheard is told once, not to nobody.
    """
    try:
        return ops.listens()
    except (Throttled, ServiceUnavailable):
        logger.exception("not known whether anybody listens")
        return not audience.nobody_listened(memory)
    except AwsError:
        logger.exception("not known whether anybody listens")
        return True


def note(view: View, ledger: Rows, now: datetime) -> None:
    """Write what the workflow itself remembers of what it did."""
    if view.noted:
        ledger.write(view.noted.writes(ledger.rows(view.noted.partition), now))


def measure(counts: Counts) -> None:
    """Write what an execution has counted as metrics."""
    for name, values in counts.items():
        for value in values if isinstance(values, tuple) else (values,):
            if value or name not in _COUNTS:
                metrics.add_metric(name=name, unit=_UNITS[name], value=value)
    metrics.flush_metrics()


def _claimed(memory: Memory, to: Outlets, place: Place, now: datetime) -> Delivery | None:
    """The right to welcome, if nobody else has it."""
    right = audience.to_welcome(memory, place.execution, now)
    if right and right.claim and to.ledger.write([right.claim]):
        return None
    return right


def _keep(
    delta: Delta, memory: Memory, to: Outlets, place: Place, now: datetime
) -> AwsError | None:
    """Keep what is new until somebody listens; why it isn't history too, if so.

    Both are written at once, as far as a transaction goes: who tries again knows of both or none.
    """
    claim = delta.on_the_bus.claim if delta.on_the_bus else None
    refused = to.ledger.write([write for write in (delta.remember, claim) if write])
    kept, forgotten = audience.kept(delta, memory, place, now), None
    past = history.writes_of(delta, memory, place, _catalog(to), now, lapsed=True)
    try:
        to.ledger.write([*kept, *past])
    except AwsError as error:
        forgotten = _forgotten(past, error)
        to.ledger.write(kept)
    _put_on_bus(delta, refused, to)
    return forgotten


def _welcome(right: Delivery, to: Outlets, place: Place, mode: str, now: datetime) -> None:
    memory = remembered(to.ledger)
    place = place.knowing(memory.names, memory.owners)
    digest = audience.welcome(memory, place, mode, _catalog(to), now)
    _publish(digest.notice, to, place)
    to.ledger.write(digest.settle)
    to.ledger.write([right.settle])
    logger.info("welcomed", findings=sum(digest.notice.counts.values()))


def _tell(delta: Delta, memory: Memory, to: Outlets, place: Place, now: datetime) -> Told:
    """Publish, then note that ops know: a crash in between tells twice, never not at all.

    What doesn't get through keeps nothing off the bus; its error is raised at the end. History is
    written as soon as the right to tell is had: what is told is no news to another try.
    """
    refused = to.ledger.write(delta.claims)
    past = history.writes_of(delta, memory, place, _catalog(to), now, refused=refused)
    forgotten = _remember(past, to.ledger)
    told, errors = 0, list[AwsError]()
    for digest in digests(delta, refused, place, _catalog(to)):
        try:
            _publish(digest.notice, to, place)
            to.ledger.write(digest.settle)
            told += 1
        except AwsError as error:
            logger.exception("message not published", kind=digest.notice.kind)
            errors.append(error)
    _put_on_bus(delta, refused, to)
    if errors:
        raise errors[0]
    to.ledger.write(delta.silent)
    if refused:
        logger.info("told elsewhere", count=len(refused))
    return Told(told, forgotten)


def _publish(notice: Notice, to: Outlets, place: Place) -> None:
    """Publish it. The hub hears it first: it drops what it has heard, a topic doesn't; what it
    can't be told keeps nothing from the topic. Raises AwsErrors."""
    said, unheard = message(notice, place), None
    try:
        if to.hub:
            to.hub.tell(notice, said, place)
    except AwsError as error:
        unheard = error
    to.ops.publish(said)
    if unheard:
        raise unheard


def _catalog(to: Outlets) -> Catalog:
    return to.catalog or CATALOG


def _remember(past: Sequence[Write], ledger: Rows) -> AwsError | None:
    """Write history; the error if that can't be: it keeps no message back."""
    try:
        if past:
            ledger.write(past)
    except AwsError as error:
        return _forgotten(past, error)
    return None


def _forgotten(past: Sequence[Write], error: AwsError) -> AwsError:
    """The log keeps what history doesn't, for as long as logs are kept."""
    days = [each.row for each in past if each.row and each.key.pk.startswith("day/")]
    said = [f"{row.key.sk}: {row.body['what']}" for row in days]
    logger.error("not remembered as history", error=str(error), entries=said[:_MOST_LOGGED])
    return error


def _put_on_bus(delta: Delta, refused: Collection[Key], to: Outlets) -> None:
    """Put what was done on the bus, if it is ours and there is anything."""
    if delta.on_the_bus and delta.on_the_bus.key not in refused:
        to.bus.put(delta.events)
        to.ledger.write([delta.on_the_bus.settle])
