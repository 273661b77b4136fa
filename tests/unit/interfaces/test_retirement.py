"""Idle endpoints retire step by step, each step can be taken back, and traffic ends it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from autopilot.interfaces.changes import draft
from autopilot.interfaces.desired import desired_in
from autopilot.interfaces.facts import Endpoint, Facts
from autopilot.interfaces.idle import Verdict, Word
from autopilot.interfaces.plan import EndpointItem, InterfacePlan
from autopilot.interfaces.planning import plan
from autopilot.interfaces.restore import Restore
from autopilot.interfaces.retirement import Retirement, anew, retirement
from autopilot.interfaces.retirement_steps import Moment, all_moved_on, settled, writes
from autopilot.interfaces.retiring import retire
from autopilot.notify.ledger import Row
from autopilot.policy.model import IdlePolicy, Policy
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.interfaces.builders import (
    FIFTY,
    KMS,
    LOGS,
    SUBNETS,
    carried_out,
    endpoint,
    facts,
    group,
    offer,
    policy,
    profile,
    situation,
    vpc,
)

START = datetime(2026, 11, 30, 18, tzinfo=UTC)
SUBJECT = "vpc-1/logs"
RETIRES = policy(retire_interfaces="idle", idle=IdlePolicy(30, 7))
IDLE = "no bytes and no connection in 30 days"


@dataclass
class World:
    """The endpoint, what the ledger holds, what ops know, and how CloudWatch judges it."""

    seen: Facts
    policy: Policy = RETIRES
    word: Word = "idle"
    at: datetime = START
    rows: dict[str, Row] = field(default_factory=dict)
    told: frozenset[str] = frozenset()
    did: list[tuple[str, str]] = field(default_factory=list)
    looks: int = 0

    def look(self, trigger: str = "sweep", **asked: Any) -> InterfacePlan:
        """An execution of one round: it looks, notes, plans, carries out and tells."""
        self.looks += 1
        execution = f"execution-{self.looks}"
        now = situation(
            self.seen, self.policy, trigger=trigger, execution=execution, at=self.at,
            told=self.told, **asked,
        )  # fmt: skip
        desired = desired_in(now)
        judges = self.policy.retire_interfaces == "idle" and now.scheduled
        verdicts = self._verdicts() if judges else {}
        before = {sk: retirement(row) for sk, row in self.rows.items()}
        moment = Moment(self.policy, self.at, self.told, verdicts, now.request.restore)
        after = all_moved_on(before, now, desired, moment)
        for key, row, _ in writes(before, after, moment, execution):
            if row:
                self.rows[key.sk] = row
            else:
                del self.rows[key.sk]
        stand = settled(before, after, (), execution)
        now = replace(now, verdicts=verdicts, retirements=stand)
        made = plan(draft(now, retire(now, desired)), now, FIFTY)
        self.seen, _ = carried_out(self.seen, made.items)
        self.told |= {finding.id for finding in made.findings}
        self.did += [(item.kind, item.action) for item in made.items]
        return made

    def _verdicts(self) -> Mapping[str, Verdict]:
        return {e.id: Verdict(e.id, self.word, f"it is {self.word}") for e in self.seen.endpoints}

    def pass_days(self, days: float) -> None:
        self.at += timedelta(days=days)

    @property
    def stage(self) -> str:
        row = self.rows.get(SUBJECT)
        return str(row.body["stage"]) if row else ""

    @property
    def private_dns(self) -> list[bool]:
        return [each.private_dns for each in self.seen.endpoints]


def world(*endpoints: Endpoint, **changes: Any) -> World:
    there = endpoints or (endpoint(),)
    return World(facts(vpc(), *SUBNETS, group(), offer(), *there), **changes)


def leaving(**changes: Any) -> World:
    """Announced and told, then private DNS off, then the wait begun."""
    made = world(**changes)
    for _ in range(3):
        made.look()
    return made


def retired() -> World:
    made = leaving()
    made.pass_days(7)
    made.look()
    made.look()
    return made


def kinds(made: InterfacePlan) -> list[tuple[str, Any]]:
    return [(f.kind, f.data.get("stage")) for f in made.findings]


def test_it_is_told_then_hidden_then_deleted_after_the_wait() -> None:
    here = world()
    first = here.look()
    assert (kinds(first), first.items) == ([("InterfaceIdle", "announced")], ())
    second = here.look()
    assert kinds(second) == [("InterfaceIdle", "leaving")]
    assert (here.did, here.private_dns) == ([("endpoint", "modify")], [False])
    here.look()
    assert here.rows[SUBJECT].body["due"] == (START + timedelta(days=7)).isoformat()
    here.pass_days(6.9)
    assert here.look().items == ()
    here.pass_days(0.2)
    (last,) = here.look().items
    assert isinstance(last, EndpointItem)
    assert (last.action, last.cause, here.seen.endpoints) == ("delete", "idle", ())
    after = here.look()
    assert kinds(after) == [("InterfaceRetired", None)]
    assert (here.stage, after.left.get("retired")) == ("gone", 1)
    # The group that nobody bears goes with it, and nothing is made again.
    assert here.did[-1] == ("group", "delete")
    for trigger in ("event", "sweep", "person"):
        assert here.look(trigger).items == ()


def test_nothing_begins_before_ops_were_told() -> None:
    here = world()
    here.look()
    here.told = frozenset()  # nobody listens
    assert here.look().items == ()
    assert (here.stage, here.private_dns) == ("announced", [True])


def test_an_event_decides_nothing() -> None:
    here = world()
    assert here.look("event").findings == ()
    here = leaving()
    here.pass_days(30)
    assert here.look("event").items == ()
    assert here.look("sweep").items[0].action == "delete"


@pytest.mark.parametrize(
    ("word", "by"), [("in use", "its traffic"), ("kept", "a tag")]
)  # fmt: skip
def test_traffic_or_a_tag_ends_it_and_private_dns_is_on_again(word: Word, by: str) -> None:
    here = leaving()
    here.pass_days(6)
    here.word = word
    (item,) = here.look().items
    assert item.reason.startswith(f"its retirement was ended by {by} (it is {word}); our endpoint")
    assert (here.stage, here.private_dns) == ("back", [True])
    assert here.look().findings == ()


@pytest.mark.parametrize("word", ["no data", "too young"])
def test_without_certainty_it_waits_on_and_is_not_deleted(word: Word) -> None:
    here = leaving(word="idle")
    here.word = word
    here.pass_days(30)
    assert here.look().items == ()
    assert (here.stage, here.private_dns) == ("leaving", [False])


@pytest.mark.parametrize("word", ["in use", "no data", "too young", "kept"])
def test_what_is_not_idle_any_more_is_not_announced(word: Word) -> None:
    here = world()
    here.look()
    here.word = word
    assert here.look().findings == ()
    assert (here.stage, here.did) == ("", [])


def test_private_dns_that_somebody_turns_on_stays_on() -> None:
    here = leaving()
    (there,) = here.seen.endpoints
    here.seen = replace(here.seen, endpoints=(replace(there, private_dns=True),))
    assert here.look("event").items == ()
    assert (here.stage, here.rows[SUBJECT].body["by"]) == ("back", "somebody")


def test_the_wait_begins_once_private_dns_is_off() -> None:
    here = world()
    here.look()
    (there,) = here.seen.endpoints
    here.look()
    here.seen = replace(here.seen, endpoints=(there,))  # the change failed
    here.pass_days(30)
    (item,) = here.look().items
    assert (item.action, getattr(item, "private_dns", None)) == ("modify", False)
    assert here.look().items == ()
    assert here.rows[SUBJECT].body["due"] == (here.at + timedelta(days=7)).isoformat()


def test_one_without_private_dns_waits_at_once() -> None:
    here = world(endpoint(private_dns=False), policy=replace(RETIRES, interface_endpoints=(
        profile(private_dns=False),)))  # fmt: skip
    here.look()
    here.look()
    assert here.rows[SUBJECT].body["due"] == (START + timedelta(days=7)).isoformat()


@pytest.mark.parametrize("id_", [SUBJECT, "vpce-1"])
def test_a_person_brings_it_back_after_it_was_deleted(id_: str) -> None:
    here = retired()
    here.look("person", restore=Restore(id_, "ann", "a job once a year"))
    made = here.look("event")  # its group is there now
    (item,) = [each for each in made.items if each.kind == "endpoint"]
    assert (item.action, item.cause, here.stage) == ("create", "missing", "back")
    assert here.private_dns == [True]


def test_what_is_brought_back_says_by_whom() -> None:
    here = retired()
    here.seen = replace(here.seen, groups=(group(),))
    made = here.look("person", restore=Restore(SUBJECT, "ann", "a job once a year"))
    (item,) = [each for each in made.items if each.kind == "endpoint"]
    assert (item.action, item.cause) == ("create", "restored")
    assert item.reason == (
        "its retirement was ended by ann (a job once a year); the VPC has none of ours and profile"
        " workloads wants one for logs"
    )


@pytest.mark.parametrize("stage", ["announced", "leaving"])
def test_a_person_ends_it_before_it_was_deleted(stage: str) -> None:
    here = world() if stage == "announced" else leaving()
    here.look()
    here.look("person", restore=Restore("vpce-1", "ann"))
    assert (here.stage, here.private_dns) == ("back", [True])


def test_what_is_gone_while_another_execution_notes_it_is_not_made_anew() -> None:
    """Its own write is refused then, and it plans with the row that it has read."""
    here = leaving()
    rows = {sk: retirement(row) for sk, row in here.rows.items()}
    seen = replace(here.seen, endpoints=(), groups=(group(),))
    now = replace(situation(seen, RETIRES), retirements=rows, at=here.at)
    made = draft(now, retire(now, desired_in(now)))
    assert [each.action for each in made.items if each.kind == "endpoint"] == []


def test_time_runs_anew_for_what_came_back() -> None:
    here = leaving()
    here.look("person", restore=Restore("vpce-1", "ann"))
    rows = {sk: retirement(row) for sk, row in here.rows.items()}
    assert anew(rows) == {"vpce-1": here.at}
    expires = here.rows[SUBJECT].expires_at
    assert expires == int((here.at + timedelta(days=31)).timestamp())


def test_restoring_another_one_changes_nothing() -> None:
    here = retired()
    assert here.look("person", restore=Restore("vpc-1/kms", "ann")).items == ()
    assert here.stage == "gone"


def test_a_policy_that_retires_nothing_brings_back_what_leaves_and_not_what_is_gone() -> None:
    here = leaving()
    here.policy = policy()
    here.look("event")
    assert (here.stage, here.private_dns) == ("back", [True])
    here = retired()
    here.policy = policy()
    assert here.look().items == ()
    assert here.stage == "gone"


def test_audit_announces_and_plans_and_notes_no_more() -> None:
    here = world(policy=replace(RETIRES, mode="audit"))
    here.look()
    for trigger in ("sweep", "event", "sweep"):
        made = here.look(trigger)
        assert {kind for kind, _ in kinds(made)} == {"InterfaceIdle", "PlannedInterfaceChange"}
        assert (here.stage, here.did) == ("announced", [])


def test_what_no_profile_wants_retires_if_nobody_uses_it_and_stays_if_somebody_does() -> None:
    here = world(policy=replace(RETIRES, interface_endpoints=()), word="in use")
    for _ in range(4):
        made = here.look()
        here.pass_days(8)
    assert (kinds(made), here.did) == ([("InterfaceUnwanted", None)], [])
    here.word = "idle"
    for _ in range(4):
        here.look()
        here.pass_days(8)
    assert here.did[:2] == [("endpoint", "modify"), ("endpoint", "delete")]
    assert (here.look().findings, here.rows) == ((), {})


def test_what_no_profile_wants_gets_its_private_dns_back() -> None:
    here = leaving(policy=replace(RETIRES, interface_endpoints=()))
    assert here.private_dns == [False]
    here.look("person", restore=Restore("vpce-1", "ann"))
    assert (here.stage, here.private_dns) == ("back", [True])


def test_what_is_gone_is_forgotten_with_its_vpc_and_with_its_profile() -> None:
    here = retired()
    here.policy = replace(RETIRES, interface_endpoints=())
    here.look("event")
    assert here.rows == {}
    here = retired()
    here.seen = replace(here.seen, vpcs=(), looked_at=("vpc-2",))
    here.look("event")
    assert here.stage == "gone"
    here.seen = replace(here.seen, looked_at="all")
    here.look()
    assert here.rows == {}


def test_a_vpc_that_is_left_alone_keeps_what_it_has() -> None:
    here = leaving()
    here.pass_days(30)
    assert here.look(withdrawn=frozenset({"vpc-1"})).items == ()
    assert here.stage == "leaving"


def test_an_endpoint_that_somebody_else_of_us_made_meanwhile_is_wanted() -> None:
    here = retired()
    here.seen = replace(here.seen, endpoints=(endpoint("vpce-2"),), groups=(group(),))
    here.word = "too young"
    made = here.look()
    assert (made.findings, here.rows) == ((), {})


def test_a_look_that_trails_the_deletion_brings_nothing_back() -> None:
    here = retired()
    here.seen = replace(here.seen, endpoints=(endpoint(private_dns=False),), groups=(group(),))
    assert here.look().items == ()
    assert here.stage == "gone"


def test_one_that_was_only_overlooked_goes_after_all() -> None:
    here = leaving()
    there = here.seen.endpoints
    here.seen = replace(here.seen, endpoints=())
    here.look("event")
    here.seen = replace(here.seen, endpoints=there)
    here.pass_days(8)
    here.look("event")
    assert here.stage == "leaving"
    assert here.look().items[0].action == "delete"


def test_what_is_gone_asks_for_no_quota_and_no_attributes() -> None:
    here = retired()
    before = {sk: retirement(row) for sk, row in here.rows.items()}
    now = situation(here.seen, here.policy, retirements=before)
    desired = desired_in(now)
    assert desired.vpcs_to_probe == ("vpc-1",)
    assert retire(now, desired).vpcs_to_probe == ()


def test_what_serves_comes_before_what_retires() -> None:
    wanted = replace(RETIRES, interface_endpoints=(profile(services=("logs", "kms")),))
    seen = facts(vpc(), *SUBNETS, group(), offer(), offer(KMS), endpoint())
    row = Retirement(SUBJECT, "leaving", "vpce-1", LOGS, START.isoformat(), IDLE)
    now = situation(seen, wanted, retirements={SUBJECT: row})
    made = draft(now, retire(now, desired_in(now)))
    assert [(i.action, i.id) for i in made.items] == [("create", "vpc-1/kms"), ("modify", SUBJECT)]


def test_where_another_execution_was_faster_its_word_counts() -> None:
    here = leaving()
    before = {sk: retirement(row) for sk, row in here.rows.items()}
    after = {SUBJECT: replace(before[SUBJECT], stage="gone")}
    assert settled(before, after, [SUBJECT], "mine") == before
    assert settled(before, after, [], "mine")[SUBJECT].stage == "gone"
    assert settled(before, {SUBJECT: None}, [], "mine") == {}


def test_a_row_says_all_that_it_was_made_of() -> None:
    here = leaving()
    row = here.rows[SUBJECT]
    found = retirement(row)
    assert found == Retirement(
        SUBJECT, "leaving", "vpce-1", "com.amazonaws.us-east-1.logs", START.isoformat(),
        "it is idle", (START + timedelta(days=7)).isoformat(), "", str(row.body["memory"]),
    )  # fmt: skip
    assert '"subnet_ids": ["subnet-1", "subnet-2", "subnet-3"]' in found.memory


looks = st.lists(
    st.tuples(
        st.sampled_from(["event", "sweep", "person"]),
        st.sampled_from(["in use", "no data", "too young", "kept"]),
        st.floats(0, 40),
    ),
    max_size=12,
)


@given(begun=st.integers(0, 3), then=looks)
def test_nothing_with_a_byte_in_the_window_is_planned_to_lose_anything(
    begun: int, then: list[tuple[str, Word, float]]
) -> None:
    """However far its retirement is: a look that knows of traffic takes nothing away, and one that
    knows nothing deletes nothing."""
    here = world()
    for _ in range(begun):
        here.look()
    for trigger, word, days in then:
        here.pass_days(days)
        here.word = word
        for item in here.look(trigger).items:
            assert item.action != "delete"
            if word == "in use" and trigger != "event" and isinstance(item, EndpointItem):
                assert item.private_dns is not False
        if word == "in use" and trigger != "event":
            here.look("event")
            assert here.private_dns == [True]
