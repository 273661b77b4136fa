"""How ops are told what was done to interface endpoints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autopilot.interfaces.outcome import Outcome
from autopilot.notify.notice import Notice, Place, Step, Subject
from autopilot.notify.phrases import command, counted, first_few, sentence, title, where

_DID = {"create": "created", "modify": "changed", "delete": "deleted"}
_THINGS = {
    "endpoint": "interface endpoint",
    "group": "security group",
    "parameter": "set of DNS parameters",
}
_MANY = {"set of DNS parameters": "sets of DNS parameters"}


def interfaces_changed(outcomes: Sequence[Outcome], place: Place) -> Notice:
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
        why=first_few(list(dict.fromkeys(sentence(o.reason) for o in outcomes)), "reason"),
        subjects=tuple(Subject(o.id, _line(o), _facts(o)) for o in outcomes),
        steps=tuple(_look(outcomes, place)),
    )


def _brief(outcomes: Sequence[Outcome]) -> str:
    """The endpoints alone, where there are any: a title has little room."""
    endpoints = [outcome for outcome in outcomes if outcome.kind == "endpoint"]
    return (
        _summary(endpoints or outcomes)
        .replace(" interface endpoints", "")
        .replace(" interface endpoint", "")
    )


def _summary(outcomes: Sequence[Outcome]) -> str:
    parts = []
    for kind, thing in _THINGS.items():
        for action, verb in _DID.items():
            number = len({o.id for o in outcomes if (o.kind, o.action) == (kind, action)})
            if number:
                many = f"{number} {_MANY[thing]}" if number > 1 and thing in _MANY else ""
                parts.append(f"{many or counted(number, thing)} {verb}")
    return ", ".join(parts)


def _line(outcome: Outcome) -> str:
    thing = "DNS names" if outcome.kind == "parameter" else f"{outcome.kind} {outcome.thing}"
    verb = "written" if outcome.kind == "parameter" and outcome.action != "delete" else ""
    return f"{thing} {verb or _DID[outcome.action]}"


def _facts(outcome: Outcome) -> dict[str, object]:
    left_out = ("id", "result", "error", "message", "content")
    return {name: v for name, v in outcome.to_json().items() if name not in left_out}


def _look(outcomes: Sequence[Outcome], place: Place) -> Iterator[Step]:
    there = (o for o in outcomes if o.kind == "endpoint" and o.action != "delete" and o.thing)
    ids = sorted({str(outcome.thing) for outcome in there})
    look = command(place, f"ec2 describe-vpc-endpoints --vpc-endpoint-ids {' '.join(ids[:20])}")
    yield Step("Nothing else has to be done. To look at the result:", look if ids else "")
    written = [o for o in outcomes if o.kind == "parameter" and o.action != "delete"]
    if written:
        path = f"/endpoint-autopilot/{written[0].id}"
        call = f"ssm get-parameters-by-path --recursive --path {path.removesuffix('/dns')}"
        yield Step("Apps find the DNS names there:", command(place, call))
