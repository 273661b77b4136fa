"""How ops are told of answers to connection requests: given, planned, failed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from autopilot.connections.holds import Hold
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
from autopilot.connections.plan import Answer
from autopilot.connections.report import Answered
from autopilot.notify.bus import BusEvent, bus_event
from autopilot.notify.error_explanations import call_in, remedy, why_failed
from autopilot.notify.finding import Finding, subjects_of
from autopilot.notify.notice import Place, Step, Subject, Words
from autopilot.notify.phrases import counted, fine_if, moment, try_again, where

# What was done to which thing, and what that means for the consumers.
_DONE: Mapping[Answer, tuple[str, str, str]] = {
    "accept": (
        "connection request",
        "accepted",
        "A consumer can use the service as soon as AWS calls its endpoint available.",
    ),
    "reject": (
        "connection request",
        "rejected",
        "A rejected endpoint stays in the consumer's VPC, but leads nowhere.",
    ),
    "cut": (
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


_EVENTS: Mapping[Answer, str] = {
    "accept": "Endpoint Connection Accepted",
    "reject": "Endpoint Connection Rejected",
    "cut": "Endpoint Connection Cut",
}


@dataclass(frozen=True)
class Answers:
    """Connections that were answered, all alike.

    `zones`, by subject: the status of those compared, and why it is unknown or not applicable.
    """

    connections: tuple[Answered, ...]
    zones: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def verdict(self) -> Answer:
        """How they were answered."""
        return self.connections[0].verdict


def answers(what: Answers, place: Place) -> Words:
    """Connections that were accepted, rejected or cut."""
    thing, verb, meant = _DONE[what.verdict]
    subjects = [each.subject for each in what.connections]
    many = counted(len(subjects), thing)
    return Words(
        title=f"{many} to {where(subjects)} {verb}",
        what=(
            f"{many} to {where(subjects)} {'was' if len(subjects) == 1 else 'were'} {verb}.",
            meant,
        ),
        why=reasons([(each.why.owner, each.why.reason) for each in what.connections]),
        subjects=tuple(
            Subject(each.subject, _when(each, verb) + _zones(each, what), _facts(each, what))
            for each in what.connections
        ),
        steps=tuple(_after(what, place)),
        brief=f"{len(subjects)} {verb}",
    )


def planned_answers(findings: Sequence[Finding], place: Place) -> Words:
    """What would be answered if the policy didn't say audit."""
    subjects = [each.subject for each in findings]
    many = counted(len(findings), "answer")
    return Words(
        title=f"Audit: {many} planned to connections of {where(subjects)}",
        what=(
            f"By the policy, {many} would be given to connections of {where(subjects)}.",
            "The mode is audit: nothing was answered. Requests wait.",
        ),
        why=reasons([(f.text("owner"), f.text("reason")) for f in findings]),
        subjects=subjects_of(findings, _would),
        steps=(
            Step("To have it done: write `mode: enforce` in autopilot.yaml and deploy."),
            *in_console(subjects, place),
            look(subjects, place),
        ),
        brief=f"{many} planned",
    )


def answer_failed(findings: Sequence[Finding], place: Place) -> Words:
    """Answers that failed, all for the same error."""
    subjects = [each.subject for each in findings]
    data = findings[0].data
    call = call_in(findings[0])
    many = counted(len(findings), "answer")
    return Words(
        title=f"{many} to connections of {where(subjects)} failed: {data.get('error')}",
        what=(
            f"{many} to connections of {where(subjects)} failed{call}.",
            "These connections are as they were before.",
        ),
        why=why_failed(findings[0]),
        subjects=subjects_of(findings, _wanted),
        steps=(*remedy(findings[0], place), *_by_hand(findings, place), try_again(place, subjects)),
    )


def _after(what: Answers, place: Place) -> Iterator[Step]:
    subjects = [each.subject for each in what.connections]
    owners = {each.subject: each.why.owner for each in what.connections}
    match what.verdict:
        case "accept":
            yield fine_if("they are welcome")
            yield from answer(
                "reject", "If an accepted one isn't welcome, cut it off:", subjects, place
            )
        case "reject" | "cut":
            yield fine_if("that is as it should be")
            yield Step(
                f"If such an account is to be let in: {welcome(owners.values())} And see that"
                " connections.deny doesn't name it."
            )
            yield from permit(owners, place)
            yield from answer(
                "accept", "If so, then accept, or have the consumer ask again:", subjects, place
            )
    yield look(subjects, place)


def _facts(connection: Answered, what: Answers) -> dict[str, object]:
    zones = what.zones.get(connection.subject)
    return {
        "service_id": connection.service_id,
        "service_name": connection.service_name,
        "endpoint_id": connection.endpoint_id,
        **asdict(connection.why),
        "by": connection.by,
        "at": connection.at,
        **({"zones": dict(zones)} if zones else {}),
    }


def _when(connection: Answered, verb: str) -> str:
    at = f" {moment(connection.at)}" if connection.at else ""
    why = connection.why
    return f"{owner_of(why.owner)}, {verb}{at}{by_rule(why.rule)}"


def _zones(connection: Answered, what: Answers) -> str:
    """What isn't known of its zones; where they don't meet is told by itself."""
    zones = what.zones.get(connection.subject)
    if zones is None or not zones["why"]:
        return ""
    unknown = "zones unknown" if zones["status"] == "unknown" else "zones not compared"
    return f"; {unknown}: {zones['why']}"


def _would(finding: Finding) -> str:
    act = _ACTS.get(finding.text("action"), "answer")
    return f"would {act} {owner_of(finding.text('owner'))}{by_rule(finding.text('rule'))}"


def _wanted(finding: Finding) -> str:
    act = _ACTS.get(finding.text("action"), "answer")
    return f"could not {act} {owner_of(finding.text('owner'))}"


def _by_hand(findings: Sequence[Finding], place: Place) -> Iterator[Step]:
    for act, verb in (("accept", "accept"), ("reject", "reject"), ("cut", "reject")):
        same = [f.subject for f in findings if f.text("action") == act]
        if same:
            yield from answer(verb, f"To {act} by hand meanwhile:", same, place)


def hold_events(holds: tuple[Hold, ...], execution: str) -> Iterator[BusEvent]:
    """The events of requests that now wait for a person."""
    for hold in holds:
        yield _event(
            "Endpoint Connection Held",
            hold.service_id,
            hold.endpoint_id,
            execution,
            service_name=hold.service_name,
            owner=hold.owner,
            reason=hold.reason,
            hold_for_seconds=hold.hold_for_seconds,
        )


def answer_event(each: Answered, execution: str) -> BusEvent:
    """The event of one answer."""
    return _event(
        _EVENTS[each.verdict],
        each.service_id,
        each.endpoint_id,
        execution,
        service_name=each.service_name,
        owner=each.why.owner,
        reason=each.why.reason,
        rule=each.why.rule,
        by=each.by,
        at=each.at,
    )


def _event(
    detail_type: str, service_id: str, endpoint_id: str, execution: str, **facts: str | int
) -> BusEvent:
    return bus_event(
        detail_type,
        f"{service_id}/{endpoint_id}/{detail_type}",
        (service_id, endpoint_id),
        execution,
        service_id=service_id,
        endpoint_id=endpoint_id,
        **facts,
    )


def answer_events(what: Answers, execution: str) -> Iterator[BusEvent]:
    """The events of answers, one for each connection."""
    return (answer_event(each, execution) for each in what.connections)
