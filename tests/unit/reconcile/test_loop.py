"""Request, plan, outcome and report of an imaginary workflow, made of the generic ones."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import pytest
from autopilot.notify.finding import Finding
from autopilot.reconcile.cloudtrail import EC2, REQUEST, Call, Event, event_in
from autopilot.reconcile.codec import decode, encode
from autopilot.reconcile.outcome import Outcome, last, words
from autopilot.reconcile.plan import Plan
from autopilot.reconcile.report import Failure, Report, Workflow
from autopilot.reconcile.request import Change, Request
from autopilot.reconcile.rounds import (
    LAST_ROUND,
    got_something_done,
    in_turn,
    stale_to_the_end,
    was_stale,
)
from autopilot.reconcile.scope import Scope
from autopilot.reconcile.visible import gone, still_to_show, unseen
from autopilot.reconcile.wakeup import Wakeup, heard, merge


@dataclass(frozen=True)
class Beds(Scope):
    bed_ids: tuple[str, ...] = ()


ALL_BEDS = Beds(everything=True)


@dataclass(frozen=True)
class Watering:
    id: str
    litres: int = 1


@dataclass(frozen=True)
class Watered(Outcome[Watering]):
    spilt: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class GardenRequest(Request[Beds, Watered]):
    scope: Beds = ALL_BEDS
    season: str = "summer"


@dataclass(frozen=True)
class GardenPlan(Plan[Watering, Literal["frozen", "asleep"]]):
    rain: int = 0


@dataclass(frozen=True)
class GardenReport(Report[GardenPlan, Watered]):
    workflow: ClassVar[Workflow] = "network"


@dataclass(frozen=True)
class GardenWakeup(Wakeup[Beds]):
    workflow: ClassVar[str] = "garden"


ROSES, TULIPS = Watering("roses"), Watering("tulips", 2)
DONE, STALE = Watered(ROSES, "done"), Watered(ROSES, "stale", "NotFound", "no roses")
FAILED = Watered(ROSES, "failed", "Dry", "no water")


def test_a_person_may_send_nothing() -> None:
    assert decode(GardenRequest, {}) == GardenRequest()


def test_reads_a_request_of_the_workflow() -> None:
    data = {
        "trigger": "event",
        "scope": {"bed_ids": ["bed-1"]},
        "expect": ["bed-1"],
        "round": 2,
        "outcomes": [{"id": "roses", "litres": 1, "result": "done", "error": None}],
        "execution": "arn",
        "season": "spring",
    }
    assert decode(GardenRequest, data) == GardenRequest(
        trigger="event",
        scope=Beds.of(bed_ids=["bed-1"]),
        expect=("bed-1",),
        round_number=2,
        outcomes=(DONE,),
        execution="arn",
        season="spring",
    )


def test_names_the_triggers_there_are() -> None:
    with pytest.raises(ValueError, match="trigger is 'rain'; write one of event, sweep, window"):
        decode(GardenRequest, {"trigger": "rain"})


def test_reads_the_item_to_carry_out() -> None:
    event = {"item": {"id": "tulips", "litres": 2}, "execution": "arn"}
    assert decode(Change[Watering], event) == Change(TULIPS, "arn")


def test_reads_the_item_that_the_workflow_merged_with_its_failure() -> None:
    document = json.dumps({"errorMessage": "no water", "errorType": "Dry"})
    plain = {"id": "roses", "litres": 1, "result": "failed", "error": "Dry", "message": document}
    assert decode(Watered, plain) == FAILED


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (None, None),
        ("plain words", "plain words"),
        ("{broken", "{broken"),
        ('{"errorMessage": "words"}', "words"),
        ('{"errorMessage": 3}', '{"errorMessage": 3}'),
        ('{"else": "x"}', '{"else": "x"}'),
        ("[1]", "[1]"),
    ],
)
def test_finds_the_words_in_an_error_document(message: str | None, said: str | None) -> None:
    assert words(message) == said


def test_a_plan_and_a_report_survive_json() -> None:
    finding = Finding("WorkflowFailed", "garden/Water", "failure", {"state": "Water"})
    plan = GardenPlan((TULIPS,), (finding,), "all", {"frozen": 2}, 1, ("tulips",), rain=3)
    report = GardenReport("arn", "sweep", plan, (STALE,), None)
    assert decode(GardenReport, json.loads(json.dumps(encode(report)))) == report


FAILURE = Failure("Water", "Dry", "")
SOME = GardenPlan(looked_at=("bed-1",))


@pytest.mark.parametrize(
    ("report", "well", "on", "all_of_it"),
    [
        (GardenReport("arn", "sweep"), False, False, False),
        (GardenReport("arn", "sweep", SOME), True, False, False),
        (GardenReport("arn", "sweep", replace(SOME, looked_at="all")), True, False, True),
        (GardenReport("arn", "sweep", replace(SOME, more=1)), True, True, False),
        (GardenReport("arn", "sweep", SOME, failure=FAILURE), False, True, False),
    ],
)
def test_a_report_says_how_it_went(
    report: GardenReport, well: bool, on: bool, all_of_it: bool
) -> None:
    assert (report.went_well, report.goes_on, report.looked_at_all) == (well, on, all_of_it)


def due(item: Watering, before: tuple[Watered, ...]) -> bool:
    return not before or was_stale(item, before)


@pytest.mark.parametrize(
    ("outcomes", "number", "turn"),
    [
        ((), 1, (ROSES, TULIPS)),
        ((STALE,), 2, (ROSES, TULIPS)),
        ((FAILED,), 2, (TULIPS,)),
        ((STALE, DONE), 3, (TULIPS,)),
        ((STALE,), LAST_ROUND, (ROSES, TULIPS)),
        ((STALE,), LAST_ROUND + 1, ()),
    ],
)
def test_a_further_look_takes_what_was_stale(
    outcomes: tuple[Watered, ...], number: int, turn: tuple[Watering, ...]
) -> None:
    request = GardenRequest(outcomes=outcomes, round_number=number)
    assert in_turn((ROSES, TULIPS), request, due) == turn


@pytest.mark.parametrize(
    ("outcomes", "number", "given_up"),
    [
        ((STALE,), LAST_ROUND, ()),
        ((STALE,), LAST_ROUND + 1, (STALE,)),
        ((STALE, DONE), LAST_ROUND + 1, ()),
        ((FAILED,), LAST_ROUND + 1, ()),
    ],
)
def test_gives_up_what_stays_stale(
    outcomes: tuple[Watered, ...], number: int, given_up: tuple[Watered, ...]
) -> None:
    request = GardenRequest(outcomes=outcomes, round_number=number)
    assert stale_to_the_end((ROSES, TULIPS), request) == given_up


@pytest.mark.parametrize(("outcomes", "done"), [((), False), ((STALE,), False), ((DONE,), True)])
def test_knows_whether_an_execution_got_anything_done(
    outcomes: tuple[Watered, ...], done: bool
) -> None:
    assert got_something_done(GardenRequest(outcomes=outcomes)) is done


def test_the_last_outcome_counts() -> None:
    assert last((STALE, DONE)) == {"roses": DONE}


@pytest.mark.parametrize(
    ("expect", "missing"),
    [
        (["bed-1"], []),
        (["bed-9"], ["bed-9"]),
        ([gone("bed-9")], []),
        ([gone("bed-1")], ["gone/bed-1"]),
        (["bed-2/roses"], []),
        (["arn:aws:beds/1"], ["arn:aws:beds/1"]),
        (["roses"], ["roses"]),
    ],
)
def test_waits_for_what_does_not_show(expect: list[str], missing: list[str]) -> None:
    seen = {"bed-1"}
    found = unseen(expect, (DONE,), seen=seen, serving=seen, shows=lambda o: o.result != "done")
    assert found == tuple(missing)


def test_what_was_made_and_is_gone_need_not_show() -> None:
    assert still_to_show(["b", "a", gone("b")]) == ("a", gone("b"))


def wakeup(bed: str, event: str, *expect: str) -> GardenWakeup:
    return GardenWakeup(Beds.of(bed_ids=[bed]), expect, (event,))


def test_several_events_make_one_wakeup_whatever_their_order() -> None:
    one, two = wakeup("bed-1", "e-1", "bed-1"), wakeup("bed-2", "e-2", gone("bed-1"), "bed-2")
    merged = GardenWakeup(
        Beds.of(bed_ids=["bed-1", "bed-2"]), ("bed-2", gone("bed-1")), ("e-1", "e-2")
    )
    assert merge([one, two]) == merge([two, one]) == merge([one, two, one]) == merged


def test_a_large_batch_waits_for_some() -> None:
    assert len(merge([wakeup("bed-1", "e", *(f"bed-{i}" for i in range(400)))]).expect) == 150


def test_the_same_events_have_the_same_name() -> None:
    one, two = wakeup("bed-1", "e-1"), wakeup("bed-1", "e-2")
    assert merge([one, two]).name == merge([two, one]).name != one.name
    assert one.name.startswith("garden-")


def test_a_wakeup_is_the_workflows_input() -> None:
    document: dict[str, Any] = wakeup("bed-1", "e-1", "bed-1").document()
    assert decode(GardenRequest, document) == GardenRequest(
        trigger="event", scope=Beds.of(bed_ids=["bed-1"]), expect=("bed-1",)
    )


def told(name: str, detail: Any, error: Any = None) -> Event:
    said = {"eventName": name, "eventSource": EC2, "eventID": "e-1", "errorCode": error, **detail}
    document = {"detail-type": "AWS API Call via CloudTrail", "detail": said}
    return event_in(json.dumps(document))


def _planted(call: Call) -> GardenWakeup | None:
    beds = call.ids(REQUEST, "bedid", "bed")
    return GardenWakeup(Beds.of(bed_ids=beds)) if beds else None


@pytest.mark.parametrize(
    ("event", "scope"),
    [
        (told("Plant", {"requestParameters": {"bedId": "bed-1"}}), Beds.of(bed_ids=["bed-1"])),
        (told("Plant", {"requestParameters": {"bedId": "x"}}), None),
        (told("Plant", {"requestParameters": {"omitted": True}}), ALL_BEDS),
        (told("Plant", {"requestParameters": {"bedId": "bed-1"}}, "Client.No"), None),
        (told("Weed", {"requestParameters": {"bedId": "bed-1"}}), None),
        (event_in('{"detail-type": "Rain"}'), None),
    ],
)
def test_a_call_is_heard_by_its_reader(event: Event, scope: Beds | None) -> None:
    found = heard(event, {(EC2, "Plant"): _planted}, GardenWakeup(ALL_BEDS))
    assert (found and found.scope) == scope
    assert found is None or found.event_ids == ("e-1",)
