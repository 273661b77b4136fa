"""The weekly letter as its message: a mail of sections; the rest as every other notice."""

from __future__ import annotations

import json

from autopilot.notify.names import named
from autopilot.notify.notice import Place
from autopilot.notify.phrases import moment
from autopilot.notify.render import Message, message
from autopilot.notify.render_json import dumped
from autopilot.view.letter import Letter, of_mail

# Of a line: a tag or AWS's words may be any length.
_LONGEST = 600


def letter_message(made: Letter, place: Place) -> Message:
    """What goes to the ops topic."""
    there = place._replace(names={**place.names, **made.names})
    rendered = message(made.notice, there)
    body = json.loads(rendered.body)
    return Message(
        rendered.subject, dumped({**body, "default": mail(made, there)}), rendered.attributes
    )


def mail(made: Letter, place: Place) -> str:
    """The letter as an email."""
    place = place._replace(names={**place.names, **made.names})
    lines = [named(f"{made.notice.title}.", place.names)]
    for section in of_mail(made):
        lines += ["", section.heading, *(_clean(each, place) for each in section.lines)]
    lines += [
        "",
        "--",
        f"endpoint-autopilot, stack {place.stack}",
        f"Account {place.account}, {place.region}, {moment(place.time)}",
    ]
    return "\n".join(lines).replace("\n\n\n", "\n\n").rstrip() + "\n"


def _clean(line: str, place: Place) -> str:
    printable = "".join(c if c.isprintable() else " " for c in line)
    cut = printable if len(printable) <= _LONGEST else f"{printable[: _LONGEST - 3]}..."
    return named(cut, place.names)
