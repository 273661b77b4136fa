"""The tables of behaviours name tests that exist and that ask a running lab, and mark each row."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

HERE = Path(__file__).parent
LAB = HERE.parents[1] / "lab"


def rows(table: Path, heading: str) -> list[list[str]]:
    """The rows of each table whose first column has this heading."""
    text, found = table.read_text(encoding="utf-8"), list[list[str]]()
    for block in text.split("\n\n"):
        lines = [line for line in block.splitlines() if line.startswith("|")]
        if lines and lines[0].startswith(f"| {heading} |"):
            found += [line.split("|")[1:-1] for line in lines[2:]]
    return found


BEHAVIOURS = rows(LAB / "ec2" / "BEHAVIOURS.md", "What")
DASHBOARDS = rows(LAB / "dashboard" / "BEHAVIOURS.md", "What")
STACK_SETS = rows(LAB / "stacksets" / "BEHAVIOURS.md", "What")
LARGE = rows(LAB / "README.md", "Behaviour")


@dataclass(frozen=True)
class Written:
    """What stands in a module: what each function or class takes and calls, and the imports."""

    uses: dict[str, set[str]]
    imports: set[str]


@cache
def written(path: Path) -> Written:
    """Read a module without importing it; nothing if there is none."""
    body = ast.parse(path.read_text(encoding="utf-8")).body if path.is_file() else []
    imports = {each.module or "" for each in body if isinstance(each, ast.ImportFrom)}
    imports |= {name.name for each in body if isinstance(each, ast.Import) for name in each.names}
    named = [each for each in body if isinstance(each, ast.FunctionDef | ast.ClassDef)]
    return Written({each.name: set(_used(each)) for each in named}, imports)


def _used(node: ast.AST) -> list[str]:
    """The function's arguments (fixtures), and what is called in it, as `name` or `Name.name`."""
    called = [part.func for part in ast.walk(node) if isinstance(part, ast.Call)]
    arguments = node.args.args if isinstance(node, ast.FunctionDef) else []
    return [*(each.arg for each in arguments), *(ast.unparse(each) for each in called)]


def asks_a_running_lab(path: Path, test: str) -> bool:
    """Whether a test, through its fixtures and helpers, comes to start a lab."""
    known = written(path.parent.parent / "conftest.py").uses
    known = {**known, **written(path.parent / "conftest.py").uses, **written(path).uses}
    seen, ahead = set[str](), [test]
    while ahead:
        name = ahead.pop()
        ahead += known.get(name, set()) - seen
        seen |= {name, *known.get(name, ())}
    return "Lab.start" in seen


def all_tests(folder: Path) -> dict[str, Path]:
    return {
        name: path
        for path in sorted(folder.glob("test_*.py"))
        for name in written(path).uses
        if name.startswith("test_")
    }


def in_process(path: Path) -> bool:
    """Whether a module reaches into the lab's EC2 rather than asking it."""
    return any(name.startswith("lab.ec2") for name in written(path).imports)


@pytest.mark.parametrize("row", BEHAVIOURS, ids=lambda row: row[0].strip()[:60])
def test_each_behaviour_of_ec2_has_a_mark_and_tests_that_ask_a_running_lab(row: list[str]) -> None:
    known = all_tests(HERE / "ec2")
    _, source, tests = row
    named = set(re.findall(r"`(test_\w+)`", tests))
    assert named
    assert named <= known.keys(), named - known.keys()
    assert [each for each in named if not asks_a_running_lab(known[each], each)] == []
    assert [each for each in named if in_process(known[each])] == []
    assert re.match(r" [VBI]\b", source)


@pytest.mark.parametrize("row", DASHBOARDS, ids=lambda row: row[0].strip()[:60])
def test_each_behaviour_of_dashboards_has_a_mark_and_tests(row: list[str]) -> None:
    _, source, tests = row
    named = re.findall(r"`(test_\w+)`", tests)
    known = [HERE / "test_dashboard.py", HERE.parent / "browser" / "test_dashboard.py"]
    there = {name for path in known for name in written(path).uses}
    assert named
    assert set(named) <= there, set(named) - there
    assert re.match(r" [VBI]\b", source)


@pytest.mark.parametrize("row", STACK_SETS, ids=lambda row: row[0].strip()[:60])
def test_each_behaviour_of_stack_sets_has_a_mark_and_tests(row: list[str]) -> None:
    known = all_tests(HERE / "stacksets")
    _, source, tests = row
    named = set(re.findall(r"`(test_\w+)`", tests))
    assert named
    assert named <= known.keys(), named - known.keys()
    assert any(asks_a_running_lab(known[each], each) for each in named)
    assert re.match(r" [VBI]\b", source)


def found_by(cell: str) -> list[tuple[Path, str]]:
    """The tests that a cell of the lab's own table means: by a file, or by a part of the name."""
    found: list[tuple[Path, str]] = []
    for part in re.split(r"[,:] ?", cell.strip()):
        if part.startswith("`"):
            path = HERE.parent / part.strip("`") if "/" in part else HERE / part.strip("`")
            path = path.with_suffix(".py")
            assert path.is_file(), path
            found += [(path, name) for name in written(path).uses if name.startswith("test_")]
        else:
            known = {**all_tests(HERE), **all_tests(HERE.parent / "end_to_end")}
            meant = [(path, name) for name, path in known.items() if part in name]
            assert meant, part
            found += meant
    return found


@pytest.mark.parametrize("row", LARGE, ids=lambda row: row[0].strip()[:60])
def test_each_behaviour_of_the_lab_has_a_test_that_asks_a_running_one(row: list[str]) -> None:
    _, _, tests = row
    # A part of a name says more than the file beside it, which may hold unit tests as well.
    parts = [part for part in re.split(r"[,:] ?", tests.strip()) if not part.startswith("`")]
    meant = found_by(", ".join(parts)) if parts else found_by(tests)
    assert found_by(tests)
    assert any(asks_a_running_lab(*each) for each in meant)


def test_the_tables_are_read_whole() -> None:
    assert len(BEHAVIOURS) > 140
    assert len(DASHBOARDS) > 25
    assert len(STACK_SETS) > 35
    assert len(LARGE) > 20


def test_a_test_in_process_does_not_count() -> None:
    assert not asks_a_running_lab(HERE / "test_metrics.py", "test_an_alarm_without_data")
    units = HERE / "ec2" / "test_models.py"
    assert in_process(units)
    assert not any(asks_a_running_lab(units, name) for name in written(units).uses)
