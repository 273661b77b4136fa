"""What the services workflow reports: services made, changed, retired, and what is in the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import assert_never

from autopilot.notify.bus import BusEvent, DetailType
from autopilot.notify.completed import PublishKind, ServiceDeed
from autopilot.notify.finding import Finding
from autopilot.notify.reported import View
from autopilot.services.plan import Action, ServiceOutcome, change_failed
from autopilot.services.report import ServicesReport

# Verifying a private name is no news: whether it is verified is.
_DEEDS: Mapping[Action, PublishKind] = {
    "publish": "ServicesPublished",
    "change": "ServicesChanged",
    "allow": "PrincipalsChanged",
    "revoke": "PrincipalsChanged",
    "retire": "ServicesRetired",
}
_EVENTS: Mapping[PublishKind, DetailType] = {
    "ServicesPublished": "Endpoint Service Published",
    "ServicesChanged": "Endpoint Service Changed",
    "PrincipalsChanged": "Endpoint Service Principals Changed",
    "ServicesRetired": "Endpoint Service Retired",
}


def view_of_services(report: ServicesReport) -> View:
    """What `report` says."""
    failed = _failed(report)
    findings = (*(report.plan.findings if report.plan else ()), *map(change_failed, failed))
    in_vain = {f.subject for f in findings if f.kind == "ServiceChangeFailed"}
    done = [
        outcome
        for outcome in report.outcomes
        if outcome.result == "done"
        and outcome.item.action in _DEEDS
        and (outcome.id not in in_vain or outcome.refused)
    ]
    return View(
        findings=findings,
        can_resolve=lambda finding, _present: _vouches(report, finding),
        deeds=tuple(_deeds(done)),
        events=tuple(_event(outcome, report.execution) for outcome in done),
        # Nobody announces that the last connection of a service to be retired is gone.
        healed=tuple(outcome.id for outcome in done if outcome.item.action != "retire"),
        counted={"ChangesFailed": len(failed)},
        silently=frozenset(
            f"ServiceUnwanted/{o.item.service_id}" for o in done if o.item.action == "retire"
        ),
    )


def _failed(report: ServicesReport) -> tuple[ServiceOutcome, ...]:
    """The last outcome of each change, if it, or a part of it, is that it failed."""
    last = {outcome.id: outcome for outcome in report.outcomes}
    return tuple(o for o in last.values() if o.result == "failed" or o.refused)


def _deeds(done: Sequence[ServiceOutcome]) -> Iterator[ServiceDeed]:
    for kind in _EVENTS:
        of_kind = tuple(o for o in done if _DEEDS[o.item.action] == kind)
        if of_kind:
            yield ServiceDeed(kind, of_kind)


def _event(outcome: ServiceOutcome, execution: str) -> BusEvent:
    item = outcome.item
    kind = _EVENTS[_DEEDS[item.action]]
    detail = {
        "id": f"{execution.rsplit(':', 1)[-1]}/{outcome.id}/{kind}",
        "service_id": item.service_id,
        "service_name": item.service_name,
        "load_balancer_arn": item.balancer_arn,
        "action": item.action,
        "principals": list(item.principals),
        "zones": list(item.zones),
        "add_regions": list(item.add_regions),
        "remove_regions": list(item.remove_regions),
        "add_balancers": list(item.add_balancers),
        "remove_balancers": list(item.remove_balancers),
        "private_name": item.private_name,
        "reason": item.reason,
        "execution": execution,
    }
    resources = (item.service_id, item.balancer_arn)
    return BusEvent(kind, tuple(each for each in resources if each), detail)


def _vouches(report: ServicesReport, finding: Finding) -> bool:
    kind = finding.of_services
    match kind:
        case (
            "ServiceUnwanted"
            | "AlreadyPublished"
            | "PrivateNameNotVerified"
            | "PlannedServiceChange"
        ):
            return _in_sight(finding, report)
        case "ServiceChangeFailed":
            return _in_sight(finding, report) and not _put_off(finding, report)
        case "ServiceEventsNotArriving" | None:  # judged by sweeps; another workflow's
            return False
        case unknown:
            assert_never(unknown)


def _in_sight(finding: Finding, report: ServicesReport) -> bool:
    looked_at = report.plan.looked_at if report.plan else ()
    return looked_at == "all" or finding.subject.partition("/")[0] in looked_at


def _put_off(finding: Finding, report: ServicesReport) -> bool:
    """Whether the change is merely left for later, or for AWS to set a load balancer up."""
    if any(o.id == finding.subject and o.result == "done" for o in report.outcomes):
        return False
    return report.plan is not None and bool(report.plan.more or report.plan.settling)
