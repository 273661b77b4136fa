"""Turns of phrase and commands that notices share."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Sequence

from autopilot.core.notice import Place, Step

MOST_NAMED = 10
MOST_COMMANDS = 3
_LONGEST_TITLE = 99
_LONGEST_QUOTE = 600


def title(text: str) -> str:
    """`text` as a title: printable ASCII, one line, under 100 characters (SNS's Subject)."""
    plain = "".join(c if " " <= c <= "~" else " " for c in text)
    line = " ".join(plain.split()) or "News"
    return line if len(line) <= _LONGEST_TITLE else line[: _LONGEST_TITLE - 3].rstrip() + "..."


def counted(number: int, thing: str) -> str:
    """ "1 route table", "2 route tables", "3 policies"."""
    if number == 1:
        return f"1 {thing}"
    return f"{number} {thing[:-1]}ies" if thing.endswith("y") else f"{number} {thing}s"


def listed(names: Iterable[str], most: int = MOST_NAMED) -> str:
    """ "a, b and 3 more"."""
    named = list(names)
    if len(named) <= most:
        return ", ".join(named)
    return f"{', '.join(named[:most])} and {len(named) - most} more"


def where(subjects: Sequence[str]) -> str:
    """The one VPC that item ids ("vpc-1/s3") lie in, or how many there are."""
    vpcs = dict.fromkeys(subject.split("/")[0] for subject in subjects)
    return next(iter(vpcs)) if len(vpcs) == 1 else f"{len(vpcs)} VPCs"


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
    return f"{line[:1].upper()}{line[1:]}{'' if line.endswith(('.', '!', '?')) else '.'}"


def moment(iso: object) -> str:
    """An ISO instant for people: "2026-11-28 01:00 UTC"."""
    words = str(iso)
    zone = words[19:] or "UTC"
    return f"{words[:16].replace('T', ' ')} {'UTC' if zone in ('+00:00', 'Z') else zone}"


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
    """How to start the workflow now, for the VPCs of `subjects`, or for all."""
    vpcs = sorted({s.split("/")[0] for s in subjects if s.startswith("vpc-")})
    scope = {"vpc_ids": vpcs} if vpcs and len(vpcs) <= MOST_NAMED else "all"
    text = "The next sweep tries again by itself. To try at once:"
    if not place.workflow:
        return Step("The next sweep tries again by itself.")
    return Step(
        text,
        command(
            place,
            f"stepfunctions start-execution --state-machine-arn {place.workflow} --input",
            json.dumps({"trigger": "person", "scope": scope}),
        ),
    )
