"""How ops are told of interface endpoints that nobody uses, and of those that went for it."""

from __future__ import annotations

from collections.abc import Sequence

from autopilot.notify.finding import Finding, places, subjects_of
from autopilot.notify.notice import Place, Step, Words
from autopilot.notify.phrases import MOST_COMMANDS, counted, fine_if, moment, quoted


def idle(findings: Sequence[Finding], place: Place) -> Words:
    """Endpoints that nobody uses, and that go for it."""
    leaving = all(each.data.get("stage") == "leaving" for each in findings)
    how = "retiring" if leaving else "idle"
    return Words(
        title=f"{_many(findings)} in {places(findings)} {how}",
        what=(
            f"Nobody uses {_many(findings)} of the automation's. {_comes(findings, leaving)}",
            "While it is off, the service's usual name leads to its public addresses, which a VPC"
            " without a way to the Internet doesn't reach.",
        ),
        why=(
            "The policy says `retire: idle`: an endpoint costs by the hour and zone.",
            "Traffic, a tag or a restore ends it, and private DNS is on again.",
        ),
        subjects=subjects_of(findings, _line),
        steps=(
            fine_if(f"nobody needs {_them(findings)}"),
            *_restore(findings, "To keep it", place),
            Step(
                "To keep it for good: give it, or its VPC, a tag that `keep_tags` under `idle` in"
                " autopilot.yaml names."
            ),
        ),
        brief=f"{len(findings)} {how}",
    )


def _comes(findings: Sequence[Finding], leaving: bool) -> str:
    """What comes next."""
    data = findings[0].data
    days, it = int(data.get("wait_days", 0)), _it(findings)
    wait = "1 day" if days == 1 else f"{days} days"
    if data.get("audit"):
        return f"Enforced, private DNS would go off, and {wait} later {it} would be deleted."
    if leaving:
        return f"Private DNS goes off now. After {wait} without traffic {it} will be deleted."
    return f"The next sweep turns private DNS off; after {wait} without traffic {it} will go."


def retired(findings: Sequence[Finding], place: Place) -> Words:
    """Endpoints that were deleted because nobody used them, and that stay away."""
    were = "was" if len(findings) == 1 else "were"
    return Words(
        title=f"{_many(findings)} in {places(findings)} retired",
        what=(
            f"{_many(findings)} that nobody used {were} deleted.",
            f"A profile still wants {_them(findings)}; made again is what somebody restores.",
        ),
        why=("The policy says `retire: idle`.",),
        subjects=subjects_of(
            findings, lambda each: f"{each.data.get('endpoint_id')}, {each.data.get('reason')}"
        ),
        steps=(
            fine_if(f"nobody misses {_them(findings)}"),
            *_restore(findings, "To have it back", place),
        ),
        brief=f"{len(findings)} retired",
    )


def unread(findings: Sequence[Finding], _place: Place) -> Words:
    """That nobody can say which endpoints are idle."""
    return Words(
        title=f"Traffic of interface endpoints in {findings[0].subject} not read",
        what=(
            "CloudWatch didn't say which interface endpoints are used. Until it does, none begins"
            " to retire, and none that retires is deleted.",
        ),
        why=(quoted(findings[0].data.get("message")),),
        subjects=subjects_of(findings, lambda _: "traffic of interface endpoints"),
        steps=(
            Step(
                "If it is denied: find what above the function's role forbids"
                " cloudwatch:GetMetricData or cloudwatch:ListMetrics, such as a service control"
                " policy, and allow them. Else the next sweep tries again."
            ),
        ),
    )


def _restore(findings: Sequence[Finding], why: str, place: Place) -> tuple[Step, ...]:
    subjects = [each.subject for each in findings][:MOST_COMMANDS]
    where = f"--stack {place.stack_name} --region {place.region}"
    return tuple(Step(f"{why}:", f"./autopilot restore {each} {where}") for each in subjects)


def _line(finding: Finding) -> str:
    data = finding.data
    due = f"; deleted from {moment(str(data['due']))} on" if data.get("due") else ""
    return f"{data.get('endpoint_id')}, {data.get('reason')}{due}"


def _many(findings: Sequence[Finding]) -> str:
    return counted(len(findings), "interface endpoint")


def _them(findings: Sequence[Finding]) -> str:
    return "it" if len(findings) == 1 else "them"


def _it(findings: Sequence[Finding]) -> str:
    return "it" if len(findings) == 1 else "each"
