"""How ops are told of requests that wait for a person, and of what nobody allows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autopilot.connections.holds import Hold, HoldAnswer
from autopilot.connections.in_vain import DENIED, NOT_PERMITTED, REPLACED, TOO_LATE
from autopilot.connections.messages_answers import answer_event
from autopilot.connections.messages_commands import (
    answer,
    by_rule,
    in_console,
    look,
    owner_of,
    permit,
    reasons,
    welcome,
)
from autopilot.connections.plan import AnswerOutcome
from autopilot.connections.report import answered
from autopilot.notify.bus import BusEvent
from autopilot.notify.finding import Finding, places, subjects_of
from autopilot.notify.notice import Place, Step, Subject, Words
from autopilot.notify.phrases import command, counted, fine_if, moment, sentence, where

_TOO_LATE, _OVERRULED = "Too late: ", "Overruled: "
# What came of an answer that was not carried out, by how the reason for that begins.
_IN_VAIN = {
    TOO_LATE: _TOO_LATE,
    REPLACED: _TOO_LATE,
    DENIED: _OVERRULED,
    NOT_PERMITTED: _OVERRULED,
}
_ACCEPTED, _REJECTED = "accepted", "rejected"
# Who they are is for the shell to ask: it breaks out of the quotes around the payload.
_WHO = "'\"$(aws sts get-caller-identity --query Arn --output text)\"'"


@dataclass(frozen=True)
class HoldEnd:
    """A person decided on a held request; `outcome` None: they used AWS's own means."""

    hold: Hold
    answer: HoldAnswer
    outcome: AnswerOutcome | None


def held(findings: Sequence[Finding], place: Place) -> Words:
    """Requests that nothing decides."""
    one = len(findings) == 1
    verb = "waits" if one else "wait"
    many = counted(len(findings), "connection request")
    return Words(
        title=f"{many} to {places(findings)} {verb} for a person",
        what=(
            f"{many} to {places(findings)} {verb} for a person to decide.",
            "No traffic flows until then. What nobody decides in time is rejected.",
        ),
        why=reasons([(f.text("owner"), f.text("reason")) for f in findings]),
        subjects=subjects_of(findings, _waits),
        steps=tuple(_decide(findings, place)),
        brief=f"{counted(len(findings), 'request')} {verb} for a person",
    )


def hold_answered(what: HoldEnd, place: Place) -> Words:
    """A person decided on a held request; too late perhaps, or against deny or the list."""
    subject = f"{what.hold.service_id}/{what.hold.endpoint_id}"
    in_vain = _why_in_vain(what)
    return Words(
        severity="action" if in_vain else "info",
        title=f"{in_vain}{_decided(what)} a request to {what.hold.service_id}",
        what=(
            f"{_decided(what)} the connection of {what.hold.endpoint_id},"
            f" {owner_of(what.hold.owner)}, to {what.hold.service_id}.",
            *(["That was not carried out."] if in_vain else []),
        ),
        why=tuple(_because(what)),
        subjects=(Subject(subject, _who_when(what), _facts(what)),),
        steps=tuple((_in_vain if in_vain else _afterwards)(what, subject, place)),
    )


def not_allowed(findings: Sequence[Finding], place: Place) -> Words:
    """Live connections that nobody allows, and that are not ours to cut."""
    subjects = [each.subject for each in findings]
    many = counted(len(findings), "live connection")
    owners = {finding.subject: finding.text("owner") for finding in findings}
    return Words(
        title=f"{many} to {where(subjects)} that nothing allows",
        what=(
            f"There {'is' if len(findings) == 1 else 'are'} {many} to {where(subjects)} that"
            " nothing allows.",
            "Nothing was cut: the automation cuts only what it accepted itself, or what deny names,"
            " and that only where no_longer_allowed says reject.",
        ),
        why=reasons([(f.text("owner"), f.text("reason")) for f in findings]),
        subjects=subjects_of(findings, _lives),
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
    created, expires = finding.text("created"), finding.text("expires")
    asked = f", asked {moment(created)}" if created else ""
    ends = f", rejected {moment(expires)} unless somebody decides" if expires else ""
    return f"{owner_of(finding.text('owner'))}{asked}{ends}"


def _decide(findings: Sequence[Finding], place: Place) -> Iterator[Step]:
    subjects = [each.subject for each in findings]
    owners = {finding.subject: finding.text("owner") for finding in findings}
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


def _verb(what: HoldEnd) -> str:
    decided = what.answer.answered or what.answer.answer
    return _ACCEPTED if decided == "accept" else _REJECTED


def _afterwards(what: HoldEnd, subject: str, place: Place) -> Iterator[Step]:
    yield fine_if("that is as it should be")
    if _verb(what) == _ACCEPTED:
        yield from answer("reject", "To take it back:", [subject], place)
    else:
        yield from answer("accept", "To accept after all:", [subject], place)
    yield look([subject], place)


def _in_vain(what: HoldEnd, subject: str, place: Place) -> Iterator[Step]:
    yield look([subject], place)
    if _verb(what) == _ACCEPTED:
        if _why_in_vain(what) != _TOO_LATE:
            yield from permit({subject: what.hold.owner}, place)
        yield from answer("accept", "If it still waits, and is to be accepted:", [subject], place)
    else:
        yield from answer("reject", "If it still waits, and is to be rejected:", [subject], place)


def _decided(what: HoldEnd) -> str:
    """ "Admin/alice accepted", "Admin/alice wanted to accept"."""
    who, verb = short_name(what.answer.by), _verb(what)
    return f"{who} wanted to {verb.removesuffix('ed')}" if _why_in_vain(what) else f"{who} {verb}"


def _why_in_vain(what: HoldEnd) -> str:
    """What an answer that was not carried out begins with; "" for one that was."""
    if what.outcome is None or what.outcome.result != "stale":
        return ""
    message = what.outcome.message or ""
    known = (words for start, words in _IN_VAIN.items() if message.startswith(start))
    return next(known, "In vain: ")


def _because(what: HoldEnd) -> Iterator[str]:
    if what.answer.answer == "closed":
        yield sentence(what.answer.reason or "it was decided with AWS's own means")
    else:
        yield sentence(f"the reason given: {what.answer.reason or 'none'}")
    if what.outcome and _why_in_vain(what):
        yield sentence(f"not carried out because: {what.outcome.message or what.outcome.error}")
    yield sentence(f"it was held because {what.hold.reason}")
    if not _why_in_vain(what):
        yield (
            "The automation doesn't undo what a person decided, unless connections.deny in"
            " autopilot.yaml names the account."
        )


def _who_when(what: HoldEnd) -> str:
    at = f", {moment(what.answer.at)}" if what.answer.at else ""
    by = what.answer.by or "somebody whom no event named"
    did = f"{_verb(what).removesuffix('ed')} asked for" if _why_in_vain(what) else _verb(what)
    return f"{did} by {by}{at}"


def _facts(what: HoldEnd) -> dict[str, object]:
    return {
        "service_id": what.hold.service_id,
        "service_name": what.hold.service_name,
        "endpoint_id": what.hold.endpoint_id,
        "owner": what.hold.owner,
        "answer": _verb(what),
        "by": what.answer.by,
        "reason": what.answer.reason,
        "at": what.answer.at,
        "hold": what.hold.name,
        "held_because": what.hold.reason,
        "result": what.outcome.result if what.outcome else "done",
    }


def _lives(finding: Finding) -> str:
    accepted = finding.text("accepted_by")
    by = f"accepted by {accepted}" if accepted else "nobody remembers who accepted it"
    return f"{owner_of(finding.text('owner'))}{by_rule(finding.text('rule'))}, {by}"


def hold_end_events(what: HoldEnd, execution: str) -> Iterator[BusEvent]:
    """The event of the answer, if it was carried out here."""
    done = answered([what.outcome] if what.outcome else [])
    return (answer_event(each, execution) for each in done)
