"""Who imports whom, where import-linter doesn't look: functions, tests, imports for types only."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from autopilot.notify.finding import FindingDefinition

from tests.house import ROOT, Graph, circles, graph, reached
from tests.kinds import MESSAGES

HANDLERS = frozenset(path.stem for path in (ROOT / "functions").glob("*.py"))
WORKFLOWS = tuple(
    f"autopilot.{path.parent.name}."
    for path in (ROOT / "functions" / "autopilot").glob("*/messages.py")
)
# Stories on what ops hear run `record` itself, with a memory in place of AWS.
RECORDING = ("tests.unit.notify.account → ", "→ autopilot.aws.errors")
# "autopilot.foreseen.network → plan_network"
FORESEEING = re.compile(r"autopilot\.foreseen\.\w+ → plan_\w+(\.\w+)?\Z")


@cache
def house() -> Graph:
    folders = ("infra", "lab", "demo", "bench", "tests")
    return graph(ROOT / "functions", *(ROOT / name for name in folders))


def importing(whom: str, what: tuple[str, ...]) -> list[str]:
    """The imports of `what`, modules or packages, by modules of a package, as `a → b`."""
    return [
        f"{name} → {other}"
        for name, others in sorted(house().items())
        if f"{name}.".startswith(f"{whom}.")
        for other in sorted(others)
        if f"{other}.".startswith(tuple(f"{each}." for each in what))
    ]


def test_no_module_imports_itself_by_way_of_others() -> None:
    assert circles(house()) == []


def test_the_root_of_the_functions_modules_holds_two_files_at_most() -> None:
    root = ROOT / "functions" / "autopilot"
    assert len([path for path in root.glob("*.py") if path.name != "__init__.py"]) <= 2


@pytest.mark.parametrize("whom", ["autopilot", "infra", "lab", "demo", *sorted(HANDLERS)])
def test_nobody_imports_a_function(whom: str) -> None:
    """Nobody but what foresees, whose plan is that of the planning functions."""
    found = importing(whom, tuple(HANDLERS - {whom}))
    assert [each for each in found if not FORESEEING.match(each)] == []


def test_intake_starts_without_what_decides() -> None:
    known = reached("intake", house())
    readers = {name for name in known if name.startswith(WORKFLOWS)}
    assert readers
    assert [name for name in readers if not name.endswith((".events", ".calls"))] == []


def test_unit_tests_need_neither_lab_nor_adapters() -> None:
    found = importing("tests.unit", ("lab", "demo", "infra", "autopilot.aws"))
    assert [each for each in found if not any(part in each for part in RECORDING)] == []


def test_no_test_imports_another_test() -> None:
    found = importing("tests", ("tests",))
    assert [each for each in found if ".test_" in each.partition(" → ")[2]] == []


def test_a_circle_is_named_also_one_of_types_only(tmp_path: Path) -> None:
    files = {
        "a/one.py": "def f() -> None:\n    from a import two\n",
        "a/two.py": "from a.three import x\n",
        "a/three.py": "if TYPE_CHECKING:\n    from .one import f\n",
        "a/four.py": "import a.one\n",
        "a/__init__.py": "",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert circles(graph(tmp_path)) == ["a.one → a.two → a.three → a.one"]


def test_every_kind_of_finding_is_raised_by_somebody() -> None:
    idle = []
    for messages in MESSAGES:
        text = "".join(
            path.read_text() for path in Path(str(messages.__file__)).parent.glob("*.py")
        )
        for name, each in vars(messages).items():
            if isinstance(each, FindingDefinition) and len(re.findall(rf"\b{name}\b", text)) < 2:
                idle.append(each.kind)
    assert idle == []
