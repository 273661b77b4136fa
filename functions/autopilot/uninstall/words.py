"""How ops are told of leaving: what would go, what went, what can't."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autopilot.connections.phrases import fact
from autopilot.gateway.words_failures import remedy
from autopilot.notify.error_explanations import explanation
from autopilot.notify.finding import Finding
from autopilot.notify.notice import Notice, Place, Step, Subject
from autopilot.notify.phrases import MOST_COMMANDS, command, counted, listed, quoted, title
from autopilot.reconcile.codec import encode
from autopilot.reconcile.removal import RemovalOutcome
from autopilot.withdraw.words import removing

_REFUSED = {
    "not confirmed": "Somebody asked for the list of what leaving would remove. Nothing was"
    " changed.",
    "the mode is enforce": "Somebody asked to remove everything of ours, but the policy's mode is"
    " enforce: the automation would put it back. Nothing was changed.",
}
_AUDIT = "Write `mode: audit` in autopilot.yaml and deploy."
_AGAIN = Step("Run it again: `make retire`. What is gone stays gone.")


def retirement_planned(findings: Sequence[Finding], _place: Place) -> Notice:
    """What leaving would remove."""
    data = findings[0].data
    counts: Mapping[str, int] = data.get("counts") or {}
    things = [str(thing) for thing in data.get("things") or ()]
    total = counted(sum(counts.values()), "thing")
    by_kind = listed(counted(count, kind) for kind, count in counts.items())
    why = str(data.get("why"))
    first = _AUDIT if why == "the mode is enforce" else ""
    return Notice(
        kind="RetirementPlanned",
        change="opened",
        severity=findings[0].severity,
        title=title(f"Leaving would remove {total} of ours"),
        what=(
            f"Leaving would remove {total}: {by_kind}.",
            _REFUSED.get(why, "Nothing was changed."),
        ),
        why=("Traffic through these endpoints stops when they go.",),
        subjects=(Subject("everything", listed(things), dict(data)),),
        steps=(
            *([Step(first)] if first else []),
            Step("To keep everything: do nothing."),
            Step("To carry it out: `make retire`, and say yes."),
        ),
    )


def retired(outcomes: Sequence[RemovalOutcome], place: Place) -> Notice:
    """Things of ours went for good."""
    gone = counted(len(outcomes), "thing")
    return Notice(
        kind="Retired",
        change="done",
        severity="info",
        title=title(f"Leaving: {gone} of ours removed in {place.region}"),
        what=(f"{gone} of ours went for good.",),
        why=("A person confirmed that everything which bears our tag shall go.",),
        subjects=tuple(
            Subject(o.item.resource_id, o.item.action, encode(o.item)) for o in outcomes
        ),
        steps=(Step("If nothing else was reported: `npx cdk destroy` takes the rest."),),
    )


def retirement_failed(findings: Sequence[Finding], place: Place) -> Notice:
    """Things of ours that could not be removed, all for the same error."""
    data = findings[0].data
    things = counted(len(findings), "thing")
    return Notice(
        kind="RetirementFailed",
        change="opened",
        severity="failure",
        title=title(f"{data.get('error')}: {things} of ours could not be removed"),
        what=(f"{things} of ours could not be removed.", "The others went, or are reported."),
        why=(explanation(data.get("error")), quoted(fact(findings[0], "message"))),
        subjects=tuple(Subject(f.subject, fact(f, "action"), dict(f.data)) for f in findings),
        steps=(
            *remedy(findings[0], place),
            *(
                Step(f"To do it yourself for {finding.subject}:", removing(finding, place))
                for finding in findings[:MOST_COMMANDS]
            ),
            _AGAIN,
        ),
    )


def still_connected(findings: Sequence[Finding], place: Place) -> Notice:
    """Endpoint services of ours that somebody is connected to."""
    services = [finding.subject for finding in findings]
    many = counted(len(findings), "endpoint service")
    return Notice(
        kind="StillConnected",
        change="opened",
        severity="action",
        title=title(f"{many} of ours can't go: somebody is connected"),
        what=(f"{many} of ours: consumers are connected, so leaving leaves it where it is.",),
        why=("AWS deletes no endpoint service that has connections, and they carry traffic.",),
        subjects=tuple(
            Subject(f.subject, f"{f.data.get('count')} connection(s)", dict(f.data))
            for f in findings
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
