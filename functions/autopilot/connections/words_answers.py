"""How ops are told of answers to connection requests: given, planned, failed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from autopilot.connections.phrases import (
    answer,
    by_rule,
    fact,
    in_console,
    look,
    owner_of,
    permit,
    reasons,
    welcome,
)
from autopilot.connections.report import Answered
from autopilot.gateway.words_failures import remedy
from autopilot.notify.completed import AnswerKind, Answers
from autopilot.notify.error_explanations import explanation
from autopilot.notify.finding import Finding
from autopilot.notify.notice import Notice, Place, Step, Subject
from autopilot.notify.phrases import counted, moment, quoted, title, try_again, where
from autopilot.notify.remembered import action_in

# What was done to which thing, and what that means for the consumers.
_DONE: Mapping[AnswerKind, tuple[str, str, str]] = {
    "ConnectionAccepted": (
        "connection request",
        "accepted",
        "A consumer can use the service as soon as AWS calls its endpoint available.",
    ),
    "ConnectionRejected": (
        "connection request",
        "rejected",
        "A rejected endpoint stays in the consumer's VPC, but leads nowhere.",
    ),
    "ConnectionCut": (
        "connection",
        "cut",
        "Traffic has ended. The endpoint stays in the consumer's VPC, but leads nowhere.",
    ),
}
_ACTS = {
    "accept": "accept the request of",
    "reject": "reject the request of",
    "cut": "cut the connection of",
    "hold": "hold the request of",
}


def answers(deed: Answers, place: Place) -> Notice:
    """Connections that were accepted, rejected or cut."""
    thing, verb, meant = _DONE[deed.kind]
    subjects = [each.subject for each in deed.connections]
    many = counted(len(subjects), thing)
    return Notice(
        kind=deed.kind,
        change="done",
        severity="info",
        title=title(f"{many} to {where(subjects)} {verb}"),
        what=(
            f"{many} to {where(subjects)} {'was' if len(subjects) == 1 else 'were'} {verb}.",
            meant,
        ),
        why=reasons([(each.why.owner, each.why.reason) for each in deed.connections]),
        subjects=tuple(
            Subject(each.subject, _when(each, verb) + _zones(each, deed), _facts(each, deed))
            for each in deed.connections
        ),
        steps=tuple(_after(deed, place)),
    )


def planned_answers(findings: Sequence[Finding], place: Place) -> Notice:
    """What would be answered if the policy didn't say audit."""
    subjects = [finding.subject for finding in findings]
    many = counted(len(findings), "answer")
    return Notice(
        kind="PlannedAnswer",
        change="opened",
        severity="info",
        title=title(f"Audit: {many} planned to connections of {where(subjects)}"),
        what=(
            f"By the policy, {many} would be given to connections of {where(subjects)}.",
            "The mode is audit: nothing was answered. Requests wait.",
        ),
        why=reasons([(fact(f, "owner"), fact(f, "reason")) for f in findings]),
        subjects=tuple(Subject(f.subject, _would(f), dict(f.data)) for f in findings),
        steps=(
            Step("To have it done: write `mode: enforce` in autopilot.yaml and deploy."),
            *in_console(subjects, place),
            look(subjects, place),
        ),
    )


def answer_failed(findings: Sequence[Finding], place: Place) -> Notice:
    """Answers that failed, all for the same error."""
    subjects = [finding.subject for finding in findings]
    data = findings[0].data
    action = action_in(data.get("message"))
    call = f" ({action})" if action else ""
    many = counted(len(findings), "answer")
    return Notice(
        kind="AnswerFailed",
        change="opened",
        severity="failure",
        title=title(
            f"{data.get('error')}{call}: {many} to connections of {where(subjects)} failed"
        ),
        what=(
            f"{many} to connections of {where(subjects)} failed{call}.",
            "These connections are as they were before.",
        ),
        why=(explanation(data.get("error")), quoted(data.get("message"))),
        subjects=tuple(Subject(f.subject, _wanted(f), dict(f.data)) for f in findings),
        steps=(
            *remedy(findings[0], place),
            *_by_hand(findings, place),
            try_again(place, subjects),
        ),
    )


def _after(deed: Answers, place: Place) -> Iterator[Step]:
    subjects = [each.subject for each in deed.connections]
    owners = {each.subject: each.why.owner for each in deed.connections}
    match deed.kind:
        case "ConnectionAccepted":
            yield Step("Nothing has to be done.")
            yield from answer("reject", "If one should not have been, cut it off:", subjects, place)
        case "ConnectionRejected" | "ConnectionCut":
            yield Step(
                "If that is as it should be, nothing has to be done. If not:"
                f" {welcome(owners.values())} And see that connections.deny doesn't name it."
            )
            yield from permit(owners, place)
            yield from answer(
                "accept", "Then accept, or have the consumer ask again:", subjects, place
            )
    yield look(subjects, place)


def _facts(connection: Answered, deed: Answers) -> dict[str, object]:
    zones = deed.zones.get(connection.subject)
    return {
        "service_id": connection.service_id,
        "service_name": connection.service_name,
        "endpoint_id": connection.endpoint_id,
        **asdict(connection.why),
        "by": connection.by,
        "at": connection.at,
        **({"zones": {"status": zones.status, "why": zones.why}} if zones else {}),
    }


def _when(connection: Answered, verb: str) -> str:
    at = f" {moment(connection.at)}" if connection.at else ""
    why = connection.why
    return f"{owner_of(why.owner)}, {verb}{at}{by_rule(why.rule)}"


def _zones(connection: Answered, deed: Answers) -> str:
    """What isn't known of its zones; where they don't meet is told by itself."""
    zones = deed.zones.get(connection.subject)
    if zones is None or not zones.why:
        return ""
    unknown = "zones unknown" if zones.status == "unknown" else "zones not compared"
    return f"; {unknown}: {zones.why}"


def _would(finding: Finding) -> str:
    act = _ACTS.get(fact(finding, "action"), "answer")
    return f"would {act} {owner_of(fact(finding, 'owner'))}{by_rule(fact(finding, 'rule'))}"


def _wanted(finding: Finding) -> str:
    act = _ACTS.get(fact(finding, "action"), "answer")
    return f"could not {act} {owner_of(fact(finding, 'owner'))}"


def _by_hand(findings: Sequence[Finding], place: Place) -> Iterator[Step]:
    for act, verb in (("accept", "accept"), ("reject", "reject"), ("cut", "reject")):
        same = [f.subject for f in findings if fact(f, "action") == act]
        if same:
            yield from answer(verb, f"To {act} by hand meanwhile:", same, place)
