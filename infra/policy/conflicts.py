"""Rules that contradict each other, repeat each other, or can never match."""

from __future__ import annotations

from collections.abc import Sequence

from autopilot.policy.model import Rule, ServiceFilter

from infra.policy.report import Report
from infra.policy.rules import NO_SERVICE, Found
from infra.policy.tags import cover


def check(report: Report, allow: Sequence[Found], deny: Sequence[Found]) -> None:
    """Complain about every such rule, at its line."""
    for rules in (allow, deny):
        _repeated(report, rules)
    for found in allow:
        against = next((d for d in deny if _denies(d.rule, found.rule)), None)
        if against:
            _denied(report, found, against)


def _repeated(report: Report, rules: Sequence[Found]) -> None:
    for number, found in enumerate(rules):
        first = next((other for other in rules[:number] if other.rule == found.rule), None)
        if first and found.rule.services != NO_SERVICE:
            report.add(
                found.line,
                f"the rule on {found.rule} stands twice, first on line {first.line}",
                "keep one of them",
            )


def _denied(report: Report, allowed: Found, denied: Found) -> None:
    same = (allowed.rule.kind, allowed.rule.value) == (denied.rule.kind, denied.rule.value)
    if same and allowed.rule.services == denied.rule.services:
        report.add(
            allowed.line,
            f"{allowed.rule} is allowed here and denied on {denied.line.beside(allowed.line)}",
            "keep one of them; deny would win",
        )
    else:
        report.add(
            allowed.line,
            f"the rule on {allowed.rule} can never match:"
            f" {denied.line.beside(allowed.line)} denies {denied.rule}",
            "drop it, or deny for fewer services",
        )


def _denies(denied: Rule, allowed: Rule) -> bool:
    """Whether all that a rule of `allow` names, a rule of `deny` names too.

    Rules on units and organizations all speak of one organization.
    """
    everybody = denied.kind == "organization" and allowed.kind == "organizational_unit"
    same = (denied.kind, denied.value) == (allowed.kind, allowed.value)
    return (same or everybody) and _covers(denied.services, allowed.services)


def _covers(wide: ServiceFilter | None, narrow: ServiceFilter | None) -> bool:
    if wide is None:
        return True
    if narrow is None or NO_SERVICE in (wide, narrow):
        return False
    if wide.ids:
        return bool(narrow.ids) and set(narrow.ids) <= set(wide.ids)
    return cover(wide.tags, narrow.tags)
