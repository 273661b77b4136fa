"""No interleaving of requests, permissions, policies, people, faults and steps does harm.

`connection_world` holds every accept and reject against the truth at the moment of the call.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from autopilot.policy.model import Policy, Rule
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.adapters.connection_world import Endpoint, World

OWNERS = ["222222222222", "333333333333"]
SERVICES = ["vpce-svc-0a", "vpce-svc-0b"]
RULES = [Rule("allowed_principals"), *(Rule("account", owner) for owner in OWNERS)]
FAULTS = ["", "throttled", "unsuccessful", "killed before", "killed after", "answer lost"]
which = st.integers(0, 100)


class Interleaving(RuleBasedStateMachine):
    """Steps of several executions, in any order, half-way or never finished."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(Policy())
        for entries in self.world.listed.values():
            entries |= set(OWNERS)
        self.events: list[dict[str, Any]] = []
        self.plans: list[tuple[str, dict[str, Any]]] = []
        self.holds: list[Any] = []
        self.executions = 0

    def teardown(self) -> None:
        self.converge()
        self.world.close()

    def _name(self) -> str:
        self.executions += 1
        return f"execution-{self.executions}"

    @precondition(lambda self: len(self.world.endpoints) < 3)
    @rule(owner=st.sampled_from(OWNERS), service=st.sampled_from(SERVICES))
    def a_consumer_asks(self, owner: str, service: str) -> None:
        self.world.endpoints[f"vpce-{len(self.world.endpoints):02x}"] = Endpoint(service, owner)

    @rule(
        entry=st.sampled_from([*OWNERS, "*"]), service=st.sampled_from(SERVICES), on=st.booleans()
    )
    def the_list_changes(self, entry: str, service: str, on: bool) -> None:
        entries = self.world.listed[service]
        entries.add(entry) if on else entries.discard(entry)

    @rule(
        allow=st.lists(st.sampled_from(RULES), max_size=2, unique=True),
        deny=st.lists(st.sampled_from(RULES[1:]), max_size=1),
        otherwise=st.sampled_from(["hold", "reject"]),
        no_longer=st.sampled_from(["reject", "reject", "alert"]),
    )
    def the_policy_changes(self, allow: Any, deny: Any, otherwise: Any, no_longer: Any) -> None:
        self.world.with_policy(
            allow=tuple(allow),
            deny=tuple(deny),
            otherwise=otherwise,
            no_longer_allowed=no_longer,
        )

    @precondition(lambda self: self.world.endpoints)
    @rule(n=which, verdict=st.sampled_from(["accept", "accept", "reject"]), heard=st.booleans())
    def a_person_answers_in_the_console(self, n: int, verdict: str, heard: bool) -> None:
        ids = sorted(self.world.endpoints)
        if (event := self.world.person(ids[n % len(ids)], verdict)) and heard:
            self.events.append(event)

    @rule(n=which, some=st.booleans(), again=st.booleans())
    def a_look(self, n: int, some: bool, again: bool) -> None:
        events, self.events = self.events, self.events if again else []
        name = self._name()
        scope: Any = {"service_ids": [SERVICES[n % 2]]} if some else "all"
        heard = [e for e in events if not some or e["service_id"] == SERVICES[n % 2]]
        self.plans.append((name, self.world.plan(name, scope=scope, answers=heard)))

    @precondition(lambda self: any(plan["items"] for _, plan in self.plans))
    @rule(
        n=which,
        m=which,
        fault=st.sampled_from(FAULTS),
        again=st.booleans(),
        meanwhile=st.sampled_from(["", "", "accept", "reject"]),
    )
    def an_answer(self, n: int, m: int, fault: str, again: bool, meanwhile: str) -> None:
        chosen = [(name, plan) for name, plan in self.plans if plan["items"]]
        name, plan = chosen[-1 - n % min(2, len(chosen))]
        item = plan["items"][m % len(plan["items"])]
        self.world.faults = [fault]
        if meanwhile:  # between the second look and the claim
            self.world.ledger.meanwhile = lambda: self._person_and_look(m, meanwhile)
        self.world.answer(name, item=item)
        self.world.faults, self.world.ledger.meanwhile = [], None
        if again:
            self.world.answer(name, item=item)

    def _person_and_look(self, m: int, verdict: str) -> None:
        ids = sorted(self.world.endpoints)
        if event := self.world.person(ids[m % len(ids)], verdict):
            self.world.plan(self._name(), answers=[event])

    @precondition(lambda self: self.plans)
    @rule(n=which)
    def holds_are_synced(self, n: int) -> None:
        name, plan = self.plans[n % len(self.plans)]
        self.world.sync(name, plan)

    @precondition(lambda self: self.world.started)
    @rule(n=which, answer=st.sampled_from(["accept", "reject", "expired"]))
    def a_hold_ends(self, n: int, answer: str) -> None:
        names = sorted(self.world.started)
        hold = self.world.started[names[n % len(names)]]
        said = {"answer": answer, "by": "bob", "reason": "", "at": self.world.now.isoformat()}
        self.world.answer(hold.name, hold=vars(hold), answer=said)

    @rule(minutes=st.sampled_from([1, 20, 20, 60 * 24 * 8]))
    def time_passes(self, minutes: int) -> None:
        self.world.now += timedelta(minutes=minutes)

    @rule(really=st.integers(0, 4))
    def the_ledger_is_lost(self, really: int) -> None:
        if not really:
            self.world.ledger.table.clear()

    @invariant()
    def deciding_twice_decides_the_same(self) -> None:
        one, other = self.world.plan("look"), self.world.plan("look")
        assert one == other

    def converge(self) -> None:
        """With the faults over, a few looks end with nothing left to answer."""
        self.world.now += timedelta(hours=1)
        for _ in range(3):
            name = self._name()
            plan = self.world.plan(name)
            for item in plan["items"]:
                assert self.world.answer(name, item=item)
            if not plan["items"]:
                break
        assert plan["items"] == []
        for endpoint in self.world.endpoints.values():
            if endpoint.state == "pendingAcceptance":
                assert not self.world.denies(endpoint)
                allowed = self.world.names(endpoint) and self.world.is_permitted(endpoint)
                assert not allowed


Interleaving.TestCase.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
TestInterleavings = Interleaving.TestCase
