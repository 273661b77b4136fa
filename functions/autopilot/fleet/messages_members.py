"""How it reads who belongs to the fleet and who doesn't."""

from __future__ import annotations

from collections.abc import Sequence

from autopilot.fleet.heard import spoke_in
from autopilot.fleet.phrases import is_are, line, of, status_step, steps
from autopilot.notify.finding import Finding, subjects_of
from autopilot.notify.notice import Place, Step, Words
from autopilot.notify.phrases import command, counted, fine, listed, moment, sentence

_BY_HAND = Step(
    "The management account is none of StackSets': name it under `plain` in fleet.yaml, and"
    " deploy EndpointAutopilot there (docs/fleet.md)."
)


def missing(findings: Sequence[Finding], place: Place) -> Words:
    """Accounts in a unit of the fleet that no StackSet serves."""
    who = of(findings)
    manages = [each for each in findings if each.data.get("manages")]
    name = findings[0].text("stack_set")
    look = command(
        place,
        f"cloudformation describe-stack-set --stack-set-name {name} --call-as DELEGATED_ADMIN",
    )
    return Words(
        title=f"Not served: {who}",
        what=(
            f"{who} {is_are(findings)} in a unit of the fleet, and StackSets have no stack"
            " instance there.",
        ),
        why=(
            "Automatic deployment makes one within minutes of an account's arrival, unless it is"
            " off, an operation is under way or has failed, or the account manages the"
            " organization.",
        ),
        subjects=subjects_of(findings, lambda f: line(f, f"in target {f.text('target')}")),
        steps=steps(
            _BY_HAND if manages else None,
            Step(f"To see whether {name} deploys automatically:", look),
            status_step(findings),
        ),
        brief=f"{counted(len(findings), 'spoke')} missing",
    )


def doubled(findings: Sequence[Finding], place: Place) -> Words:
    """Two stacks in one account and Region."""
    who = of(findings)
    back = any(each.data.get("alone") for each in findings)
    return Words(
        title=f"{'The spoke stands back' if back else 'Two stacks stand'} in {who}",
        what=(
            f"More than one stack of Endpoint Autopilot stands in {who}.",
            *(_STANDS_BACK if back else _LATER_ACTS),
            *(_PERHAPS_NOBODY if any(map(_is_a_stack_sets, findings)) else ()),
        ),
        why=("One may be left of another StackSet, or of a deployment by hand.",),
        subjects=subjects_of(findings, lambda f: line(f, _stands(f))),
        steps=steps(
            Step("Decide which one stays, and delete the other; what it made stays in place."),
            *(_delete(each, place) for each in findings[:_MOST_DELETED] if each.data.get("alone")),
            Step(
                "A StackSet's stack goes when its account leaves the unit, or the target the"
                " Region; the reason why one is left stands in StackSets' operations."
            ),
            Step("Don't run `make retire` for it: that takes what the one that stays made, too."),
            status_step(findings),
        ),
        brief=f"{counted(len(findings), 'spoke')} doubled",
    )


_STANDS_BACK = (
    "A stack that belongs to no fleet acts there, by the policy that it was deployed with. It can't"
    " know of the spoke; so the spoke does nothing but say what it would do, until that stack is"
    " gone. This is told every day.",
)
_LATER_ACTS = ("Of two stacks of a fleet the later one acts, and the other one changes nothing.",)
_PERHAPS_NOBODY = (
    "A StackSet's stack could know. It has not looked for others for three hours: its hourly"
    " function recall_memory fails, or isn't called. It may stand back itself, and then nobody acts"
    " there; its log tells why.",
)
# A mail may be about hundreds; their subjects name them all.
_MOST_DELETED = 5


def _is_a_stack_sets(finding: Finding) -> bool:
    """Whether the one that is said to know of no other is named as StackSets name theirs."""
    return bool(finding.data.get("alone")) and finding.text("acts").startswith("StackSet-")


def _stands(finding: Finding) -> str:
    """All of its stacks, with CloudFormation's words and the one that acts."""
    states, acts = finding.data.get("states") or {}, finding.text("acts")
    marks = {
        name: ", ".join(filter(None, (str(states.get(name, "")), "acts" * (name == acts))))
        for name in map(str, finding.data["stacks"])
    }
    return listed(f"{name} ({mark})" if mark else name for name, mark in marks.items())


def _delete(finding: Finding, place: Place) -> Step:
    spoke = spoke_in(finding.subject)
    call = command(
        place._replace(region=spoke.region),
        "cloudformation delete-stack --stack-name",
        finding.text("acts"),
    )
    return Step(f"If the spoke is to act, as {spoke.account}:", call)


def stranger(findings: Sequence[Finding], _place: Place) -> Words:
    """Who speaks and doesn't belong."""
    who = of(findings)
    return Words(
        title=f"Speaks, but isn't in the fleet: {who}",
        what=(f"Heartbeats come from {who}, which fleet.yaml doesn't name.",),
        why=(
            "The account may have moved to another unit and kept its stack, or somebody has"
            " deployed one by hand. Its news are told as everybody's.",
        ),
        subjects=subjects_of(
            findings, lambda f: line(f, f"{f.text('why')}; stack {f.text('stack')}")
        ),
        steps=(
            Step(
                "If it should belong: put it under a target or under `plain` in fleet.yaml and"
                " deploy the hub."
            ),
            Step("If it shouldn't: delete that stack in its account (docs/uninstall.md)."),
        ),
        brief=f"{counted(len(findings), 'stranger')}",
    )


def left(findings: Sequence[Finding], _place: Place) -> Words:
    """Who belonged, and is silent."""
    who = of(findings)
    return Words(
        title=f"Left the fleet: {who}",
        what=(f"{who} {is_are(findings)} of the fleet no more, and silent.",),
        why=tuple(dict.fromkeys(sentence(each.text("why")) for each in findings)),
        subjects=subjects_of(findings, lambda f: line(f, f"last heard {moment(f.text('last'))}")),
        steps=(fine("a week after its last word the hub forgets it"),),
        brief=f"{counted(len(findings), 'spoke')} left",
    )
