"""How it reads what is wrong with the hub itself."""

from __future__ import annotations

from collections.abc import Sequence

from autopilot.notify.arriving import QUEUES, checks
from autopilot.notify.finding import Finding, subjects_of
from autopilot.notify.notice import Place, Step, Words
from autopilot.notify.phrases import counted, moment, quoted


def deaf(findings: Sequence[Finding], place: Place) -> Words:
    """Nobody at all is heard."""
    data = findings[0].data
    spokes = counted(int(data.get("spokes") or 0), "spoke")
    return Words(
        title=f"The hub hears nothing: all of {spokes} silent",
        what=(
            f"None of {spokes} has been heard since {moment(data.get('last'))}.",
            "Each goes on serving its account. What they have to tell waits, in EventBridge for a"
            " day, then in their own queues, which are tried each hour, and comes when the hub"
            " hears again.",
        ),
        why=(
            "All at once are silent for one reason: the hub's bus, its policy, its rule or its"
            " queue takes nothing, or its function HubHear fails.",
        ),
        subjects=subjects_of(findings, lambda f: f"last heard {moment(f.text('last'))}"),
        steps=checks(
            (
                (
                    "Is the hub's stack as deployed? Look for what was deleted by hand.",
                    "cloudformation describe-stack-resources --stack-name STACK",
                ),
                *QUEUES,
            ),
            place,
        ),
        brief="the hub hears nothing",
    )


def unread(findings: Sequence[Finding], _place: Place) -> Words:
    """What AWS doesn't tell the hub."""
    what = " and ".join(sorted({each.text("of") for each in findings}))
    return Words(
        title=f"The hub can't read {what}",
        what=(
            f"AWS doesn't tell the hub {what}.",
            "Until it does, nobody is told who is missing, has failed or has left; silence is.",
        ),
        why=tuple(quoted(each.text("message")) for each in findings),
        subjects=subjects_of(findings, lambda f: f.text("of")),
        steps=(
            Step(
                "Is the hub's account still a delegated administrator of CloudFormation StackSets"
                " (member.org.stacksets.cloudformation.amazonaws.com)? The management account says."
            ),
            Step("Does a service control policy deny what the error names?"),
        ),
        brief=f"{what} unread",
    )
