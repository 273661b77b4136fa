"""Stories of connections, told by the real steps: who gets in, who is cut, who never is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import open_hold
import pytest
from autopilot.aws.errors import HoldUnknown
from autopilot.policy.model import Policy, Rule

from tests.adapters.connection_world import ALICE, CONTEXT, Endpoint, World

SERVICE, CONSUMER, STRANGER = "vpce-svc-0a", "222222222222", "333333333333"
ONE = "vpce-01"
BY_ACCOUNT = Rule("account", CONSUMER)


@pytest.fixture
def world() -> Iterator[World]:
    """The consumer is on the list, asks, and the shipped policy stands."""
    made = World(Policy())
    made.listed[SERVICE].add(CONSUMER)
    made.endpoints[ONE] = Endpoint(SERVICE, CONSUMER)
    yield made
    made.close()


def look(world: World, execution: str = "look", **event: Any) -> dict[str, Any]:
    """Plan, answer, sync; the plan."""
    plan = world.plan(execution, **event)
    for item in plan["items"]:
        world.answer(execution, item=item)
    world.sync(execution, plan)
    return plan


def row(world: World, endpoint_id: str = ONE) -> Any:
    (found,) = [r for r in world.ledger.rows("connection") if r.key.sk.endswith(endpoint_id)]
    return found.body


def later(world: World, **span: float) -> None:
    world.now += timedelta(**(span or {"minutes": 20}))


def state(world: World, endpoint_id: str = ONE) -> str:
    return world.endpoints[endpoint_id].state


def test_a_listed_consumer_gets_in_and_the_ledger_says_why(world: World) -> None:
    plan = look(world)

    (item,) = plan["items"]
    assert (item["id"], item["endpoint_ids"]) == (f"{SERVICE}/accept/1", [ONE])
    assert state(world) == "available"
    assert (row(world)["state"], row(world)["by"]) == ("accepted", "autopilot")
    assert row(world)["rule"] == "allowed principals"
    assert look(world)["items"] == []


def test_a_right_withdrawn_between_plan_and_call_wins(world: World) -> None:
    plan = world.plan("look")
    world.listed[SERVICE].clear()

    outcome = world.answer("look", item=plan["items"][0])

    assert outcome is not None
    assert (outcome["result"], outcome["stale"]) == ("stale", [ONE])
    assert outcome["error"] == "StandsOtherwise"
    assert "no rule names" in outcome["message"] or "doesn't admit" in outcome["message"]
    assert state(world) == "pendingAcceptance"
    assert world.ledger.rows("connection") == ()


def test_a_rule_withdrawn_between_plan_and_call_wins(world: World) -> None:
    plan = world.plan("look")
    world.with_policy(deny=(BY_ACCOUNT,))

    outcome = world.answer("look", item=plan["items"][0])

    assert outcome is not None
    assert outcome["result"] == "stale"
    assert state(world) == "pendingAcceptance"


def test_what_we_accepted_is_cut_when_the_permission_goes(world: World) -> None:
    look(world)
    world.listed[SERVICE].clear()

    plan = look(world)

    assert plan["items"][0]["verdict"] == "cut"
    assert state(world) == "rejected"
    assert (row(world)["state"], row(world)["by"]) == ("rejected", "autopilot")


def test_what_a_person_accepted_is_never_cut(world: World) -> None:
    event = world.person(ONE, "accept")
    look(world, answers=[event])
    world.listed[SERVICE].clear()
    world.with_policy(allow=())

    plan = look(world)

    assert plan["items"] == []
    (finding,) = plan["findings"]
    assert (finding["kind"], finding["severity"]) == ("ConnectionNotAllowed", "info")
    assert finding["data"]["accepted_by"] == ALICE
    assert state(world) == "available"


def test_deny_cuts_even_that(world: World) -> None:
    look(world, answers=[world.person(ONE, "accept")])
    world.with_policy(deny=(BY_ACCOUNT,))

    look(world)

    assert state(world) == "rejected"


def test_what_was_there_before_us_is_reported_and_left(world: World) -> None:
    world.endpoints[ONE].state = "available"
    world.listed[SERVICE].clear()

    plan = look(world, trigger="sweep")

    assert plan["items"] == []
    (finding,) = plan["findings"]
    assert (finding["severity"], finding["data"]["accepted_by"]) == ("action", "")
    assert state(world) == "available"


def test_losing_the_ledger_loses_memory_never_safety(world: World) -> None:
    look(world)
    world.ledger.table.clear()
    world.listed[SERVICE].clear()

    assert look(world)["items"] == []
    assert state(world) == "available"


def test_alert_reports_and_cuts_nothing(world: World) -> None:
    look(world)
    world.with_policy(no_longer_allowed="alert")
    world.listed[SERVICE].clear()

    plan = look(world)

    assert plan["items"] == []
    assert plan["findings"][0]["data"]["accepted_by"] == "autopilot"


def test_a_person_who_accepts_right_after_we_died_is_not_cut(world: World) -> None:
    """The claim stands, the call was never made, and the event of the person's is lost."""
    plan = world.plan("dies")
    world.faults = ["killed before"]
    assert world.answer("dies", item=plan["items"][0]) is None
    world.person(ONE, "accept")
    world.listed[SERVICE].clear()
    later(world)

    assert look(world)["items"] == []
    assert state(world) == "available"


def test_an_answer_that_is_lost_counts_as_given_at_the_next_try(world: World) -> None:
    plan = world.plan("look")
    world.faults = ["answer lost"]
    assert world.answer("look", item=plan["items"][0]) is None

    outcome = world.answer("look", item=plan["items"][0])

    assert outcome is not None
    assert (outcome["result"], outcome["endpoint_ids"]) == ("done", [ONE])
    assert row(world)["state"] == "accepting", "nobody knows whether we or a person did it"


def test_a_rejection_that_is_lost_counts_as_given_at_the_next_try(world: World) -> None:
    world.with_policy(deny=(BY_ACCOUNT,))
    plan = world.plan("look")
    world.faults = ["answer lost"]
    world.answer("look", item=plan["items"][0])

    outcome = world.answer("look", item=plan["items"][0])

    assert outcome is not None
    assert (outcome["verdict"], outcome["result"]) == ("reject", "done")


def test_a_refused_call_takes_its_claim_back(world: World) -> None:
    plan = world.plan("look")
    world.faults = ["throttled"]
    assert world.answer("look", item=plan["items"][0]) is None
    assert world.ledger.rows("connection") == ()

    assert look(world, "another")["items"], "nobody has to wait for the claim to grow old"
    assert state(world) == "available"


def test_a_refused_cut_still_remembers_who_accepted(world: World) -> None:
    look(world)
    world.listed[SERVICE].clear()
    plan = world.plan("look")
    world.faults = ["unsuccessful"]

    outcome = world.answer("look", item=plan["items"][0])

    assert outcome is not None
    assert (outcome["error"], outcome["message"]) == (
        "Unsuccessful", f"{ONE}: IncorrectState: no",
    )  # fmt: skip
    assert (row(world)["state"], row(world)["by"]) == ("accepted", "autopilot")


def test_a_cut_that_dies_does_not_make_a_persons_connection_ours(world: World) -> None:
    look(world, answers=[world.person(ONE, "accept")])
    world.with_policy(deny=(BY_ACCOUNT,))
    plan = world.plan("dies")
    world.faults = ["killed before"]
    world.answer("dies", item=plan["items"][0])
    world.with_policy(deny=())
    world.listed[SERVICE].clear()
    later(world)

    assert look(world)["items"] == []
    assert state(world) == "available"


def test_what_a_person_accepted_after_a_rejection_is_not_taken_for_ours(world: World) -> None:
    """Both events lost; a look in between saw that our acceptance was over."""
    look(world)
    world.person(ONE, "reject")
    later(world)
    look(world)
    world.person(ONE, "accept")
    world.listed[SERVICE].clear()
    later(world)

    assert look(world)["items"] == []
    assert state(world) == "available"


def test_two_executions_answer_once(world: World) -> None:
    one, other = world.plan("one"), world.plan("other")
    world.faults = ["killed before"]
    world.answer("one", item=one["items"][0])

    outcome = world.answer("other", item=other["items"][0])

    assert outcome is not None
    assert outcome["result"] == "stale"
    assert world.plan("third")["left"] == {"another execution answers it": 1}
    outcome = world.answer("one", item=one["items"][0])
    assert outcome is not None
    assert outcome["result"] == "done"


def test_a_person_who_rejects_between_look_and_claim_is_right(world: World) -> None:
    plan = world.plan("look")

    def meanwhile() -> None:
        world.plan("other", answers=[world.person(ONE, "reject")])

    world.ledger.meanwhile = meanwhile
    outcome = world.answer("look", item=plan["items"][0])

    assert outcome is not None
    assert outcome["result"] == "stale"
    assert state(world) == "rejected"


def test_a_stranger_is_held_and_a_person_accepts_by_the_console(world: World) -> None:
    world.with_policy(allow=())
    plan = look(world)

    (hold,) = plan["holds"]
    assert hold["name"] in world.started
    assert hold["name"] == f"hold-{ONE}-{int(world.now.timestamp())}"
    assert plan["findings"][0]["kind"] == "ConnectionHeld"
    assert look(world)["holds"] == [], "one hold is enough"

    plan = look(world, answers=[world.person(ONE, "accept")])

    (closure,) = plan["close_holds"]
    assert (closure["answered"], closure["by"]) == ("accept", ALICE)
    assert plan["findings"] == []
    assert look(world)["close_holds"] == []


def held(world: World) -> Any:
    """A hold that waits; its row."""
    world.with_policy(allow=())
    (hold,) = look(world)["holds"]
    open_hold.handler(
        {"hold": hold, "token": "token", "execution": "hold-execution"},
        CONTEXT,
        ledger=lambda: world.ledger,
        end=world.end,
        now=lambda: world.now,
    )
    world.waiting["token"] = hold
    return hold


def test_a_person_accepts_through_the_function(world: World) -> None:
    hold = held(world)
    world.person_answers_hold(ONE, "accept")
    assert world.waiting == {}
    said = {"answer": "accept", "by": ALICE, "reason": "because", "at": world.now.isoformat()}

    outcome = world.answer("hold-execution", hold=hold, answer=said)

    assert outcome is not None
    assert (outcome["result"], outcome["by"]) == ("done", ALICE)
    assert outcome["reasons"][ONE]["reason"] == "because"
    assert (row(world)["state"], row(world)["by"]) == ("accepted", ALICE)
    world.listed[SERVICE].clear()
    later(world)
    assert look(world)["items"] == [], "a person accepted it"


def test_a_person_cannot_open_the_second_lock_through_the_function(world: World) -> None:
    hold = held(world)
    world.listed[SERVICE].clear()

    outcome = world.answer("h", hold=hold, answer={"answer": "accept", "by": ALICE})

    assert outcome is not None
    assert outcome["result"] == "stale"
    assert "doesn't admit" in outcome["message"]
    assert state(world) == "pendingAcceptance"
    assert look(world)["holds"], "it is held anew"


def test_deny_that_came_meanwhile_beats_a_person(world: World) -> None:
    hold = held(world)
    world.with_policy(deny=(BY_ACCOUNT,))

    outcome = world.answer("h", hold=hold, answer={"answer": "accept", "by": ALICE})

    assert outcome is not None
    assert outcome["message"] == f"deny names {CONSUMER}"


def test_nobodys_answer_rejects(world: World) -> None:
    hold = held(world)
    later(world, days=7, minutes=1)

    outcome = world.answer("h", hold=hold, answer={"answer": "expired"})

    assert outcome is not None
    assert (outcome["verdict"], outcome["by"]) == ("reject", "expiry")
    assert outcome["reasons"][ONE]["reason"] == "nobody answered within 7 days"
    assert state(world) == "rejected"


def test_expiry_does_not_reject_what_the_policy_allows_by_now(world: World) -> None:
    hold = held(world)
    world.with_policy(allow=(BY_ACCOUNT,))

    outcome = world.answer("h", hold=hold, answer={"answer": "expired"})

    assert outcome is not None
    assert outcome["result"] == "stale"
    assert outcome["message"].startswith("the policy decides it now")
    assert look(world)["items"][0]["verdict"] == "accept"


def test_expiry_does_not_cut_what_a_person_accepted_unheard(world: World) -> None:
    hold = held(world)
    world.person(ONE, "accept")

    outcome = world.answer("h", hold=hold, answer={"answer": "expired"})

    assert outcome is not None
    assert outcome["result"] == "stale"
    assert state(world) == "available"


def test_a_person_who_answers_as_time_runs_out_is_right(world: World) -> None:
    hold = held(world)
    world.waiting.clear()
    with pytest.raises(HoldUnknown, match=r"^too late: vpce-.* time was just over"):
        world.person_answers_hold(ONE, "accept")

    made = world.answer("h", hold=hold, answer={"answer": "expired"}, for_person=True)

    assert made is not None
    assert (made["verdict"], made["by"], made["result"]) == ("accept", ALICE, "done")


def test_an_old_hold_rejects_nothing_that_a_newer_one_waits_for(world: World) -> None:
    """The ledger was lost, and with it the first hold's token."""
    first = held(world)
    world.ledger.table.clear()
    later(world, days=1)
    assert look(world)["holds"][0]["name"] != first["name"]

    outcome = world.answer("h", hold=first, answer={"answer": "expired"})

    assert outcome is not None
    assert outcome["result"] == "stale"
    assert state(world) == "pendingAcceptance"


def test_the_policy_decides_a_held_request_after_all(world: World) -> None:
    held(world)
    world.with_policy(allow=(BY_ACCOUNT,))

    plan = look(world)

    assert plan["items"][0]["verdict"] == "accept"
    assert plan["close_holds"][0]["answered"] == "policy"
    assert world.waiting == {}


def test_a_request_that_vanished_closes_its_hold(world: World) -> None:
    held(world)
    del world.endpoints[ONE]

    assert look(world)["close_holds"][0]["answered"] == "gone"
    assert world.waiting == {}


def test_a_look_elsewhere_closes_no_hold(world: World) -> None:
    held(world)
    del world.endpoints[ONE]

    assert look(world, scope={"service_ids": ["vpce-svc-0b"]})["close_holds"] == []


def test_a_policy_that_changes_while_a_person_answers_waits(world: World) -> None:
    held(world)
    world.person_answers_hold(ONE, "reject")
    world.with_policy(allow=(BY_ACCOUNT,))

    plan = look(world)

    assert plan["items"] == []
    assert plan["left"] == {"another execution answers it": 1}
    later(world)
    assert look(world)["items"], "nobody carried the answer out"


def test_the_same_person_may_say_it_twice(world: World) -> None:
    held(world)
    world.person_answers_hold(ONE, "accept")
    world.waiting["token"] = True
    world.person_answers_hold(ONE, "accept")
    with pytest.raises(HoldUnknown, match=rf"^too late: .* accepted by {ALICE}, .* \(because\)"):
        world.person_answers_hold(ONE, "reject")


def test_nobody_waits_for_an_answer(world: World) -> None:
    with pytest.raises(HoldUnknown, match="no request of vpce-01 waits"):
        world.person_answers_hold(ONE, "accept")


def test_a_second_look_at_settled_answers_reads_the_connections_only(world: World) -> None:
    plan = world.plan("look")
    outcome = world.answer("look", item=plan["items"][0])

    again = world.plan("look", round=2, outcomes=[outcome], plan=plan, expect=plan["expect"])

    assert again == {**plan, "items": []}


def test_a_second_look_answers_what_came_out_stale(world: World) -> None:
    plan = world.plan("look")
    world.faults = ["unsuccessful"]
    outcome = world.answer("look", item=plan["items"][0])
    event = {"round": 2, "outcomes": [outcome], "plan": plan}

    with pytest.raises(Exception, match="AWS doesn't show the answers yet: vpce-01"):
        world.plan("look", **event, expect=plan["expect"])
    again = world.plan("look", **event, expect=[])

    assert [item["id"] for item in again["items"]] == [f"{SERVICE}/accept/1"]


def test_what_stays_stale_is_given_up_and_told(world: World) -> None:
    plan = world.plan("look")
    world.faults = ["unsuccessful"]
    outcome = world.answer("look", item=plan["items"][0])

    last = world.plan("look", round=5, outcomes=[outcome], plan=plan)

    assert last["items"] == []
    (finding,) = last["findings"]
    assert (finding["id"], finding["data"]["error"]) == (
        f"AnswerFailed/{SERVICE}/{ONE}", "Unsuccessful",
    )  # fmt: skip


def test_what_failed_is_not_tried_again_in_the_same_execution(world: World) -> None:
    plan = world.plan("look")
    failed = {**plan["items"][0], "result": "failed", "error": "AccessDenied", "message": "no"}

    assert world.plan("look", round=2, outcomes=[failed], plan=plan)["items"] == []


def test_audit_mode_says_what_it_would_do_and_does_nothing(world: World) -> None:
    world.policy = replace(world.policy, mode="audit")
    world.endpoints["vpce-02"] = Endpoint(SERVICE, STRANGER)

    plan = look(world)

    assert (plan["items"], plan["holds"], plan["register"]) == ([], [], [])
    said = {f["subject"]: f["data"]["action"] for f in plan["findings"]}
    assert said == {f"{SERVICE}/{ONE}": "accept", f"{SERVICE}/vpce-02": "hold"}
    assert plan["left"]["audit mode"] == 2


def test_audit_mode_that_comes_between_plan_and_call_wins(world: World) -> None:
    plan = world.plan("look")
    world.policy = replace(world.policy, mode="audit")

    outcome = world.answer("look", item=plan["items"][0])

    assert outcome is not None
    assert (outcome["result"], outcome["message"]) == ("stale", "audit mode changes nothing")


def test_in_audit_mode_nobodys_answer_rejects_nobody_but_a_person_may(world: World) -> None:
    hold = held(world)
    world.policy = replace(world.policy, mode="audit")

    outcome = world.answer("h", hold=hold, answer={"answer": "expired"})
    assert outcome is not None
    assert outcome["message"] == "audit mode changes nothing"

    world.answer("h", hold=hold, answer={"answer": "accept", "by": ALICE})
    assert state(world) == "available"
