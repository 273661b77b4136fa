"""Stories: news while nobody listens are kept, and told in one digest once somebody does."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from autopilot.aws.errors import AccessDenied, ServiceUnavailable, Throttled
from autopilot.notify.ledger import Key, Row, Write
from autopilot.notify.render import LARGEST
from autopilot.policy.model import Policy
from autopilot.reconcile.report import Failure

from tests.unit.notify.account import Account, later, recording
from tests.unit.notify.reports import FakeLedger, busy, done, execution, finding, report


@pytest.fixture(autouse=True, scope="module")
def environment() -> Iterator[None]:
    with recording():
        yield


@pytest.fixture
def deaf() -> Account:
    """An account whose topic nobody has subscribed to yet."""
    account = Account()
    account.ops.listeners = 0
    return account


def planned(vpc: int) -> Any:
    return finding(
        "PlannedChange",
        f"vpc-{vpc}/s3",
        "info",
        action="create",
        endpoint_id=None,
        route_table_ids=[f"rtb-{vpc}"],
        set_policy=True,
        reason="there is no endpoint of ours",
    )


def mails(account: Account) -> list[str]:
    return [json.loads(m.body)["default"] for m in account.ops.messages]


def kinds(told: Sequence[tuple[str, str, list[str]]]) -> list[str]:
    return [kind for kind, _, _ in told]


def test_the_first_look_after_a_confirmation_tells_all_there_is_in_one_message(
    deaf: Account,
) -> None:
    deaf.policy = Policy(mode="audit")
    assert deaf.record(report(findings=[planned(1), planned(2)], name="a", trigger="sweep")) == []
    assert deaf.record(report(findings=[busy("vpc-3/s3")], looked_at=("vpc-3",), name="b")) == []

    deaf.ops.listeners = 1
    everything = [planned(1), planned(2), busy("vpc-3/s3"), planned(4)]
    (told,) = deaf.record(report(findings=everything, name="c"), later(30))

    assert told[0] == "Welcome"
    (digest,) = deaf.heard
    assert digest["data"]["by_kind"] == {"PlannedChange": 3, "RouteTableBusy": 1}
    assert digest["severity"] == "action", "as urgent as the most urgent in it"
    (mail,) = mails(deaf)
    assert "The mode is audit: it tells what it would do, and changes nothing." in mail
    assert "Nobody had confirmed a subscription since 2026-11-24 23:06 UTC." in mail
    assert "3 changes planned in 3 VPCs" in mail
    assert "1 busy route table in vpc-3" in mail
    assert all(f"vpc-{number}/s3" in mail for number in (1, 2, 3, 4))
    assert "mode: enforce" in mail

    assert deaf.record(report(findings=everything, name="d"), later(60)) == []
    assert kinds(deaf.record(report(findings=everything[1:], name="e"), later(61))) == [
        "PlannedChange"
    ], "from now on one by one"


def test_changes_are_kept_with_the_time_and_told_once(deaf: Account) -> None:
    first = report(done("vpc-1/s3"), done("vpc-1/dynamodb"), name="a")
    assert deaf.record(first) == []
    assert deaf.record(first, later(1)) == [], "a second try keeps nothing twice"
    assert len(deaf.bus.events) == 2, "who builds on the bus hears at once"

    deaf.ops.listeners = 1
    (digest,) = deaf.look_who_listens(later(20))

    told = [s for s in digest["subjects"] if s.startswith("GatewayEndpointsChanged")]
    assert told == ["GatewayEndpointsChanged 2026-11-24 23:06 UTC"]
    assert digest["data"]["subjects"][told[0]]["subjects"] == ["vpc-1/s3", "vpc-1/dynamodb"]
    assert "has acted 1 time while nobody listened" in mails(deaf)[0]
    assert deaf.record(first, later(21)) == [], "told in the digest is told"
    assert deaf.look_who_listens(later(25)) == []
    assert {key.sk for key in deaf.ledger.table if key.pk == "untold"} == {"audience"}


def test_what_is_over_before_anybody_heard_is_not_told(deaf: Account) -> None:
    deaf.record(report(findings=[busy()], name="a"))
    deaf.record(report(name="b"))
    assert deaf.remembered == set()

    deaf.ops.listeners = 1
    (digest,) = deaf.look_who_listens(later(1))
    assert digest["subjects"] == []
    assert "There is nothing to tell so far." in mails(deaf)[0]


def test_when_the_last_listener_leaves_news_wait_again(deaf: Account) -> None:
    deaf.ops.listeners = 1
    assert kinds(deaf.record(report(findings=[busy("vpc-1/s3"), busy("vpc-2/s3")], name="a")))

    deaf.ops.listeners = 0
    assert deaf.record(report(findings=[busy("vpc-2/s3"), busy("vpc-3/s3")], name="b")) == []
    assert deaf.record(report(findings=[busy("vpc-3/s3")], name="c"), later(5)) == []
    deaf.ops.listeners = 1
    (digest,) = deaf.look_who_listens(later(9))

    said = digest["data"]["subjects"]
    assert {subject: facts["change"] for subject, facts in said.items()} == {
        "RouteTableBusy vpc-1/s3": "resolved",
        "RouteTableBusy vpc-2/s3": "resolved",
        "RouteTableBusy vpc-3/s3": "opened",
    }
    assert deaf.remembered == {"RouteTableBusy/vpc-3/s3"}


def test_who_comes_after_an_empty_hall_hears_what_others_had_been_told(deaf: Account) -> None:
    deaf.ops.listeners = 1
    deaf.record(report(findings=[busy()], name="a"))
    deaf.ops.listeners = 0
    assert deaf.look_who_listens(later(5)) == []
    deaf.ops.listeners = 2
    (digest,) = deaf.look_who_listens(later(10))
    assert digest["subjects"] == ["RouteTableBusy vpc-1/s3"]
    assert deaf.record(report(findings=[busy()], name="b"), later(11)) == []


def test_a_change_that_nobody_heard_is_told_as_it_is_now(deaf: Account) -> None:
    deaf.record(report(findings=[busy(tables=["rtb-1"])], name="a"))
    deaf.record(report(findings=[busy(tables=["rtb-1", "rtb-2"])], name="b"))
    deaf.ops.listeners = 1
    (digest,) = deaf.look_who_listens(later(1))
    (facts,) = digest["data"]["subjects"].values()
    assert facts["route_table_ids"] == ["rtb-1", "rtb-2"]


def test_the_end_of_what_was_heard_is_told_though_it_changed_unheard(deaf: Account) -> None:
    deaf.ops.listeners = 1
    deaf.record(report(findings=[busy(tables=["rtb-1"])], name="a"))
    deaf.ops.listeners = 0
    deaf.record(report(findings=[busy(tables=["rtb-1", "rtb-2"])], name="b"))
    deaf.record(report(name="c"))
    deaf.ops.listeners = 1
    (digest,) = deaf.look_who_listens(later(1))
    (facts,) = digest["data"]["subjects"].values()
    assert facts["change"] == "resolved"


def test_what_expires_lasts_90_days_unheard_and_its_time_from_when_it_is_told(
    deaf: Account,
) -> None:
    advice = finding("ZoneAdvice", "vpce-svc-1/use1-az1", refused=["subnet-1"], would_serve={})
    deaf.record(report(findings=[advice], name="a"))
    (row,) = (row for row in deaf.ledger.table.values() if row.key.pk == "finding")
    assert row.expires_at == later(90 * 24 * 60).timestamp()
    deaf.ops.listeners = 1
    deaf.look_who_listens(later(3 * 24 * 60))
    (row,) = (row for row in deaf.ledger.table.values() if row.key.pk == "finding")
    assert row.expires_at == later(4 * 24 * 60).timestamp()


@pytest.mark.parametrize(
    "error",
    [
        AccessDenied("sns:GetTopicAttributes: AuthorizationError: no"),
        ServiceUnavailable("sns:GetTopicAttributes: no answer"),
        Throttled("sns:GetTopicAttributes: Throttling: slow down"),
    ],
)
def test_no_news_waits_for_a_permission_or_an_answer(error: Exception) -> None:
    account = Account()
    account.ops.listeners = error
    told = account.record(report(done("vpc-2/s3"), findings=[busy()]))
    assert sorted(kinds(told)) == ["GatewayEndpointsChanged", "RouteTableBusy"]


def test_a_quiet_look_asks_nobody() -> None:
    account = Account()
    account.ops.listeners = AssertionError("asked")
    assert account.record(report()) == []


def test_a_digest_that_does_not_get_through_is_told_by_the_next_try(deaf: Account) -> None:
    deaf.record(report(findings=[busy()], name="a"))
    deaf.ops.listeners = 1
    deaf.ops.broken = [Throttled("sns:Publish: slow down")]
    with pytest.raises(Throttled):
        deaf.look_who_listens(later(1), request="one")
    assert deaf.look_who_listens(later(2), request="two") == [], "the first may still be at it"
    (digest,) = deaf.look_who_listens(later(3), request="one")
    assert digest["subjects"] == ["RouteTableBusy vpc-1/s3"]


def test_a_digest_whose_teller_died_is_told_by_another_a_quarter_of_an_hour_later(
    deaf: Account,
) -> None:
    deaf.record(report(findings=[busy()], name="a"))
    deaf.ops.listeners = 1
    deaf.ops.broken = [ServiceUnavailable("sns:Publish: gone")]
    with pytest.raises(ServiceUnavailable):
        deaf.look_who_listens(later(1), request="one")
    (digest,) = deaf.look_who_listens(later(17), request="two")
    assert digest["subjects"] == ["RouteTableBusy vpc-1/s3"]


def test_two_that_look_at_the_same_time_tell_one_digest(deaf: Account) -> None:
    deaf.record(report(findings=[busy()], name="a"))
    deaf.ops.listeners = 1

    def the_other_is_faster(_writes: object) -> None:
        deaf.ledger.before_write = lambda _: None
        deaf.record(report(findings=[busy(), busy("vpc-2/s3")], name="b"))

    deaf.ledger.before_write = the_other_is_faster
    deaf.look_who_listens(later(1))
    assert [m["kind"] for m in deaf.heard] == ["Welcome"]
    assert set(deaf.heard[0]["subjects"]) == {
        "RouteTableBusy vpc-1/s3",
        "RouteTableBusy vpc-2/s3",
    }


def test_news_found_while_another_tells_the_digest_do_not_wait_for_the_next(
    deaf: Account,
) -> None:
    deaf.record(report(findings=[busy()], name="a"))
    deaf.ops.listeners = 1
    deaf.ops.broken = [Throttled("sns:Publish: slow down")]
    with pytest.raises(Throttled):
        deaf.look_who_listens(later(1))
    told = deaf.record(report(findings=[busy(), busy("vpc-2/s3")], name="b"), later(2))
    assert told == [("RouteTableBusy", "opened", ["vpc-2/s3"])]


def test_an_account_that_hears_at_once_is_told_as_ever_and_welcomed_by_the_next_tick() -> None:
    account = Account()
    assert kinds(account.record(report(findings=[busy()], name="a"))) == ["RouteTableBusy"]
    (digest,) = account.look_who_listens(later(5))
    assert digest["kind"] == "Welcome"
    assert account.look_who_listens(later(10)) == []


def test_a_failure_waits_too_and_names_no_other_execution(deaf: Account) -> None:
    broke = Failure("Carry out", "Throttled", "slow")
    deaf.record(report(failure=broke, trigger="sweep", name="broken"))
    deaf.ops.listeners = 1
    deaf.record(report(looked_at=("vpc-9",), trigger="person", name="other"), later(1))
    (mail,) = mails(deaf)
    assert 'The network workflow failed at "Carry out"' in mail
    assert f"--execution-arn {execution('other')}" not in mail


def test_a_thousand_plans_fit_into_one_message_that_says_what_it_leaves_out(
    deaf: Account,
) -> None:
    deaf.record(report(findings=[planned(number) for number in range(1000)], name="a"))
    deaf.ops.listeners = 1
    deaf.look_who_listens(later(1))
    (message,) = deaf.ops.messages
    assert len(message.body.encode()) <= LARGEST
    (mail,), (digest,) = mails(deaf), deaf.heard
    assert digest["data"]["by_kind"] == {"PlannedChange": 1000}
    assert "1000 changes planned in 1000 VPCs" in mail
    assert "- and 950 more" in mail
    assert deaf.record(report(findings=[planned(n) for n in range(1000)], name="b")) == []


@pytest.mark.parametrize(
    "error",
    [
        ServiceUnavailable("sns:GetTopicAttributes: no answer"),
        Throttled("sns:GetTopicAttributes: Throttling: slow down"),
    ],
)
def test_a_busy_topic_does_not_have_the_digest_told_to_nobody(
    deaf: Account, error: Exception
) -> None:
    deaf.record(report(done("vpc-1/s3"), findings=[busy()], name="a"))
    topic = deaf.ops.messages
    deaf.ops.listeners = error
    deaf.look_who_listens(later(5))
    deaf.record(report(done("vpc-2/s3"), findings=[busy()], name="b"), later(6))
    assert topic == [], "when it last answered there was nobody"

    deaf.ops.listeners = 1
    (digest,) = deaf.look_who_listens(later(10))
    assert len([s for s in digest["subjects"] if s.startswith("GatewayEndpoints")]) == 2


def test_who_dies_while_keeping_loses_nothing(deaf: Account) -> None:
    """Writes go out in transactions of 100; each of them may be the last."""
    news = report(done("vpc-1/s3"), findings=[busy("vpc-2/s3")], name="b")
    for survives in range(8):
        account = Account()
        account.record(report(findings=[busy("vpc-1/s3")], name="a"))
        account.ops.listeners = 0
        account.ledger = Dying(account.ledger.table, survives=survives)
        with contextlib.suppress(ServiceUnavailable):
            account.record(news, later(1))
        account.ledger = FakeLedger(account.ledger.table)
        account.record(news, later(2))
        account.ops.listeners = 1
        (digest,) = account.look_who_listens(later(20))
        told = {subject.split(" 20")[0] for subject in digest["subjects"]}
        assert told == {
            "RouteTableBusy vpc-1/s3",
            "RouteTableBusy vpc-2/s3",
            "GatewayEndpointsChanged",
        }, survives


class Dying(FakeLedger):
    """Takes every write by itself, `survives` of them, then no more."""

    def __init__(self, table: dict[Key, Row], survives: int) -> None:
        super().__init__(table)
        self.survives = survives

    def write(self, writes: Sequence[Write]) -> frozenset[Key]:
        refused: frozenset[Key] = frozenset()
        for each in writes:
            if self.survives == 0:
                raise ServiceUnavailable("dynamodb:TransactWriteItems: no answer")
            self.survives -= 1
            refused |= super().write([each])
        return refused


def test_what_came_back_is_not_told_as_over_too(deaf: Account) -> None:
    deaf.ops.listeners = 1
    deaf.record(report(findings=[busy()], name="a"))
    deaf.ops.listeners = 0
    deaf.record(report(name="b"))
    deaf.record(report(findings=[busy()], name="c"))
    deaf.ops.listeners = 1
    (digest,) = deaf.look_who_listens(later(1))
    assert digest["subjects"] == ["RouteTableBusy vpc-1/s3"]
    assert {key.sk for key in deaf.ledger.table if key.pk == "untold"} == {"audience"}


def test_what_has_expired_does_not_stand(deaf: Account) -> None:
    deaf.ops.listeners = 1
    advice = finding("ZoneAdvice", "vpce-svc-1/use1-az1", refused=["subnet-1"], would_serve={})
    deaf.record(report(findings=[advice], name="a"))
    deaf.ops.listeners = 0
    deaf.look_who_listens(later(1))
    deaf.ops.listeners = 1
    (digest,) = deaf.look_who_listens(later(2 * 24 * 60))
    assert digest["subjects"] == [], "DynamoDB deletes it some day"


def test_an_end_whose_teller_died_is_told_as_an_end(deaf: Account) -> None:
    deaf.ops.listeners = 1
    deaf.record(report(findings=[busy()], name="a"))
    deaf.ops.broken = [Throttled("sns:Publish: slow down")]
    with pytest.raises(Throttled):
        deaf.record(report(name="b"), later(1))
    (digest,) = deaf.look_who_listens(later(20))
    assert [facts["change"] for facts in digest["data"]["subjects"].values()] == ["resolved"]
    assert deaf.remembered == set()
    assert deaf.record(report(name="c"), later(21)) == []


def test_a_digest_of_hundreds_of_kinds_gets_through(deaf: Account) -> None:
    words = "ö" * 900
    found = [
        finding(
            "ChangeFailed", f"vpc-{n}/s3", "failure", error=f"E{n}", action="create", message=words
        )
        for n in range(700)
    ]
    deaf.record(report(findings=found, name="a"))
    deaf.ops.listeners = 1
    deaf.look_who_listens(later(1))
    (message,) = deaf.ops.messages
    assert len(message.body.encode()) <= LARGEST, "SNS would refuse it, look after look"
    assert "And 680 more kinds of findings." in mails(deaf)[0]
    assert deaf.heard[0]["data"]["by_kind"] == {"ChangeFailed": 700}


def test_where_nobody_ever_listens_changes_do_not_pile_up(deaf: Account) -> None:
    deaf.record(report(done("vpc-1/s3"), name="a"))
    (row,) = (row for key, row in deaf.ledger.table.items() if key.sk.startswith("done/"))
    assert row.expires_at == later(90 * 24 * 60).timestamp()


def test_a_look_at_an_empty_hall_reads_nothing_of_what_waits(deaf: Account) -> None:
    deaf.record(report(done("vpc-1/s3"), findings=[busy()], name="a"))
    read: list[tuple[str, str]] = []

    class Watched(FakeLedger):
        def rows(self, pk: str, prefix: str = "") -> Sequence[Row]:
            read.append((pk, prefix))
            return super().rows(pk, prefix)

    deaf.ledger = Watched(deaf.ledger.table)
    assert deaf.look_who_listens(later(5)) == []
    assert read == [("untold", "audience")]
