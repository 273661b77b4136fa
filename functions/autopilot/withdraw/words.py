"""How ops are told that something of ours gave way, or why it didn't."""

from __future__ import annotations

from collections.abc import Sequence

from autopilot.connections.phrases import fact
from autopilot.gateway.words_failures import remedy
from autopilot.notify.error_explanations import explanation
from autopilot.notify.finding import Finding
from autopilot.notify.notice import Notice, Place, Step, Subject
from autopilot.notify.phrases import (
    MOST_COMMANDS,
    command,
    counted,
    first_few,
    listed,
    moment,
    quoted,
    sentence,
    title,
    where,
)
from autopilot.reconcile.codec import encode
from autopilot.reconcile.removal import RemovalOutcome

_WHY = "AWS had refused a call because of it. It may be tried again now."


def stepped_aside(outcomes: Sequence[RemovalOutcome], _place: Place) -> Notice:
    """Things of ours were in others' way, and went."""
    items = [outcome.item for outcome in outcomes]
    things = counted(len({item.resource_id for item in items}), "thing")
    callers = sorted({item.by for item in items if item.by})
    until = max((item.until for item in items), default="")
    back = f" until {moment(until)}" if until else ""
    return Notice(
        kind="SteppedAside",
        change="done",
        severity="info",
        title=title(f"Stepped aside in {where([i.vpc_id for i in items])}: {things} of ours gone"),
        what=(
            f"{things} of ours gave way to somebody's own plans.",
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
        steps=tuple(_after(outcomes)),
    )


def _after(outcomes: Sequence[RemovalOutcome]) -> list[Step]:
    steps = [Step("Nothing has to be done. Whoever was refused tries again.")]
    if any(outcome.item.action == "leave tables" for outcome in outcomes):
        steps.append(
            Step(
                "Until then these route tables have no route to the service. If nobody tries again,"
                " the automation puts its own back."
            )
        )
    return steps


def _went(outcome: RemovalOutcome) -> str:
    item = outcome.item
    parts = f" ({listed(item.parts)})" if item.parts else ""
    went = "deleted" if outcome.deleted else "no longer there"
    if item.parts and not outcome.deleted:
        went = "keeps the rest"
    return f"{item.action}{parts}: {went}"


def withdrawal_planned(findings: Sequence[Finding], place: Place) -> Notice:
    """Things of ours are in the way, and the mode is audit."""
    subjects = [finding.subject for finding in findings]
    things = counted(len(findings), "thing")
    return Notice(
        kind="WithdrawalPlanned",
        change="opened",
        severity=findings[0].severity,
        title=title(f"Audit: {things} of ours in somebody's way in {where(subjects)}"),
        what=(
            f"AWS refused somebody's call because of {things} of ours.",
            "The mode is audit: nothing was changed.",
        ),
        why=first_few([sentence(fact(f, "reason")) for f in findings], "reason"),
        subjects=tuple(Subject(f.subject, _would(f), dict(f.data)) for f in findings),
        steps=(
            Step("To have it done: write `mode: enforce` in autopilot.yaml and deploy."),
            *_by_hand(findings, place),
        ),
    )


def still_serving(findings: Sequence[Finding], place: Place) -> Notice:
    """Somebody deletes the last subnet of an endpoint that others may be using."""
    subjects = [finding.subject for finding in findings]
    many = counted(len(findings), "endpoint")
    others = max(int(finding.data.get("others") or 0) for finding in findings)
    return Notice(
        kind="StillServing",
        change="opened",
        severity="action",
        title=title(f"{many} in {where(subjects)} kept: somebody deletes the last subnet"),
        what=(
            f"Somebody wants to delete the last subnet of {many} of ours.",
            f"{counted(others, 'network interface')} of others in the VPC may be using it, so it"
            " was left as it is.",
        ),
        why=("Without it their calls to the service would fail.",),
        subjects=tuple(
            Subject(f.subject, f"stands in {fact(f, 'subnet_id')} only", dict(f.data))
            for f in findings
        ),
        steps=(
            Step("Once they are gone, the next try to delete the subnet goes through."),
            *_letting_go([fact(f, "endpoint_id") for f in findings[:MOST_COMMANDS]], place),
        ),
    )


def _letting_go(endpoints: Sequence[str], place: Place) -> list[Step]:
    call = "ec2 delete-vpc-endpoints --vpc-endpoint-ids"
    return [Step(f"To let go of {e} now:", command(place, f"{call} {e}")) for e in endpoints]


def route_contested(findings: Sequence[Finding], place: Place) -> Notice:
    """Somebody asks again for a table that ours left in vain a while ago."""
    subjects = [finding.subject for finding in findings]
    tables = [str(table) for f in findings for table in f.data.get("parts") or ()]
    return Notice(
        kind="RouteContested",
        change="opened",
        severity="action",
        title=title(f"{listed(tables, 2)} in {where(subjects)}: somebody wants its own endpoint"),
        what=(
            f"Somebody wants to serve {listed(tables)} with an endpoint of its own.",
            "Ours stepped aside for that within the last day, nobody came, and it is back.",
        ),
        why=(
            "Each time the table is without its route for a while, so it was left as it is now.",
            f"It was asked for by {listed(sorted({fact(f, 'by') for f in findings}))}.",
        ),
        subjects=tuple(Subject(f.subject, _would(f), dict(f.data)) for f in findings),
        steps=(
            Step(
                "To hand the table over: give it a tag that skip_tags in autopilot.yaml names, so"
                " that ours doesn't come back."
            ),
            *_by_hand(findings, place),
            Step("Then have them try again at once."),
        ),
    )


def withdrawal_failed(findings: Sequence[Finding], place: Place) -> Notice:
    """Something of ours is in others' way and could not be removed."""
    subjects = [finding.subject for finding in findings]
    data = findings[0].data
    things = counted(len(findings), "thing")
    return Notice(
        kind="WithdrawalFailed",
        change="opened",
        severity="failure",
        title=title(f"{data.get('error')}: {things} of ours stays in somebody's way"),
        what=(
            f"{things} of ours in {where(subjects)} could not be withdrawn.",
            "Somebody's call was refused because of it, and will be again.",
        ),
        why=(explanation(data.get("error")), quoted(fact(findings[0], "message"))),
        subjects=tuple(Subject(f.subject, _would(f), dict(f.data)) for f in findings),
        steps=(*remedy(findings[0], place), *_by_hand(findings, place)),
    )


def _would(finding: Finding) -> str:
    parts = finding.data.get("parts") or ()
    return f"{fact(finding, 'action')}{f' ({listed(parts)})' if parts else ''}"


def _by_hand(findings: Sequence[Finding], place: Place) -> list[Step]:
    return [
        Step(f"To do it yourself for {finding.subject}:", removing(finding, place))
        for finding in findings[:MOST_COMMANDS]
    ]


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


def removing(finding: Finding, place: Place) -> str:
    """The command that does what a finding's removal would have done, "" if it names none."""
    action, thing = fact(finding, "action"), fact(finding, "thing")
    if action in _DELETED:
        return command(place, _DELETED[action], thing)
    if action not in _REMOVED:
        return ""
    parts = " ".join(map(str, finding.data.get("parts") or ()))
    call = f"ec2 modify-vpc-endpoint --vpc-endpoint-id {thing} --{_REMOVED[action]} {parts}"
    return command(place, call)
