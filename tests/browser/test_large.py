"""Widgets of a large account in a browser: 200 VPCs, 500 connections, in the sizes they have."""

from __future__ import annotations

import json

import pytest
from autopilot.notify.history import Entry
from autopilot.view.done import Day, Done
from autopilot.view.model import WORST_FIRST, Overview
from autopilot.view.widget import PARTS, widget
from autopilot.view.widget_done import done
from playwright.sync_api import Page

from lab.client import Lab
from tests.browser.dashboards import Dashboard, Widget, serious
from tests.unit.view.widgets import PLACE, asked, large, vpc

WIDTHS = {"coverage": 12, "waiting": 12, "connections": 24, "done": 24}
STATES = """content => [...content.querySelectorAll('.ea-state')].map(each => {
  const style = getComputedStyle(each);
  return [each.textContent, style.color + style.backgroundColor + style.textDecorationLine];
})"""


def full(part: str, *, dark: bool = False) -> str:
    """The first page of a part, full."""
    if part in PARTS:
        return widget(large(), asked(part, dark=dark))
    entry = Entry(
        "2026-11-30T10:00:00+00:00", "ConnectionAccepted", "done", ("vpce-svc-1/vpce-1",) * 20, 50,
        {"vpce-1": "payments"}, "50 connection requests accepted", "account 222222222222",
        "arn:aws:sts::111111111111:assumed-role/NetworkOnCall/maria.of.the.night.shift", "arn",
    )  # fmt: skip
    days = tuple(Day(f"2026-11-{30 - n}", (entry,) * 40) for n in range(7))
    return done(Done(PLACE, days), asked(part, dark=dark))


def shown(page: Page, lab: Lab, html: str, *, theme: str = "light", width: int = 12) -> Widget:
    """A widget of that width, in the grid's units, that shows this HTML."""
    properties = {
        "endpoint": lab.outputs()["WidgetArn"],
        "title": "Large",
        "params": {"show": "html", "html": html},
    }
    made = {"type": "custom", "width": width, "height": 10, "properties": properties}
    body = json.dumps({"widgets": [made]})
    lab.client("cloudwatch").put_dashboard(DashboardName="Large", DashboardBody=body)
    dashboard = Dashboard(page, lab, lab.accounts[0])
    dashboard.open(theme, name="Large")
    return dashboard.widget("Large")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("part", WIDTHS)
def test_a_full_page_has_no_serious_barrier_and_nothing_sticks_out(
    page: Page, small_lab: Lab, part: str, theme: str
) -> None:
    html = full(part, dark=theme == "dark")
    made = shown(page, small_lab, html, theme=theme, width=WIDTHS[part])
    assert (made.kind, made.removed, made.said) == ("html", [], [])
    wide = made.content.evaluate("each => each.scrollWidth - each.clientWidth")
    assert wide <= 0, f"{wide} pixels stand out to the right"
    assert serious(page) == []


def test_no_color_says_what_no_word_and_no_shape_says(page: Page, small_lab: Lab) -> None:
    every = tuple(vpc(n, f"vpc {n}", reach) for n, reach in enumerate(WORST_FIRST))
    made = shown(page, small_lab, widget(Overview(PLACE, every), asked("coverage")))
    states = made.content.evaluate(STATES)
    assert {text[2:] for text, _ in states} == set(WORST_FIRST)
    assert len({text[0] for text, _ in states}) == len(WORST_FIRST)
    assert len({looks for _, looks in states}) == 1


@pytest.mark.parametrize("part", WIDTHS)
def test_without_colors_of_its_own_everything_is_there(
    page: Page, small_lab: Lab, part: str
) -> None:
    page.emulate_media(forced_colors="active")
    made = shown(page, small_lab, full(part), width=WIDTHS[part])
    for each in made.content.locator(".ea-button").all()[:2]:
        border = each.evaluate("each => getComputedStyle(each).borderTopWidth")
        assert border != "0px"
    assert serious(page) == []
