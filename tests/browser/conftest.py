"""Chromium for tests, and dashboards of two labs: of the small app, and of the real stack.

Without Chromium these tests are skipped; with BROWSER_TESTS=required, as in CI, they fail.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Page

from lab import browser as chromium
from lab.client import ACCOUNTS, Lab
from tests.browser.dashboards import Dashboard

SMALL_APP = Path(__file__).parents[1] / "lab" / "app"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium.chromium()
    if path is None:
        words = f"there is no chromium; on Debian: {chromium.INSTALL}"
        if os.environ.get("BROWSER_TESTS") == "required":
            pytest.fail(words)
        pytest.skip(words)
    with chromium.browser(path) as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page of a new profile. No script may break in it, nothing may leave the machine."""
    context = browser.new_context(viewport={"width": chromium.WIDTH, "height": chromium.HEIGHT})
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(f"script broke: {error}"))
    opened.on("dialog", lambda dialog: _note(dialog, wrong))
    opened.on("request", lambda asked: wrong.extend(_outside(asked.url)))
    yield opened
    context.close()
    assert wrong == []


def _note(dialog: Dialog, wrong: list[str]) -> None:
    wrong.append(f"a script spoke: {dialog.message}")
    dialog.dismiss()


def _outside(url: str) -> list[str]:
    here = ("http://127.0.0.1:", "data:", "blob:", "file:", "about:")
    return [] if url.startswith(here) else [f"asked for {url}"]


@pytest.fixture(scope="session")
def small_lab(browser: Browser) -> Iterator[Lab]:
    """A lab with the small app; not before there is a browser."""
    with Lab.start(env={"LAB_APP": str(SMALL_APP)}) as lab:
        yield lab


@pytest.fixture(scope="session")
def real_lab(browser: Browser) -> Iterator[Lab]:
    """A lab with the unmodified stack in two accounts; not before there is a browser."""
    with Lab.start() as lab:
        yield lab


@pytest.fixture
def small(page: Page, small_lab: Lab) -> Dashboard:
    """The small app's dashboard, open."""
    dashboard = Dashboard(page, small_lab, ACCOUNTS[0])
    dashboard.open()
    return dashboard


@pytest.fixture
def stack(page: Page, real_lab: Lab) -> Dashboard:
    """The stack's dashboard as it is deployed; `open` shows it when the stage is set."""
    return Dashboard(page, real_lab, ACCOUNTS[0])
