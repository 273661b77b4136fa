"""What the hub finds wrong: silence, failure, what is missing, doubled, strange, skewed, lost."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from autopilot.fleet.facts import INSTANCES, MEMBERS, Known, Survey
from autopilot.fleet.heard import Heard
from autopilot.fleet.judging import judge
from autopilot.fleet.messages import CATALOG, DOUBLED
from autopilot.fleet.wire import Another, Spoke
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.fleet.emails import HUB_PLACE
from tests.unit.fleet.said import NOW, ago
from tests.unit.fleet.worlds import (
    ALPHA,
    BETA,
    BY_HAND,
    OTHER_REGION,
    REGION,
    ROSTER,
    fleet,
    heard,
    instance,
    judged,
    member,
    surveyed,
    told,
    with_spoke,
    without,
)

A, B, C, HAND = (
    Spoke(ALPHA, REGION),
    Spoke(BETA, REGION),
    Spoke(BETA, OTHER_REGION),
    Spoke(BY_HAND, REGION),
)


def failing(**changes: Any) -> Known:
    """Alpha's instance is not as it should be."""
    of = fleet()
    others = [each for each in of.survey.instances if each.spoke != A]
    return surveyed(of, instances=(instance(A, "canary", **changes), *others))


def where(account: str, **changes: Any) -> Known:
    """An account stands otherwise in the organization."""
    of = fleet()
    members = [replace(m, **changes) if m.account == account else m for m in of.survey.members]
    return surveyed(of, members=tuple(members))


def test_a_fleet_that_is_well_says_nothing() -> None:
    assert told(fleet()) == {}
    assert judged(fleet()).kinds == set(CATALOG)


def test_who_is_silent_for_longer_than_it_may_is_told() -> None:
    known = with_spoke(fleet(), heard(A, at=ago(hours=4)), heard(B, at=ago(hours=2)))

    [silent] = told(known)["SpokeSilent"]

    assert silent.subject == f"{ALPHA}/{REGION}"
    assert silent.data["last"] == ago(hours=4)
    assert (silent.data["name"], silent.data["stack_set"]) == (
        "team-2", "EndpointAutopilot-canary",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, True),
        ({"since": ago(hours=1)}, False),
        ({"status": "OUTDATED", "detail": "RUNNING"}, False),
        ({"detail": "PENDING"}, False),
    ],
)
def test_who_never_spoke_after_its_stack_came_is_silent(changes: Any, says: bool) -> None:
    known = without(failing(**changes), A)

    assert [f.data["never"] for f in told(known).get("SpokeSilent", ())] == [True] * says


def test_who_is_deployed_by_hand_and_never_spoke_is_silent() -> None:
    [silent] = told(without(fleet(), HAND))["SpokeSilent"]
    assert (silent.subject, silent.data["never"]) == (str(HAND), True)


def test_nobody_is_silent_before_the_hub_has_listened_for_long_enough() -> None:
    """The hub was gone for a day and is back."""
    old = {each: heard(each, at=ago(days=1)) for each in fleet().spokes}

    assert told(fleet(spokes=old, listens_since=ago(minutes=10))) == {}


def test_where_all_are_silent_it_is_the_hub_that_hears_nothing() -> None:
    old = {each: heard(each, at=ago(hours=5)) for each in fleet().spokes}
    known = fleet(spokes=old)

    assert [*told(known)] == ["HubHearsNothing"]
    assert "SpokeSilent" not in judged(known).kinds, "who was silent before isn't well now"
    assert told(known)["HubHearsNothing"][0].data["spokes"] == 4


def quiet(minutes: int, **changes: Any) -> Known:
    """Nobody has been heard for so long."""
    when = ago(minutes=minutes)
    return fleet(spokes={each: heard(each, at=when) for each in fleet().spokes}, **changes)


def test_a_hub_that_hears_nobody_says_so_before_it_calls_anybody_silent() -> None:
    """Silent are hundreds one by one, as each spoke's hour comes."""
    assert told(quiet(80)) == {}
    assert [*told(quiet(100))] == ["HubHearsNothing"]
    assert told(quiet(100, listens_since=ago(minutes=80))) == {}, "it has only begun to look"


def test_it_hears_nothing_until_somebody_is_heard() -> None:
    """What it finds begins the time anew in which others are let be silent."""
    known = quiet(300, listens_since=ago(minutes=5), deaf=True)
    assert [*told(known)] == ["HubHearsNothing"]
    back = with_spoke(known, heard(A, at=ago(hours=20), received_at=ago(minutes=1)))
    assert told(back) == {}, "the others' heartbeats are on their way"
    assert "HubHearsNothing" in judged(back).kinds


@pytest.mark.parametrize(("minutes", "knows"), [(30, False), (170, False), (190, True)])
def test_who_was_silent_is_not_well_because_the_hub_hears_again(minutes: int, knows: bool) -> None:
    kinds = judged(fleet(listens_since=ago(minutes=minutes))).kinds
    assert {"SpokeSilent", "SpokeLeft"} <= kinds if knows else not {"SpokeSilent"} & kinds


@pytest.mark.parametrize("state", ["SUSPENDED", "PENDING_CLOSURE", "CLOSED"])
def test_a_suspended_account_is_not_silent_but_has_left(state: str) -> None:
    known = with_spoke(where(ALPHA, state=state), heard(A, at=ago(hours=4)))

    assert [*told(known)] == ["SpokeLeft"]
    assert state.split("_")[0].lower() in told(known)["SpokeLeft"][0].data["why"]


def test_a_suspended_account_that_still_speaks_is_no_stranger() -> None:
    assert told(where(ALPHA, state="SUSPENDED")) == {}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"status": "OUTDATED", "detail": "FAILED"}, True),
        ({"status": "OUTDATED", "detail": "CANCELLED"}, True),
        ({"status": "INOPERABLE", "detail": "INOPERABLE"}, True),
        ({"status": "OUTDATED", "detail": "FAILED_IMPORT"}, True),
        ({"status": "OUTDATED", "detail": "RUNNING"}, False),
        ({"status": "OUTDATED", "detail": "PENDING"}, False),
        ({"status": "OUTDATED", "detail": "SKIPPED_SUSPENDED_ACCOUNT"}, False),
        ({"status": "CURRENT", "detail": "SUCCEEDED"}, False),
    ],
)
def test_an_instance_that_failed_is_told_with_its_reason(changes: Any, says: bool) -> None:
    found = told(failing(**changes, reason="ResourceLogicalId: Ledger")).get("SpokeFailed", [])

    assert [each.data["reason"] for each in found] == ["ResourceLogicalId: Ledger"] * says


def test_a_failed_instance_of_a_suspended_account_is_nobodys_concern() -> None:
    known = where(ALPHA, state="SUSPENDED")
    assert told(surveyed(known, instances=failing(detail="FAILED").survey.instances)) == {}


def test_an_account_in_a_unit_without_an_instance_is_missing_after_an_hour() -> None:
    def with_new(target: str = "workloads", **changes: Any) -> Known:
        new = member("444444444444", target, **changes)
        return surveyed(fleet(), members=(*fleet().survey.members, new))

    assert told(with_new(since=ago(minutes=30))) == {}
    assert [f.subject for f in told(with_new())["SpokeMissing"]] == [
        f"444444444444/{REGION}", f"444444444444/{OTHER_REGION}",
    ]  # fmt: skip
    assert told(with_new(state="SUSPENDED")) == {}
    assert told(with_new(target="gone")) == {}


def test_the_management_account_in_a_unit_is_missing_unless_it_is_deployed_by_hand() -> None:
    known = where(BY_HAND, target="canary")
    assert told(known) == {}

    bare = replace(known, roster=replace(ROSTER, plain={}))
    assert [f.data["manages"] for f in told(bare)["SpokeMissing"]] == [True]


@pytest.mark.parametrize(
    ("one", "two", "says"),
    [
        ((300, 1), (240, 2), True),
        ((300, 1), (1, 1), False),  # it has just begun
        ((300, 200), (239, 1), False),  # one is being deleted while the other comes
        ((300, 1), (30, 1), False),
        ((2000, 1500), (400, 1), False),
    ],
)
def test_two_stacks_that_both_go_on_speaking_are_doubled(
    one: tuple[int, int], two: tuple[int, int], says: bool
) -> None:
    stacks = {
        name: (ago(minutes=first), ago(minutes=last))
        for name, (first, last) in (("one", one), ("two", two))
    }
    found = told(with_spoke(fleet(), heard(A, stacks=stacks))).get("SpokeDoubled", [])

    assert [each.data["stacks"] for each in found] == [["one", "two"]] * says


def another(name: str = "EndpointAutopilot", **changes: Any) -> Another:
    return Another(**{"stack": name, "status": "CREATE_COMPLETE", "since": ago(hours=2), **changes})


@pytest.mark.parametrize(
    ("acts", "perhaps_nobody"),
    [("EndpointAutopilot", False), ("StackSet-EndpointAutopilot-x", True)],
)
def test_a_stack_sets_stack_that_looks_no_more_may_not_act_either(
    acts: str, perhaps_nobody: bool
) -> None:
    found = DOUBLED.about(str(A), {"stacks": [acts, "b"], "acts": acts, "alone": True})
    said = DOUBLED.notice("opened", [found], HUB_PLACE)
    assert any("nobody acts" in each for each in said.what) is perhaps_nobody


def told_of_two(*beside: Another, yields_to: str = "", **changes: Any) -> list[dict[str, Any]]:
    """What is told of a spoke that says this."""
    said = heard(A, beat={"beside": beside, "yields_to": yields_to}, **changes)
    found = told(with_spoke(fleet(), said)).get("SpokeDoubled", [])
    return [{name: each.data[name] for name in HEARD} for each in found]


HEARD = ("stacks", "acts", "alone", "states", "days")


def test_a_spoke_that_stands_back_says_for_whom_and_is_told_anew_each_day() -> None:
    both = ["EndpointAutopilot", "StackSet-1"]
    [found] = told_of_two(another(alone=True), yields_to="EndpointAutopilot")
    states = {"EndpointAutopilot": "CREATE_COMPLETE"}
    assert [*found.values()] == [both, "EndpointAutopilot", True, states, 0]
    [later] = told_of_two(another(alone=True, since=ago(days=3)), yields_to="EndpointAutopilot")
    assert later["days"] == 3
    assert {"alone", "days"} <= {*CATALOG["SpokeDoubled"].news}


@pytest.mark.parametrize(
    ("beside", "says"),
    [
        (another(since=ago(minutes=59)), []),  # a move takes some time
        (another("StackSet-2"), ["StackSet-1"]),  # ours is the later one
        (another(status="DELETE_FAILED", alone=True), ["StackSet-1"]),
        (another(since="a while ago"), []),
        (another(since=ago(hours=-5)), []),
        (another(since="2026-11-30T09:00:00"), []),  # of no zone
    ],
)
def test_another_stack_is_told_after_an_hour(beside: Another, says: list[str]) -> None:
    assert [each["acts"] for each in told_of_two(beside)] == says


def test_whichever_of_two_speaks_the_same_is_told() -> None:
    [one] = told_of_two(another("StackSet-2"), yields_to="StackSet-2")
    other = heard(A, beat={"stack": "StackSet-2", "beside": (another("StackSet-1"),)})
    [two] = told(with_spoke(fleet(), other))["SpokeDoubled"]
    same = ("stacks", "acts", "alone", "days")
    assert [one[each] for each in same] == [two.data[each] for each in same]


def test_a_silent_spoke_is_not_told_as_two() -> None:
    assert told_of_two(another(), at=ago(hours=9)) == []


def test_who_speaks_without_belonging_is_a_stranger() -> None:
    moved = where(BETA, target="", since=ago(hours=3))
    [first, second] = told(moved)["StrangerSpeaks"]
    assert {first.subject, second.subject} == {str(B), str(C)}
    assert first.data["why"] == "its account is in no unit of the fleet"

    unknown = told(with_spoke(fleet(), heard(Spoke("555555555555", REGION))))
    assert [*unknown] == ["StrangerSpeaks"]

    elsewhere = told(with_spoke(fleet(), heard(Spoke(ALPHA, OTHER_REGION))))
    assert "Region" in elsewhere["StrangerSpeaks"][0].data["why"]


def test_who_has_just_moved_is_given_an_hour_to_go() -> None:
    assert told(where(BETA, target="", since=ago(minutes=30))) == {}
    known = where(BETA, target="", since=ago(hours=9))
    before = {spoke: heard(spoke, at=ago(hours=8, minutes=30)) for spoke in (B, C)}
    assert [*told(with_spoke(known, *before.values()))] == ["SpokeLeft"]


def test_who_has_left_is_told_and_after_a_week_forgotten() -> None:
    def gone(**time: float) -> Known:
        of = without(surveyed(fleet(), members=fleet().survey.members[1:]), A)
        return with_spoke(of, heard(A, at=ago(**time)))

    assert [f.data["why"] for f in told(gone(days=6))["SpokeLeft"]] == [
        "its account has left the organization"
    ]
    assert judged(gone(days=6)).forget == ()
    assert [each.spoke for each in judged(gone(days=8)).forget] == [A]


def test_a_silent_spoke_of_the_fleet_is_never_forgotten() -> None:
    assert judged(with_spoke(fleet(), heard(A, at=ago(days=300)))).forget == ()


def test_who_runs_another_release_is_told_after_a_day() -> None:
    def skewed(wanted_since: str, **changes: Any) -> Known:
        known = with_spoke(fleet(), heard(A, beat={"release": "r0"}, **changes))
        return replace(known, wanted_since=wanted_since)

    assert told(skewed(ago(hours=23))) == {}
    assert told(skewed(ago(days=2), first_heard=ago(hours=2))) == {}
    [found] = told(skewed(ago(days=2)))["SpokeSkewed"]
    assert (found.data["release"], found.data["wanted"]) == ("r0", "r1")
    assert [*told(skewed(ago(days=2), at=ago(hours=4)))] == ["SpokeSilent"]
    assert told(replace(skewed(ago(days=2)), wanted="")) == {}


def test_a_schema_that_the_hub_cant_read_and_news_that_wait_are_told() -> None:
    newer = told(with_spoke(fleet(), heard(A, newer=True, beat={"schema": 9})))
    assert newer["SpokeSpeaksNewer"][0].data["schema"] == 9

    waits = heard(A, undelivered_since=ago(hours=3), beat={"undelivered": 4})
    assert told(with_spoke(fleet(), waits))["NewsUndelivered"][0].data["count"] == 4
    assert told(with_spoke(fleet(), replace(waits, undelivered_since=ago(hours=1)))) == {}


def test_what_aws_doesnt_tell_is_told_and_nothing_is_judged_by_it() -> None:
    silent = with_spoke(fleet(), heard(A, at=ago(hours=4)))
    blind = replace(
        silent, survey=Survey(at=ago(), unread={INSTANCES: "AccessDenied", MEMBERS: "AccessDenied"})
    )

    assert {k: len(found) for k, found in told(blind).items()} == {
        "SpokeSilent": 1, "FleetUnread": 2,
    }  # fmt: skip
    unseen = {"SpokeFailed", "SpokeMissing", "SpokeLeft", "StrangerSpeaks"}
    assert judged(blind).kinds == set(CATALOG) - unseen
    assert judged(blind).forget == ()


def test_who_had_left_is_not_silent_because_aws_has_no_time_to_say_it_again() -> None:
    """What it said before is kept. A stranger may have come since then, and isn't judged by it."""
    known = with_spoke(where(ALPHA, state="SUSPENDED"), heard(A, at=ago(days=8)))
    strange = with_spoke(known, heard(Spoke("555555555555", REGION)), heard(C, at=ago(hours=4)))
    blind = surveyed(strange, unread={MEMBERS: "Throttled"})

    assert {k: [each.subject for each in found] for k, found in told(blind).items()} == {
        "SpokeSilent": [str(C)], "FleetUnread": [MEMBERS],
    }  # fmt: skip
    assert judged(blind).forget == ()


def test_before_anybody_was_asked_nothing_is_missing_or_strange() -> None:
    assert told(fleet(survey=Survey())) == {}


SPOKES = st.builds(
    lambda account, region, minutes, release, undelivered, newer: heard(
        Spoke(account, region),
        at=ago(minutes=minutes),
        beat={"release": release},
        undelivered_since=undelivered,
        newer=newer,
    ),
    st.sampled_from([ALPHA, BETA, BY_HAND, "555555555555"]),
    st.sampled_from([REGION, OTHER_REGION]),
    st.integers(0, 20_000),
    st.sampled_from(["r1", "r0", ""]),
    st.sampled_from(["", ago(hours=9)]),
    st.booleans(),
)


@given(st.lists(SPOKES, max_size=8))
def test_whatever_is_heard_each_finding_reads_and_stands_once(spokes: list[Heard]) -> None:
    known = fleet(spokes={each.spoke: each for each in spokes})

    found = judge(known, NOW).findings

    assert len({each.id for each in found}) == len(found)
    assert {each.kind for each in found} <= set(CATALOG)
    silent = {each.subject for each in found if each.kind == "SpokeSilent"}
    assert not silent & {each.subject for each in found if each.kind == "SpokeLeft"}
