"""How ops are told of requests that wait for a person, and of what nobody allows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

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
from autopilot.notify.completed import HoldEnd
from autopilot.notify.finding import Finding
from autopilot.notify.notice import Notice, Place, Step, Subject
from autopilot.notify.phrases import command, counted, moment, sentence, title, where

_ACCEPTED, _REJECTED = "accepted", "rejected"
# Who they are is for the shell to ask: it breaks out of the quotes around the payload.
_WHO = "'\"$(aws sts get-caller-identity --query Arn --output text)\"'"


def held(findings: Sequence[Finding], place: Place) -> Notice:
    """Requests that nothing decides."""
    subjects = [finding.subject for finding in findings]
    one = len(findings) == 1
    verb = "waits" if one else "wait"
    many = counted(len(findings), "connection request")
    return Notice(
        kind="ConnectionHeld",
        change="opened",
        severity="action",
        title=title(f"{many} to {where(subjects)} {verb} for a person"),
        what=(
            f"{many} to {where(subjects)} {verb} for a person to decide.",
            "No traffic flows until then. What nobody decides in time is rejected.",
        ),
        why=reasons([(fact(f, "owner"), fact(f, "reason")) for f in findings]),
        subjects=tuple(Subject(f.subject, _waits(f), dict(f.data)) for f in findings),
        steps=tuple(_decide(findings, place)),
    )


def hold_answered(deed: HoldEnd, place: Place) -> Notice:
    """A person decided on a held request; too late perhaps, or against deny or the list."""
    subject = f"{deed.hold.service_id}/{deed.hold.endpoint_id}"
    who, verb = short_name(deed.answer.by), _verb(deed)
    stale = deed.outcome is not None and deed.outcome.result == "stale"
    connection = f"{deed.hold.endpoint_id}, {owner_of(deed.hold.owner)}, to {deed.hold.service_id}"
    return Notice(
        kind="HoldAnswered",
        change="done",
        severity="action" if stale else "info",
        title=title(
            f"Held request of {deed.hold.endpoint_id} {verb} by {who}{', in vain' if stale else ''}"
        ),
        what=(
            f"{who} {verb} the connection of {connection}.",
            *(["That was not carried out."] if stale else []),
        ),
        why=tuple(_because(deed)),
        subjects=(Subject(subject, _who_when(deed), _facts(deed)),),
        steps=tuple((_in_vain if stale else _afterwards)(deed, subject, place)),
    )


def not_allowed(findings: Sequence[Finding], place: Place) -> Notice:
    """Live connections that nobody allows, and that are not ours to cut."""
    subjects = [finding.subject for finding in findings]
    many = counted(len(findings), "live connection")
    owners = {finding.subject: fact(finding, "owner") for finding in findings}
    return Notice(
        kind="ConnectionNotAllowed",
        change="opened",
        severity="action" if any(f.severity == "action" for f in findings) else "info",
        title=title(f"{many} to {where(subjects)} that nothing allows"),
        what=(
            f"There {'is' if len(findings) == 1 else 'are'} {many} to {where(subjects)} that"
            " nothing allows.",
            "Nothing was cut: the automation cuts only what it accepted itself, or what deny names,"
            " and that only where no_longer_allowed says reject.",
        ),
        why=reasons([(fact(f, "owner"), fact(f, "reason")) for f in findings]),
        subjects=tuple(Subject(f.subject, _lives(f), dict(f.data)) for f in findings),
        steps=(
            Step(f"If that is welcome, and no rule names the account: {welcome(owners.values())}"),
            *permit(owners, place),
            *answer("reject", "If it is not welcome, cut it. Its traffic ends:", subjects, place),
            look(subjects, place),
        ),
    )


def short_name(arn: str) -> str:
    """Who it is, for people: "Admin/alice" of "arn:aws:sts::1:assumed-role/Admin/alice"."""
    path = arn.rpartition(":")[2]
    return (path.partition("/")[2] or path) or "Somebody"


def _waits(finding: Finding) -> str:
    created, expires = fact(finding, "created"), fact(finding, "expires")
    asked = f", asked {moment(created)}" if created else ""
    ends = f", rejected {moment(expires)} unless somebody decides" if expires else ""
    return f"{owner_of(fact(finding, 'owner'))}{asked}{ends}"


def _decide(findings: Sequence[Finding], place: Place) -> Iterator[Step]:
    subjects = [finding.subject for finding in findings]
    owners = {finding.subject: fact(finding, "owner") for finding in findings}
    yield from in_console(subjects, place)
    yield from answer("accept", "To accept:", subjects, place)
    yield from answer("reject", "To reject:", subjects, place)
    yield _with_reason(subjects[0].partition("/")[2], len(subjects) > 1, place)
    yield Step(f"To have such requests accepted from now on: {welcome(owners.values())}")
    yield from permit(owners, place)


def _with_reason(endpoint: str, several: bool, place: Place) -> Step:
    payload = {"endpoint_id": endpoint, "answer": "accept", "by": "BY", "reason": "REASON"}
    invoke = command(
        place,
        f"lambda invoke --function-name {place.answer_hold} --cli-binary-format raw-in-base64-out"
        " /dev/stdout --payload",
        json.dumps(payload),
    )
    example = f" (here for {endpoint})" if several else ""
    return Step(
        f"To decide with a reason that is kept{example}: put it in the place of REASON, and write"
        " accept or reject.",
        invoke.replace('"BY"', f'"{_WHO}"'),
    )


def _verb(deed: HoldEnd) -> str:
    decided = deed.answer.answered or deed.answer.answer
    return _ACCEPTED if decided == "accept" else _REJECTED


def _afterwards(deed: HoldEnd, subject: str, place: Place) -> Iterator[Step]:
    yield Step(
        "Nothing has to be done. The automation doesn't undo what a person decided, unless"
        " connections.deny in autopilot.yaml names the account."
    )
    if _verb(deed) == _ACCEPTED:
        yield from answer("reject", "To take it back:", [subject], place)
    else:
        yield from answer("accept", "To accept after all:", [subject], place)
    yield look([subject], place)


def _in_vain(deed: HoldEnd, subject: str, place: Place) -> Iterator[Step]:
    yield look([subject], place)
    if _verb(deed) == _ACCEPTED:
        yield from permit({subject: deed.hold.owner}, place)
        yield from answer("accept", "If it still waits, and is to be accepted:", [subject], place)
    else:
        yield from answer("reject", "If it still waits, and is to be rejected:", [subject], place)


def _because(deed: HoldEnd) -> Iterator[str]:
    if deed.answer.answer == "closed":
        yield sentence(deed.answer.reason or "it was decided with AWS's own means")
    else:
        yield sentence(f"the reason given: {deed.answer.reason or 'none'}")
    if deed.outcome and deed.outcome.result == "stale":
        yield sentence(f"not carried out because: {deed.outcome.message or deed.outcome.error}")
    yield sentence(f"it was held because {deed.hold.reason}")


def _who_when(deed: HoldEnd) -> str:
    at = f", {moment(deed.answer.at)}" if deed.answer.at else ""
    by = deed.answer.by or "somebody whom no event named"
    return f"{_verb(deed)} by {by}{at}"


def _facts(deed: HoldEnd) -> dict[str, object]:
    return {
        "service_id": deed.hold.service_id,
        "service_name": deed.hold.service_name,
        "endpoint_id": deed.hold.endpoint_id,
        "owner": deed.hold.owner,
        "answer": _verb(deed),
        "by": deed.answer.by,
        "reason": deed.answer.reason,
        "at": deed.answer.at,
        "hold": deed.hold.name,
        "held_because": deed.hold.reason,
        "result": deed.outcome.result if deed.outcome else "done",
    }


def _lives(finding: Finding) -> str:
    accepted = fact(finding, "accepted_by")
    by = f"accepted by {accepted}" if accepted else "nobody remembers who accepted it"
    return f"{owner_of(fact(finding, 'owner'))}{by_rule(fact(finding, 'rule'))}, {by}"
