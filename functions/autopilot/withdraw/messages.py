"""What ops are told when one of our resources is in somebody's way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from autopilot.notify.bus import ChangeDefinition
from autopilot.notify.error_explanations import remedy, why_failed
from autopilot.notify.finding import Finding, FindingDefinition, defined, places, subjects_of
from autopilot.notify.notice import Place, Step, Subject, Words
from autopilot.notify.phrases import (
    MOST_COMMANDS,
    command,
    counted,
    fine,
    first_few,
    listed,
    moment,
    sentence,
    where,
)
from autopilot.reconcile.codec import encode
from autopilot.reconcile.removal import RemovalOutcome
from autopilot.reconcile.removal_messages import by_hand, in_words, removal_events

_NO_ROUTE = "Meanwhile these route tables have no route to the service."
_WHY = "AWS had refused a call because of it. It may be tried again now."


def stepped_aside(outcomes: Sequence[RemovalOutcome], _place: Place) -> Words:
    """Our resources were in somebody's way, and went."""
    items = [outcome.item for outcome in outcomes]
    things = counted(len({item.resource_id for item in items}), "thing")
    callers = sorted({item.by for item in items if item.by})
    until = max((item.until for item in items), default="")
    back = f" until {moment(until)}" if until else ""
    return Words(
        title=f"Stepped aside in {where([i.vpc_id for i in items])}: {things} of ours gave way",
        what=(
            f"{things} of ours gave way to somebody's own plans.",
            *([_NO_ROUTE] if any(item.action == "leave tables" for item in items) else []),
            f"Nothing is put back{back}. What still wants it then gets it back.",
        ),
        why=(
            *first_few(list(dict.fromkeys(sentence(item.reason) for item in items)), "reason"),
            _WHY,
            *([f"It was asked for by {listed(callers)}."] if callers else []),
        ),
        subjects=tuple(
            Subject(f"{o.item.vpc_id}/{o.item.resource_id}", _went(o), encode(o.item))
            for o in outcomes
        ),
        steps=(fine("whoever was refused tries again"),),
    )


def _went(outcome: RemovalOutcome) -> str:
    item = outcome.item
    if outcome.deleted:
        return f"deleted{f', it stood in {listed(item.parts)} only' if item.parts else ''}"
    if item.parts:
        return _GAVE_UP.get(item.action, "no longer there").format(listed(item.parts))
    return "no longer there"


_GAVE_UP = {
    "leave tables": "its routes went from {}, the rest is as it was",
    "leave subnets": "it left {}, the rest is as it was",
    "drop groups": "it bears {} no longer, the rest is as it was",
}


def withdrawal_planned(findings: Sequence[Finding], place: Place) -> Words:
    """Our resources are in the way, and the mode is audit."""
    things = counted(len(findings), "thing")
    return Words(
        title=f"Audit: {things} of ours in somebody's way in {places(findings)}",
        what=(
            f"AWS refused somebody's call because of {things} of ours.",
            "The mode is audit: nothing was changed.",
        ),
        why=first_few([sentence(f.text("reason")) for f in findings], "reason"),
        subjects=subjects_of(findings, _would),
        steps=(
            Step("To have it done: write `mode: enforce` in autopilot.yaml and deploy."),
            *by_hand(findings, place),
        ),
    )


def still_serving(findings: Sequence[Finding], place: Place) -> Words:
    """Somebody deletes the last subnet of an endpoint that others may be using."""
    many = counted(len(findings), "endpoint")
    others = max(int(finding.data.get("others") or 0) for finding in findings)
    return Words(
        title=f"{many} in {places(findings)} kept: somebody deletes the last subnet",
        what=(
            f"Somebody wants to delete the last subnet of {many} of ours.",
            f"{counted(others, 'network interface')} of others in the VPC may be using it, so it"
            " was left as it is.",
        ),
        why=("Without it their calls to the service would fail.",),
        subjects=subjects_of(findings, lambda f: f"stands in {f.text('subnet_id')} only"),
        steps=(
            Step("Once they are gone, the next try to delete the subnet goes through."),
            *_letting_go([f.text("endpoint_id") for f in findings[:MOST_COMMANDS]], place),
        ),
    )


def _letting_go(endpoints: Sequence[str], place: Place) -> list[Step]:
    call = "ec2 delete-vpc-endpoints --vpc-endpoint-ids"
    return [Step(f"To let go of {e} now:", command(place, f"{call} {e}")) for e in endpoints]


def route_contested(findings: Sequence[Finding], place: Place) -> Words:
    """Somebody asks again for a table that ours left in vain a while ago."""
    tables = [str(table) for f in findings for table in f.data.get("parts") or ()]
    return Words(
        title=f"{listed(tables, 2)} in {places(findings)}: somebody wants their own endpoint",
        what=(
            f"Somebody wants to serve {listed(tables)} with an endpoint of their own.",
            "Ours stepped aside for that within the last day, nobody came, and it is back.",
        ),
        why=(
            "Each time the table is without its route for a while, so it was left as it is now.",
            f"It was asked for by {listed(sorted({f.text('by') for f in findings}))}.",
        ),
        subjects=subjects_of(findings, _would),
        steps=(
            Step(
                "To hand the table over: give it a tag that skip_tags in autopilot.yaml names, so"
                " that ours doesn't come back."
            ),
            *by_hand(findings, place),
            Step("Then have them try again at once."),
        ),
    )


def withdrawal_failed(findings: Sequence[Finding], place: Place) -> Words:
    """One of our resources is in somebody's way and could not be removed."""
    data = findings[0].data
    things = counted(len(findings), "thing")
    stay = "stays" if len(findings) == 1 else "stay"
    return Words(
        title=f"{things} of ours {stay} in somebody's way: {data.get('error')}",
        what=(
            f"{things} of ours in {places(findings)} could not be withdrawn.",
            "Somebody's call was refused because of it, and will be again.",
        ),
        why=why_failed(findings[0]),
        subjects=subjects_of(findings, partial(_would, could="could not")),
        steps=(*remedy(findings[0], place), *by_hand(findings, place)),
    )


def _would(finding: Finding, could: str = "would") -> str:
    return f"{could} {in_words(finding.text('action'), finding.data.get('parts') or ())}"


# A refused call doesn't come again: no look sees the end of these, they go by themselves.
_LASTS = timedelta(days=1)
STEPPED_ASIDE = ChangeDefinition(
    "SteppedAside",
    stepped_aside,
    partial(removal_events, "Endpoint Withdrawn"),
    ("Endpoint Withdrawn",),
)
STILL_SERVING = FindingDefinition(
    kind="StillServing",
    severity="action",
    subject="VPC/endpoint",
    data="endpoint_id, service_name, subnet_id, others, by",
    reads=still_serving,
    lasts=_LASTS,
)
ROUTE_CONTESTED = FindingDefinition(
    kind="RouteContested",
    severity="action",
    subject="VPC/endpoint/table",
    data="action, thing, parts, service_name, by",
    reads=route_contested,
    news=("parts",),
    lasts=_LASTS,
)
PLANNED = FindingDefinition(
    kind="WithdrawalPlanned",
    severity="info",
    subject="VPC/thing",
    data="action, thing, parts, reason, by",
    reads=withdrawal_planned,
    news=("action", "parts"),
    lasts=_LASTS,
)
FAILED = FindingDefinition(
    kind="WithdrawalFailed",
    severity="failure",
    subject="VPC/thing, or the thing",
    data="error, message, action, thing, parts, reason",
    reads=withdrawal_failed,
    news=("error", "action"),
    by_error=True,
    lasts=_LASTS,
)
FINDINGS = defined(globals())
CHANGES = (STEPPED_ASIDE,)
