"""Chromium without a window, and pictures of what the lab shows."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Literal
from urllib.parse import urlencode
from urllib.request import urlopen

from playwright.sync_api import Browser, Playwright, sync_playwright

INSTALL = "apt-get install --no-install-recommends chromium"
#: Nothing but what is asked for: no sandbox (tests run as root), no calls home.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDTH, HEIGHT = 1500, 900
_SCRIPT = re.compile(r"<script>.*?</script>", re.DOTALL)


def chromium() -> str | None:
    """Return where Chromium is, None if it isn't installed."""
    return shutil.which("chromium")


def launched(playwright: Playwright, path: str) -> Browser:
    """Start Chromium with a profile of its own, which goes with it."""
    return playwright.chromium.launch(executable_path=path, args=list(FLAGS))


@contextmanager
def browser(path: str) -> Iterator[Browser]:
    """A Chromium that ends with the block."""
    with sync_playwright() as playwright:
        running = launched(playwright, path)
        try:
            yield running
        finally:
            running.close()


def address(url: str, **query: str) -> str:
    """Return where a lab at `url` shows a dashboard; `account`, `name`, `theme`, `whole`."""
    return f"{url}/_lab/dashboard?{urlencode(query)}"


def save(
    url: str,
    folder: Path,
    name: str = "dashboard",
    *,
    theme: Literal["light", "dark"] = "light",
    account: str | None = None,
    whole: bool = True,
) -> list[Path]:
    """Save a dashboard as one HTML file that needs nothing else, and as a PNG if Chromium is there.

    The HTML is as it was opened, without the console's script: its buttons do nothing. `whole`:
    every widget is as high as what it holds. Return what was written. Raises OSError if the lab
    doesn't answer, or refuses.
    """
    asked = {"theme": theme, "whole": "yes" if whole else "no"}
    where = address(url, **asked, **({"account": account} if account else {}))
    with urlopen(where) as answer:  # noqa: S310 - the lab's own address
        html = _SCRIPT.sub("", answer.read().decode())
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / f"{name}.html"
    page.write_text(html, encoding="utf-8")
    path = chromium()
    if path is None:
        return [page]
    with ThreadPoolExecutor(1) as aside:  # who calls may have a browser, and only one a thread may
        return [page, aside.submit(_pictured, path, page).result()]


def _pictured(path: str, page: Path) -> Path:
    picture = page.with_suffix(".png")
    with browser(path) as running:
        tab = running.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        tab.goto(page.resolve().as_uri())
        tab.screenshot(path=picture, full_page=True)
    return picture


def clip(
    page: Path, picture: Path, widgets: Sequence[str], *, width: int = WIDTH, height: int = HEIGHT
) -> None:
    """Picture the widgets with these titles on a page that `save` wrote, and nothing around them.

    `width` of the window and the most `height` of the picture are in pixels. Raises ValueError if
    there is no Chromium, playwright's Error if a title isn't there.
    """
    path = chromium()
    if path is None:
        raise ValueError(f"there is no chromium; on Debian: {INSTALL}")
    with ThreadPoolExecutor(1) as aside:  # as above
        aside.submit(_clipped, path, page, picture, widgets, width, height).result()


def _clipped(
    path: str, page: Path, picture: Path, widgets: Sequence[str], width: int, height: int
) -> None:
    with browser(path) as running:
        tab = running.new_page(viewport={"width": width, "height": HEIGHT})
        tab.goto(page.resolve().as_uri())
        sections = [tab.locator(f'section[aria-label="{title}"]') for title in widgets]
        boxes = [box for each in sections if (box := each.bounding_box())]
        left, top = (min(box[side] for box in boxes) for side in ("x", "y"))
        right = max(box["x"] + box["width"] for box in boxes)
        bottom = max(box["y"] + box["height"] for box in boxes)
        shown = min(height, bottom - top)
        tab.screenshot(
            path=picture,
            full_page=True,
            clip={"x": left, "y": top, "width": right - left, "height": shown},
        )
