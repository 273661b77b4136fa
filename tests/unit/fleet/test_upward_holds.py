"""What became of an answer goes up under the person's name and the hold's, by which it is known."""

from __future__ import annotations

from autopilot.connections import messages
from autopilot.connections.holds import HoldAnswer
from autopilot.connections.in_vain import DENIED
from autopilot.connections.messages_holds import HoldEnd
from autopilot.connections.plan import AnswerOutcome
from autopilot.fleet.upward import news_of
from autopilot.fleet.wire import News
from autopilot.notify.notice import Place
from autopilot.notify.render import message

from tests.unit.connections.reports import answer, hold

PLACE = Place("111111111111", "us-east-1", "EndpointAutopilot", "arn:execution", "2026-11-30T12:00")
BY_ALICE = HoldAnswer("accept", by="alice@example.com", reason="CHG-17", at="2026-11-30T11:59")


def news(outcome: AnswerOutcome | None) -> News:
    notice = messages.HOLD_ANSWERED.done(HoldEnd(hold(), BY_ALICE, outcome)).notice(PLACE)
    return news_of(notice, message(notice, PLACE), PLACE)


def test_who_was_accepted_by_whom_and_which_hold_that_was() -> None:
    told = news(None)
    assert (told.by, told.change, told.severity) == ("alice@example.com", "done", "info")
    assert told.ids == ("vpce-svc-1/vpce-1", hold().name)


def test_an_answer_in_vain_is_told_as_such_and_names_the_person() -> None:
    denied = answer("vpce-1", result="stale", message=f"{DENIED} 222222222222")
    told = news(denied)
    assert (told.by, told.severity) == ("alice@example.com", "action")
    assert told.subject.startswith("Overruled: ") or "Overruled: " in told.title
    assert hold().name in told.ids
