"""What the documents name is there: files, folders, modules, and what links lead to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hygiene import tracked

ROOT = Path(__file__).parents[2]
# Decisions are dated and not rewritten: they may name what was there then.
DOCUMENTS = sorted(
    path
    for path in tracked()
    if path.suffix == ".md" and path.parts[:2] not in (("docs", "decisions"), ("requirements",))
)
TOP = {path.parts[0] for path in tracked() if len(path.parts) > 1}
QUOTED = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
FILE = re.compile(r"[\w./{},-]*\.(?:py|json|yaml|md|txt|toml)")
MODULE = re.compile(r"autopilot(?:\.\w+)+")
# Made by a command, or named in an example, such as the workflow that CONTRIBUTING adds.
NOT_THERE = re.compile(
    r"build/|cdk\.out|node_modules|\.venv|other\.yaml|policy\.json|names/$|_names\.py|functions/names"
)


def spread(word: str) -> Iterator[str]:
    """A word with `{a,b}` in it as the words that a shell makes of it."""
    if found := re.search(r"\{([^{}]*)\}", word):
        for each in found[1].split(","):
            yield from spread(word[: found.start()] + each.strip() + word[found.end() :])
    else:
        yield word


def named(text: str) -> Iterator[str]:
    """The files, folders and modules that a text has in backticks."""
    for word in QUOTED.findall(text):
        path = FILE.fullmatch(word) or (word.split("/")[0] in TOP and "/" in word)
        if (path or MODULE.fullmatch(word)) and not NOT_THERE.search(word):
            yield from spread(word)


def is_there(word: str, document: Path) -> bool:
    """Whether a path is there, seen from the root or from the document; a bare name, anywhere."""
    if MODULE.fullmatch(word) and not FILE.fullmatch(word):
        parts = word.split(".")
        folder = ROOT.joinpath("functions", *parts)
        above = ROOT.joinpath("functions", *parts[:-1]).with_suffix(".py")
        return folder.is_dir() or folder.with_suffix(".py").is_file() or above.is_file()
    if "/" not in word:
        return any(path.name == word for path in tracked())
    pattern = re.sub(r"<[\w -]+>", "*", word).rstrip("/")
    bases = (ROOT, ROOT / document.parent, ROOT / "functions" / "autopilot")
    return any(path for base in bases for path in base.glob(pattern))


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_file_that_a_document_names_is_there(document: Path) -> None:
    text = (ROOT / document).read_text()
    assert [word for word in named(text) if not is_there(word, document)] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_link_leads_somewhere(document: Path) -> None:
    text = (ROOT / document).read_text()
    missing = [to for to in LINK.findall(text) if not (ROOT / document.parent / to).exists()]
    assert missing == []


def test_a_file_that_is_gone_is_seen() -> None:
    text = "`gateway/{planning,gone}.py`, `tests/gone`, `autopilot.policy.gone`, `gone.md`, `a/b`"
    assert [word for word in named(text) if not is_there(word, Path("README.md"))] == [
        "gateway/gone.py",
        "tests/gone",
        "autopilot.policy.gone",
        "gone.md",
    ]
