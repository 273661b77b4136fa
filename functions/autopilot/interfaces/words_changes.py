"""How ops are told what was done to interface endpoints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autopilot.interfaces.plan import InterfaceOutcome
from autopilot.notify.notice import Notice, Place, Step, Subject
from autopilot.notify.phrases import command, counted, first_few, sentence, title, where
from autopilot.reconcile.codec import encode

_DID = {"create": "created", "modify": "changed", "delete": "deleted"}
_THINGS = {
    "endpoint": "interface endpoint",
    "group": "security group",
    "parameter": "set of DNS parameters",
}
_MANY = {"set of DNS parameters": "sets of DNS parameters"}


def interfaces_changed(outcomes: Sequence[InterfaceOutcome], place: Place) -> Notice:
    """What an execution did to interface endpoints, their groups and their parameters."""
    did = _summary(outcomes)
    return Notice(
        kind="InterfaceEndpointsChanged",
        change="done",
        severity="info",
        title=title(
            f"Interface endpoints in {where([o.id for o in outcomes])}: {_brief(outcomes)}"
        ),
        what=(f"{did[:1].upper()}{did[1:]}.",),
        why=first_few(list(dict.fromkeys(sentence(o.item.reason) for o in outcomes)), "reason"),
        subjects=tuple(Subject(o.id, _line(o), _facts(o)) for o in outcomes),
        steps=tuple(_look(outcomes, place)),
    )


def _brief(outcomes: Sequence[InterfaceOutcome]) -> str:
    """The endpoints alone, where there are any: a title has little room."""
    endpoints = [outcome for outcome in outcomes if outcome.item.kind == "endpoint"]
    return (
        _summary(endpoints or outcomes)
        .replace(" interface endpoints", "")
        .replace(" interface endpoint", "")
    )


def _summary(outcomes: Sequence[InterfaceOutcome]) -> str:
    parts = []
    for kind, thing in _THINGS.items():
        for action, verb in _DID.items():
            number = len({o.id for o in outcomes if (o.item.kind, o.item.action) == (kind, action)})
            if number:
                many = f"{number} {_MANY[thing]}" if number > 1 and thing in _MANY else ""
                parts.append(f"{many or counted(number, thing)} {verb}")
    return ", ".join(parts)


def _line(outcome: InterfaceOutcome) -> str:
    thing = (
        "DNS names"
        if outcome.item.kind == "parameter"
        else f"{outcome.item.kind} {outcome.item.resource_id}"
    )
    verb = "written" if outcome.item.kind == "parameter" and outcome.item.action != "delete" else ""
    return f"{thing} {verb or _DID[outcome.item.action]}"


def _facts(outcome: InterfaceOutcome) -> dict[str, object]:
    left_out = ("id", "result", "error", "message", "content")
    return {name: v for name, v in encode(outcome).items() if name not in left_out}


def _look(outcomes: Sequence[InterfaceOutcome], place: Place) -> Iterator[Step]:
    there = (
        o
        for o in outcomes
        if o.item.kind == "endpoint" and o.item.action != "delete" and o.item.resource_id
    )
    ids = sorted({str(outcome.item.resource_id) for outcome in there})
    look = command(place, f"ec2 describe-vpc-endpoints --vpc-endpoint-ids {' '.join(ids[:20])}")
    yield Step("Nothing else has to be done. To look at the result:", look if ids else "")
    written = [o for o in outcomes if o.item.kind == "parameter" and o.item.action != "delete"]
    if written:
        path = f"/endpoint-autopilot/{written[0].id}"
        call = f"ssm get-parameters-by-path --recursive --path {path.removesuffix('/dns')}"
        yield Step("Apps find the DNS names there:", command(place, call))
