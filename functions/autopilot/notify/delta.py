"""What is new to ops in what an execution reports, given what they have been told before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from autopilot.notify.bus import BusEvent
from autopilot.notify.completed import CompletedChange
from autopilot.notify.finding import Finding
from autopilot.notify.ledger import (
    Delivery,
    Key,
    Memory,
    Row,
    Write,
    claimed_elsewhere,
    delivery,
    waits,
)
from autopilot.notify.notice import Change
from autopilot.notify.remembered import (
    EXPIRING,
    FindingNews,
    finding_of,
    fingerprint,
    has_expired,
    shortened,
    telling,
)
from autopilot.notify.sweeps import SUSPICION, Sweep, remember, sweep_of
from autopilot.reconcile.failure import FORMERLY
from autopilot.reported import View, view_of
from autopilot.workflows import AnyReport

EXECUTIONS = "execution"
ON_THE_BUS = "bus events"
REMEMBERED = timedelta(days=90)
"""An execution's name is taken for so long: none can come again after that."""


@dataclass(frozen=True)
class ChangeDelta:
    """Something that was done; `delivery` None: ops know already."""

    deed: CompletedChange
    delivery: Delivery | None


@dataclass(frozen=True)
class Delta:
    """All that is to be told, and what is to be remembered before it is.

    `on_the_bus` puts `events` on the event bus; None: they are there already. `silent` forgets
    findings whose end a deed tells, once it is told. `lapsed` are over before anybody heard.
    """

    view: View
    findings: tuple[FindingNews, ...]
    deeds: tuple[ChangeDelta, ...]
    on_the_bus: Delivery | None
    silent: tuple[Write, ...]
    sweep: Sweep | None
    remember: Write | None
    lapsed: tuple[Row, ...] = ()

    @property
    def events(self) -> tuple[BusEvent, ...]:
        """What was done, for the event bus."""
        return self.view.events

    @property
    def claims(self) -> tuple[Write, ...]:
        """What to write before anything is told: a claim that is refused is somebody else's."""
        told = [*(each.delivery for each in self.findings), *(each.delivery for each in self.deeds)]
        errands = [*told, self.on_the_bus]
        claims = [each.claim for each in errands if each and each.claim]
        return tuple([self.remember, *claims] if self.remember else claims)


def news_in(report: AnyReport, memory: Memory, now: datetime) -> Delta:
    """Compare `report` with `memory`. `now` is aware and in UTC."""
    view = view_of(report, memory)
    sweep = sweep_of(report, view.healed, memory)
    present = {finding.id: finding for finding in _present(report, view, sweep)}
    found = [_about(finding, report, memory, now) for finding in present.values()]
    over = [
        row
        for id_, row in memory.findings.items()
        if id_ not in present
        and report.went_well
        and _is_over(finding_of(row), report, view, present, sweep)
    ]
    aloud = [row for row in over if row.key.sk not in view.silently]
    gone = [_gone(row, report, now) for row in aloud if not waits(row)]
    return Delta(
        view=view,
        findings=tuple(news for news in (*found, *gone) if news),
        deeds=tuple(
            ChangeDelta(deed, _once(deed.kind, report, memory, now)) for deed in view.deeds
        ),
        on_the_bus=_once(ON_THE_BUS, report, memory, now) if view.events else None,
        silent=tuple(
            Write(row.key, None, row.version) for row in over if row.key.sk in view.silently
        ),
        sweep=sweep,
        remember=remember(report.workflow, sweep, memory, now) if sweep else None,
        lapsed=tuple(filter(waits, aloud)),
    )


def _present(report: AnyReport, view: View, sweep: Sweep | None) -> Iterator[Finding]:
    """Everything that is wrong as far as this execution can tell."""
    yield from map(shortened, view.findings)
    if report.failure:
        failure = report.failure
        data = {
            "workflow": report.workflow,
            "state": failure.state,
            "error": failure.error,
            "cause": failure.cause,
            "trigger": report.trigger,
        }
        subject = f"{report.workflow}/{failure.state}"
        yield shortened(Finding("WorkflowFailed", subject, "failure", data))
    if sweep and sweep.suspicious:
        healed = {"found_by_sweep": sweep.total, "sweeps_in_a_row": sweep.streak}
        yield Finding(SUSPICION[report.workflow], "sweep", "action", healed)


def _about(
    finding: Finding, report: AnyReport, memory: Memory, now: datetime
) -> FindingNews | None:
    """What is new about a finding that is there."""
    row = memory.findings.get(finding.id)
    if row is None:
        return telling("opened", finding, None, execution=report.execution, now=now)
    over = row.body["change"] == "resolved" or has_expired(row, now)
    same = row.body["fingerprint"] == fingerprint(finding) and not over
    if same and (row.told or waits(row) or claimed_elsewhere(row, report.execution, now)):
        return None
    # What wasn't told to the end may never have been told: say again what it was to be.
    untold = not row.told and row.body["change"] != "changed"
    change: Change = "opened" if untold or over else "changed"
    return telling(change, finding, row, execution=report.execution, now=now)


def _gone(row: Row, report: AnyReport, now: datetime) -> FindingNews | None:
    """What is new about a finding that is over."""
    if claimed_elsewhere(row, report.execution, now):
        return None
    return telling("resolved", finding_of(row), row, execution=report.execution, now=now)


def _is_over(
    finding: Finding,
    report: AnyReport,
    view: View,
    present: Mapping[str, Finding],
    sweep: Sweep | None,
) -> bool:
    """Whether this execution, which went well, can vouch that a finding it doesn't see is gone."""
    if finding.kind == "WorkflowFailed":
        name = str(finding.data.get("workflow"))
        return FORMERLY.get(name, name) == report.workflow and _as_far(finding, report)
    if finding.kind == SUSPICION.get(report.workflow):
        return sweep is not None and sweep.clean
    return finding.kind not in EXPIRING and view.can_resolve(finding, present)


def _as_far(failed: Finding, report: AnyReport) -> bool:
    """Whether `report` reaches as far as what failed: one VPC gone well says nothing of all."""
    return failed.data.get("trigger") in ("event", report.trigger) or report.looked_at_all


def _once(what: str, report: AnyReport, memory: Memory, now: datetime) -> Delivery | None:
    """The errand to do `what` for this execution, unless it has been done."""
    key = Key(EXECUTIONS, f"{report.execution}/{what}")
    known = memory.execution.get(key.sk)
    if known and known.told:
        return None
    expires = int((now + REMEMBERED).timestamp())
    row = Row(key, 0, False, report.execution, now.isoformat(), expires_at=expires)
    return delivery(row, known, execution=report.execution, now=now)
