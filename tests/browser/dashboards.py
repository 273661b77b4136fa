"""A dashboard in a browser: what is in which widget, and its actions pressed as a person would."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from lab.browser import address
from lab.client import Lab

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"


class Dashboard:
    """The dashboard of a lab's account, open in a page."""

    def __init__(self, page: Page, lab: Lab, account: str) -> None:
        self.page = page
        self._lab = lab
        self._account = account

    def open(self, theme: str = "light", **query: str) -> None:
        """Open it, or open it again: as CloudWatch's refresh does, every widget is asked anew."""
        self.page.goto(address(self._lab.url, account=self._account, theme=theme, **query))

    def widget(self, title: str) -> Widget:
        """The widget of that title."""
        return Widget(self.page.locator(f'section[aria-label="{title}"]'))

    def popup(self) -> Locator:
        """The popup on top."""
        return self.page.locator("dialog.lab-popup:not(.lab-confirmation)").last

    def question(self) -> Locator:
        """What a confirmation asks; `answer` goes on from there."""
        return self.page.locator("dialog.lab-confirmation p")

    def answer(self, yes: bool) -> None:
        """Confirm, or cancel."""
        self.page.get_by_role("button", name="OK" if yes else "Cancel", exact=True).click()


class Widget:
    """One widget on the page."""

    def __init__(self, section: Locator) -> None:
        self.section = section
        self.content = section.locator(".lab-content")

    @property
    def kind(self) -> str:
        """What its function answered: html, markdown, json, or error if it failed."""
        return self.section.get_attribute("data-kind") or ""

    @property
    def removed(self) -> list[str]:
        """What was removed from the widget's HTML."""
        return self._list("data-removed")

    @property
    def said(self) -> list[str]:
        """What else is wrong with it: actions that do nothing, forms submitted."""
        return self._list("data-said")

    @property
    def answers(self) -> int:
        """How often its functions have answered since the page was opened."""
        return int(self.section.get_attribute("data-answers") or 0)

    def wait_for_answers(self, count: int) -> None:
        """Wait until its functions have answered so often; a first start of one takes a second."""
        expect(self.section).to_have_attribute("data-answers", str(count), timeout=30_000)

    def _list(self, attribute: str) -> list[str]:
        found: list[str] = json.loads(self.section.get_attribute(attribute) or "[]")
        return found


def serious(page: Page, *, within: str = "body") -> list[str]:
    """Return axe-core's serious and critical violations, with where they are."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    result: dict[str, Any] = page.evaluate("within => axe.run(within)", within)
    return [
        f"{each['id']}: {each['help']}: {_where(each['nodes'])}"
        for each in result["violations"]
        if each["impact"] in ("serious", "critical")
    ]


def _where(nodes: Sequence[dict[str, Any]]) -> str:
    return "; ".join(str(node["html"])[:160] for node in nodes[:3])
