"""The whole checkup: every look, one after the other, and what they found, worst first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from cli import policy_file
from cli.checkup import deployment, looks_allowed, looks_running, looks_telling
from cli.checkup.asking import Asking
from cli.checkup.model import KINDS, Ailment, Checkup, Shell, Unchecked
from cli.checkup.patient import Patient, admit
from cli.checkup.things import gone
from cli.session import Here

_OWN = "EndpointAutopilot"
Look = Callable[[Patient], Iterator[Ailment]]


def look_at_the_stack(patient: Patient) -> Iterator[Ailment]:
    """The stack's state, and what it never made."""
    yield from deployment.of_stack(patient.stack, patient.ask.shell)
    if str(patient.stack["StackStatus"]).endswith("_COMPLETE"):
        for logical in patient.template.missing():
            yield gone(patient.template.seen(logical), "Whatever needs it fails.")


def look_at_the_version(patient: Patient) -> Iterator[Ailment]:
    """What runs against this checkout. A mistaken policy file is told as such (policy_file)."""
    found = patient.deployed
    if found is None:
        return
    if found.why and not found.outdated:  # an outdated one may hold no policy that can be read
        needs = "lambda:GetFunction" if "AccessDenied" in found.why else ""
        patient.ask.unchecked.append(Unchecked("the deployed version and policy", found.why, needs))
    yield from deployment.of_version(found, policy_file.own_policy(patient.here))


LOOKS: tuple[tuple[str, Look], ...] = (
    ("the stack", look_at_the_stack),
    ("version and policy", look_at_the_version),
    ("trails", looks_telling.look_at_trails),
    ("topics and who listens", looks_telling.look_at_topics),
    ("notifications", looks_telling.look_at_notifications),
    ("queues", looks_telling.look_at_queues),
    ("alarms", looks_telling.look_at_alarms),
    ("rules and schedules", looks_running.look_at_triggers),
    ("functions", looks_running.look_at_functions),
    ("logs", looks_running.look_at_logs),
    ("workflows", looks_running.look_at_executions),
    ("the ledger", looks_running.look_at_ledger),
    ("quotas", looks_running.look_at_quotas),
    ("roles", looks_allowed.look_at_roles),
    ("rehearsals", looks_allowed.rehearse),
)


def visit(
    here: Here, region: str | None, profile: str | None, tell: Callable[[str], None]
) -> Checkup:
    """Look at everything; `region`, `profile`: as the operator named them, for the commands.

    Raises Problem for a mistaken policy file, AwsErrors if the stack can't be read at all.
    """
    named = here.stack_name if here.stack_name != _OWN else ""
    patient = admit(here, Asking(Shell(region, profile, named)), datetime.now(UTC))
    found = list[Ailment]()
    for name, look in LOOKS:
        tell(f"Looking at {name}")
        found += look(patient)
    order = {kind: place for place, kind in enumerate(KINDS)}
    found.sort(key=lambda each: (each.severity != "broken", order[each.kind], each.subject))
    unique = tuple(dict.fromkeys(found))
    notes = tuple(dict.fromkeys(patient.notes))
    return Checkup(unique, tuple(patient.ask.unchecked), notes)
