"""The hub's widgets: the worst first, whatever names hold is text, a page stays a page."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from autopilot.fleet.board import Board, board
from autopilot.fleet.facts import Member
from autopilot.fleet.heard import Heard
from autopilot.fleet.messages import FAILED, LEFT, MISSING, SILENT, SKEWED, UNREAD
from autopilot.fleet.news import Happened
from autopilot.fleet.widget_fleet import fleet
from autopilot.fleet.widget_news import news
from autopilot.fleet.widget_requests import requests
from autopilot.fleet.wire import Held, OpenFinding, Spoke
from autopilot.notify.history import Entry
from autopilot.notify.ledger import Key
from autopilot.view.widget_page import framed

from tests.unit.fleet.said import NOW, ago
from tests.unit.fleet.worlds import heard
from tests.unit.view.widgets import Read, asked

AT = NOW.isoformat(timespec="seconds")
MOST_HTML = 400_000
HOSTILE = (
    "<script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    "</cwdb-action><b onclick=alert(1)>",
    "\"' onmouseover='alert(1)",
    "🎉 ünïcode ✕",
    "a\u202eb\x00c\u200bd",
    "\ud800 lone",
)
COVERAGE = {"vpcs": 2, "ways": 20, "ways_private": 14, "ways_not_private": 5, "ways_unknown": 1}


def held(number: int = 1, words: str = "no rule names it", **changes: Any) -> Held:
    known = Held(
        f"vpce-{number:x}", f"hold-{number}", "5" * 12, "vpce-svc-1", words, ago(hours=number),
        ago(hours=-1), words,
    )  # fmt: skip
    return replace(known, **changes)


def spoke(number: int, words: str = "plain", **changes: Any) -> Heard:
    finding = OpenFinding("ChangeFailed/vpc-1", "ChangeFailed", "failure", words, ago(days=1))
    said = {
        "findings": (finding,), "finding_count": 3, "holds": (held(1, words),), "hold_count": 1,
        "coverage": COVERAGE, "cents": 123456, "release": words[:20],
    }  # fmt: skip
    return heard(Spoke(f"{number:012}", "eu-central-1"), beat={**said, **changes})


def full_of(words: str) -> Board:
    bad = [
        FAILED.about("000000000001/eu-central-1", {"reason": words, "detail": "FAILED"}),
        UNREAD.about("organizations:ListAccounts", {"of": words}),
    ]
    return board([spoke(1, words)], bad, [Member("000000000001", words, "ACTIVE")], AT)


def told(words: str) -> list[Happened]:
    entry = Entry(AT, words, "done", (words,), 9, {}, words, words, words, "x")
    return [Happened(entry, Spoke("0" * 12, "eu-central-1"), "action", Key("heard/x", "n"))]


def read(html: str) -> Read:
    return Read(framed(False, html))


def shown(words: str, part: str) -> Read:
    if part == "news":
        return read(news(told(words), asked(part)))
    return read({"fleet": fleet, "requests": requests}[part](full_of(words), asked(part)))


@pytest.mark.parametrize("words", HOSTILE)
@pytest.mark.parametrize("part", ["fleet", "requests", "news"])
def test_whatever_a_name_holds_is_text(part: str, words: str) -> None:
    plain, hostile = shown("plain", part), shown(words, part)

    assert hostile.tags == plain.tags
    assert [name for name, _ in hostile.attributes] == [name for name, _ in plain.attributes]
    assert hostile.open == []
    visible = re.sub("[\u202e\x00\u200b]", "�", words).replace("\ud800", "?")
    assert any(visible in text for text in hostile.texts)


def test_the_worst_come_first() -> None:
    well = replace(spoke(1, holds=(), hold_count=0, findings=(), finding_count=0))
    waits = spoke(2, findings=(), finding_count=0)
    fails, silent, skewed = spoke(3), spoke(4), spoke(5)
    of = {SILENT: 4, SKEWED: 5, MISSING: 6}
    found = [kind.about(f"{number:012}/eu-central-1", {}) for kind, number in of.items()]

    seen = board([well, waits, fails, silent, skewed], found, (), AT)

    assert [int(line.spoke.account) for line in seen.lines] == [4, 6, 5, 3, 2, 1]
    assert seen.states == {"SpokeSilent": 1, "SpokeMissing": 1, "SpokeSkewed": 1}


def test_says_how_each_stands_and_what_all_add_up_to() -> None:
    found = [MISSING.about("000000000007/us-east-1", {})]
    texts = " ".join(shown_texts(board([spoke(1), spoke(2)], found, (), AT)))

    for words in (
        "3 spokes", "3 accounts, 2 Regions", "▲ 1 spoke: not served", "◔ 2 requests held",
        "6 findings open", "28 of 40 ways to services are private", "2,469.12 USD a month",
        "✕ 14 of 20 ways", "5 not private", "● speaks", "1 min ago", "never",
    ):  # fmt: skip
        assert words in texts, words


def shown_texts(seen: Board) -> list[str]:
    return [str(text) for text in read(fleet(seen, asked("fleet"))).texts]


def test_who_has_left_and_was_forgotten_isnt_shown() -> None:
    gone = LEFT.about("000000000009/us-east-1", {"why": "its account is suspended"})

    assert board([], [gone], (), AT).lines == ()


def test_2500_spokes_with_the_most_that_each_may_say_stay_on_their_page() -> None:
    long = "<" * 500
    many = [spoke(n, long) for n in range(2500)]
    names = [Member(f"{n:012}", long[:50], "ACTIVE") for n in range(2500)]
    found = [
        kind.about(f"{n:012}/eu-central-1", {"reason": long})
        for n in range(0, 2500, 2)
        for kind in (SILENT, FAILED, SKEWED)
    ]
    seen = board(many, found, names, AT)

    sizes = []
    for page in (1, 2, 20, 9999):
        for part in (fleet, requests):
            html = framed(False, part(seen, asked("fleet", page)))
            sizes.append(len(html.encode()))
            assert "Page " in html
    assert max(sizes) <= MOST_HTML


def test_every_spoke_is_on_some_page() -> None:
    seen = board([spoke(n) for n in range(150)], (), (), AT)

    pages = [str(fleet(seen, asked("fleet", page))) for page in (1, 2, 3)]

    found = [account for page in pages for account in re.findall(r"<code>(\d{12})</code>", page)]
    assert sorted(found) == [f"{n:012}" for n in range(150)]


def test_a_request_is_answered_by_spoke_endpoint_and_hold() -> None:
    html = str(requests(full_of("plain"), asked("requests")))

    assert "&quot;spoke&quot;: &quot;000000000001/eu-central-1&quot;" in html
    assert "&quot;hold&quot;: &quot;hold-1&quot;" in html
    assert html.count("<cwdb-action") == 2
    assert (
        str(requests(full_of("plain"), replace(asked("requests"), answers=""))).count(
            "<cwdb-action"
        )
        == 0
    )


def test_an_endpoint_that_is_none_has_no_button() -> None:
    strange = spoke(1, holds=(held(endpoint_id='vpce-1" onclick="x'),))

    assert "cwdb-action" not in str(requests(board([strange], (), (), AT), asked("requests")))


def test_requests_come_oldest_first_and_those_without_room_are_counted() -> None:
    seen = board(
        [spoke(1, holds=(held(2), held(9)), hold_count=30), spoke(2, holds=(held(5),))],
        [SILENT.about("000000000002/eu-central-1", {})],
        (),
        AT,
    )
    html = str(requests(seen, asked("requests")))

    assert [each.held.hold for each in seen.requests] == ["hold-9", "hold-5", "hold-2"]
    assert "28 requests more wait" in html
    assert html.count("may be answered already") == 1


def test_nothing_to_see_is_said() -> None:
    nothing = board((), (), (), AT)
    assert "No spoke has spoken yet" in str(fleet(nothing, asked()))
    assert "No request waits" in str(requests(nothing, asked()))
    assert "Nothing is remembered" in str(news((), asked()))
