"""`make pictures`: the README's two, from the pages that the demo has saved."""

from __future__ import annotations

import sys

from demo.looking import FOLDER
from lab.browser import clip
from lab.settings import REPOSITORY

PICTURES = REPOSITORY / "docs" / "pictures"
WIDTH = 1200
#: By file: the theme, the widgets that it shows, and its height.
OF = {
    "waiting-and-coverage.png": (
        "light",
        ("Waiting for a person, and failed", "Which subnets reach what privately"),
        800,
    ),
    "connections-and-zones.png": ("dark", ("Connections and their zones",), 500),
}


def main() -> int:
    """Take them; 0 if they were taken."""
    PICTURES.mkdir(exist_ok=True)
    for name, (theme, widgets, height) in OF.items():
        page = FOLDER / f"dashboard-{theme}.html"
        clip(page, PICTURES / name, widgets, width=WIDTH, height=height)
        sys.stdout.write(f"look at {PICTURES.relative_to(REPOSITORY) / name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
