"""Dashboards as CloudWatch shows them, and what it does with a custom widget's answer."""

from __future__ import annotations

import json
import re
from html import unescape
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote

import pytest

from lab.client import Lab, wait_until
from lab.dashboard.board import BadBodyError, Board, parse, seconds_of
from lab.dashboard.custom import shown
from lab.dashboard.graph import Line, drawn, metrics_of, told_apart
from lab.dashboard.sanitize import sanitize

Cleaned = tuple[str, str, list[str]]


def kept(html: str) -> Cleaned:
    return html, html, []


# What a widget says, what CloudWatch leaves of it, and what it takes away.
CLEANED: dict[str, Cleaned] = {
    "script": ("<script>alert(1)</script>a", "a", ["<script>"]),
    "handler": ('<p onclick="x()">a</p>', "<p>a</p>", ['onclick="x()" of <p>']),
    "odd case": ('<P OnClick="x()">a</P>', "<p>a</p>", ['onclick="x()" of <p>']),
    "broken image": ("<img src=x onerror=x()>", '<img src="x">', ['onerror="x()" of <img>']),
    "iframe": ('<iframe src="https://a">b</iframe>', "", ["<iframe>"]),
    "object": ('<object data="a"></object><embed src="a">', "", ["<object>", "<embed>"]),
    "use": ('<svg><use href="#a"></use></svg>', "<svg></svg>", ["<use>"]),
    "animation": ("<svg><set/><animate/></svg>", "<svg></svg>", ["<set>", "<animate>"]),
    "HTML in SVG": (
        "<svg><foreignObject><p>a</p></foreignObject></svg>",
        "<svg></svg>",
        ["<foreignobject>", "<p>"],
    ),
    "script in SVG": (
        "<svg><script>x()</script><circle onload=x() r=1 /></svg>",
        '<svg><circle r="1"></circle></svg>',
        ["<script>", 'onload="x()" of <circle>'],
    ),
    "image in SVG's style": (
        "<svg><style><img src=x onerror=x()></style></svg>",
        '<svg><style></style></svg><img src="x">',
        ['onerror="x()" of <img>'],
    ),
    "javascript:": ('<a href="javascript:x()">a</a>', "<a>a</a>", ['href="javascript:x()" of <a>']),
    "hidden javascript:": (
        '<a href=" JAVA&#x0a;script:x()">a</a>',
        "<a>a</a>",
        ['href="JAVA script:x()" of <a>'],
    ),
    "javascript: in SVG": (
        '<svg><a xlink:href="javascript:x()"><text>a</text></a></svg>',
        "<svg><a><text>a</text></a></svg>",
        ['xlink:href="javascript:x()" of <a>'],
    ),
    "form that acts": (
        '<form action="javascript:x()"><button formaction="/a">b</button></form>',
        "<form><button>b</button></form>",
        ['action="javascript:x()" of <form>', 'formaction="/a" of <button>'],
    ),
    "form for data:": (
        '<form action="data:text/html,x">a</form>',
        "<form>a</form>",
        ['action="data:text/html,x" of <form>'],
    ),
    "data: page": (
        '<a href="data:text/html,x">a</a>',
        "<a>a</a>",
        ['href="data:text/html,x" of <a>'],
    ),
    "data: image": kept('<img src="data:image/png;base64,AA==" alt="">'),
    "whole page": ("<html><body>a</body></html>", "a", ["<html>", "<body>"]),
    "head": ('<base href="/a"><link rel="x"><meta name="a">', "", ["<base>", "<link>", "<meta>"]),
    "often": (
        '<b onclick="1">a</b><b onclick="1">b</b>',
        "<b>a</b><b>b</b>",
        ['onclick="1" of <b> (2 times)'],
    ),
    "clobbering": (
        '<input name="name"><input name="reason" id="body">',
        '<input><input name="reason">',
        ['name="name" of <input>', 'id="body" of <input>'],
    ),
    "text that looks like it": (
        "<textarea><script></textarea>",
        "<textarea>&lt;script&gt;</textarea>",
        [],
    ),
    "comment": ("a<!-- b -->", "a", []),
    "markup": kept("<b>a</b>"),
    "style": kept("<style>td > a:hover { color: red }</style>"),
    "inline style": kept('<p style="color: red; position: fixed">a</p>'),
    "SVG": kept(
        '<svg viewBox="0 0 1 1" role="img" aria-label="a"><defs><linearGradient id="g1">'
        '<stop offset="0"></stop></linearGradient></defs><path d="M0 0" fill="url(#g1)"></path>'
        '<title>a</title><text text-anchor="end">b</text></svg>'
    ),
    "links": kept(
        '<a class="btn btn-primary" href="/ec2/home?a#b" target="_blank" tabindex="0">a</a>'
    ),
    "action": kept(
        '<cwdb-action action="call" confirmation="&lt;b&gt;?" display="popup" endpoint="arn:a" '
        'event="click">{"a": "&lt;b&gt; &amp;"}</cwdb-action>'
    ),
    "fields": kept(
        '<form><label for="r">a</label><input id="r" name="reason" value="&quot;" required="">'
        '<select name="s"><option selected="">b</option></select></form>'
    ),
    "disclosure": kept('<details open=""><summary>a</summary>b</details>'),
    "data and ARIA": kept('<p data-id="1" aria-live="polite">a</p>'),
}


@pytest.mark.parametrize("name", CLEANED)
def test_a_widgets_html_is_cleaned_and_what_went_is_said(name: str) -> None:
    html, left, removed = CLEANED[name]
    clean = sanitize(html)
    assert (clean.html, list(clean.removed)) == (left, removed)
    assert sanitize(clean.html).removed == ()


@pytest.mark.parametrize(
    ("html", "removed"),
    [
        ("<math><mi>x</mi></math>", ["<math>", "<mi>"]),
        ("<template><b>a</b></template>", ["<template>", "<b>"]),
        ('<img src="a" srcset="b">', ['srcset="b" of <img>']),
        ('<p popover="auto" command="show-modal">a</p>', ["popover", "command"]),
    ],
)
def test_rarer_things_go_too(html: str, removed: list[str]) -> None:
    said = sanitize(html).removed
    assert len(said) == len(removed)
    assert all(each.startswith(what) for each, what in zip(said, removed, strict=True))


def test_a_long_value_is_said_in_short() -> None:
    (said,) = sanitize(f'<b onclick="{"x" * 99}">a</b>').removed
    assert said == f'onclick="{"x" * 59}…" of <b>'


@pytest.mark.parametrize(
    ("answer", "kind", "html"),
    [
        ("<b>a</b>", "html", "<b>a</b>"),
        ({"markdown": "# A"}, "markdown", "<h1>A</h1>\n"),
        ({"markdown": "<b>a</b>"}, "markdown", "<p>&lt;b&gt;a&lt;/b&gt;</p>\n"),
        (
            {"markdown": "[button:primary:Go](https://a)"},
            "markdown",
            '<p><a href="https://a">Go</a></p>\n',
        ),
        ({"markdown": 1}, "json", "<pre>{\n  &quot;markdown&quot;: 1\n}</pre>"),
        (["<b>"], "json", "<pre>[\n  &quot;&lt;b&gt;&quot;\n]</pre>"),
        (None, "json", "<pre>null</pre>"),
    ],
)
def test_an_answer_is_html_markdown_or_json(answer: Any, kind: str, html: str) -> None:
    assert (shown(answer).kind, shown(answer).html) == (kind, html)


METRICS = [
    ["AWS/SQS", "Age", "QueueName", "q1", {"label": "one", "stat": "Maximum"}],
    [".", "Depth", ".", "q2"],
    ["...", "q3", {"period": 60}],
    [{"expression": "m1 + m2", "label": "sum"}],
]


def test_a_widgets_metrics_are_written_out() -> None:
    found = list(metrics_of({"metrics": METRICS, "stat": "Sum", "period": 300}))
    assert [(each.namespace, each.name, each.dimensions) for each in found[:3]] == [
        ("AWS/SQS", "Age", (("QueueName", "q1"),)),
        ("AWS/SQS", "Depth", (("QueueName", "q2"),)),
        ("AWS/SQS", "Depth", (("QueueName", "q3"),)),
    ]
    assert [(each.label, each.stat, each.period) for each in found] == [
        ("one", "Maximum", 300),
        ("Depth", "Sum", 300),
        ("Depth", "Sum", 60),
        ("sum", "Sum", 300),
    ]
    assert [each.expression for each in found] == ["", "", "", "m1 + m2"]


def test_lines_are_drawn_between_their_extremes() -> None:
    svg = drawn([Line("a<b", ((0, 0), (50, 10))), Line("c", ())], 0, 100, [20])
    assert 'points="48.0,200.0 344.0,104.0"' in svg
    assert 'aria-label="a&lt;b 10; c no data"' in svg
    assert "a<b" not in svg
    assert svg.count("lab-limit") == 1


def test_lines_of_the_right_axis_have_a_scale_of_their_own() -> None:
    svg = drawn([Line("a", ((0, 1), (50, 2))), Line("b", ((0, 0), (50, 900)), right=True)], 0, 100)
    assert 'points="48.0,104.0 344.0,8.0"' in svg
    assert 'points="48.0,200.0 344.0,8.0"' in svg
    assert "b (right) <b>900</b>" in svg


def test_metrics_of_one_name_are_told_apart_by_their_dimension() -> None:
    metrics = [["AWS/SQS", "Depth", "QueueName", "q1"], ["...", "q2"], [".", "Age", ".", "q1"]]
    found = told_apart(list(metrics_of({"metrics": metrics})))
    assert [each.label for each in found] == ["Depth q1", "Depth q2", "Age"]


@pytest.mark.parametrize(
    ("start", "seconds"), [("-PT3H", 10800), ("-P1D", 86400), ("-P1WT30M", 606600)]
)
def test_a_dashboard_looks_back(start: str, seconds: int) -> None:
    assert seconds_of(start) == seconds


@pytest.mark.parametrize(
    "body", ["no JSON", "{}", '{"widgets": [{}]}', '{"widgets": [], "start": "2020"}', "[]"]
)
def test_a_body_that_is_none_is_refused(body: str) -> None:
    with pytest.raises(BadBodyError):
        parse("Ops", body)


def test_a_widget_outside_of_the_grid_is_told() -> None:
    body = {"widgets": [{"type": "text", "x": 20, "y": 0, "width": 6, "height": 2}]}
    assert parse("Ops", json.dumps(body)).wrong == (
        "widget-0: 6 units wide at 20, the grid has 24",
    )


# From here on, of a running lab.


def asked(lab: Lab, method: str = "GET", query: str = "", data: object = None) -> tuple[int, str]:
    connection = HTTPConnection(lab.url.removeprefix("http://"), timeout=60)
    body = None if data is None else json.dumps(data)
    connection.request(method, f"/_lab/dashboard{query}", body)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def page(lab: Lab, query: str = "") -> str:
    """The page of a dashboard, the stack's own unless the query says another."""
    status, html = asked(lab, query=query)
    assert status == 200, html
    return html


def section(html: str, title: str) -> str:
    pattern = rf'<section[^>]*aria-label="{re.escape(title)}".*?</section>'
    found = re.search(pattern, html, re.DOTALL)
    assert found, title
    return found[0]


def event(html: str) -> dict[str, Any]:
    found = re.search(r'<pre id="event">(.*?)</pre>', html, re.DOTALL)
    assert found
    told: dict[str, Any] = json.loads(unescape(found[1]))
    return told


def put(lab: Lab, name: str, *widgets: dict[str, Any]) -> str:
    """Make a dashboard with these widgets; return the query that shows it."""
    body = json.dumps({"widgets": widgets, "start": "-PT1H"})
    lab.client("cloudwatch").put_dashboard(DashboardName=name, DashboardBody=body)
    return f"?name={quote(name)}"


def custom(lab: Lab, title: str, **params: object) -> dict[str, Any]:
    endpoint = lab.outputs()["WidgetArn"]
    return {
        "type": "custom",
        "width": 12,
        "height": 6,
        "properties": {"endpoint": endpoint, "title": title, "params": params},
    }


def test_the_stacks_dashboard_is_shown_with_all_its_widgets(lab: Lab) -> None:
    put(lab, "A first one")
    html = page(lab)
    assert f"<h1>{lab.outputs()['BoardName']}</h1>" in html
    assert "<p>&lt;i&gt;What&lt;/i&gt; <em>waits</em></p>" in html
    assert lab.outputs()["AlarmName"] in section(html, "Alarms")
    assert "Healed <b>" in section(html, "Healed")
    assert 'data-kind="html"' in section(html, "Requests")
    assert "&quot;endpoints&quot;: 3" in section(html, "Facts")
    assert "<h1>Notes</h1>" in section(html, "Notes")
    assert "<td>&lt;b&gt;1&lt;/b&gt;</td>" in section(html, "Notes")


def test_a_page_needs_nothing_else(lab: Lab) -> None:
    assert re.findall(r'(?:src|href)="(?!\?)[^"]*"|@import|url\(', page(lab)) == []


def test_a_widgets_function_is_told_what_it_is_shown_in(lab: Lab) -> None:
    board = lab.outputs()["BoardName"]
    told = event(section(page(lab, f"?theme=dark&name={board}"), "Told"))
    context = told.pop("widgetContext")
    span = context.pop("timeRange")
    assert told == {"show": "event", "color": "blue"}
    assert (span["mode"], span["relativeStart"]) == ("relative", 10_800_000)
    assert span["end"] - span["start"] == 10_800_000
    assert context == {
        "dashboardName": board,
        "widgetId": "widget-4",
        "accountId": "111111111111",
        "locale": "en",
        "timezone": {"label": "UTC", "offsetISO": "+00:00", "offsetInMinutes": 0},
        "period": 300,
        "isAutoPeriod": True,
        "theme": "dark",
        "linkCharts": True,
        "title": "Told",
        "forms": {"all": {}},
        "params": {"show": "event", "color": "blue"},
        "width": 464,
        "height": 245,
    }


def test_an_action_passes_its_own_parameters_and_the_form(lab: Lab) -> None:
    action = {
        "widget": "widget-4",
        "endpoint": lab.outputs()["WidgetArn"],
        "params": {"show": "event", "id": "vpce-1"},
        "forms": {"reason": "<b>"},
    }
    query = f"?theme=dark&name={lab.outputs()['BoardName']}"
    status, text = asked(lab, "POST", query, action)
    answer = json.loads(text)
    told = event(answer["html"])
    context = told.pop("widgetContext")
    assert (status, answer["kind"], answer["removed"]) == (200, "html", [])
    assert told == {"show": "event", "id": "vpce-1"}
    assert context["forms"] == {"all": {"reason": "<b>"}}
    assert context["params"] == {"show": "event", "color": "blue"}
    assert context["theme"] == "dark"


def test_what_is_removed_is_said_on_the_page(lab: Lab) -> None:
    query = put(lab, "Removed", custom(lab, "Try", show="html", html="<b onclick='1'>a</b><use>"))
    found = section(page(lab, query), "Try")
    assert '<div class="lab-content cwdb-widget"><b>a</b></div>' in found
    (removed,) = re.findall(r'data-removed="([^"]*)"', found)
    assert json.loads(unescape(removed)) == ['onclick="1" of <b>', "<use>"]
    assert "<li>onclick=&quot;1&quot; of &lt;b&gt;</li><li>&lt;use&gt;</li>" in found


def test_a_function_that_fails_is_told_with_its_words(lab: Lab) -> None:
    found = section(page(lab), "Sick")
    assert 'data-kind="error"' in found
    assert "<strong>ValueError</strong>: no &lt;facts&gt;" in found


def test_a_function_that_is_not_there_is_told(lab: Lab) -> None:
    gone = custom(lab, "Gone")
    gone["properties"]["endpoint"] += "x"
    none = custom(lab, "None")
    none["properties"]["endpoint"] = "there"
    html = page(lab, put(lab, "Gone", gone, none))
    assert "<strong>ResourceNotFoundException</strong>" in section(html, "Gone")
    assert "is not the ARN of a function" in section(html, "None")


def test_a_call_that_fails_is_told(lab: Lab) -> None:
    lab.fault("Invoke", error="TooManyRequestsException")
    html = page(lab, put(lab, "Throttled", custom(lab, "Try", show="json")))
    assert "<strong>TooManyRequestsException</strong>: Rate exceeded" in section(html, "Try")


def test_an_answer_over_lambdas_limit_is_refused(lab: Lab) -> None:
    # The answer is JSON: the text and its two quotes.
    fits, over = 6_291_556 - 2, 6_291_556 - 1
    html = page(lab, put(lab, "Large", custom(lab, "Large", show="large", size=over)))
    assert (
        "<strong>Function.ResponseSizeTooLarge</strong>: Response payload size exceeded maximum "
        "allowed payload size (6291556 bytes)." in section(html, "Large")
    )
    html = page(lab, put(lab, "Large", custom(lab, "Large", show="large", size=fits)))
    assert 'data-kind="html"' in section(html, "Large")


def test_an_account_sees_its_own_dashboards(lab: Lab) -> None:
    other = page(lab, "?account=222222222222")
    assert lab.outputs("222222222222")["BoardName"] in other
    assert event(section(other, "Told"))["widgetContext"]["accountId"] == "222222222222"
    status, text = asked(lab, query="?account=333333333333")
    assert (status, json.loads(text)["error"]) == (
        400,
        "333333333333 has no such dashboard in us-east-1; there is none",
    )


def test_an_alarm_and_a_graph_show_what_cloudwatch_has(lab: Lab) -> None:
    cloudwatch = lab.client("cloudwatch")
    dimensions = [{"Name": "service", "Value": "drawn"}]
    data = [
        {"MetricName": "Healed", "Dimensions": dimensions, "Value": value, "Unit": "Count"}
        for value in (3, 4)
    ]
    cloudwatch.put_metric_data(Namespace="Drawn", MetricData=data)
    cloudwatch.put_metric_alarm(
        AlarmName="Drawn",
        Namespace="Drawn",
        MetricName="Healed",
        Dimensions=dimensions,
        Statistic="Sum",
        Period=3600,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )

    def alarm() -> dict[str, Any]:
        found: dict[str, Any] = cloudwatch.describe_alarms(AlarmNames=["Drawn"])["MetricAlarms"][0]
        return found

    wait_until(lambda: alarm()["StateValue"] == "ALARM", 20, "the alarm is raised")
    arn = alarm()["AlarmArn"]
    metrics = [["Drawn", "Healed", "service", "drawn", {"stat": "Sum", "period": 3600}]]
    math = [*metrics, [{"expression": "1+1"}]]
    html = page(
        lab,
        put(
            lab,
            "Drawn",
            {"type": "alarm", "properties": {"title": "A", "alarms": [f"{arn}x", arn]}},
            {"type": "metric", "properties": {"title": "G", "metrics": math}},
            {"type": "metric", "properties": {"title": "N", "metrics": metrics, "view": "table"}},
            {"type": "metric", "properties": {"title": "L", "annotations": {"alarms": [arn]}}},
            {"type": "log", "properties": {"title": "Q", "query": "fields x"}},
        ),
    )
    states = re.findall(r'data-state="(\w+)" title="([^"]*)"', section(html, "A"))
    assert [state for state, _ in states] == ["ALARM", "missing"]
    assert "crossed the threshold" in states[0][1]
    assert "Healed <b>7</b>" in section(html, "G")
    assert "1+1: the lab works out no metric math" in section(html, "G")
    assert "<th scope=row>Healed</th><td>7</td>" in section(html, "N")
    assert "lab-limit" in section(html, "L")
    assert "the lab shows no widgets of the type" in section(html, "Q")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?theme=blue", "theme: 'blue' given, should be light or dark"),
        ("?account=1", "account: '1' given, should be 12 digits"),
        ("?name=Nothing", "111111111111 has no such dashboard in us-east-1; there is "),
        ("?period=1", "period: there is no such key"),
    ],
)
def test_a_query_that_makes_no_sense_is_refused(lab: Lab, query: str, words: str) -> None:
    status, text = asked(lab, query=query)
    assert status == 400
    assert json.loads(text)["error"].startswith(words)


def test_an_action_of_no_custom_widget_is_refused(lab: Lab) -> None:
    for widget in ("widget-0", "widget-99"):
        query = f"?name={lab.outputs()['BoardName']}"
        status, text = asked(lab, "POST", query, {"widget": widget, "endpoint": "e"})
        assert (status, json.loads(text)["error"]) == (
            400,
            f"widget: '{widget}' is no custom widget",
        )
    status, text = asked(lab, "POST", query, {"widget": "widget-2", "forms": [1]})
    assert (status, json.loads(text)["error"]) == (400, "forms: [1] given, should be an object")


def test_another_method_is_refused(lab: Lab) -> None:
    status, text = asked(lab, "DELETE")
    assert (status, json.loads(text)["error"]) == (405, "use GET or POST with /_lab/dashboard")


def test_a_board_finds_its_widgets() -> None:
    assert Board("a", (), 1).widget("widget-0") is None
