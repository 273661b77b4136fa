"""The widgets of the dashboard: what they say, that they escape it, how large they are."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from autopilot.view.model import ConnectionView, Overview, Unknown
from autopilot.view.widget import PARTS, widget
from autopilot.view.widget_page import age, unshown

from tests.unit.view.widgets import (
    AT,
    EARLIER,
    EMPTY,
    ME,
    PLACE,
    SENTENCE,
    Read,
    asked,
    connection,
    full_of,
    large,
    problem,
    request,
    service,
    vpc,
)

MOST_HTML = 400_000
HOSTILE = (
    "<script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    "</cwdb-action><b onclick=alert(1)>",
    "\"' onmouseover='alert(1)",
    "&lt;b&gt; &amp; &",
    "🎉 ünïcode ✕",
    "a\u202eb\x00c\u200bd",
    "\ud800 lone",
)


def read(seen: Overview, part: str, page: int = 1) -> Read:
    return Read(widget(seen, asked(part, page)))


@pytest.mark.parametrize("words", HOSTILE)
@pytest.mark.parametrize("part", PARTS)
def test_whatever_a_name_holds_is_text(part: str, words: str) -> None:
    plain, hostile = read(full_of("plain"), part), read(full_of(words), part)
    assert hostile.tags == plain.tags
    assert [name for name, _ in hostile.attributes] == [name for name, _ in plain.attributes]
    assert hostile.open == []
    visible = re.sub("[\u202e\x00\u200b]", "�", words).replace("\ud800", "?")
    assert visible in hostile.texts


@pytest.mark.parametrize("words", HOSTILE)
def test_an_error_that_is_shown_is_text(words: str) -> None:
    assert Read(unshown(words, dark=False)).tags == ["div", "style", "p", "b"]


@pytest.mark.parametrize("part", PARTS)
def test_a_large_account_is_shown_in_pages(part: str) -> None:
    seen, number, found = large(), 0, list[str]()
    while number < 50:
        number += 1
        html = widget(seen, asked(part, number))
        assert len(html.encode()) < MOST_HTML
        told = Read(html)
        found += told.texts
        assert told.open == []
        if f"Page {number} of {number}, worst" in told.text:
            break
    assert number > 2
    things = {
        "coverage": {each.id for each in seen.vpcs},
        "connections": {c.endpoint_id for s in seen.services for c in s.connections},
        "waiting": {each.subject for each in seen.waiting},
    }
    assert things[part] <= set(found)


@pytest.mark.parametrize("part", PARTS)
def test_hostile_lengths_stay_below_the_limit(part: str) -> None:
    words = '"' * 5000
    many = [connection(n, words, by=words, rule=words) for n in range(500)]
    seen = Overview(
        PLACE,
        tuple(replace(v, subnets=v.subnets * 9) for v in (vpc(n, words) for n in range(50))),
        (service(*many, name=words),),
        tuple(request(n, words, words) for n in range(200)),
        tuple(problem(n, words, words) for n in range(200)),
    )
    assert max(len(widget(seen, asked(part, p)).encode()) for p in (1, 2)) < MOST_HTML


def test_a_vpc_with_as_many_reasons_as_subnets_stays_below_the_limit() -> None:
    lines = tuple(
        replace(line, name='"' * 300, reason=f"{each} {chr(34) * 900}", service=f"s{each}")
        for each in range(200)
        for line in vpc(1, subnets=40).subnets
    )
    html = widget(Overview(PLACE, (replace(vpc(), subnets=lines),)), asked())
    assert len(html.encode()) < MOST_HTML
    assert "… and 170 more lines: ./autopilot why vpc-1" in Read(html).text


@pytest.mark.parametrize(("page", "stands"), [(-3, 1), (1, 1), (3, 3), (10, 10), (9999, 10)])
def test_a_page_that_is_not_there_is_the_nearest(page: int, stands: int) -> None:
    assert f"Page {stands} of 10" in read(large(), "coverage", page).text


def test_buttons_lead_to_the_other_pages() -> None:
    html = widget(large(), asked("coverage", 3))
    actions = re.findall(
        r'(\w+)</button><cwdb-action action="call" display="widget" endpoint="([^"]+)">([^<]+)<',
        html,
    )
    pages = {"First": 1, "Previous": 2, "Next": 4, "Last": 10}
    told = [(w, ME, f"{{&quot;part&quot;: &quot;coverage&quot;, &quot;page&quot;: {n}}}")
            for w, n in pages.items()]  # fmt: skip
    assert actions == told * 2


def test_a_small_account_has_no_pages() -> None:
    assert "button" not in read(full_of("plain"), "coverage").tags


def test_coverage_says_how_and_why_in_words_with_shapes() -> None:
    seen = Overview(PLACE, (vpc(1, "shop"), vpc(2, "", "private")))
    text = read(seen, "coverage").text
    assert "2 VPCs, each by the worst of its subnets. ✕ not private : 1 · ● private : 1" in text
    assert f"S3 ✕ not private {SENTENCE} 3 subnets shop subnet-1-0" in text
    assert text.index("shop vpc-1") < text.index("vpc-2")


def test_connections_say_who_decided_them_and_by_which_rule() -> None:
    text = read(Overview(PLACE, services=(service(connection()),)), "connections").text
    told = (
        "vpce-1 ● available 222222222222 us-east-1 autopilot account 2 : the rule names it"
        " 2026-11-28 09:00 2 d 3 h ago missing use1-az2; unknown use1-az3; served use1-az1"
    )
    assert told in text


def test_zones_are_across_and_consumers_down() -> None:
    html = widget(Overview(PLACE, services=(service(connection()),)), asked("connections"))
    picture = html[html.index("<svg") : html.index("</svg>")]
    read = Read(f"{picture}</svg>")
    assert read.texts[:4] == ["use1-az1", "use1-az2", "use1-az3", "provider 111111111111"]
    assert read.texts[-6:] == [
        "vpce-1 of 222222222222 in use1-az1: served",
        "●",
        "vpce-1 of 222222222222 in use1-az2: missing",
        "✕",
        "vpce-1 of 222222222222 in use1-az3: unknown",
        "?",
    ]


def test_failures_come_first_then_what_waits_then_the_rest() -> None:
    busy = replace(problem(2, "Zones don't meet"), severity="action")
    seen = Overview(PLACE, waiting=(request(),), problems=(problem(), busy))
    text = read(seen, "waiting").text
    assert "◔ request vpce-svc-1/vpce-1 no rule names it from account 222222222222 · to svc" in text
    assert "waits 2 d 3 h · until 2026-11-30 12:00 UTC: then it is rejected" in text
    order = ("✕ failure It failed", "◔ request vpce-svc-1", "▲ action Zones don't meet")
    assert sorted(order, key=text.index) == [*order]


def test_in_audit_mode_a_request_has_no_buttons_but_the_way_to_answer_it() -> None:
    seen = Overview(replace(PLACE, mode="audit"), waiting=(request(),))
    told = read(seen, "waiting")
    assert "◔ request vpce-svc-1/vpce-1" in told.text
    assert "The mode is audit, in which the automation holds and answers no request" in told.text
    assert "Approve" not in told.text
    assert "form" not in told.tags
    enforced = read(replace(seen, place=PLACE), "waiting")
    assert "Approve" in enforced.text
    assert "The mode is audit" not in enforced.text


def test_one_look_says_how_much_of_what_waits_and_what_now_would_do() -> None:
    busy = [replace(request(n), kind="RouteTableBusy", until="", then="") for n in range(60)]
    seen = Overview(PLACE, waiting=(*map(request, range(250)), *busy), problems=(problem(),))
    text = read(seen, "waiting").text
    assert "✕ 1 failure ◔ 250 × request , the oldest for 2 d 3 h ◔ 60 × busy route tables" in text
    assert "With busy_route_tables: now they get their routes at once" in text
    assert "▲" not in text


def test_coverage_counts_subnets_by_service_the_worst_first() -> None:
    lines = vpc(1, subnets=2).subnets
    private = tuple(replace(line, reach="private") for line in lines if line.service == "s3")
    rest = tuple(line for line in lines if line.service != "s3")
    text = read(Overview(PLACE, (replace(vpc(), subnets=(*private, *rest)),)), "coverage").text
    assert "DynamoDB, subnets: ✕ not private : 2 S3, subnets: ● private : 2" in text


def followed(*connections: ConnectionView, unknown: tuple[Unknown, ...] = ()) -> Read:
    seen = Overview(PLACE, services=(service(*connections),), unknown=unknown)
    return Read(widget(seen, replace(asked("waiting"), followed="vpce-1")))


@pytest.mark.parametrize(
    ("there", "words"),
    [
        (
            [connection(1, "a partner", by="Alice <b>")],
            "● available : the connection of vpce-1 , by Alice <b>, since 2026-11-28 09:00 UTC."
            " a partner",
        ),
        (
            [connection(1, "gone", state="rejected", by="Bob")],
            "✕ rejected : the connection of vpce-1 , by Bob,",
        ),
        (
            [connection(1, "accept is being carried out: so", state="pendingAcceptance", by="")],
            "◔ pendingAcceptance : the request of vpce-1 . accept is being carried out: so",
        ),
        ([connection(2)], "vpce-1 : its connection isn't there any more;"),
    ],
)
def test_an_answer_is_followed_to_its_end(there: list[ConnectionView], words: str) -> None:
    told = followed(*there)
    assert words in told.text
    assert ("Look again" in told.text) is ("pending" in words)


def test_nobody_says_how_an_answer_ended_without_reading_it() -> None:
    lost = Unknown("connections", "no", ("services", "waiting"))
    text = followed(unknown=(lost,)).text
    assert "vpce-1 : nobody can say: not everything could be read." in text
    assert "Couldn't read connections: no" in text


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("coverage", "There is no VPC here."),
        ("connections", "This account has no endpoint service."),
        ("waiting", "Nothing waits, and nothing has failed."),
    ],
)
def test_nothing_is_said_to_be_nothing_only_if_all_was_read(part: str, words: str) -> None:
    assert words in read(EMPTY, part).text
    lost = Unknown("the ledger", "AccessDenied: no", ("vpcs", "services", "waiting"))
    text = read(replace(EMPTY, unknown=(lost,)), part).text
    assert "Couldn't read the ledger: AccessDenied: no" in text
    assert words not in text


def test_a_part_isnt_troubled_by_what_another_needs() -> None:
    seen = replace(EMPTY, unknown=(Unknown("connections", "no", ("services",)),))
    assert "Couldn't read" not in read(seen, "coverage").text


@pytest.mark.parametrize("part", PARTS)
def test_styles_are_of_one_class_and_there_is_no_script(part: str) -> None:
    html = widget(full_of("plain"), asked(part))
    rules = html[html.index("<style>") + 7 : html.index("</style>")]
    selectors = [each for rule in re.findall(r"([^{}]+){", rules) for each in rule.split(",")]
    assert [each for each in selectors if not each.strip().startswith(".ea")] == []
    told = Read(html)
    assert not {"script", "iframe", "use", "a"} & set(told.tags)
    assert not [name for name, _ in told.attributes if name.startswith("on") or name == "href"]


def test_dark_is_another_class() -> None:
    light, dark = (widget(EMPTY, asked(dark=each)) for each in (False, True))
    assert dark == light.replace('class="ea"', 'class="ea ea-dark"')


@pytest.mark.parametrize(
    ("since", "told"),
    [
        (EARLIER, "2 d 3 h"),
        ("2026-11-30T10:55:00+00:00", "1 h 5 min"),
        (AT, "0 min"),
        ("2026-11-30T12:00:30+00:00", "0 min"),
        ("", ""),
        ("2026-11-30T12:00:00", ""),
    ],
)
def test_an_age_in_words(since: str, told: str) -> None:
    assert age(since, AT) == told
