"""How it reads what is wrong with spokes."""

from __future__ import annotations

from collections.abc import Sequence

from autopilot.fleet.phrases import instance_step, line, of, status_step, steps
from autopilot.notify.finding import Finding, subjects_of
from autopilot.notify.notice import Place, Step, Words
from autopilot.notify.phrases import (
    command,
    counted,
    first_few,
    moment,
    quoted,
)

_GOES_ON = "A spoke decides for itself: if it runs, it goes on serving its account."


def silent(findings: Sequence[Finding], place: Place) -> Words:
    """Spokes that should speak and don't."""
    never = [each for each in findings if each.data.get("never")]
    who = of(findings)
    return Words(
        title=f"Silent: {who}",
        what=(
            f"No heartbeat has come from {who} for longer than fleet.yaml lets a spoke be silent.",
            *([f"{_some(never, findings)} never spoken since deployed."] if never else []),
            _GOES_ON,
        ),
        why=(
            "Its stack may be gone or stopped, a service control policy may deny events:PutEvents,"
            " or its account may have reached a limit of Lambda's.",
        ),
        subjects=subjects_of(findings, _last),
        steps=steps(
            instance_step(findings[0], place),
            Step(
                "In that account, look at the stack's alarms, the log of its function Heartbeat,"
                " and its queue HubUndelivered."
            ),
            status_step(findings),
        ),
        brief=f"{counted(len(findings), 'spoke')} silent",
    )


def _some(never: Sequence[Finding], findings: Sequence[Finding]) -> str:
    if len(never) == len(findings):
        return "It has" if len(never) == 1 else "They have"
    return f"{len(never)} of them {'has' if len(never) == 1 else 'have'}"


def _last(finding: Finding) -> str:
    if finding.data.get("never"):
        return line(finding, f"never spoke, deployed since {moment(finding.text('last'))}")
    return line(finding, f"last heard {moment(finding.text('last'))}")


def failed(findings: Sequence[Finding], place: Place) -> Words:
    """Instances that StackSets list as failed."""
    who, name = of(findings), findings[0].text("stack_set")
    look = command(
        place,
        f"cloudformation list-stack-instances --stack-set-name {name}"
        " --filters Name=DETAILED_STATUS,Values=FAILED --call-as DELEGATED_ADMIN",
    )
    reasons = list(dict.fromkeys(each.text("reason") for each in findings if each.text("reason")))
    return Words(
        title=f"Deployment failed: {who}",
        what=(
            f"StackSets could not bring the stack of {who} to the present release.",
            "Where an older one runs it goes on; a new account is not served yet.",
        ),
        why=first_few([quoted(each) for each in reasons], "reason") or (quoted(""),),
        subjects=subjects_of(
            findings, lambda f: line(f, f"{f.text('detail') or f.text('status')}".lower())
        ),
        steps=(
            Step(f"To see all that failed of {name}:", look),
            Step(
                "Mend what the reason names. The next release tries again; at once it is tried by"
                " saving the StackSet unchanged (console: StackSets, Edit StackSet details)."
            ),
        ),
        brief=f"{counted(len(findings), 'deployment')} failed",
    )


def skewed(findings: Sequence[Finding], place: Place) -> Words:
    """Spokes of another release than the hub wants."""
    who, data = of(findings), findings[0].data
    return Words(
        title=f"Another release: {who}",
        what=(
            f"{who} {'runs' if len(findings) == 1 else 'run'} another release than"
            f" {str(data.get('wanted'))[:16]}, which the hub has wanted for more than a day.",
        ),
        why=(
            "An upgrade goes by waves and stops where too many fail; a deployment by hand is"
            " somebody's to repeat.",
        ),
        subjects=subjects_of(
            findings, lambda f: line(f, f"runs {f.text('release')[:16] or 'none that it names'}")
        ),
        steps=steps(
            instance_step(findings[0], place),
            Step(
                "To go on with the waves: mend what stopped them and deploy the hub again. To go"
                " back: deploy it with the parameter Release of before (docs/fleet.md)."
            ),
            status_step(findings),
        ),
        brief=f"{counted(len(findings), 'spoke')} of another release",
    )


def newer(findings: Sequence[Finding], _place: Place) -> Words:
    """Spokes that say what this hub can't read."""
    who = of(findings)
    return Words(
        title=f"The hub is too old for {who}",
        what=(
            f"{who} {'speaks' if len(findings) == 1 else 'speak'} a newer schema than this hub"
            " reads.",
            "The hub keeps what it understands of it; the rest it can't show or judge.",
        ),
        why=("The hub was rolled back, or somebody has deployed a newer spoke by hand.",),
        subjects=subjects_of(findings, lambda f: line(f, f"schema {f.data.get('schema')}")),
        steps=(Step("Deploy the hub of that release, or roll the spokes back (docs/fleet.md)."),),
        brief=f"{counted(len(findings), 'spoke')} too new",
    )


def _waits(finding: Finding) -> str:
    count = counted(int(finding.data.get("count") or 0), "event")
    return line(finding, f"{count} since {moment(finding.text('since'))}")


def undelivered(findings: Sequence[Finding], _place: Place) -> Words:
    """Spokes that have news which don't reach the hub."""
    who = of(findings)
    waits = counted(sum(int(each.data.get("count") or 0) for each in findings), "event")
    return Words(
        title=f"News don't arrive from {who}",
        what=(
            f"{waits} of {who} could not be delivered to the hub and wait in the spoke's queue"
            " HubUndelivered, for more than two hours.",
            "Heartbeats do arrive. What can't be sent again for 14 days is lost.",
        ),
        why=(
            "Each hour the function Heartbeat puts them on the spoke's own bus again, from where"
            " they go to the hub's: that refuses them, or the function may not, or can't read"
            " them.",
        ),
        subjects=subjects_of(findings, _waits),
        steps=(
            Step(
                "In that account, read a message of that queue, whose attributes ERROR_CODE and"
                " ERROR_MESSAGE say why, and the log of the function Heartbeat."
            ),
            status_step(findings),
        ),
        brief=f"{waits} undelivered",
    )
