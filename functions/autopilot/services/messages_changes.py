"""How ops are told of endpoint services that were published, changed or retired."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from autopilot.notify.notice import Place, Step, Subject, Words
from autopilot.notify.phrases import (
    command,
    counted,
    fine,
    fine_if,
    first_few,
    listed,
    look_at,
    sentence,
)
from autopilot.reconcile.codec import encode
from autopilot.reconcile.outcome import told_of
from autopilot.services.facts import name_of
from autopilot.services.plan import Action, ServiceItem, ServiceOutcome

_ANSWERED = "Requests to connect are answered as `connections` in autopilot.yaml says."
_LISTED = (
    "given the permission list of autopilot.yaml",
    f"The list says who may ask. {_ANSWERED}",
)
# What was done to services, and what that means.
_DONE: Mapping[Action, tuple[str, str]] = {
    "publish": ("published", "Consumers whom its permission list names may ask to connect."),
    "change": ("put right", "That is how autopilot.yaml wants it."),
    "allow": _LISTED,
    "revoke": _LISTED,
    "retire": (
        "retired",
        "Nothing answers under its name any more. Consumers' endpoints stay in their VPCs, of no"
        " use.",
    ),
}

_BRIEF: Mapping[Action, str] = dict.fromkeys(("allow", "revoke"), "permission list set")


def services(outcomes: Sequence[ServiceOutcome], place: Place) -> Words:
    """Services that were published, changed or retired, all alike."""
    verb, meant = _DONE[outcomes[0].item.action]
    many = counted(len({outcome.item.service_id for outcome in outcomes}), "endpoint service")
    was = "was" if many.startswith("1 ") else "were"
    return Words(
        title=f"{many} {verb}{_of(outcomes)}",
        what=(f"{many} {was} {verb}.", meant),
        why=first_few(list(dict.fromkeys(sentence(o.item.reason) for o in outcomes)), "reason"),
        subjects=tuple(Subject(o.item.service_id, _did(o.item), told_of(o)) for o in outcomes),
        steps=tuple(_after(outcomes, place)),
        brief=_BRIEF.get(outcomes[0].item.action, f"{many} {verb}".replace("endpoint ", "")),
    )


def details(item: Mapping[str, Any]) -> str:
    """What an item, as JSON, changes: "zones us-east-1a, private DNS name api.example.com"."""
    parts = (
        ("load balancers added", listed(_names(item.get("add_balancers")))),
        ("load balancers removed", listed(_names(item.get("remove_balancers")))),
        ("zones", listed(item.get("zones") or ())),
        ("Regions added", listed(item.get("add_regions") or ())),
        ("Regions removed", listed(item.get("remove_regions") or ())),
        ("private DNS name", item.get("private_name")),
        ("acceptance required", "again" if item.get("require_acceptance") else ""),
    )
    return ", ".join(f"{what} {which}" for what, which in parts if which)


def _names(arns: Sequence[str] | None) -> list[str]:
    return [name_of(arn) for arn in arns or ()]


def _of(outcomes: Sequence[ServiceOutcome]) -> str:
    named = dict.fromkeys(name_of(o.item.balancer_arn) for o in outcomes if o.item.balancer_arn)
    return f" ({listed(named, 2)})" if named else ""


def _did(item: ServiceItem) -> str:
    of = f"{item.service_name} for load balancer {name_of(item.balancer_arn)}"
    match item.action:
        case "publish":
            return f"{of}, {details(encode(item))}"
        case "allow":
            return f"may ask now: {listed(item.principals)}"
        case "revoke":
            return f"may ask no more: {listed(item.principals)}"
        case "retire":
            return f"{of}, deleted{', its connections rejected' if item.reject else ''}"
        case _:
            return f"{of}: {details(encode(item))}"


def _after(outcomes: Sequence[ServiceOutcome], place: Place) -> Iterator[Step]:
    ids = sorted({outcome.item.service_id for outcome in outcomes})[:20]
    if outcomes[0].item.action == "retire":
        yield fine_if("that is as it should be")
        yield Step(
            "To publish a load balancer again: give it the tags of publish_load_balancers in"
            " autopilot.yaml. Its service gets another name then."
        )
        return
    if outcomes[0].item.action == "publish":
        yield Step("Give consumers the service's name: they make their endpoints for it.")
    else:
        yield fine()
    if outcomes[0].item.action in ("allow", "revoke"):
        look = f"ec2 describe-vpc-endpoint-service-permissions --service-id {ids[0]}"
        yield look_at(f"the list{f' of {ids[0]}' if len(ids) > 1 else ''}", command(place, look))
        return
    look = f"ec2 describe-vpc-endpoint-service-configurations --service-ids {' '.join(ids)}"
    yield look_at("the result", command(place, look))
