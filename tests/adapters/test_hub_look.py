"""The hub's look on a table: one at a time, all told once, nothing lost where telling fails."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import hub_show
import pytest
from autopilot.aws import fleet_look
from autopilot.aws.errors import AccessDenied, RefusedByAws, ServiceUnavailable
from autopilot.fleet import judging
from autopilot.fleet import messages as say
from autopilot.fleet.facts import MEMBERS, Survey
from autopilot.fleet.heard import SPOKES, WAITING
from autopilot.fleet.looking import LOOK
from autopilot.fleet.mail import message_of
from autopilot.fleet.surveyed import SURVEY, survey_in
from autopilot.fleet.wire import Spoke
from autopilot.notify.ledger import Key, Row, Write
from autopilot.notify.render import Message

from tests.adapters.hub_at_work import Hub, Ops, context, hub
from tests.unit.fleet.said import NOW, SPOKE, ago, beat, event, news
from tests.unit.fleet.worlds import ALPHA, BETA, OTHER_REGION, REGION, fleet

__all__ = ["hub"]


def test_a_fleet_that_is_well_is_looked_at_in_silence(hub: Hub) -> None:
    assert hub.looks() == {"messages": 0, "news": 0}


def test_news_are_told_once_and_their_rows_go(hub: Hub) -> None:
    hub.hears(*(event(news(), spoke) for spoke in fleet().spokes))

    assert hub.looks() == {"messages": 1, "news": 4}
    assert hub.looks("2") == {"messages": 0, "news": 0}
    assert hub.table.rows(WAITING) == ()


def test_news_that_cant_be_published_wait_and_the_look_fails(hub: Hub) -> None:
    hub.hears(event(news(title="one")), event(news("n-2", title="two")))
    hub.ops.fails = 1

    with pytest.raises(AccessDenied):
        hub.looks()
    assert len(hub.ops.sent) == 1, "one that fails keeps no other back"

    hub.looks("2")
    assert sorted(hub.ops.subjects) == [
        f"{SPOKE.account} in {SPOKE.region}: {news().subject}" for _ in range(2)
    ]


def test_two_looks_at_once_tell_nothing_twice(hub: Hub) -> None:
    """Another begins while the first is at it."""
    hub.hears(event(news()))
    inner: list[Any] = []

    class Looking(Ops):
        def publish(self, message: Message) -> None:
            super().publish(message)
            inner.append(hub.looks("other"))

    hub.ops = Looking()
    hub.looks()

    assert inner == [{"messages": 0, "news": 0}]
    assert len(hub.ops.sent) == 1


def test_a_look_that_died_keeps_others_back_for_ten_minutes_and_its_own_retry_not(hub: Hub) -> None:
    known = hub.table.of([LOOK])[LOOK]
    died = replace(
        known, version=known.version + 1, told=False, claimed_by="look/died",
        claimed_at=NOW.isoformat(),
    )  # fmt: skip
    hub.table.write([Write(LOOK, died, known.version)])
    hub.hears(event(news()))

    assert hub.looks("2")["messages"] == 0
    assert hub.looks("died")["messages"] == 1

    hub.table.write([Write(LOOK, replace(died, version=9), hub.table.of([LOOK])[LOOK].version)])
    hub.now += timedelta(minutes=11)
    hub.hears(event(news("n-2")))
    assert hub.looks("3")["messages"] == 1


def test_while_nobody_listens_news_wait(hub: Hub) -> None:
    hub.ops.listening = False
    hub.hears(event(news()))
    hub.looks()
    assert hub.ops.sent == []

    hub.ops.listening = True
    hub.looks("2")
    assert any(SPOKE.account in subject for subject in hub.ops.subjects)
    assert hub.table.rows(WAITING) == ()


def test_who_hears_of_an_owners_things_only_is_no_listener(hub: Hub) -> None:
    hub.looks()
    assert hub.ops.partly == []
    hub.roster = replace(hub.roster, partly=("a@example.com",))
    hub.hears(event(news(owners=("team-a",))), event(news("n-2")))
    assert hub.looks("2") == {"messages": 2, "news": 2}
    assert hub.ops.partly == ["a@example.com"]
    assert {each.attributes.get("owner") for each in hub.ops.sent} == {"team-a", None}


def test_silence_is_told_and_aws_is_asked_before_somebody_is_blamed(hub: Hub) -> None:
    first = hub.asked
    gone = Spoke(ALPHA, REGION)
    for _ in range(16):
        hub.now += timedelta(minutes=15)
        hub.beats(gone)
        hub.looks(str(hub.now))

    assert hub.ops.subjects == [f"Silent: {ALPHA} in {REGION}"]
    assert first < hub.asked <= first + 6, "once an hour, and once before the blame"


def test_what_aws_doesnt_tell_is_told_and_what_it_told_before_is_kept(hub: Hub) -> None:
    hub.survey = Survey(instances=hub.survey.instances, unread={MEMBERS: "no"})
    hub.now += timedelta(hours=1)
    hub.beats()
    hub.looks()

    assert hub.ops.subjects == ["The hub can't read the organization's accounts"]
    assert len(survey_in(hub.table.rows(SURVEY)).members) == 3


def test_who_has_left_is_told_and_then_forgotten(hub: Hub) -> None:
    gone = Spoke("555555555555", REGION)
    hub.hears(event(beat(at=ago(days=8)), gone))
    for _ in range(13):
        assert str(gone) in {row.key.sk for row in hub.table.rows(SPOKES)}
        hub.now += timedelta(minutes=15)
        hub.beats()
        hub.looks(str(hub.now))

    assert hub.ops.subjects == [f"Left the fleet: {gone.account} in {REGION}"]
    assert str(gone) not in {row.key.sk for row in hub.table.rows(SPOKES)}


def test_a_row_that_nobody_can_read_keeps_nothing_back(hub: Hub) -> None:
    strange = Row(Key(SPOKES, "x"), 1, True, "", NOW.isoformat(), {"what": "else"})
    hub.table.write([Write(strange.key, strange, None)])
    hub.hears(event(news()))

    assert hub.looks()["messages"] == 1


def test_what_another_version_wrote_keeps_no_news_back(hub: Hub) -> None:
    """After a hub has gone back: its survey is made anew, and what can be told is."""
    hub.hears(event(news()))
    strange = Row(Key(WAITING, "group/x"), 1, True, "", NOW.isoformat(), {"what": "else"})
    [done] = [row for row in hub.table.rows(SURVEY) if row.key.sk == "done"]
    other = replace(done, body={"what": "else"}, version=done.version + 1)
    hub.table.write([Write(strange.key, strange, None), Write(done.key, other, done.version)])

    assert hub.looks() == {"messages": 2, "news": 2}
    assert any("version of the hub can't read" in subject for subject in hub.ops.subjects)
    assert hub.table.rows(WAITING) == ()
    assert survey_in(hub.table.rows(SURVEY)).at


def broken(*_: Any, **__: Any) -> Any:
    raise ZeroDivisionError("our mistake")


def test_a_mistake_in_one_finding_keeps_no_other_and_no_news_back_and_fails_the_look(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = tuple(each for each in judging._JUDGES if say.SILENT not in each[1])
    monkeypatch.setattr(judging, "_JUDGES", ((broken, (say.SILENT, say.DEAF)), *others))
    hub.survey = Survey(instances=hub.survey.instances, unread={MEMBERS: "no"})
    hub.now += timedelta(hours=1)
    hub.hears(event(news()))

    with pytest.raises(ZeroDivisionError):
        hub.looks()
    assert sorted(hub.ops.subjects) == [
        f"{SPOKE.account} in {SPOKE.region}: {news().subject}",
        "The hub can't read the organization's accounts",
    ]
    assert hub.table.of([LOOK])[LOOK].told, "the next one may look"


def test_what_can_not_be_judged_is_not_over(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = Spoke(ALPHA, REGION)
    for _ in range(16):
        hub.now += timedelta(minutes=15)
        hub.beats(gone)
        hub.looks(str(hub.now))
    hub.beats()
    first, *others = judging._JUDGES
    monkeypatch.setattr(judging, "_JUDGES", ((broken, first[1]), *others))
    with pytest.raises(ZeroDivisionError):
        hub.looks("broken")
    assert hub.ops.subjects == [f"Silent: {ALPHA} in {REGION}"]

    monkeypatch.setattr(judging, "_JUDGES", (first, *others))
    hub.looks("mended")
    assert len(hub.ops.subjects) == 2, "now it is"


def test_a_survey_that_breaks_off_leaves_the_one_before(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = Spoke(ALPHA, REGION)
    monkeypatch.setattr(fleet_look, "since_when", broken)
    for _ in range(16):
        hub.now += timedelta(minutes=15)
        hub.beats(gone)
        with contextlib.suppress(ZeroDivisionError):
            hub.looks(str(hub.now))
    assert hub.ops.subjects == [f"Silent: {ALPHA} in {REGION}"]
    with pytest.raises(ZeroDivisionError):
        hub.looks("last")


def test_whatever_breaks_the_findings_news_go_out(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fleet_look, "judge", broken)
    hub.hears(event(news()))
    with pytest.raises(ZeroDivisionError):
        hub.looks()
    assert len(hub.ops.sent) == 1
    assert hub.table.rows(WAITING) == ()


def test_a_mail_that_can_not_be_written_keeps_no_other_back(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def writes(group: Any, *rest: Any) -> Message:
        made: Message = broken() if group.first.title == "one" else message_of(group, *rest)
        return made

    monkeypatch.setattr(fleet_look, "message_of", writes)
    hub.hears(event(news(title="one")), event(news("n-2", title="two")))
    with pytest.raises(ZeroDivisionError):
        hub.looks()
    assert len(hub.ops.sent) == 1
    assert [row.body["title"] for row in hub.table.rows(WAITING)] == ["one"], "it waits"


def test_an_example_that_nobody_can_read_is_told_by_its_title(hub: Hub) -> None:
    hub.hears(event(news()))
    key = Key(f"heard/{SPOKE}", news().id)
    known = hub.table.of([key])[key]
    hub.table.write([Write(key, replace(known, body={"news": "[]"}, version=9), known.version)])
    assert hub.looks() == {"messages": 1, "news": 1}


def test_a_table_that_fails_fails_the_look(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(pk: str, prefix: str = "") -> Any:
        raise ServiceUnavailable("dynamodb:Query: no")

    monkeypatch.setattr(hub.table, "rows", fails)
    with pytest.raises(ServiceUnavailable):
        hub.looks()
    assert hub.table.of([LOOK])[LOOK].told, "the next one may look"


def show(hub: Hub, **given: Any) -> Any:
    return hub_show.handler(given, context("1"), table=lambda: hub.table, now=lambda: hub.now)


def test_the_widget_shows_what_was_heard(hub: Hub) -> None:
    hub.hears(event(news(title="<b>hostile</b>")))

    fleet_, told = show(hub), show(hub, part="news")

    assert "4 spokes" in fleet_
    assert f"<code>{BETA}</code> {OTHER_REGION}" in fleet_
    assert "team-2" in fleet_
    assert "&lt;b&gt;hostile&lt;/b&gt;" in told
    assert "No request waits" in show(hub, widgetContext={"params": {"part": "requests"}})


def test_the_widget_says_what_it_cant_show(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "write one of fleet, requests, news" in show(hub, part="else")
    assert "fleet" in show(hub, describe=True)["markdown"]

    def refuses(pk: str, prefix: str = "") -> Any:
        raise RefusedByAws("dynamodb:Query: <no>")

    monkeypatch.setattr(hub.table, "rows", refuses)
    assert "&lt;no&gt;" in show(hub)


def test_a_flood_is_told_in_a_few_mails_and_bounded_calls(hub: Hub) -> None:
    """60 news of 30 titles; a deep copy of the table a call is why it is no more of them."""
    calls: list[str] = []
    client = hub.table._dynamodb
    client.meta.events.register("before-call.dynamodb", lambda model, **_: calls.append(model.name))
    for start in range(0, 60, 30):
        hub.hears(
            *(
                event(news(f"n-{n}", title=f"title {n % 30}"), Spoke(f"{n % 500:012}", REGION))
                for n in range(start, start + 30)
            )
        )
    heard = len(calls)

    assert hub.looks() == {"messages": 20, "news": 60}
    assert heard == 4, "two for thirty"
    assert len(calls) - heard < 40, "reads, and a transaction of deletes for a hundred"
    rest = hub.ops.sent[-1]
    assert "more things from" in rest.subject
    assert "11 headlines" in json.loads(rest.body)["sms"]
