"""What the documents name is there: files, folders, modules, and what links lead to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hygiene import tracked
from tests.paths import handlers, walk_of

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
    r"build/|cdk\.out|node_modules|\.venv|other\.yaml|fleet\.yaml|policy\.json|names/$|_names\.py|functions/names"
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
    for quoted in QUOTED.findall(text):
        word = quoted.partition("::")[0]  # a test in a file
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


def test_the_manuals_index_leads_to_each_page_once() -> None:
    linked = LINK.findall((ROOT / "docs/README.md").read_text())
    pages = {path.name for path in DOCUMENTS if path.parts[:-1] == ("docs",)} - {"README.md"}
    assert sorted(to for to in linked if to in pages) == sorted(pages)


def test_a_file_that_is_gone_is_seen() -> None:
    text = "`gateway/{planning,gone}.py`, `tests/gone`, `autopilot.policy.gone`, `gone.md`, `a/b`"
    assert [word for word in named(text) if not is_there(word, Path("README.md"))] == [
        "gateway/gone.py",
        "tests/gone",
        "autopilot.policy.gone",
        "gone.md",
    ]


def rows() -> Iterator[list[str]]:
    """The cells of the table in docs/architecture.md that says which function uses what of aws/."""
    text = (ROOT / "docs/architecture.md").read_text()
    table = text.partition("| Workflow | decides in | looks | acts |\n")[2].partition("\n\n")[0]
    for line in table.splitlines()[1:]:
        yield line.strip("|").split("|")


def words(*cells: str) -> list[str]:
    return [word for cell in cells for word in re.findall(r"`(\w+)`", cell)]


def test_the_table_names_each_function_and_each_module_of_aws_and_nothing_else() -> None:
    every = [word for row in rows() for word in words(*row)]
    functions = handlers()
    assert sorted(word for word in every if word in functions) == functions
    adapters = {path.stem for path in (ROOT / "functions/autopilot/aws").glob("[!_]*.py")}
    assert set(every) - set(functions) == adapters


@pytest.mark.parametrize("row", list(rows()), ids=lambda row: row[0].strip() or row[2].strip())
def test_a_row_of_the_table_names_what_its_functions_enter(row: list[str]) -> None:
    if "command line" in row[0]:
        pytest.skip("no function: it has no path")
    every = words(*row)
    mine = [word for word in every if word in handlers()] or handlers()
    entered = {name for each in mine for name in walk_of(each).entered()}
    assert [w for w in every if w not in mine and f"autopilot.aws.{w}" not in entered] == []


# What changes something at AWS; the ledger is memory, and looking may note what it saw.
CHANGES = re.compile(
    r"\b(Accept|AddTags|Authorize|Create|Delete|Modify|Put|Reject|Revoke)[A-Z]\w+\b|\bStartVpc"
)


def test_what_the_table_says_to_look_changes_nothing() -> None:
    looking = {word for _, _, looks, _ in rows() for word in words(looks)} - set(handlers())
    texts = {
        word: (ROOT / f"functions/autopilot/aws/{word}.py").read_text()
        for word in looking - {"step", "settings", "clients", "pages", "errors", "ledger"}
    }
    assert {word: found[0] for word, text in texts.items() if (found := CHANGES.search(text))} == {}
