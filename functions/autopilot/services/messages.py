"""What ops are told of published services: each kind of finding and of completed change, once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from autopilot.notify.arriving import not_arriving
from autopilot.notify.bus import BusEvent, ChangeDefinition, bus_event
from autopilot.notify.finding import (
    Ending,
    Finding,
    FindingDefinition,
    Present,
    defined,
    in_sight,
    not_put_off,
)
from autopilot.notify.notice import Place, Words, later
from autopilot.reconcile.codec import encode
from autopilot.services.plan import Action, ServiceOutcome, ServicesReport

_FINDINGS = partial(later, "autopilot.services.messages_findings")
_READS = later("autopilot.services.messages_changes", "services")


def change_failed(outcome: ServiceOutcome) -> Finding:
    """The finding that a change, or a part of it, failed or stayed stale until it was given up."""
    data = {**encode(outcome), "principals": list(outcome.item.principals[:20])}
    kept = {name: value for name, value in data.items() if value and name not in ("id", "result")}
    return CHANGE_FAILED.about(outcome.id, kept)


def _events(outcomes: Sequence[ServiceOutcome], execution: str) -> Iterator[BusEvent]:
    for outcome in outcomes:
        item = outcome.item
        (detail_type,) = BY_ACTION[item.action].on_the_bus
        yield bus_event(
            detail_type,
            f"{outcome.id}/{detail_type}",
            (item.service_id, item.balancer_arn),
            execution,
            service_id=item.service_id,
            service_name=item.service_name,
            load_balancer_arn=item.balancer_arn,
            action=item.action,
            principals=list(item.principals),
            zones=list(item.zones),
            add_regions=list(item.add_regions),
            remove_regions=list(item.remove_regions),
            add_balancers=list(item.add_balancers),
            remove_balancers=list(item.remove_balancers),
            private_name=item.private_name,
            reason=item.reason,
        )


def _not_put_off(report: ServicesReport, finding: Finding, present: Present) -> bool:
    """Whether the change isn't merely left for later, or for AWS to set a load balancer up."""
    settling = report.plan is not None and report.plan.settling
    done = any(o.id == finding.subject and o.result == "done" for o in report.outcomes)
    return not_put_off(report, finding, present) and (done or not settling)


def _not_arriving(findings: Sequence[Finding], place: Place) -> Words:
    still = "Load balancers are still published, but only when a sweep comes by."
    return not_arriving(findings[0].data, still, place, " of endpoint services")


PUBLISHED = ChangeDefinition("ServicesPublished", _READS, _events, ("Endpoint Service Published",))
CHANGED = ChangeDefinition("ServicesChanged", _READS, _events, ("Endpoint Service Changed",))
PRINCIPALS_CHANGED = ChangeDefinition(
    "PrincipalsChanged", _READS, _events, ("Endpoint Service Principals Changed",)
)
RETIRED = ChangeDefinition("ServicesRetired", _READS, _events, ("Endpoint Service Retired",))
CHANGES = (PUBLISHED, CHANGED, PRINCIPALS_CHANGED, RETIRED)
# Verifying a private name is no news: whether it is verified is.
BY_ACTION: Mapping[Action, ChangeDefinition] = {
    "publish": PUBLISHED,
    "change": CHANGED,
    "allow": PRINCIPALS_CHANGED,
    "revoke": PRINCIPALS_CHANGED,
    "retire": RETIRED,
}
UNWANTED = FindingDefinition(
    kind="ServiceUnwanted",
    severity="action",
    subject="endpoint service",
    data="service_name, reason, retire; connected: a number. One that goes by itself is for"
    " information.",
    reads=_FINDINGS("unwanted"),
    news=("retire", "reason"),
    is_over=in_sight,
    ending=Ending(
        "Services that nothing asked for are settled",
        "They are gone, or their load balancers are to be published again.",
        "gone, or wanted again",
    ),
)
ALREADY_PUBLISHED = FindingDefinition(
    kind="AlreadyPublished",
    severity="action",
    subject="load balancer",
    data="service_id, service_name, balancer_arn",
    reads=_FINDINGS("already_published"),
    news=("service_id",),
    is_over=in_sight,
    ending=Ending(
        "Load balancers that others had published are settled",
        "They have a service of the automation now, or are not to be published any more.",
        "no longer in the way",
    ),
)
NOT_VERIFIED = FindingDefinition(
    kind="PrivateNameNotVerified",
    severity="action",
    subject="endpoint service",
    data="service_name, private_name, state, record_type, record_name, record_value",
    reads=_FINDINGS("not_verified"),
    news=("private_name", "record_name", "record_value"),
    is_over=in_sight,
    ending=Ending(
        "Private DNS names no longer wait for their record",
        "AWS has verified them, or the service goes by another name, or is gone.",
        "verified, or gone",
    ),
)
PLANNED_CHANGE = FindingDefinition(
    kind="PlannedServiceChange",
    severity="info",
    subject="the change",
    data="the change",
    reads=_FINDINGS("planned_changes"),
    news=(
        "action",
        "principals",
        "zones",
        "add_regions",
        "remove_regions",
        "add_balancers",
        "remove_balancers",
        "private_name",
    ),
    is_over=in_sight,
    ending=Ending(
        "Planned changes of endpoint services are no longer open",
        "They were made, or nobody wants them any more.",
        "no longer open",
    ),
)
CHANGE_FAILED = FindingDefinition(
    kind="ServiceChangeFailed",
    severity="failure",
    subject="the change",
    data="the change, error, message, refused",
    reads=_FINDINGS("service_failed"),
    news=("error", "action", "refused"),
    by_error=True,
    is_over=_not_put_off,
    ending=Ending(
        "Changes of endpoint services that had failed are no longer open",
        "They were made since, or nobody wants them any more.",
        "no longer open",
    ),
)
NOT_ARRIVING = FindingDefinition(
    kind="ServiceEventsNotArriving",
    severity="action",
    subject='"sweep"',
    data="found_by_sweep, sweeps_in_a_row",
    reads=_not_arriving,
    ending=Ending(
        "Events of load balancers and services arrive again",
        "A sweep found nothing left to do.",
        "found nothing left to do",
    ),
)
FINDINGS = defined(globals())
