"""docs/policy.md: every key, from autopilot.yaml's comments and the parser's answers: `make docs`.

What a key means and what it is when it is left out stands in the shipped file, which a test holds
to the defaults. What it takes, the parser itself says when it is given something else.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from infra.policy.interfaces import PROFILE
from infra.policy.keys import KEYS
from infra.policy_file import Configuration, PolicyMistakes, load

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "policy.md"
SHIPPED = ROOT / "autopilot.yaml"
PROFILES = "interface_endpoints"
#: What no key takes.
WRONG = "?!"
_KEYED = re.compile(r"^( *)(# )?(?:- )?([a-z_]+):(?: (.*))?$")
_HEAD = """\
# The policy, key by key

Made by `make docs` from [`autopilot.yaml`](../autopilot.yaml), whose comments explain every key
where you edit it, and from the parser. Don't edit it here.

One YAML file holds all that the automation shall do in an account and Region. Every key may be left
out. The policy is compiled into the functions when you deploy: there is no look-up at run time and
no second source of truth. `./autopilot plan --policy other.yaml` says what a changed file would
change, before you deploy it.

**Mistakes.** A deployment reads the whole file first and names every mistake at once, as
`file:line: what is wrong; what would be right`, before anything changes. Below stands what it
answers to the value `{wrong}`, and so what each key takes. What has no effect, or hardly the one
that was meant, is a warning. An unknown key is a mistake, and the nearest one is named:

```text
{unknown}
```

**Tags** are read one way wherever the file names some: in a value `*` stands for any text, `?` for
one character, everything else for itself; case counts; keys are literal. Earlier versions read some
places otherwise: a file that would mean something else now isn't deployed until it says
`tag_values: patterns`, and the line and its new meaning are named
([decision 0016](decisions/0016-one-matcher-for-tags.md)).
"""


@dataclass(frozen=True)
class Entry:
    """What the shipped file says of a key: comment lines, and its value or an example of one."""

    comment: tuple[str, ...]
    value: str
    is_example: bool


def page() -> str:
    """The whole page."""
    said = entries()
    lines = [_HEAD.format(wrong=WRONG, unknown=_answers({"mod": "audit"})[0])]
    for key in KEYS["the policy"]:
        lines += _section(key, said)
    return "\n".join(lines).rstrip() + "\n"


def _section(key: str, said: Mapping[str, Entry]) -> Iterator[str]:
    yield f"## `{key}`\n"
    yield from _key(key, said)
    for inner in _inner(key):
        full = f"{key}.{inner}"
        if full in said:
            yield f"### `{full}`\n"
        yield from _key(full, said)
        for deeper in KEYS.get(full, ()):
            yield from _key(f"{full}.{deeper}", said)


def _inner(key: str) -> Sequence[str]:
    return PROFILE if key == PROFILES else KEYS.get(key, ())


def _key(full: str, said: Mapping[str, Entry]) -> Iterator[str]:
    """A key of the file's with all it says; one within another's braces with its answer alone."""
    entry = said.get(full)
    if entry:
        if entry.value:
            is_default = not entry.is_example or _changes_nothing(full, entry.value)
            yield f"{'Default' if is_default else 'For example'}: `{entry.value}`.\n"
        yield from _prose(entry.comment)
    name = "" if entry else f" of `{full}`"
    for answer in _refusals(full):
        fence = "``" if "`" in answer else "`"
        yield f"- A mistake{name}: {fence}{answer}{fence}\n"


def entries() -> dict[str, Entry]:
    """What the shipped file says of each of its keys, those in its examples included."""
    found: dict[str, Entry] = {}
    comment: list[str] = []
    section = ""
    for line, after in pairwise([*_lines(), ""]):
        keyed = _KEYED.match(line)
        key = keyed and _full(section, len(keyed[1]), keyed[3])
        if not line.strip():
            comment = []
        elif not keyed or not key:
            comment.append(line.strip().removeprefix("#").removeprefix(" "))
        else:
            value, _, beside = (keyed[4] or _first(after)).partition("  # ")
            is_example = bool(keyed[2]) or key.startswith(f"{PROFILES}.")
            found[key] = Entry((*comment, beside.strip()), value.strip(), is_example)
            comment = []
            section = keyed[3] if not keyed[1] else section
    return found


def _first(line: str) -> str:
    """A list by its first entry, which stands on the line below its key."""
    return f"[{line.strip()[2:]}]" if line.strip().startswith("- ") else ""


def _lines() -> Iterator[str]:
    """The file's lines, its example of a profile as if it were none."""
    example = False
    for line in SHIPPED.read_text().splitlines():
        example = line.startswith(PROFILES) or (example and line.startswith("#"))
        inner = re.match(r"^#( {3}(?:- |  ).*| *$)", line)
        yield inner[1] if example and inner else line


def _full(section: str, indent: int, key: str) -> str:
    """A key's name with its section; "" for a word before a colon that is none."""
    if not indent:
        return key if key in KEYS["the policy"] else ""
    return f"{section}.{key}" if key in _inner(section) else ""


def _prose(comment: Sequence[str]) -> Iterator[str]:
    """Paragraphs, and lists where the file has indented words with what they mean."""
    paragraph: list[str] = []
    for line in comment:
        item = re.match(r"^ {2}(\S+) {2,}(.+)$", line) or re.match(r"^ {2}(\S.*?) {3,}(.+)$", line)
        begins = item or not line or (paragraph[:1] == ["-"] and not line.startswith("  "))
        if begins:
            yield from _joined(paragraph)
            paragraph = []
        inside = paragraph[:1] == ["-"]
        if item:
            paragraph = ["-", f"`{item[1]}`:", _words(item[2], within=False)]
        else:
            paragraph.append(_words(line.strip()) if inside else line.strip())
    yield from _joined(paragraph)


def _words(line: str, *, within: bool = True) -> str:
    """A line of an item in which a value stands with what it means, or one without."""
    inner = re.match(r"^(\S+) {2,}(.+)$", line)
    more = "; " if within else ""
    if within and re.fullmatch(r"[a-z_]+", line):
        return f"; `{line}`"
    return f"{more}`{inner[1]}`: {inner[2]}" if inner else line


def _joined(paragraph: Sequence[str]) -> Iterator[str]:
    if text := " ".join(filter(None, paragraph)):
        yield text.replace("<so>", "`<so>`").replace(" ; ", "; ") + "\n"


def _changes_nothing(full: str, value: str) -> bool:
    """Whether a profile means the same with an example as without it."""
    if not full.startswith(f"{PROFILES}."):
        return False
    path, given = full.split("."), yaml.safe_load(value)
    return _read(_nested(path, given)) == _read(_nested([PROFILES, "name"], "a"))


def _refusals(full: str) -> list[str]:
    """What the parser says to a wrong value of a key, and to a wrong entry of its list."""
    key = full.rpartition(".")[2]
    answers = [each for each in _answers(_nested(full.split("."), WRONG)) if key in each]
    refused = [each for each in answers[:1] if "write its keys below it" not in each]
    if refused and "make it a list" in refused[0]:
        entry = _answers(_nested(full.split("."), [WRONG]))
        refused += [each for each in entry if " is missing" not in each][:1]
    return refused


def _nested(path: Sequence[str], value: object) -> dict[str, Any]:
    """A policy with a value at a path, and what else must be there."""
    if path[0] == PROFILES and len(path) > 1:
        profile = {"name": "a", "vpcs": {"tags": {"a": "b"}}, "services": ["logs"]}
        return {PROFILES: [{**profile, path[1]: value}]}
    for key in reversed(path):
        value = {key: value}
    return dict(value) if isinstance(value, dict) else {}


def _answers(policy: Mapping[str, Any]) -> list[str]:
    """The mistakes that the parser finds in a file, without its name and lines."""
    found = _read(policy)
    if isinstance(found, Configuration):
        return []
    return [re.sub(r"^.*?:\d+: ", "", str(each)) for each in found.mistakes]


def _read(policy: Mapping[str, Any]) -> Configuration | PolicyMistakes:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "autopilot.yaml"
        file.write_text(yaml.safe_dump(dict(policy)))
        try:
            return load(file)
        except PolicyMistakes as mistakes:
            return mistakes


def main() -> int:
    """Write the page."""
    PAGE.write_text(page())
    return 0


if __name__ == "__main__":
    sys.exit(main())
