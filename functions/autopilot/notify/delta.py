"""What is new to ops in what an execution reports, given what they have been told before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from autopilot.notify.bus import BusEvent, CompletedChange
from autopilot.notify.error_explanations import WORKFLOW_FAILED
from autopilot.notify.finding import Catalog, Finding, FindingDefinition, Present, shortened
from autopilot.notify.ledger import (
    Delivery,
    FindingDelta,
    Key,
    Memory,
    Row,
    Write,
    claimed_elsewhere,
    delivery,
    finding_delta,
    finding_of,
    fingerprint,
    has_expired,
    waits,
)
from autopilot.notify.names import keeper
from autopilot.notify.notice import Change
from autopilot.notify.report import Report, View
from autopilot.notify.sweeps import Sweep, remember, sweep_of

EXECUTIONS = "execution"
ON_THE_BUS = "bus events"
REMEMBERED = timedelta(days=90)
"""An execution's name is taken for so long: none can come again after that."""


@dataclass(frozen=True)
class ChangeDelta:
    """Something that was done; `delivery` None: ops know already."""

    change: CompletedChange
    delivery: Delivery | None


@dataclass(frozen=True)
class Delta:
    """All that is to be told, and what is to be remembered before it is.

    `on_the_bus` puts `events` on the event bus; None: they are there already. `silent` forgets
    findings whose end a change tells, once it is told. `lapsed` are over before anybody heard.
    """

    view: View
    findings: tuple[FindingDelta, ...]
    changes: tuple[ChangeDelta, ...]
    events: tuple[BusEvent, ...]
    on_the_bus: Delivery | None
    silent: tuple[Write, ...]
    sweep: Sweep | None
    remember: Write | None
    lapsed: tuple[Row, ...] = ()

    @property
    def claims(self) -> tuple[Write, ...]:
        """What to write before anything is told: a claim that is refused is somebody else's."""
        told = [*(each.delivery for each in self.findings), *(c.delivery for c in self.changes)]
        claims = [each.claim for each in (*told, self.on_the_bus) if each and each.claim]
        return tuple([self.remember, *claims] if self.remember else claims)

    @property
    def says_something(self) -> bool:
        """Whether there is anything to tell, or to forget."""
        return bool(self.claims or self.lapsed or self.silent)


@dataclass(frozen=True)
class _Comparison:
    """One report beside what ops know."""

    report: Report
    view: View
    memory: Memory
    catalog: Catalog
    now: datetime
    sweep: Sweep | None


def delta_in(report: Report, view: View, memory: Memory, catalog: Catalog, now: datetime) -> Delta:
    """Compare what `report` says with `memory`. `now` is aware and in UTC."""
    judged = report.trigger == "sweep" and view.unannounced
    sweep = sweep_of(report, view, memory) if judged else None
    compared = _Comparison(report, view, memory, catalog, now, sweep)
    present = {finding.id: finding for finding in _present(compared)}
    over = list(_over(compared, present))
    aloud = [row for row in over if row.key.sk not in view.silently]
    found = [_about(finding, compared) for finding in present.values()]
    gone = [_gone(row, compared) for row in aloud if not waits(row)]
    events = tuple(_events(view, report.execution))
    return Delta(
        view=view,
        findings=tuple(each for each in (*found, *gone) if each),
        changes=tuple(ChangeDelta(each, _once(each.key, compared)) for each in view.changes),
        events=events,
        on_the_bus=_once(ON_THE_BUS, compared) if events else None,
        silent=tuple(
            Write(row.key, None, row.version) for row in over if row.key.sk in view.silently
        ),
        sweep=sweep,
        remember=remember(report.workflow, sweep, memory, now) if sweep else None,
        lapsed=tuple(filter(waits, aloud)),
    )


def _events(view: View, execution: str) -> Iterator[BusEvent]:
    """What was done, for the bus."""
    for change in view.changes:
        yield from change.on_bus(execution)
    yield from view.others


def _present(of: _Comparison) -> Iterator[Finding]:
    """Everything that is wrong as far as this execution can tell."""
    yield from map(shortened, of.view.findings)
    if failure := of.report.failure:
        data = {
            "workflow": of.report.workflow,
            "state": failure.state,
            "error": failure.error,
            "cause": failure.cause,
            "trigger": of.report.trigger,
        }
        yield shortened(WORKFLOW_FAILED.about(f"{of.report.workflow}/{failure.state}", data))
    if of.view.unannounced and of.sweep and of.sweep.suspicious:
        healed = {"found_by_sweep": of.sweep.total, "sweeps_in_a_row": of.sweep.streak}
        yield of.view.unannounced.about("sweep", healed)


def _over(of: _Comparison, present: Present) -> Iterator[Row]:
    """What this execution doesn't find, if it went well and shows that it is gone."""
    if of.report.went_well:
        for id_, row in of.memory.findings.items():
            if id_ not in present and _is_over(finding_of(row), of, present):
                yield row


def _is_over(finding: Finding, of: _Comparison, present: Present) -> bool:
    if of.view.unannounced and finding.kind == of.view.unannounced.kind:
        return of.sweep is not None and of.sweep.clean
    judges: tuple[FindingDefinition, ...] = (*of.view.judges, WORKFLOW_FAILED)
    own = next((each for each in judges if each.kind == finding.kind), None)
    return own is not None and own.is_over(of.report, finding, present)


def _about(finding: Finding, of: _Comparison) -> FindingDelta | None:
    """What is new about a finding that is there."""
    row = of.memory.findings.get(finding.id)
    if row is None:
        return _delta("opened", finding, None, of)
    over = row.body["change"] == "resolved" or has_expired(row, of.now)
    definition = of.catalog[finding.kind]
    same = row.body["fingerprint"] == fingerprint(finding, definition) and not over
    elsewhere = claimed_elsewhere(row, of.report.execution, of.now)
    if same and (row.told or waits(row) or elsewhere):
        return None
    # What wasn't told to the end may never have been told: say again what it was to be.
    untold = not row.told and row.body["change"] != "changed"
    return _delta("opened" if untold or over else "changed", finding, row, of)


def _gone(row: Row, of: _Comparison) -> FindingDelta | None:
    """What is new about a finding that is over."""
    if claimed_elsewhere(row, of.report.execution, of.now):
        return None
    return _delta("resolved", finding_of(row), row, of)


def _delta(change: Change, finding: Finding, row: Row | None, of: _Comparison) -> FindingDelta:
    definition = of.catalog[finding.kind]
    execution = of.report.execution
    return finding_delta(
        change,
        finding,
        row,
        definition,
        execution=execution,
        now=of.now,
        keep=keeper(of.view.names, of.view.owners),
    )


def _once(what: str, of: _Comparison) -> Delivery | None:
    """The right to do `what` for this execution, unless it has been done."""
    execution = of.report.execution
    key = Key(EXECUTIONS, f"{execution}/{what}")
    known = of.memory.execution.get(key.sk)
    if known and known.told:
        return None
    expires = int((of.now + REMEMBERED).timestamp())
    row = Row(key, 0, False, execution, of.now.isoformat(), expires_at=expires)
    return delivery(row, known, execution=execution, now=of.now)
