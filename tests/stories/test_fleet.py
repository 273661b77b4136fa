"""A hub over a small fleet: what it hears, what it finds, and what ops read of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import hub_hear
import hub_look
import pytest
from autopilot.aws import hub_table, step
from autopilot.fleet.facts import MEMBERS, Instance, Member, Survey
from autopilot.fleet.roster import Roster, RosterTarget
from autopilot.fleet.wire import HEARTBEAT, NEWS, Heartbeat, News, Spoke
from autopilot.reconcile.codec import encode

from tests.stories.account import CONTEXT, Account
from tests.stories.said import Says

ALPHA = Spoke("222222222222", "us-east-1")
BETA = Spoke("333333333333", "eu-central-1")
GAMMA = Spoke("444444444444", "eu-central-1")
SPOKES = {ALPHA: "canary", BETA: "workloads", GAMMA: "workloads"}


@dataclass
class Hub:
    """The hub's functions on an account's table and topic, and what StackSets would say."""

    account: Account
    roster: Roster
    survey: Survey = field(default_factory=Survey)
    looked: int = 0

    def hears(self, *said: tuple[Spoke, Heartbeat | News]) -> None:
        """These come through the hub's queue."""
        bodies = [
            {
                "source": "endpoint-autopilot",
                "detail-type": HEARTBEAT if isinstance(what, Heartbeat) else NEWS,
                "account": spoke.account,
                "region": spoke.region,
                "detail": encode(what),
            }
            for spoke, what in said
        ]
        records = [{"messageId": str(n), "body": json.dumps(each)} for n, each in enumerate(bodies)]
        answer = hub_hear.handler({"Records": records}, CONTEXT, now=lambda: self.account.now)
        assert answer == {"batchItemFailures": []}

    def beats(self, *spokes: Spoke, **changes: Any) -> None:
        """These spokes speak now."""
        at = self.account.now.isoformat()
        known: dict[str, Any] = {"at": at, "release": "9a8b7c6d5e4f", "version": "v", "policy": "p"}
        for spoke in spokes or SPOKES:
            stack = f"StackSet-EndpointAutopilot-{SPOKES.get(spoke, 'else')}"
            said = {**known, "target": SPOKES.get(spoke, ""), "stack": stack, **changes}
            self.hears((spoke, Heartbeat(**said)))

    def tells(self, *spokes: Spoke, **changes: Any) -> None:
        """These spokes tell the same."""
        for spoke in spokes:
            self.hears((spoke, _news(self.account.now.isoformat(), **changes)))

    def hours(self, number: float, *speaking: Spoke) -> None:
        """Time passes; who speaks does so every half hour, and the hub looks as often."""
        for _ in range(int(number * 2)):
            self.account.now += timedelta(minutes=30)
            if speaking:
                self.beats(*speaking)
            for minutes in (0, 15):
                self.looks(minutes)

    def looks(self, minutes: int = 0) -> None:
        """Its schedule starts a look."""
        self.looked += 1
        at = self.account.now + timedelta(minutes=minutes)
        context = type("Context", (), {**vars(CONTEXT), "aws_request_id": f"request-{self.looked}"})
        hub_look.handler(
            {},
            context(),
            roster=lambda: self.roster,
            ask=lambda _: self.survey,
            now=lambda: at,
        )

    def deploys(self, spoke: Spoke, **changes: Any) -> None:
        """StackSets say otherwise of one instance from now on."""
        instances = [
            replace(i, **changes) if i.spoke == spoke else i for i in self.survey.instances
        ]
        self.survey = replace(self.survey, instances=tuple(instances))

    def moves(self, account: str, **changes: Any) -> None:
        """Organizations say otherwise of one account from now on."""
        members = [
            replace(m, **changes) if m.account == account else m for m in self.survey.members
        ]
        self.survey = replace(self.survey, members=tuple(members))


def _news(at: str, **changes: Any) -> News:
    known: dict[str, Any] = {
        "id": "execution-1/RouteTableBusy",
        "kinds": ("RouteTableBusy",),
        "severity": "action",
        "change": "opened",
        "title": "Busy route tables without an endpoint's routes",
        "subject": "1 busy route table in vpc-0a1b2c3d without an endpoint's routes",
        "text": "A route table has network interfaces.\n\nWHERE\n- vpc-0a1b2c3d/s3\n",
        "ids": ("vpc-0a1b2c3d",),
    }
    return News(**{**known, "at": at, **changes})


@pytest.fixture
def hub(account: Account, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    monkeypatch.setenv("DEAD_LETTER_QUEUE_URL", "https://nowhere")
    monkeypatch.setenv("OWNER", "EndpointAutopilotHub")
    for cached in (step.identity, hub_table.hub_table, hub_look._settings, hub_hear._settings):
        cached.cache_clear()
    roster = Roster(
        organization="o-a1b2c3d4e5",
        account="111111111111",
        region="us-east-1",
        release="9a8b7c6d5e4f",
        targets={
            "canary": RosterTarget("ou-1", "EndpointAutopilot-canary", ("us-east-1",)),
            "workloads": RosterTarget("ou-2", "EndpointAutopilot-workloads", ("eu-central-1",)),
        },
    )
    survey = Survey(
        instances=tuple(
            Instance(s.account, s.region, f"EndpointAutopilot-{t}", "CURRENT", "SUCCEEDED")
            for s, t in SPOKES.items()
        ),
        members=tuple(
            Member(s.account, f"team-{s.account[0]}", "ACTIVE", t) for s, t in SPOKES.items()
        ),
    )
    made = Hub(account, roster, survey)
    made.beats()
    made.looks()
    account.forget_mails()  # the hub is there, and somebody listens
    yield made
    hub_table.hub_table.cache_clear()
    step.identity.cache_clear()


def test_the_same_from_many_accounts_is_one_mail(hub: Hub, says: Says) -> None:
    many = [Spoke(f"{n:012}", region) for n in range(40) for region in ("eu-west-1", "us-east-1")]
    hub.tells(*many)
    hub.looks()

    says("RouteTableBusy-in-forty-accounts")


def test_one_accounts_news_is_passed_on_as_it_is(hub: Hub, says: Says) -> None:
    hub.tells(
        ALPHA,
        id="execution-2/ConnectionHeld",
        kinds=("ConnectionHeld",),
        title="A connection request waits for you",
        subject="555555555555 asks to connect to orders",
        text="Account 555555555555 asks to connect to vpce-svc-0a1b2c3d.\n",
        ids=("vpce-svc-0a1b2c3d/vpce-0123abcd", "hold-vpce-0123abcd-1"),
    )
    hub.looks()

    says("ConnectionHeld-in-the-hub")


def test_who_falls_silent_is_told_and_so_is_its_end(hub: Hub, says: Says) -> None:
    hub.hours(4, BETA, GAMMA)
    says("SpokeSilent")

    hub.beats()
    hub.looks()
    says("SpokeSilent-over")


def test_who_never_spoke_is_told(hub: Hub, account: Account) -> None:
    new = Spoke("555555555555", "us-east-1")
    stands = Instance(new.account, new.region, "EndpointAutopilot-canary", "CURRENT", "SUCCEEDED")
    whose = Member(new.account, "new", "ACTIVE", "canary")
    hub.survey = replace(
        hub.survey,
        instances=(*hub.survey.instances, stands),
        members=(*hub.survey.members, whose),
    )
    hub.hours(5, *SPOKES)

    assert "It has never spoken" in account.told("SpokeSilent").text


def test_a_failed_deployment_is_told(hub: Hub, says: Says) -> None:
    hub.deploys(BETA, status="OUTDATED", detail="FAILED", reason="Resource limit exceeded")
    hub.hours(1, *SPOKES)

    says("SpokeFailed")


def test_an_account_without_an_instance_is_told(hub: Hub, says: Says) -> None:
    instances = tuple(each for each in hub.survey.instances if each.spoke != GAMMA)
    hub.survey = replace(hub.survey, instances=instances)
    hub.hours(2, *SPOKES)

    says("SpokeMissing")


def test_two_stacks_in_one_account_are_told(hub: Hub, says: Says) -> None:
    for _ in range(4):
        hub.hours(0.5, *SPOKES)
        hub.beats(ALPHA, stack="EndpointAutopilot")
    hub.looks()

    says("SpokeDoubled")


def test_a_stranger_is_told(hub: Hub, says: Says) -> None:
    hub.hours(2, *SPOKES, Spoke("555555555555", "us-east-1"))

    says("StrangerSpeaks")


def test_a_suspended_account_has_left(hub: Hub, says: Says) -> None:
    hub.moves(GAMMA.account, state="SUSPENDED")
    hub.hours(4, ALPHA, BETA)

    says("SpokeLeft")


def test_an_old_release_is_told_after_a_day(hub: Hub, says: Says) -> None:
    hub.hours(25, ALPHA, BETA, GAMMA)
    hub.account.forget_mails()
    for _ in range(4):
        hub.beats(ALPHA, release="4f1c2d3e4b5a", at=hub.account.now.isoformat())
        hub.account.now += timedelta(minutes=1)
    hub.looks()

    says("SpokeSkewed")


def test_a_newer_schema_is_told(hub: Hub, says: Says) -> None:
    hub.account.now += timedelta(minutes=1)
    hub.beats(ALPHA, schema=2)
    hub.looks()

    says("SpokeSpeaksNewer")


def test_news_that_wait_in_a_spoke_are_told(hub: Hub, says: Says) -> None:
    for _ in range(6):
        hub.hours(0.5, BETA, GAMMA)
        hub.account.now += timedelta(seconds=1)
        hub.beats(ALPHA, undelivered=12)
    hub.looks()

    says("NewsUndelivered")


def test_a_hub_that_hears_nothing_blames_no_spoke(hub: Hub, says: Says) -> None:
    hub.hours(4)

    says("HubHearsNothing")


def test_what_the_hub_cant_read_is_told(hub: Hub, says: Says) -> None:
    refused = "organizations:ListAccounts: AccessDeniedException: You don't have permissions"
    hub.survey = Survey(instances=hub.survey.instances, unread={MEMBERS: refused})
    hub.hours(1, *SPOKES)

    says("FleetUnread")
