"""The house rules see what they must see."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hygiene import breaches_in_code, breaches_in_prose, breaches_in_text
from tests.side_by_side import LONGEST, TOGETHER

ROOT = Path(__file__).parents[2]
HOST = ".".join(("pypi", "org"))
HOME = "/" + "home/me/x"
MARK = "TO" + "DO"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.md", f"see https://{HOST}/simple", "a.md:1: names a package registry's host"),
        ("a.sh", f"\ncat {HOME}", "a.sh:2: bears a path of somebody's machine"),
        ("a.py", f"x = 1  # {MARK} later", "a.py:1: unfinished mark"),
        ("a.py", "x = y  # type" + ": ignore[misc]", "a.py:1: an ignore without its reason"),
    ],
)
def test_names_the_place_and_the_breach(name: str, text: str, said: str) -> None:
    assert list(breaches_in_text(Path(name), text)) == [said]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.md", "see https://docs.aws.amazon.com"),
        ("a.md", f"{MARK} in prose is prose"),
        ("a.py", "x = y  # type" + ": ignore[misc] the stubs are wrong"),
        ("a.py", "path = '/var/task/models'"),
    ],
)
def test_lets_good_text_pass(name: str, text: str) -> None:
    assert not list(breaches_in_text(Path(name), text))


def test_counts_lines_of_functions_and_modules_but_not_of_tests() -> None:
    long_function = "def f():\n" + "    x = 1\n" * 30
    long_module = "x = 1\n" * 251
    assert list(breaches_in_code(Path("a.py"), long_function)) == [
        "a.py:1: f has 31 lines; at most 30"
    ]
    assert list(breaches_in_code(Path("a.py"), long_module)) == [
        "a.py: 251 lines; a module has at most 250"
    ]
    assert not list(breaches_in_code(Path("tests/a.py"), long_function + long_module))


def test_files_that_run_together_are_there() -> None:
    for group, names in TOGETHER.items():
        assert [name for name in names if not (ROOT / group / name).is_file()] == []


def test_what_runs_first_is_there() -> None:
    grouped = {group + name for group, names in TOGETHER.items() for name in names}
    for unit in LONGEST:
        assert unit in TOGETHER or (ROOT / unit).is_file(), unit
        assert unit not in grouped, f"{unit} runs with its group"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (
            "functions/a.py",
            '"""One of ours."""\n',
            "functions/a.py:1: say it plainly: of ours",
        ),
        ("functions/a.py", "x = 1\n# likewise\n", "functions/a.py:2: say it plainly: likewise"),
        ("docs/a.md", "It\ncomes to rest.", "docs/a.md:2: say it plainly: comes to rest"),
        ("tests/a.py", "# as in `b`\n", "tests/a.py:1: say it plainly: as in `"),
        ("lab/README.md", "It lacks that.", "lab/README.md:1: say it plainly: lacks"),
        ("Makefile", "a: # likewise", "Makefile:1: say it plainly: likewise"),
        ("statemachines/a.asl.json", '"twin"', "statemachines/a.asl.json:1: say it plainly: twin"),
    ],
)
def test_prose_that_reads_as_translated_is_named(name: str, text: str, said: str) -> None:
    assert list(breaches_in_prose(Path(name), text)) == [said]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("functions/a.py", 'WORDS = "1 endpoint of ours lacks a route"\n'),  # a mail's words
        ("docs/decisions/0001-a.md", "likewise"),
        ("docs/notices.md", "1 endpoint of ours"),
        ("tests/unit/messages/A.txt", "1 endpoint of ours"),
        ("tests/a.py", "# once, as in a quiet world\n"),
    ],
)
def test_mails_decisions_and_plain_words_stay(name: str, text: str) -> None:
    assert not list(breaches_in_prose(Path(name), text))
