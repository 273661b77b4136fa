"""What was done, by day: what is counted, how long requests waited, and how it is shown."""

from __future__ import annotations

import re
from typing import Any

import pytest
from autopilot.notify.history import Entry
from autopilot.view.done import Day, Done, Waits, waits
from autopilot.view.widget_done import done

from tests.unit.view.widgets import PLACE, Read, asked

MOST_HTML = 400_000
ONE = "vpce-svc-1/vpce-1"


def entry(kind: str, at: str = "2026-11-30T10:00:00+00:00", **more: Any) -> Entry:
    about: dict[str, Any] = {"change": "done", "subjects": (ONE,), "count": 1, "names": {}}
    about |= {"what": f"{kind} happened", "why": "so", "by": "autopilot", "execution": "arn"}
    return Entry(at=at, kind=kind, **(about | more))


def held(at: str, subject: str = ONE) -> Entry:
    return entry("ConnectionHeld", at, change="opened", subjects=(subject,))


def answered(at: str, by: str = "alice", subject: str = ONE) -> Entry:
    return entry("HoldAnswered", at, by=by, subjects=(subject,))


@pytest.mark.parametrize(
    ("what", "column"),
    [
        (held("2026-11-30T10:00:00+00:00"), "Held"),
        (answered("2026-11-30T10:00:00+00:00"), "Answered by a person"),
        (entry("ConnectionAccepted", count=7), "Accepted by the automation"),
        (entry("ConnectionRejected", by="expiry"), "Rejected by the automation"),
        (entry("ConnectionCut"), "Cut"),
        (entry("GatewayEndpointsChanged", count=30), "Changes made"),
        (entry("ServicesPublished"), "Changes made"),
        (entry("WorkflowFailed", change="opened"), "Failures"),
        (entry("ChangeFailed", change="opened"), "Failures"),
        (entry("ChangeFailed", change="resolved"), None),
        (entry("RouteTableBusy", change="opened"), None),
        (entry("OfALaterVersion", change="opened"), None),
    ],
)
def test_an_entry_counts_in_its_column_only(what: Entry, column: str | None) -> None:
    assert Day("2026-11-30", (what,)).counts == ({column: what.count} if column else {})


def test_requests_wait_from_the_hold_to_the_persons_answer() -> None:
    found = waits(
        [
            held("2026-11-30T10:00:00+00:00"),
            answered("2026-11-30T12:00:00+00:00"),
            held("2026-11-29T10:00:00+00:00", "s/2"),
            answered("2026-11-30T10:00:00+00:00", subject="s/2"),
            held("2026-11-30T09:00:00+00:00", "s/3"),
            answered("2026-11-30T09:01:00+00:00", subject="s/3"),
            answered("2026-11-30T09:01:00+00:00", subject="s/before"),
            held("2026-11-30T09:00:00+00:00", "s/waits"),
        ]
    )
    assert found is not None
    assert found == Waits(3, found.middle, found.longest)
    assert [each.total_seconds() / 3600 for each in (found.middle, found.longest)] == [2, 24]


def test_a_request_that_nobody_answered_has_no_time() -> None:
    assert waits([held("2026-11-30T10:00:00+00:00")]) is None


def shown(*days: Day, page: int = 1) -> Read:
    return Read(done(Done(PLACE, days), asked("done", page)))


def test_days_are_counted_and_entries_say_who_what_and_why() -> None:
    accepted = entry("ConnectionAccepted", count=3, names={"vpce-1": "shop"}, why="account 2")
    told = shown(Day("2026-11-30", (accepted, held("2026-11-30T09:00:00+00:00"))))
    assert "2026-11-30 1 – 3 – – – –" in told.text
    row = "2026-11-30 10:00 autopilot done : ConnectionAccepted happened shop vpce-svc-1/vpce-1"
    assert f"{row} and 2 more account 2" in told.text
    assert "2026-11-30 09:00 – found : ConnectionHeld happened" in told.text


def test_a_day_that_was_cut_says_so() -> None:
    told = shown(Day("2026-11-30", (entry("ConnectionCut"),), more=True))
    assert "2026-11-30 (its latest 1 entries)" in told.text


def test_a_history_that_cant_be_read_isnt_an_empty_one() -> None:
    told = Read(done(Done(PLACE, unread="AccessDenied: <no>"), asked("done")))
    assert "? Couldn't read history: AccessDenied: <no>" in told.text
    assert "Nothing is remembered" not in told.text


@pytest.mark.parametrize("words", ["<script>alert(1)</script>", "\"' onmouseover='x", "a\u202eb"])
def test_whatever_history_holds_is_text(words: str) -> None:
    def tags(text: str) -> list[str]:
        names, subjects = {"vpce-1": text}, (text, ONE)
        hostile = entry("X", subjects=subjects, names=names, what=text, why=text, by=text)
        return shown(Day("2026-11-30", (hostile,))).tags

    assert tags(words) == tags("plain")


def test_a_loud_week_is_shown_in_pages_below_the_limit() -> None:
    def long(most: int) -> str:
        """As long as history keeps it."""
        return '"' * most

    about: dict[str, Any] = {"what": long(300), "why": long(400), "by": long(200)}
    about |= {"subjects": (long(200),) * 20}

    def week(entries: int) -> list[Day]:
        many = tuple(entry("X", count=500, **about) for _ in range(entries))
        return [Day(f"2026-11-{24 + n}", many, more=True) for n in range(7)]

    html = done(Done(PLACE, tuple(week(300))), asked("done"))
    assert len(html.encode()) < MOST_HTML
    assert re.search(r"Page 1 of 84, newest first", html)
    # Each page costs as much as the whole week: turn those of a shorter one.
    seen = [shown(*week(30), page=page).text.count("done : ") for page in range(1, 10)]
    assert seen == [25] * 8 + [10]
