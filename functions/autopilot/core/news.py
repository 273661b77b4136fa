"""What is new to ops in what an execution reports, given what they have been told before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, assert_never

from autopilot.core.finding import Finding, change_failed
from autopilot.core.memory import Errand, Key, Memory, Row, Write, claimed_elsewhere, errand
from autopilot.core.notice import Change
from autopilot.core.outcome import Outcome
from autopilot.core.remembered import (
    FindingNews,
    finding_of,
    fingerprint,
    shortened,
    telling,
)
from autopilot.core.report import Report
from autopilot.core.sweeps import Sweep, remember, sweep_of

EXECUTIONS = "execution"
CHANGED, ON_THE_BUS = "GatewayEndpointsChanged", "bus events"
# A name is taken for 90 days: no execution can come again after that.
_REMEMBERED = timedelta(days=90)
_MOST_LEFT_UNDONE = 50


@dataclass(frozen=True)
class News:
    """All that is to be told, and what is to be remembered before it is.

    `changed` tells ops of `done`, `on_the_bus` puts it on the event bus; None: both know already.
    """

    findings: tuple[FindingNews, ...]
    done: tuple[Outcome, ...]
    changed: Errand | None
    on_the_bus: Errand | None
    sweep: Sweep | None
    remember: Write | None

    @property
    def claims(self) -> tuple[Write, ...]:
        """What to write before anything is told: a claim that is refused is somebody else's."""
        errands = [*(news.errand for news in self.findings), self.changed, self.on_the_bus]
        claims = [each.claim for each in errands if each and each.claim]
        return tuple([self.remember, *claims] if self.remember else claims)


def news_in(report: Report, memory: Memory, now: datetime) -> News:
    """Compare `report` with `memory`. `now` is aware and in UTC."""
    sweep = sweep_of(report, memory)
    present = {finding.id: finding for finding in _present(report, memory, sweep)}
    found = [_about(finding, report, memory, now) for finding in present.values()]
    gone = [
        _gone(row, report, now)
        for id_, row in memory.findings.items()
        if id_ not in present
        and report.went_well
        and _is_over(finding_of(row), report, present, sweep)
    ]
    done = tuple(outcome for outcome in report.outcomes if outcome.result == "done")
    return News(
        findings=tuple(news for news in (*found, *gone) if news),
        done=done,
        changed=_once(CHANGED, report, memory, now) if done else None,
        on_the_bus=_once(ON_THE_BUS, report, memory, now) if done else None,
        sweep=sweep,
        remember=remember(sweep, memory, now) if sweep else None,
    )


def failed_outcomes(report: Report) -> tuple[Outcome, ...]:
    """The last outcome of each change, if it is that it failed."""
    last = {outcome.id: outcome for outcome in report.outcomes}
    return tuple(outcome for outcome in last.values() if outcome.result == "failed")


def _present(report: Report, memory: Memory, sweep: Sweep | None) -> Iterator[Finding]:
    """Everything that is wrong as far as this execution can tell."""
    for finding in report.plan.findings if report.plan else ():
        if not _outdone(finding, report, memory):
            yield shortened(_with_what_others_left(finding, report, memory))
    for outcome in failed_outcomes(report):
        yield shortened(change_failed(outcome))
    if report.failure:
        failure = report.failure
        data = {"error": failure.error, "cause": failure.cause, "trigger": report.trigger}
        yield shortened(Finding("WorkflowFailed", failure.state, "failure", data))
    if sweep and sweep.suspicious:
        healed = {"found_by_sweep": sweep.total, "sweeps_in_a_row": sweep.streak}
        yield Finding("EventsNotArriving", "sweep", "action", healed)


def _outdone(finding: Finding, report: Report, memory: Memory) -> bool:
    """Whether ops know worse: a look at some VPCs calls a quota near that stopped us elsewhere."""
    everything = report.plan is not None and report.plan.looked_at == "all"
    reached = f"QuotaReached/{finding.subject}"
    return finding.kind == "QuotaNear" and not everything and reached in memory.findings


def _with_what_others_left(finding: Finding, report: Report, memory: Memory) -> Finding:
    """A full quota concerns the Region, a look at some VPCs sees only what these go without."""
    known = memory.findings.get(finding.id)
    looked_at = report.plan.looked_at if report.plan else ()
    if finding.kind != "QuotaReached" or known is None or looked_at == "all":
        return finding
    before: Mapping[str, Any] = finding_of(known).data
    elsewhere = {
        item for item in before.get("left_undone", ()) if item.split("/")[0] not in looked_at
    }
    left = sorted(elsewhere | set(finding.data.get("left_undone", ())))
    return replace(
        finding,
        data={
            **finding.data,
            "left_undone": left[:_MOST_LEFT_UNDONE],
            "left_undone_count": max(len(left), before.get("left_undone_count", 0)),
        },
    )


def _about(finding: Finding, report: Report, memory: Memory, now: datetime) -> FindingNews | None:
    """What is new about a finding that is there."""
    row = memory.findings.get(finding.id)
    if row is None:
        return telling("opened", finding, None, execution=report.execution, now=now)
    same = row.body["fingerprint"] == fingerprint(finding) and row.body["change"] != "resolved"
    if same and (row.told or claimed_elsewhere(row, report.execution, now)):
        return None
    # What wasn't told to the end may never have been told: say again what it was to be.
    untold = not row.told and row.body["change"] != "changed"
    change: Change = "opened" if untold or row.body["change"] == "resolved" else "changed"
    return telling(change, finding, row, execution=report.execution, now=now)


def _gone(row: Row, report: Report, now: datetime) -> FindingNews | None:
    """What is new about a finding that is over."""
    if claimed_elsewhere(row, report.execution, now):
        return None
    return telling("resolved", finding_of(row), row, execution=report.execution, now=now)


def _is_over(
    finding: Finding, report: Report, present: Mapping[str, Finding], sweep: Sweep | None
) -> bool:
    """Whether this execution, which went well, can vouch that a finding it doesn't see is gone."""
    looked_at = report.plan.looked_at if report.plan else ()
    seen = looked_at == "all" or (finding.vpc_id or "") in looked_at
    match finding.kind:
        case "RouteTableBusy" | "PlannedChange" | "EndpointFailed" | "QuotaReached":
            return seen
        case "QuotaNear":
            return seen and f"QuotaReached/{finding.subject}" not in present
        case "ChangeFailed":
            return seen and _not_left_for_later(finding.subject, report, present)
        case "WorkflowFailed":
            # One VPC that goes well says nothing of a look at all that didn't.
            return finding.data.get("trigger") in ("event", report.trigger) or looked_at == "all"
        case "EventsNotArriving":
            return sweep is not None and sweep.clean
        case unknown:
            assert_never(unknown)


def _not_left_for_later(item: str, report: Report, present: Mapping[str, Finding]) -> bool:
    """Whether the change of `item` was made, or is not wanted any more: not merely put off."""
    if any(outcome.id == item and outcome.result == "done" for outcome in report.outcomes):
        return True
    left = {id_ for finding in present.values() for id_ in finding.data.get("left_undone", ())}
    return item not in left and not (report.plan and report.plan.more)


def _once(what: str, report: Report, memory: Memory, now: datetime) -> Errand | None:
    """The errand to do `what` for this execution, unless it has been done."""
    key = Key(EXECUTIONS, f"{report.execution}/{what}")
    known = memory.execution.get(key.sk)
    if known and known.told:
        return None
    expires = int((now + _REMEMBERED).timestamp())
    row = Row(key, 0, False, report.execution, now.isoformat(), expires_at=expires)
    return errand(row, known, execution=report.execution, now=now)
