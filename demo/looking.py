"""Chapter 11: how all of it looks on the stack's dashboard, saved as a page and as a picture."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Error

from demo import scenes
from demo.connections import Requests
from demo.privatelink import Service, ask, network
from demo.publishing import SERVED
from demo.stage import PROVIDER, STRANGER, Stage
from demo.telling import chapter, expect, say
from lab import browser
from lab.settings import REPOSITORY

FOLDER = REPOSITORY / "build" / "demo"
THEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")


@dataclass(frozen=True)
class Saved:
    """What was written; `why_not`: why there are no pictures, "" if there are."""

    files: tuple[Path, ...]
    why_not: str


def the_dashboard_is_opened(stage: Stage, service: Service, asked: Requests) -> Saved:
    """Chapter 11: one more request waits, and is seen beside all the rest."""
    chapter("11. Maria opens the dashboard of the stack")
    billing = scenes.build_network(stage.ec2, "billing", cidr="10.21", tables=2)
    say(f"   another team has built {billing.vpc_id}, named billing, meanwhile")
    second = ask(service, STRANGER, *network(stage.lab, STRANGER, "staging", SERVED))
    say(f"   {STRANGER} asks from another VPC, too: {second}")
    stage.await_told("ConnectionHeld", about=second)
    stage.await_look(billing, lambda s: s.serves(billing.all_tables), "routes in billing, too")
    saved = save(stage.lab.url)
    page = saved.files[0].read_text(encoding="utf-8")
    expect(asked.consumers in page and asked.strangers in page, "it shows who is connected, why")
    expect(second in page and "Approve" in page, "and who waits, with Approve and Reject")
    return saved


def save(url: str, folder: Path = FOLDER, account: str = PROVIDER) -> Saved:
    """Save an account's dashboard in both themes; as pictures, too, where a Chromium works."""
    files, why_not = list[Path](), f"there is no Chromium ({browser.INSTALL}, on Debian)"
    for theme in THEMES:
        name = f"dashboard-{theme}"
        try:
            files += browser.save(url, folder, name, theme=theme, account=account)
        except Error as broken:  # by then the page is there
            files.append(folder / f"{name}.html")
            why_not = str(broken).partition("\n")[0]
    pictured = any(file.suffix == ".png" for file in files)
    return Saved(tuple(files), "" if pictured else why_not)


def where_it_is(saved: Saved, chapter: int = 11) -> None:
    """The demo's last words."""
    say(f"   The dashboard, as it was in chapter {chapter}:")
    for file in saved.files:
        say(f"   {file.relative_to(REPOSITORY)}")
    if saved.why_not:
        say(f"   No pictures: {saved.why_not}. The pages show the same.")
