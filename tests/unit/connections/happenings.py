"""What three workflows may report of connections, drawn at random."""

from __future__ import annotations

from typing import Any

from autopilot.connections.plan import RegistrationOutcome
from autopilot.connections.report import ConnectionReport, HoldReport
from autopilot.connections.zones import ZonesReport
from autopilot.reconcile.report import Failure
from hypothesis import strategies as st

from tests.unit.connections.reports import (
    ALICE,
    answer,
    closure,
    connections,
    held,
    hold,
    hold_end,
    not_answered,
    of_connection,
)
from tests.unit.notify.reports import (
    busy,
    report,
)

SERVICES = ("vpce-svc-1", "vpce-svc-2")
SUBJECTS = [f"{service}/vpce-{n}" for service in SERVICES for n in range(3)]

subjects = st.sampled_from(SUBJECTS)
names = st.sampled_from(["a", "b", "c", "d"])
failures = st.sampled_from([None, None, None, Failure("Answer", "Throttled", "slow")])
of_connections = st.one_of(
    st.builds(held, subjects),
    st.builds(
        lambda s, kind: of_connection(kind, s, action="accept", error="Throttled", reason="no"),
        subjects,
        st.sampled_from(["ConnectionNotAllowed", "PlannedAnswer", "AnswerFailed"]),
    ),
)


def tried(subject: str, make: Any) -> Any:
    service, endpoint = subject.split("/")
    return make(endpoint, service=service, id=f"{subject}/accept")


@st.composite
def looks(draw: st.DrawFn, /, **fixed: Any) -> ConnectionReport:
    """Reports as the connections workflow makes them: a look speaks of what it looked at."""
    everything = draw(st.booleans())
    seen = SERVICES if everything else draw(st.sampled_from([SERVICES[:1], SERVICES[1:]]))
    there = [each for each in SUBJECTS if each.split("/")[0] in seen]
    some = st.lists(st.sampled_from(there), unique=True, max_size=3)
    compared = draw(some)
    misaligned = [each for each in compared if draw(st.booleans())]
    zones = ZonesReport(
        (),
        tuple(of_connection("ZonesMisaligned", each, status="none") for each in misaligned),
        tuple(compared),
    )
    found = [each for each in draw(st.lists(of_connections, max_size=5)) if each.subject in there]
    makers = st.sampled_from([answer, not_answered])
    register = [
        RegistrationOutcome(service, draw(st.sampled_from(["done", "failed"])), "AccessDenied")
        for service in seen
        if draw(st.booleans())
    ]
    given: dict[str, Any] = {
        "findings": list({each.id: each for each in found}.values()),
        "looked_at": "all" if everything else seen,
        "trigger": draw(st.sampled_from(["event", "sweep", "person"])),
        "name": draw(names),
        "failure": draw(failures),
        "more": draw(st.sampled_from([0, 0, 7])),
        "zones": zones if compared else None,
        "compared": compared,
        "registered": register,
        "close_holds": (closure(),) if draw(st.booleans()) else (),
        "holds": (hold(),) if draw(st.booleans()) else (),
    }
    outcomes = [tried(each, draw(makers)) for each in draw(some)]
    return connections(*outcomes, **{**given, **fixed})


@st.composite
def ends(draw: st.DrawFn) -> HoldReport:
    service, endpoint = draw(subjects).split("/")
    how = draw(st.sampled_from(["accept", "reject", "expired", "closed", None]))
    verdict: Any = "accept" if how == "accept" else "reject"
    make = draw(st.sampled_from([answer, not_answered]))
    carried_out = how in ("accept", "reject", "expired")
    outcomes = [make(endpoint, service=service, verdict=verdict)] if carried_out else []
    answers = draw(st.sampled_from(["accept", "reject", "gone", "policy"]))
    said = {"by": ALICE, "answered": answers if how == "closed" else ""}
    broke = Failure("Answer", "Throttled", "slow") if how is None else draw(failures)
    return hold_end(how, *outcomes, of=hold(endpoint, service), failure=broke, **said)


networks = st.builds(
    lambda name, tables: report(
        findings=[busy("vpc-1/s3", tables)] if tables else [], name=name, trigger="sweep"
    ),
    names,
    st.lists(st.sampled_from(["rtb-1", "rtb-2"]), unique=True),
)
anything = st.one_of(looks(), ends(), networks)
