"""Which news go into one message, and what an execution counts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from autopilot.core.memory import Errand, Key, Memory, Write
from autopilot.core.news import News, failed_outcomes
from autopilot.core.notice import Notice, Place
from autopilot.core.outcome import Outcome
from autopilot.core.remembered import FindingNews
from autopilot.core.report import Report
from autopilot.core.wording import about, made


@dataclass(frozen=True)
class Telling:
    """One notice, and what to write once it is out."""

    notice: Notice
    settle: tuple[Write, ...]


def tellings(news: News, refused: Collection[Key], place: Place) -> tuple[Telling, ...]:
    """The notices to publish: one for each kind of news, without those whose claim was refused.

    Failures come first: should the step die half-way, the most urgent is out.
    """
    groups: dict[tuple[str, ...], list[FindingNews]] = {}
    for each in news.findings:
        if each.errand.key not in refused:
            groups.setdefault(_group(each), []).append(each)
    told = [_about(group, place) for group in groups.values()]
    if news.changed and news.changed.key not in refused:
        told.append(Telling(made(news.done, place), (news.changed.settle,)))
    urgency = ("failure", "action", "info")
    return tuple(sorted(told, key=lambda telling: urgency.index(telling.notice.severity)))


def counts(report: Report, news: News, memory: Memory) -> Mapping[str, int]:
    """What the execution counts, by the metric's name; the quota's use in percent."""
    created = [outcome for outcome in news.done if outcome.action == "create"]
    failed = failed_outcomes(report)
    errors = [outcome.error for outcome in failed]
    errors += [report.failure.error] if report.failure else []
    counted = {
        "EndpointsCreated": len(created),
        "RouteTablesAttached": sum(len(outcome.route_table_ids) for outcome in news.done),
        "ChangesFailed": len(failed),
        "AccessDenied": errors.count("AccessDenied"),
        "OpenFindings": _open_findings(news.findings, memory),
    }
    if news.sweep:
        counted["FoundBySweep"] = 0 if news.sweep.first else news.sweep.found
    if report.plan and report.plan.quota.limit > 0:
        quota = report.plan.quota
        counted["GatewayEndpointQuotaUse"] = round(100 * quota.used / quota.limit)
    return counted


def bus_errand(news: News, refused: Collection[Key]) -> tuple[Errand, tuple[Outcome, ...]] | None:
    """The errand to put what was done on the bus, if it is ours and there is anything."""
    if news.on_the_bus is None or news.on_the_bus.key in refused:
        return None
    return news.on_the_bus, news.done


def _group(news: FindingNews) -> tuple[str, ...]:
    error = news.finding.data.get("error") if news.finding.kind == "ChangeFailed" else ""
    return news.finding.kind, news.change, "" if news.change == "resolved" else str(error)


def _about(group: Sequence[FindingNews], place: Place) -> Telling:
    notice = about(group[0].change, [news.finding for news in group], place)
    if len(group) == 1:
        # What is told later of the same finding goes into the same thread of a chat.
        notice = replace(notice, thread=f"{group[0].finding.id} {group[0].since}")
    return Telling(notice, tuple(news.errand.settle for news in group))


def _open_findings(findings: Sequence[FindingNews], memory: Memory) -> int:
    opened = {news.finding.id for news in findings if news.change != "resolved"}
    resolved = {news.finding.id for news in findings if news.change == "resolved"}
    return len((set(memory.findings) | opened) - resolved)
