"""House rules that no linter knows; `make check` runs it, one line for each breach."""

from __future__ import annotations

import ast
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

LONGEST_FUNCTION = 30
LONGEST_MODULE = 250
# Put together from pieces so that this file doesn't break its own rule.
REGISTRY_HOSTS = re.compile(
    "|".join(
        re.escape(".".join(parts))
        for parts in (
            ("pypi", "org"),
            ("files", "pythonhosted", "org"),
            ("registry", "npmjs", "org"),
            ("deb", "debian", "org"),
        )
    )
)
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:work|root|home|farm)/\w")
UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X|Not" r"ImplementedError)\b")
# Phrases that read as translated. What mails say is pinned word for word in tests/unit/messages.
TRANSLATED = re.compile(
    r"\b(?:of ours|likewise|(?:comes?|came) to rest|lack(?:s|ed|ing)?|(?-i:as in [A-Z`])|twins?)\b",
    re.IGNORECASE,
)
BARE_IGNORE = re.compile(r"#\s*(?:type: ignore\[[^\]]*\]|noqa: [A-Z0-9, ]+)\s*$")


def tracked() -> list[Path]:
    """The files git tracks, or would track once added."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for path in map(Path, listing.stdout.splitlines()) if path.is_file()]


def breaches_in_text(path: Path, text: str) -> Iterator[str]:
    """What no committed text may hold, as `path:line: what`."""
    rules = [
        (REGISTRY_HOSTS, "names a package registry's host"),
        (MACHINE_PATHS, "bears a path of somebody's machine"),
    ]
    if path.suffix == ".py":
        rules += [(UNFINISHED, "unfinished mark"), (BARE_IGNORE, "an ignore without its reason")]
    for number, line in enumerate(text.splitlines(), 1):
        for pattern, what in rules:
            if pattern.search(line):
                yield f"{path}:{number}: {what}"


def breaches_in_code(path: Path, text: str) -> Iterator[str]:
    """Modules and functions that are too long; tests may be."""
    if path.parts[0] == "tests":
        return
    lines = text.count("\n")
    if lines > LONGEST_MODULE:
        yield f"{path}: {lines} lines; a module has at most {LONGEST_MODULE}"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield (
                    f"{path}:{node.lineno}: {node.name} has {length} lines; "
                    f"at most {LONGEST_FUNCTION}"
                )


def breaches_in_prose(path: Path, text: str) -> Iterator[str]:
    """Phrases in comments, docstrings and documents that a reader stumbles over.

    Decisions are dated and not rewritten; the page of notices quotes the mails. Texts and data that
    tests compare with (.txt, .json) are quotations, too.
    """
    if path.parts[:2] == ("docs", "decisions") or path.name in ("notices.md", "LICENSE"):
        return
    if path.suffix in (".txt", ".json") and path.parts[0] != "statemachines":
        return
    for number, line in _prose(text) if path.suffix == ".py" else enumerate(text.splitlines(), 1):
        if found := TRANSLATED.search(line):
            yield f"{path}:{number}: say it plainly: {found[0]}"


def _prose(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a module's comments and docstrings, with their numbers."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield from enumerate(str(node.value.value).splitlines(), node.lineno)


def breaches_in_locks() -> Iterator[str]:
    """Requirements without a hash, package locks with a download address."""
    for path in sorted(Path("requirements").glob("*.txt")):
        blocks = re.split(r"\n(?=\S)", path.read_text())
        for block in blocks:
            if "==" in block.split("\n", 1)[0] and "--hash=sha256:" not in block:
                yield f"{path}: no hash for {block.splitlines()[0]}"
    if '"resolved"' in Path("package-lock.json").read_text():
        yield "package-lock.json: holds download addresses; `make lock` leaves them out"


def breaches() -> Iterator[str]:
    """Every breach in the tree."""
    for path in tracked():
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        yield from breaches_in_text(path, text)
        yield from breaches_in_prose(path, text)
        if path.suffix == ".py":
            yield from breaches_in_code(path, text)
    yield from breaches_in_locks()


def main() -> int:
    """Print the breaches; 1 if there are any."""
    found = list(breaches())
    for breach in found:
        print(breach, file=sys.stderr)
    print("house rules: " + (f"{len(found)} breaches" if found else "kept"))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
