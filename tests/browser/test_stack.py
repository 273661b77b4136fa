"""The real stack's dashboard in a browser; its custom widget has tests of its own."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from lab.client import Lab
from tests.browser.dashboards import Dashboard, serious


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_stacks_dashboard_shows_each_of_its_widgets(
    stack: Dashboard, real_lab: Lab, theme: str
) -> None:
    stack.open(theme)
    alarms = stack.widget("Alarms").content.locator("li")
    there = real_lab.client("cloudwatch").describe_alarms()["MetricAlarms"]
    expect(alarms).to_have_count(len(there))
    assert there
    expect(alarms.and_(stack.page.locator('[data-state="missing"]'))).to_have_count(0)
    expect(stack.widget("Changes made").content.locator("svg.lab-graph")).to_have_count(1)
    sections = stack.page.locator("section.lab-widget")
    for number in range(sections.count()):
        section = sections.nth(number)
        assert section.get_attribute("data-kind") != "error", section.inner_text()
        assert section.get_attribute("data-removed") == "[]"
        assert section.get_attribute("data-said") == "[]"
    assert serious(stack.page) == []
