"""What ops are told of leaving: what would go, what went, what can't."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from autopilot.notify.bus import ChangeDefinition
from autopilot.notify.error_explanations import remedy, why_failed
from autopilot.notify.finding import (
    Ending,
    Finding,
    FindingDefinition,
    Present,
    defined,
    subjects_of,
)
from autopilot.notify.notice import Place, Step, Subject, Words
from autopilot.notify.phrases import MOST_COMMANDS, command, counted, listed
from autopilot.reconcile.codec import encode
from autopilot.reconcile.removal import RemovalOutcome
from autopilot.reconcile.removal_messages import by_hand, in_words, removal_events
from autopilot.uninstall.plan import UninstallReport

_REFUSED = {
    "not confirmed": "Somebody asked for the list of what leaving would remove. Nothing was"
    " changed.",
    "the mode is enforce": "Somebody asked to remove everything of ours, but the policy's mode is"
    " enforce: the automation would put it back. Nothing was changed.",
}
_AUDIT = "To carry it out: write `mode: audit` in autopilot.yaml and deploy."
_AUDIT_AT_FIRST = (
    "To carry it out: see that autopilot.yaml says `mode: audit` and is deployed, else it is"
    " refused, since the automation would put everything back."
)
_AGAIN = Step("Run it again: `make retire`. What is gone stays gone.")


def uninstall_planned(findings: Sequence[Finding], _place: Place) -> Words:
    """What leaving would remove."""
    data = findings[0].data
    counts: Mapping[str, int] = data.get("counts") or {}
    things = [str(thing) for thing in data.get("things") or ()]
    total = counted(sum(counts.values()), "thing")
    by_kind = listed(counted(count, kind) for kind, count in counts.items())
    why = str(data.get("why"))
    first = _AUDIT if why == "the mode is enforce" else _AUDIT_AT_FIRST
    return Words(
        title=_headline(why, total),
        what=(
            f"Leaving would remove {total}: {by_kind}.",
            _REFUSED.get(why, "Nothing was changed."),
        ),
        why=("Traffic through these endpoints stops when they go.",),
        subjects=(Subject("everything", listed(things), dict(data)),),
        steps=(
            Step("To keep everything: do nothing."),
            Step(f"{first} Then `make retire`, and say yes."),
        ),
    )


def _headline(why: str, total: str) -> str:
    if why == "the mode is enforce":
        return f"Removal refused: the mode is enforce; {total} of ours {_stays(total)}"
    return f"Leaving would remove {total} of ours"


def _stays(total: str) -> str:
    return "stays" if total.startswith("1 ") else "stay"


def uninstalled(outcomes: Sequence[RemovalOutcome], place: Place) -> Words:
    """Our resources went for good."""
    gone = counted(len(outcomes), "thing")
    return Words(
        title=f"Leaving: {gone} of ours removed in {place.region}",
        what=(f"{gone} of ours went for good.",),
        why=("A person confirmed that everything which bears our tag shall go.",),
        subjects=tuple(Subject(o.item.resource_id, "deleted", encode(o.item)) for o in outcomes),
        steps=(Step("If nothing else was reported: `npx cdk destroy` takes the rest."),),
    )


def uninstall_failed(findings: Sequence[Finding], place: Place) -> Words:
    """Our resources that could not be removed, all for the same error."""
    data = findings[0].data
    things = counted(len(findings), "thing")
    return Words(
        title=f"{things} of ours could not be removed: {data.get('error')}",
        what=(f"{things} of ours could not be removed.", "The others went, or are reported."),
        why=why_failed(findings[0]),
        subjects=subjects_of(findings, lambda f: f"could not {in_words(f.text('action'), ())}"),
        steps=(*remedy(findings[0], place), *by_hand(findings, place), _AGAIN),
    )


def still_connected(findings: Sequence[Finding], place: Place) -> Words:
    """Our endpoint services that somebody is connected to."""
    services = [each.subject for each in findings]
    many = counted(len(findings), "endpoint service")
    return Words(
        title=f"{many} of ours can't go: somebody is connected",
        what=(
            f"Consumers are connected to {many} of ours, so"
            f" {'it stays' if len(findings) == 1 else 'they stay'}.",
        ),
        why=("AWS deletes no endpoint service that has connections, and they carry traffic.",),
        subjects=subjects_of(
            findings, lambda f: counted(int(f.data.get("count") or 0), "connection")
        ),
        steps=(
            *(_who(service, place) for service in services[:MOST_COMMANDS]),
            Step("Agree with them on an end, or reject the connections, which cuts them."),
            _AGAIN,
        ),
    )


def _who(service: str, place: Place) -> Step:
    call = f"ec2 describe-vpc-endpoint-connections --filters Name=service-id,Values={service}"
    return Step(f"See who is connected to {service}:", command(place, call))


def _looked(report: UninstallReport, _finding: Finding, _present: Present) -> bool:
    return report.plan is not None


def _all_gone(report: UninstallReport, _finding: Finding, _present: Present) -> bool:
    return report.plan is not None and not report.plan.refused and not report.plan.more


UNINSTALLED = ChangeDefinition(
    "Retired", uninstalled, partial(removal_events, "Endpoint Retired"), ("Endpoint Retired",)
)
PLANNED = FindingDefinition(
    kind="RetirementPlanned",
    severity="action",
    subject='"everything"',
    data="why; things: ids (50 at most); counts: by kind. Who only asked for the list gets it for"
    " information.",
    reads=uninstall_planned,
    news=("why", "things"),
    is_over=_looked,
    ending=Ending(
        "Nothing of ours is left to remove", "A look found nothing that bears our tag.", "gone"
    ),
)
FAILED = FindingDefinition(
    kind="RetirementFailed",
    severity="failure",
    subject="VPC/thing, or the thing",
    data="error, message, action, thing, parts, reason",
    reads=uninstall_failed,
    news=("error", "action"),
    by_error=True,
    is_over=_all_gone,
    ending=Ending("Removals that had failed are no longer open", "The things are gone.", "gone"),
)
STILL_CONNECTED = FindingDefinition(
    kind="StillConnected",
    severity="action",
    subject="endpoint service",
    data="connections: endpoint ids (50 at most), count",
    reads=still_connected,
    is_over=_looked,
    ending=Ending(
        "Endpoint services that stayed for their connections are settled",
        "Nobody is connected any more, or they are gone.",
        "no longer connected, or gone",
    ),
)
FINDINGS = defined(globals())
CHANGES = (UNINSTALLED,)
