"""CloudWatch's part of a custom widget, in a real browser: actions, popups, forms, themes."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from lab import browser as chromium
from lab.browser import save
from lab.client import Lab
from tests.browser.dashboards import Dashboard, Widget, serious


def event_in(widget: Widget) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(widget.content.locator("#event").inner_text())
    return event


def test_a_button_asks_first_and_passes_its_parameters_and_the_form(small: Dashboard) -> None:
    requests = small.widget("Requests")
    small.page.fill('input[name="reason"]', 'ok <b>"now"</b> 🎉')
    small.page.check('input[name="sure"]')
    small.page.check('input[name="zone"][value="b"]')
    small.page.click("#approve")
    expect(small.question()).to_have_text("Approve <it>?")
    small.answer(yes=True)
    requests.wait_for_answers(2)
    event = event_in(requests)
    assert {key: event[key] for key in ("show", "id")} == {"show": "event", "id": "vpce-1"}
    assert event["widgetContext"]["params"] == {}
    assert event["widgetContext"]["forms"]["all"] == {
        "reason": 'ok <b>"now"</b> 🎉',
        "sure": "yes",
        "zone": "b",
        "size": "large",
        "words": "one\ntwo",
    }


def test_a_cancelled_button_calls_nothing(small: Dashboard) -> None:
    posted: list[str] = []
    small.page.on("request", lambda asked: posted.append(asked.post_data or ""))
    small.page.click("#approve")
    small.answer(yes=False)
    expect(small.question()).to_have_count(0)
    small.page.click("#look")  # the next one is called, so the first one would have been before
    small.widget("Requests").wait_for_answers(2)
    assert [json.loads(body)["params"] for body in posted] == [{"show": "event"}]


def test_a_popup_leaves_the_widget_and_escape_closes_it(small: Dashboard) -> None:
    small.page.click("#look")
    expect(small.popup()).to_be_visible()
    expect(small.page.locator("#approve")).to_have_count(1)
    small.page.keyboard.press("Escape")
    expect(small.popup()).to_have_count(0)


def test_html_of_an_action_is_shown_and_acts_itself(small: Dashboard) -> None:
    assert not small.page.get_by_text("Big title").is_visible()
    small.page.click("#more")
    expect(small.popup().get_by_role("heading", name="Big title")).to_be_visible()
    small.page.click("#inner")
    expect(small.widget("Requests").content).to_have_text("Replaced")
    expect(small.popup()).to_have_count(0)


def test_fields_of_a_popup_are_passed_as_well(small: Dashboard) -> None:
    small.page.click("#more")
    small.page.fill('input[name="count"]', "4")
    small.page.click("#count")
    small.widget("Requests").wait_for_answers(2)
    told = json.loads(small.popup().locator("#event").inner_text())
    forms = told["widgetContext"]["forms"]["all"]
    assert (forms["count"], forms["reason"]) == ("4", "as agreed")


def test_a_refresh_begins_anew(small: Dashboard) -> None:
    small.page.click("#fail")
    small.widget("Requests").wait_for_answers(2)
    small.page.get_by_role("link", name="Refresh").click()
    expect(small.page.locator("#fail")).to_be_visible()
    assert small.widget("Requests").answers == 1


def test_an_action_makes_nothing_focusable(small: Dashboard) -> None:
    for place, focusable in (("#more", False), ("#look", True)):
        small.page.locator(place).focus()
        focused = small.page.evaluate("document.activeElement.id")
        assert (f"#{focused}" == place) is focusable


def test_a_pointer_that_comes_by_acts(small: Dashboard) -> None:
    place = small.page.locator("#hover")
    place.scroll_into_view_if_needed()
    box = place.bounding_box()
    assert box is not None
    small.page.mouse.move(box["x"] + 5, box["y"] + 5)
    expect(small.popup().locator("p")).to_have_text("Hovered")


def test_a_double_click_acts(small: Dashboard) -> None:
    small.page.dblclick("#twice")
    expect(small.popup().locator("p")).to_have_text("Twice")


def test_one_click_is_no_double_click(small: Dashboard) -> None:
    small.page.click("#twice")
    small.page.click("#more")
    expect(small.popup()).to_contain_text("Big title")
    expect(small.page.locator("dialog.lab-popup")).to_have_count(1)


def test_a_failing_action_says_so_in_the_widget(small: Dashboard) -> None:
    requests = small.widget("Requests")
    small.page.click("#fail")
    requests.wait_for_answers(2)
    assert requests.kind == "error"
    expect(requests.content.get_by_role("alert")).to_have_text("ValueError: no <facts>")


def test_the_keyboard_is_enough_for_what_can_have_the_focus(small: Dashboard) -> None:
    small.page.locator("#approve").focus()
    small.page.keyboard.press("Enter")
    expect(small.question()).to_be_visible()
    small.page.keyboard.press("Tab")
    small.page.keyboard.press("Enter")
    requests = small.widget("Requests")
    requests.wait_for_answers(2)
    assert event_in(requests)["id"] == "vpce-1"


def test_a_submitted_form_goes_nowhere_and_is_told(small: Dashboard) -> None:
    small.page.fill('input[name="reason"]', "mine")
    small.page.evaluate("document.querySelector('section form').requestSubmit()")
    small.page.click("#look")  # by now a browser would have left the page
    small.widget("Requests").wait_for_answers(2)
    assert small.page.input_value('input[name="reason"]') == "mine"
    assert small.widget("Requests").said == [
        "a form was submitted: CloudWatch passes fields on by a cwdb-action only"
    ]


def test_what_was_removed_is_on_the_page(small: Dashboard) -> None:
    requests = small.widget("Requests")
    assert requests.removed == ['name="name" of <input>']
    requests.section.get_by_text("What CloudWatch takes away here").click()
    expect(requests.section.get_by_text('name="name" of <input>')).to_be_visible()


ACTIONS = {
    '<cwdb-action action="html">x</cwdb-action>': "there is no element before it",
    '<a>x</a><cwdb-action action="call">{}</cwdb-action>': "a call needs an endpoint",
    '<a>x</a><cwdb-action action="call" endpoint="e">{"a":</cwdb-action>': (
        "its content is no JSON object"
    ),
    '<a>x</a><cwdb-action action="call" endpoint="e">[1]</cwdb-action>': (
        "its content is no JSON object"
    ),
    '<a>x</a><cwdb-action action="call" endpoint="e" event="mouseenter">{}</cwdb-action>': (
        "mouseenter goes with html only"
    ),
    '<a>x</a><cwdb-action action="run">x</cwdb-action>': 'action="run" is neither call nor html',
    '<a>x</a><cwdb-action event="keydown">x</cwdb-action>': (
        'event="keydown" is none of click, dblclick, mouseenter'
    ),
    '<a>x</a><cwdb-action display="tab">x</cwdb-action>': (
        'display="tab" is neither popup nor widget'
    ),
    "<a>x</a><cwdb-action>1</cwdb-action><cwdb-action>2</cwdb-action>": (
        "the element before it is another cwdb-action"
    ),
}


@pytest.mark.parametrize("html", ACTIONS)
def test_an_action_that_does_nothing_is_told(page: Page, small_lab: Lab, html: str) -> None:
    dashboard = opened_with(page, small_lab, html)
    assert dashboard.widget("Try").said == [f"a cwdb-action does nothing: {ACTIONS[html]}"]


def test_what_a_widget_smuggles_in_does_not_run(page: Page, small_lab: Lab) -> None:
    html = (
        "<img src=x onerror=alert(1)><svg onload=alert(1)><use href='data:image/svg+xml,x'/></svg>"
        "<script>alert(1)</script><a id=go href='javascript:alert(1)'>go</a>"
        "<cwdb-action><img src=x onerror=alert(2)></cwdb-action>"
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>"
    )
    dashboard = opened_with(page, small_lab, html)
    page.click("#go")
    expect(dashboard.widget("Try").content.locator("img")).to_have_count(1)
    assert len(dashboard.widget("Try").removed) == 7


def test_a_widgets_style_is_kept_and_knows_the_theme(page: Page, small_lab: Lab) -> None:
    html = (
        "<style>td{color:rgb(1,2,3)}.cwdb-theme-dark td{color:rgb(4,5,6)}</style>"
        "<table><tr><td>x</td></tr></table>"
    )
    colors = [
        _color(opened_with(page, small_lab, html, theme=theme)) for theme in ("light", "dark")
    ]
    assert colors == ["rgb(1, 2, 3)", "rgb(4, 5, 6)"]


def test_a_widgets_style_reaches_others(page: Page, small_lab: Lab) -> None:
    first, second = "<style>p{color:rgb(1,2,3)}</style>", "<p>x</p>"
    dashboard = opened_with(page, small_lab, first, second)
    words = dashboard.widget("Try 2").content.locator("p")
    assert words.evaluate("each => getComputedStyle(each).color") == "rgb(1, 2, 3)"


def _color(dashboard: Dashboard) -> str:
    cell = dashboard.widget("Try").content.locator("td")
    return str(cell.evaluate("each => getComputedStyle(each).color"))


def test_one_class_takes_cloudwatchs_own_styles_away(page: Page, small_lab: Lab) -> None:
    table = "<table><tr><td>x</td></tr></table>"
    widths = []
    for html in (table, f'<div class="cwdb-no-default-styles"></div>{table}'):
        cell = opened_with(page, small_lab, html).widget("Try").content.locator("td")
        widths.append(cell.evaluate("each => getComputedStyle(each).borderBottomWidth"))
    assert widths == ["1px", "0px"]


def test_a_link_can_look_like_a_button(small: Dashboard) -> None:
    borders = [
        small.page.locator(place).evaluate("each => getComputedStyle(each).borderRadius")
        for place in ("#look", "#approve")
    ]
    assert borders[0] == "2px"
    assert borders[1] != borders[0]


def opened_with(page: Page, lab: Lab, *htmls: str, theme: str = "light") -> Dashboard:
    """A dashboard with a widget for each HTML, called Try, Try 2 and so on."""
    endpoint = lab.outputs()["WidgetArn"]
    widgets = [
        {
            "type": "custom",
            "y": number * 6,
            "width": 12,
            "height": 6,
            "properties": {
                "endpoint": endpoint,
                "title": f"Try {number + 1}" if number else "Try",
                "params": {"show": "html", "html": html},
            },
        }
        for number, html in enumerate(htmls)
    ]
    body = json.dumps({"widgets": widgets})
    lab.client("cloudwatch").put_dashboard(DashboardName="Try", DashboardBody=body)
    dashboard = Dashboard(page, lab, lab.accounts[0])
    dashboard.open(theme, name="Try")
    return dashboard


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_itself_has_no_serious_barrier(small: Dashboard, theme: str) -> None:
    small.open(theme)
    small.page.click("#look")
    expect(small.popup()).to_be_visible()
    assert serious(small.page) == []


def test_a_barrier_is_found(page: Page, small_lab: Lab) -> None:
    opened_with(page, small_lab, '<img src="data:,"><input name="reason">')
    assert [each.split(":")[0] for each in serious(page)] == ["image-alt", "label"]


def test_a_page_is_saved_with_its_picture(small: Dashboard, small_lab: Lab, tmp_path: Path) -> None:
    html, picture = save(small_lab.url, tmp_path / "docs", "board", theme="dark")
    assert (html.name, picture.name) == ("board.html", "board.png")
    assert picture.read_bytes().startswith(b"\x89PNG")
    text = html.read_text()
    assert "<script" not in text
    small.page.goto(html.as_uri())
    expect(small.widget("Facts").content).to_contain_text('"endpoints": 3')
    assert small.widget("Requests").content.locator("cwdb-action").first.is_hidden()


def test_without_chromium_only_the_page_is_saved(
    small_lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chromium, "chromium", lambda: None)
    assert [path.name for path in save(small_lab.url, tmp_path)] == ["dashboard.html"]


def test_widgets_are_pictured_alone(small_lab: Lab, tmp_path: Path) -> None:
    page, whole = save(small_lab.url, tmp_path)
    picture = tmp_path / "part.png"
    chromium.clip(page, picture, ["Facts"], height=150)
    (width, height), (all_width, all_height) = (_size(each) for each in (picture, whole))
    assert height == 150
    assert width < all_width / 2 + 50
    chromium.clip(page, picture, ["Facts", "Requests"], height=10_000)
    assert width < _size(picture)[0]
    assert _size(picture)[1] < all_height


def test_a_picture_takes_chromium_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chromium, "chromium", lambda: None)
    with pytest.raises(ValueError, match="apt-get install"):
        chromium.clip(tmp_path / "no.html", tmp_path / "no.png", ["Facts"])


def _size(png: Path) -> tuple[int, int]:
    """A PNG's width and height in pixels (its header, IHDR)."""
    return struct.unpack(">II", png.read_bytes()[16:24])
