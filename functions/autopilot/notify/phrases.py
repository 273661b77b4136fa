"""Turns of phrase and commands that notices share."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from autopilot.notify.names import Names, named
from autopilot.notify.notice import Place, Step

MOST_NAMED = 10
MOST_COMMANDS = 3
_LONGEST_TITLE = 99
_NAMES_IN_TITLES = (80, 40, 24, 12)
_LONGEST_QUOTE = 600
NOTHING = "nothing has to be done"
"""A step that says this says nothing else, and in which case: see `fine` and `fine_if`."""
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?")
_MOST_SENTENCES = 5
# "… not authorized to perform: A on … because no identity-based policy allows the B action": B is
# what is missing, where a call takes more than its own permission (aws-cdk #36216).
_ACTIONS = (
    r"allows the ([a-z0-9-]+:[A-Z][A-Za-z]+) action",
    r"not authorized to perform:? ([a-z0-9-]+:[A-Z][A-Za-z]+)",
    r"\b([a-z0-9-]+:[A-Z][A-Za-z]+)",
)


def title(text: str) -> str:
    """`text` as a title: printable ASCII, one line, under 100 characters (SNS's Subject)."""
    plain = "".join(c if " " <= c <= "~" else " " if c.isspace() else "?" for c in text)
    line = " ".join(plain.split()) or "News"
    return line if len(line) <= _LONGEST_TITLE else line[: _LONGEST_TITLE - 3].rstrip() + "..."


def in_title(words: str, names: Names, head: str = "") -> str:
    """A title with its names, which are cut until it fits, after `head`."""
    for longest in _NAMES_IN_TITLES:
        line = title(said := head + named(words, names, longest))
        if len(said) <= _LONGEST_TITLE:
            break
    return line


def counted(number: int, thing: str) -> str:
    """ "1 route table", "2 route tables", "3 policies", "4 days"."""
    if number == 1:
        return f"1 {thing}"
    ies = thing.endswith("y") and thing[-2:-1] not in "aeiou"
    return f"{number} {thing[:-1]}ies" if ies else f"{number} {thing}s"


def listed(names: Iterable[str], most: int = MOST_NAMED) -> str:
    """ "a, b and 3 more"."""
    named = list(names)
    if len(named) <= most:
        return ", ".join(named)
    return f"{', '.join(named[:most])} and {len(named) - most} more"


def conjoined(names: Iterable[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    *most, last = [*names] or [""]
    return f"{', '.join(most)} and {last}" if most else last


def first_few(sentences: Sequence[str], thing: str) -> tuple[str, ...]:
    """The first sentences and, where there are more than five, how many `thing`s more."""
    more = len(sentences) - _MOST_SENTENCES
    rest = [f"And {counted(more, f'more {thing}')}."] if more > 0 else []
    return (*sentences[:_MOST_SENTENCES], *rest)


def where(subjects: Sequence[str]) -> str:
    """The one VPC or service that subjects ("vpc-1/s3") lie in, or how many there are."""
    places = dict.fromkeys(subject.split("/")[0] for subject in subjects)
    if len(places) == 1:
        return next(iter(places))
    services = any(place.startswith("vpce-svc-") for place in places)
    return f"{len(places)} {'services' if services else 'VPCs'}"


def service_of(subject: str) -> str:
    """The service of an item's id: "s3" of "vpc-1/s3" and of "vpc-1/s3/vpce-2"."""
    return subject.partition("/")[2].partition("/")[0]


def quoted(words: str | None) -> str:
    """Somebody else's words as one sentence of a notice."""
    line = " ".join((words or "").split())
    cut = line if len(line) <= _LONGEST_QUOTE else line[:_LONGEST_QUOTE].rstrip() + "..."
    return f"The error reads: {cut}" if cut else "No error text came with it."


def sentence(words: str) -> str:
    """A reason as a sentence: "the VPC is new" becomes "The VPC is new."."""
    line = words.strip()
    first = line[:1] if line.startswith("arn:") else line[:1].upper()
    return f"{first}{line[1:]}{'' if line.endswith(('.', '!', '?')) else '.'}"


def action_in(message: str | None) -> str:
    """The API action that an error is about ("ec2:CreateVpcEndpoint"), or "".

    A call may need more than its own action (to create with tags takes ec2:CreateTags): what IAM
    says was not allowed comes before what the message begins with.
    """
    found = next(filter(None, (re.search(each, message or "") for each in _ACTIONS)), None)
    return found.group(1) if found else ""


def moment(iso: object) -> str:
    """An ISO instant for people: "2026-11-28 01:00 UTC", whatever zone and precision it has.

    One without a zone counts as UTC; what is no instant comes back as it is.
    """
    at = _instant(str(iso))
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else str(iso)


def instant(iso: str) -> str:
    """An ISO instant for programs: "2026-11-28T01:00:00+00:00"; any other text as it is."""
    at = _instant(iso) if _INSTANT.fullmatch(iso) else None
    return at.isoformat(timespec="seconds") if at else iso


def _instant(words: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(words)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


_LENGTHS = (("day", 86400), ("hour", 3600), ("minute", 60))


def span(seconds: float) -> str:
    """A time in its two largest units: "3 days", "1 hour 30 minutes", "40 seconds".

    What is less than those is left out, so a time of days is exact to the hour.
    """
    left, said = int(seconds), list[str]()
    for unit, length in _LENGTHS:
        count, rest = divmod(left, length)
        if count:
            said.append(counted(count, unit))
            left = rest
        elif said:
            break
    return " ".join(said[:2]) or counted(left, "second")


def fine_if(case: str) -> Step:
    """That only somebody who finds otherwise has something to do; `case`: "that is meant"."""
    return Step(f"If {case}, {NOTHING}.")


def fine(because: str = "") -> Step:
    """That nobody has anything to do; other steps of such a notice may only show something."""
    return Step(sentence(f"{NOTHING}{f': {because}' if because else ''}"))


def look_at(what: str, look: str) -> Step:
    """How to see for oneself: the command `look`."""
    return Step(f"To look at {what}:", look)


def command(place: Place, call: str, *words: str) -> str:
    """An AWS CLI command to paste into a shell, with the Region at its end.

    `call` is split at its spaces; `words` are taken as they are.
    """
    return " ".join(map(_shell, ["aws", *call.split(), *words, "--region", place.region]))


def _shell(word: str) -> str:
    """`word` for a POSIX shell; in double quotes where shlex would need a tangle of both."""
    if "'" in word and not set('"$`\\!') & set(word):
        return f'"{word}"'
    return shlex.quote(word)


def last_events(place: Place) -> str:
    """The command that shows how the execution ended."""
    return command(
        place,
        f"stepfunctions get-execution-history --execution-arn {place.execution}"
        " --reverse-order --max-items 20",
    )


def try_again(place: Place, subjects: Iterable[str] = ()) -> Step:
    """How to start the workflow now, for the VPCs or services of `subjects`, or for all."""
    if not place.workflow:
        return Step("The next sweep tries again by itself.")
    call = f"stepfunctions start-execution --state-machine-arn {place.workflow} --input"
    request = json.dumps({"trigger": "person", "scope": _scope(subjects)})
    return Step(
        "The next sweep tries again by itself. To try at once:", command(place, call, request)
    )


def _scope(subjects: Iterable[str]) -> str | dict[str, list[str]]:
    """What to look at, as the workflows take it: a few VPCs or services, or all."""
    ids = {subject.split("/")[0] for subject in subjects}
    for prefix, name in (("vpc-", "vpc_ids"), ("vpce-svc-", "service_ids")):
        named = sorted(each for each in ids if each.startswith(prefix))
        if 0 < len(named) <= MOST_NAMED:
            return {name: named}
    return "all"
