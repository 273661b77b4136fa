"""What our removals have in common when ops are told of them, whoever wanted them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from autopilot.notify.bus import BusEvent, bus_event
from autopilot.notify.finding import Finding, FindingDefinition
from autopilot.notify.notice import Place, Step
from autopilot.notify.phrases import MOST_COMMANDS, command, listed
from autopilot.reconcile.outcome import last
from autopilot.reconcile.removal import RemovalOutcome

_WORDS = {
    "leave tables": "take its routes out of {}",
    "leave subnets": "take it out of {}",
    "drop groups": "take {} off it",
    "delete endpoint": "delete it",
    "delete group": "delete the security group",
    "delete service": "delete the endpoint service",
    "delete parameter": "delete the parameter",
}
_REMOVED = {
    "leave tables": "remove-route-table-ids",
    "leave subnets": "remove-subnet-ids",
    "drop groups": "remove-security-group-ids",
}
_DELETED = {
    "delete endpoint": "ec2 delete-vpc-endpoints --vpc-endpoint-ids",
    "delete group": "ec2 delete-security-group --group-id",
    "delete service": "ec2 delete-vpc-endpoint-service-configurations --service-ids",
    "delete parameter": "ssm delete-parameter --name",
}


def done_in(outcomes: Sequence[RemovalOutcome]) -> tuple[RemovalOutcome, ...]:
    """What went, or was gone."""
    return tuple(each for each in last(outcomes).values() if each.result == "done")


def failed_in(outcomes: Sequence[RemovalOutcome]) -> tuple[RemovalOutcome, ...]:
    """What failed, and what stayed stale through all rounds."""
    return tuple(each for each in last(outcomes).values() if each.result != "done")


def removal_failed(definition: FindingDefinition, outcome: RemovalOutcome) -> Finding:
    """The finding that a removal failed."""
    item = outcome.item
    data = {
        "error": outcome.error,
        "message": outcome.message,
        "action": item.action,
        "thing": item.resource_id,
        "parts": list(item.parts),
        "reason": item.reason,
    }
    return definition.about(
        f"{item.vpc_id}/{item.resource_id}" if item.vpc_id else item.resource_id, data
    )


def removal_events(
    detail_type: str, outcomes: Sequence[RemovalOutcome], execution: str
) -> Iterator[BusEvent]:
    """The events of what went of our endpoints; groups and the like make none."""
    for outcome in outcomes:
        item = outcome.item
        if item.resource_id.startswith("vpce-") and item.service:
            yield bus_event(
                detail_type,
                f"{item.id}/{detail_type}",
                (item.vpc_id, item.resource_id, *item.parts),
                execution,
                vpc_id=item.vpc_id,
                endpoint_id=item.resource_id,
                service_name=item.service,
                action=item.action,
                parts=list(item.parts),
                deleted=outcome.deleted,
                reason=item.reason,
                by=item.by,
                until=item.until,
            )


def in_words(action: str, parts: Iterable[object]) -> str:
    """What a removal does to the thing that is named: "take its routes out of rtb-1"."""
    return _WORDS.get(action, action).format(listed(map(str, parts)) or "there")


def by_hand(findings: Sequence[Finding], place: Place) -> list[Step]:
    """How a person does what findings' removals would have done."""
    return [
        Step(f"To do it yourself for {finding.subject}:", _command(finding, place))
        for finding in findings[:MOST_COMMANDS]
    ]


def _command(finding: Finding, place: Place) -> str:
    action, thing = finding.text("action"), finding.text("thing")
    if action in _DELETED:
        return command(place, _DELETED[action], thing)
    if action not in _REMOVED:
        return ""
    parts = " ".join(map(str, finding.data.get("parts") or ()))
    call = f"ec2 modify-vpc-endpoint --vpc-endpoint-id {thing} --{_REMOVED[action]} {parts}"
    return command(place, call)
