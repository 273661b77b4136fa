"""A day without the hub, hour by hour: spokes' own heartbeats and news on the way that EventBridge
tries and gives up, the heartbeat that sends again, the hub's ear and its look, on a moved clock.

The way is the lab's (lab/undelivered.py): 24 hours and 185 times, then HubUndelivered.
"""

from __future__ import annotations

import heapq
import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import patch

import heartbeat
import hub_hear
import hub_look
import pytest
from autopilot.aws import outlets, step
from autopilot.aws.hub_table import HubTable
from autopilot.aws.ledger import Ledger
from autopilot.fleet import upward
from autopilot.fleet.beat import Looked
from autopilot.fleet.facts import Instance, Member, Survey
from autopilot.fleet.heard import SPOKES, WAITING, heard_of
from autopilot.fleet.roster import Roster, RosterTarget
from autopilot.fleet.wire import News, Spoke
from autopilot.notify.bus import BusEvent
from autopilot.notify.ledger import Row
from autopilot.policy.model import Policy
from autopilot.reconcile.identity import StackIdentity
from ministack.services import stepfunctions

from lab import undelivered
from lab.undelivered import Delivery, Failure
from tests.adapters.hub_at_work import Ops, context
from tests.adapters.tables import TABLE
from tests.unit.fleet.said import news, records

BEGIN = datetime(2026, 12, 1, tzinfo=UTC)
REGION, STACK_SET = "eu-central-1", "EndpointAutopilot-workloads"
ACCOUNTS = [f"{n:012}" for n in range(1, 9)]
ROSTER = Roster(
    organization="o-a1b2c3d4e5",
    account="999999999999",
    region=REGION,
    release="r1",
    targets={"workloads": RosterTarget("ou-1", STACK_SET, (REGION,))},
)
SURVEY = Survey(
    instances=tuple(Instance(a, REGION, STACK_SET, "CURRENT", "SUCCEEDED") for a in ACCOUNTS),
    members=tuple(Member(a, f"team-{a[-1]}", "ACTIVE", "workloads") for a in ACCOUNTS),
)
TARGET = {"RetryPolicy": {"MaximumEventAgeInSeconds": 86_400, "MaximumRetryAttempts": 185}}
# No gap of looks yet (autopilot.fleet.looking).
A_LOOK, AN_HOUR = timedelta(minutes=20), timedelta(hours=1)
Messages = dict[str, str]


@dataclass
class OneSpoke:
    """An account's spoke: its queue HubUndelivered, and the bus in front of its rule."""

    spoke: Spoke
    world: World
    speaks: bool = True
    letters: Messages = field(default_factory=dict)
    taken: Messages = field(default_factory=dict)

    def waiting(self) -> int:
        return len(self.letters) + len(self.taken)

    def some(self) -> list[tuple[str, str]]:
        found = dict(itertools.islice(self.letters.items(), 10))
        self.letters = {k: v for k, v in self.letters.items() if k not in found}
        self.taken |= found
        return [*found.items()]

    def forget(self, receipt: str) -> None:
        del self.taken[receipt]

    def put(self, events: Sequence[BusEvent]) -> None:
        """On its own default bus: stamped, and sent on by the rule."""
        for event in events:
            self.world.sends(self, event)

    def beats(self) -> None:
        """Its hourly schedule."""
        rows: dict[str, tuple[Row, ...]] = {}
        table = SimpleNamespace(partitions=lambda _: rows, write=lambda _: frozenset())
        means = heartbeat.Means(
            cast(Ledger, table),
            Policy(),
            self,
            self,
            lambda *_: Looked(self.world.now.isoformat()),
            self.world.now,
            lambda _: None,
        )
        left = SimpleNamespace(**vars(context("beat")), get_remaining_time_in_millis=lambda: 99_999)
        us = StackIdentity("EndpointAutopilot", self.spoke.account, self.spoke.region)
        told = {"UNDELIVERED_QUEUE_URL": "url", "STACK_NAME": "s", "CODE_VERSION": "v",
                "RELEASE": "r1", "TARGET": "workloads", "WANTED_QUEUE_URL": "wanted",
                "DEAD_LETTER_QUEUE_URL": "dead"}  # fmt: skip
        with patch.dict("os.environ", told), patch.object(heartbeat, "identity", lambda: us):
            heartbeat.handler({"trigger": "hourly"}, left, means=lambda: means)

    def tells(self, id_: str, **changes: Any) -> News:
        """A piece of news, as `record` puts it."""
        told = news(id_, at=self.world.now.isoformat(), **changes)
        self.put([upward.event_of(told)])
        return told


class World:
    """Spokes, the way up, the hub's queue with its two functions, and the time."""

    def __init__(self, client: Any) -> None:
        self.table, self.ops, self.now = HubTable(TABLE, client), Ops(), BEGIN
        self.down, self.looking, self.looked, self.gave_up = False, True, 0, 0
        self.spokes = [OneSpoke(Spoke(a, REGION), self) for a in ACCOUNTS]
        self.queue: list[Any] = []
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._count = itertools.count()

    def seconds(self) -> float:
        return (self.now - BEGIN).total_seconds() + 1

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        """Spread, as AWS's tries are: not all come at once."""
        number = next(self._count)
        heapq.heappush(self._due, (self.seconds() + seconds + number % 8 * 60, number, act))

    def sends(self, spoke: OneSpoke, event: BusEvent) -> None:
        stamped = {
            "source": "endpoint-autopilot",
            "detail-type": event.detail_type,
            "account": spoke.spoke.account,
            "region": spoke.spoke.region,
            "time": self.now.isoformat(),
            "resources": [*event.resources],
            "detail": event.detail,
        }
        undelivered.try_to(self._arrives, Delivery(TARGET, stamped, spoke.spoke.account))

    def _arrives(self, delivery: Delivery) -> Failure | None:
        if self.down:
            return Failure("CROSS_ACCOUNT_INGESTION_FAILED", "not reached", again=True)
        self.queue.append(delivery.event)
        return None

    def buried(self, delivery: Delivery, _failure: Failure, exhausted: str | None = None) -> None:
        assert exhausted == "MaximumEventAgeInSeconds"
        self.gave_up += 1
        (spoke,) = (s for s in self.spokes if s.spoke.account == delivery.source)
        spoke.letters[f"receipt {next(self._count)}"] = json.dumps(delivery.event)

    def hours(self, number: float, step: timedelta = A_LOOK) -> None:
        """Time passes: each spoke speaks once an hour, the hub hears and looks."""
        for _ in range(int(number * AN_HOUR / step)):
            before, self.now = self.now, self.now + step
            while self._due and self._due[0][0] <= self.seconds():
                heapq.heappop(self._due)[2]()
            for n, each in enumerate(self.spokes):
                # Schedules of a fleet begin at moments of their own.
                moment = n * AN_HOUR / len(self.spokes)
                if each.speaks and (before - moment).hour != (self.now - moment).hour:
                    each.beats()
            self.hears()
            self.looks()

    def hears(self) -> None:
        heard, self.queue = self.queue, []
        for start in range(0, len(heard), 100):
            answer = hub_hear.handler(
                {"Records": records(*heard[start : start + 100])},
                context("hear"),
                ledger=lambda: self.table,
                now=lambda: self.now,
            )
            assert answer == {"batchItemFailures": []}

    def looks(self) -> None:
        if self.looking:
            self.looked += 1
            hub_look.handler(
                {},
                context(str(self.looked)),
                table=lambda: self.table,
                ops=lambda: self.ops,
                roster=lambda: ROSTER,
                ask=lambda _: SURVEY,
                now=lambda: self.now,
            )

    def history(self) -> list[tuple[str, str, str]]:
        """When, who, which news: as the hub's history has it, in its own order."""
        days = [f"day/{BEGIN + timedelta(days=n):%Y-%m-%d}" for n in range(4)]
        rows = [row for day in days for row in self.table.rows(day) if row.body.get("news")]
        return [(row.key.sk[:16], str(row.body["account"]), str(row.body["news"])) for row in rows]


@pytest.fixture
def world(dynamodb: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    environment = {
        "DEAD_LETTER_QUEUE_URL": "https://dead",
        "OPS_TOPIC_ARN": "arn:topic",
        "OWNER": "EndpointAutopilotHub",
        "ACCOUNT_ID": "999999999999",
        "AWS_REGION": REGION,
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    cached = (step.identity, hub_look._settings, hub_hear._settings)
    for each in cached:
        each.cache_clear()
    monkeypatch.setattr(outlets, "client", lambda _: SimpleNamespace())
    made = World(dynamodb)
    monkeypatch.setattr(undelivered, "time", SimpleNamespace(monotonic=made.seconds))
    monkeypatch.setattr(stepfunctions, "_SFN_WAIT_SCALE", 1.0)
    monkeypatch.setattr(undelivered.OUTAGES, "later", made.later)
    monkeypatch.setattr(undelivered, "give_up", made.buried)
    made.hours(4)
    made.ops.sent.clear()
    yield made
    for each in cached:
        each.cache_clear()


def test_a_hub_that_hears_nobody_for_a_day_says_so_once_and_then_has_all_news(world: World) -> None:
    """The bus is down; its functions look on. One spoke was silent before, one falls silent
    meanwhile."""
    world.spokes[7].speaks = False
    world.hours(4)
    assert world.ops.subjects == [f"Silent: {ACCOUNTS[7]} in {REGION}"]
    expected = a_day(world)
    world.spokes[6].speaks = False
    come_back(world)
    _, deaf, again, *told = world.ops.subjects
    assert deaf == "The hub hears nothing: all of 8 spokes silent"
    assert again.startswith(f"Resolved ({REGION}): the hub hears its spokes again")
    assert others_than_early(told) == [*LATER_MAILS, f"Silent: {ACCOUNTS[6]} in {REGION}"]
    assert world.history() == expected
    world.spokes[7].speaks = True
    world.hours(2)
    (over,) = world.ops.subjects[len(told) + 3 :]
    assert over.startswith("Resolved") and ACCOUNTS[7] in over, "it was told as silent till then"


def test_a_hub_that_is_gone_for_a_day_blames_nobody_and_then_has_all_news(world: World) -> None:
    """Nothing of it runs: no ear, no look."""
    world.looking = False
    expected = a_day(world)
    world.looking = True
    come_back(world)
    assert others_than_early(world.ops.subjects) == LATER_MAILS
    assert world.history() == expected


LATER_MAILS = [
    f"{ACCOUNTS[0]} in {REGION}: One is let in",
    f"{ACCOUNTS[1]} in {REGION}: An endpoint is made",
]


def others_than_early(subjects: list[str]) -> list[str]:
    """What is told beside the news that six had; those come within ten minutes, in three looks."""
    others = sorted(each for each in subjects if "Tables wait" not in each)
    assert 0 < len(subjects) - len(others) <= 3
    return others


def a_day(world: World) -> list[tuple[str, str, str]]:
    """26 hours without the hub, in which spokes have news; these, in the order of their time."""
    world.down = True
    world.hours(1)
    early = world.now
    for each in world.spokes[:6]:
        each.tells("early", title="Tables wait", subject="Tables wait")
    world.hours(9)
    noon = world.now
    world.spokes[0].tells("noon", subject="One is let in", title="One", change="done")
    world.hours(17)
    late = world.now
    world.spokes[1].tells("late", subject="An endpoint is made", title="Another", change="done")
    told = [(early, account, "early") for account in ACCOUNTS[:6]]
    told += [(noon, ACCOUNTS[0], "noon"), (late, ACCOUNTS[1], "late")]
    return [(f"{at:%Y-%m-%dT%H:%M}", account, id_) for at, account, id_ in told]


def come_back(world: World) -> None:
    """The hub is there again: EventBridge's next tries come one by one."""
    assert world.history() == [] and world.gave_up > 6, "some were given up, and are sent again"
    world.down = False
    world.hours(2, timedelta(minutes=5))
    world.hours(2)
    assert world.table.rows(WAITING) == ()
    for row in world.table.rows(SPOKES):
        heard = heard_of(row)
        silent = not next(s for s in world.spokes if s.spoke == heard.spoke).speaks
        assert silent or datetime.fromisoformat(heard.at) > world.now - AN_HOUR - A_LOOK
        assert heard.heartbeat.undelivered == 0 and not heard.undelivered_since
    assert not any(each.waiting() for each in world.spokes)
