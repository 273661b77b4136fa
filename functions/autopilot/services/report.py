"""What the services workflow reports: services made, changed, retired, and what is in the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from autopilot.notify.ledger import Memory
from autopilot.notify.report import View
from autopilot.reconcile.outcome import last
from autopilot.services import messages
from autopilot.services.plan import ServiceOutcome, ServicesReport


def view_of(report: ServicesReport, _memory: Memory) -> View:
    """What `report` says."""
    failed = _failed(report)
    findings = (
        *(report.plan.findings if report.plan else ()),
        *map(messages.change_failed, failed),
    )
    in_vain = {f.subject for f in findings if f.kind == messages.CHANGE_FAILED.kind}
    done = [
        outcome
        for outcome in report.done
        if outcome.item.action in messages.BY_ACTION
        and (outcome.id not in in_vain or outcome.refused)
    ]
    by_kind = {
        kind: tuple(o for o in done if messages.BY_ACTION[o.item.action] is kind)
        for kind in messages.CHANGES
    }
    return View(
        findings=findings,
        judges=messages.FINDINGS,
        changes=tuple(kind.done(alike) for kind, alike in by_kind.items() if alike),
        # Nobody announces that the last connection of a service to be retired is gone.
        healed=tuple(outcome.id for outcome in done if outcome.item.action != "retire"),
        unannounced=messages.NOT_ARRIVING,
        counted={"ChangesFailed": len(failed)},
        silently=frozenset(_told_by(done)),
    )


def _told_by(done: Iterable[ServiceOutcome]) -> Iterator[str]:
    """The findings whose end goes without a word, since what was done tells it."""
    for outcome in done:
        yield f"{messages.PLANNED_CHANGE.kind}/{outcome.id}"
        if outcome.item.action == "retire":
            yield f"{messages.UNWANTED.kind}/{outcome.item.service_id}"


def _failed(report: ServicesReport) -> tuple[ServiceOutcome, ...]:
    """The last outcome of each change, if it, or a part of it, is that it failed."""
    return tuple(o for o in last(report.outcomes).values() if o.result == "failed" or o.refused)
