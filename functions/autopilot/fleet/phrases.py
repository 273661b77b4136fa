"""Turns of phrase that the hub's notices share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from autopilot.fleet.heard import spoke_in
from autopilot.fleet.wire import Spoke
from autopilot.notify.finding import Finding
from autopilot.notify.names import clean
from autopilot.notify.notice import Place, Step
from autopilot.notify.phrases import command, counted

_LONGEST_NAME = 40


def which(spokes: Iterable[Spoke]) -> str:
    """ "222222222222 in eu-central-1", "9 spokes of 4 accounts"."""
    all_ = sorted(set(spokes))
    accounts = {each.account for each in all_}
    if len(all_) == 1:
        return f"{all_[0].account} in {all_[0].region}"
    if len(accounts) == 1:
        return f"{all_[0].account} in {len(all_)} Regions"
    return f"{len(all_)} spokes of {len(accounts)} accounts"


def of(findings: Sequence[Finding]) -> str:
    """Which spokes findings are about."""
    return which(spoke_in(each.subject) for each in findings)


def is_are(findings: Sequence[Finding]) -> str:
    """The verb for `of`."""
    return "is" if len(findings) == 1 else "are"


def line(finding: Finding, said: str) -> str:
    """A line about a spoke, with what its account is called: anybody's text."""
    name = clean(finding.text("name"), _LONGEST_NAME)
    return f"{name}: {said}" if name else said


def status_step(findings: Sequence[Finding]) -> Step:
    """How to see it with the command line."""
    accounts = {each.subject.partition("/")[0] for each in findings}
    one = f" --account {accounts.pop()}" if len(accounts) == 1 else ""
    return Step(f"To see how the fleet stands: `./autopilot --fleet status{one}`")


def instance_step(finding: Finding, place: Place) -> Step | None:
    """How to see what StackSets say of a spoke, if one of them deploys it."""
    spoke, name = spoke_in(finding.subject), finding.text("stack_set")
    if not name:
        return None
    look = command(
        place,
        f"cloudformation describe-stack-instance --stack-set-name {name}"
        f" --stack-instance-account {spoke.account} --stack-instance-region {spoke.region}"
        " --call-as DELEGATED_ADMIN",
    )
    return Step(f"To see what StackSets say of {spoke.account} in {spoke.region}:", look)


def steps(*given: Step | None) -> tuple[Step, ...]:
    """Those that there are."""
    return tuple(each for each in given if each)


def stacks(number: int) -> str:
    """ "2 stacks"."""
    return counted(number, "stack")
