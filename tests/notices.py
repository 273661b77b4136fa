"""docs/notices.md, made from the definitions and the golden mails: `make notices`.

It also writes the golden mail of a new kind, the first time. One that is there is
changed by hand, or deleted first and then read anew.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from autopilot.notify.bus import ChangeDefinition
from autopilot.notify.error_explanations import WORKFLOW_FAILED
from autopilot.notify.finding import FindingDefinition
from autopilot.notify.notice import Severity

from tests.kinds import CATALOG, CHANGES, MESSAGES
from tests.unit.notify.emails import COMBINED, EMAILS, email

PAGE = Path(__file__).parents[1] / "docs" / "notices.md"
MAILS = Path(__file__).parent / "unit" / "messages"
_HEAD = """\
# What you are told

Every kind with what it means and what to do. Made by `make notices` from the definitions
(`functions/autopilot/*/messages.py`) and the mails that the tests hold them to
(`tests/unit/messages`). Don't edit it here.

You hear of a **finding** once when it appears, once when it changes in what you would act upon, and
once when it is over. A **completed change** is told once, and put on the default event bus with the
source `endpoint-autopilot`. All that one execution has to tell is one message, with its kinds and
its severity as attributes, for filters. Below, each kind stands alone; at the end several together.
"""
_TITLES = {
    "gateway": "Gateway endpoints",
    "interfaces": "Interface endpoints",
    "connections": "Connections to endpoint services",
    "services": "Published services",
    "withdraw": "Stepping aside",
    "uninstall": "Leaving",
    "fleet": "The hub of a fleet",
}


_MEANINGS: dict[Severity, str] = {
    "info": "it happened; nothing to do",
    "action": "somebody has to decide",
    "failure": "it could not be done",
}


def page() -> str:
    """The whole page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield _HEAD
    yield from _by_severity()
    for messages in MESSAGES:
        yield f"## {_TITLES[messages.__name__.split('.')[1]]}\n"
        for change in messages.CHANGES:
            yield from _change(change)
        for finding in messages.FINDINGS:
            yield from _finding(finding)
    yield "## The automation itself\n"
    yield from _finding(WORKFLOW_FAILED)
    yield "## Several together\n"
    for name in COMBINED:
        yield from _mail(name)


def _by_severity() -> Iterator[str]:
    yield "| severity | what it means | kinds |"
    yield "|---|---|---|"
    for severity, meaning in _MEANINGS.items():
        kinds = [each.kind for each in CATALOG.values() if each.severity == severity]
        done = [each.kind for each in CHANGES] if severity == "info" else []
        more = ", and whatever is over" if severity == "info" else ""
        named = ", ".join(f"`{each}`" for each in done + kinds)
        yield f"| {severity} | {meaning} | {named}{more} |"
    yield "\nWho begins to listen gets one digest, `Welcome`, as urgent as what it holds."
    yield "Once a week there is a letter, `WeeklyLetter` ([costs](costs.md#the-weekly-letter)).\n"


def _change(of: ChangeDefinition) -> Iterator[str]:
    yield f"### {of.kind}\n"
    yield f"Completed change. On the bus: {', '.join(of.on_the_bus)}.\n"
    yield from _mail(of.kind)


def _finding(of: FindingDefinition) -> Iterator[str]:
    again = [*of.news, *(["the API action"] if of.by_error else [])]
    yield f"### {of.kind}\n"
    yield f"- Finding, *{of.severity}*. About: {of.subject}."
    yield f"- Data: {of.data.removesuffix('.')}."
    yield f"- Told again when this changes: {', '.join(again).replace('?', '') or 'nothing'}."
    if of.ending:
        yield f"- Its end: {of.ending.headline}. {of.ending.why}\n"
    elif of.lasts:
        hours = round(of.lasts.total_seconds() / 3600)
        yield f"- No look can see its end: told again if it comes up after {hours} hours.\n"
    yield from _mail(of.kind)


def _mail(kind: str) -> Iterator[str]:
    """The first mail of a kind, without what stands below every one."""
    plain = MAILS / f"{kind}.txt"
    mail = plain if plain.exists() else min(MAILS.glob(f"{kind}-*.txt"), default=None)
    if mail is None:
        raise SystemExit(f"no example of {kind} in the emails.py of its folder under tests/unit")
    yield "```text"
    yield mail.read_text().rpartition("\n--\n")[0].rstrip()
    yield "```\n"


def new_mails() -> list[Path]:
    """Write the mails that no file holds yet, to be read before they are kept."""
    missing = [name for name in EMAILS if not (MAILS / f"{name}.txt").exists()]
    for name in missing:
        (MAILS / f"{name}.txt").write_text(email(name))
    return [MAILS / f"{name}.txt" for name in missing]


if __name__ == "__main__":
    sys.stdout.writelines(f"read {path}\n" for path in new_mails())
    PAGE.write_text(page())
