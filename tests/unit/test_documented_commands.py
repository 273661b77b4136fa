"""Every command that README, CONTRIBUTING and the manual tell people to type is run by a test.

Those of `./autopilot` and of the AWS CLI are found and run by tests that fill in what stands for an
id. The others are few: each is here with the test that runs it, or that runs what it does.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hygiene import tracked

ROOT = Path(__file__).parents[2]
FILES = (
    "README.md",
    "CONTRIBUTING.md",
    *(str(path) for path in sorted(tracked()) if path.match("docs/*.md")),
)
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
PROGRAMS = (
    r"(?:make|npx|npm|git|pip|uv|python3?|curl|cdk|docker|apt-get|aws|\./autopilot|\$EDITOR)(?= )"
    r"|[A-Z]+="
)
QUOTED = re.compile(r"`([^`\n]+)`")
TYPED = re.compile(rf"(?:{PROGRAMS})\S* .*(?<!…)$")
# By how a command begins: the test that finds each by itself, fills it in and runs it in the lab.
FOUND = {
    "./autopilot": "tests/end_to_end/test_cli.py::test_every_documented_command_runs",
    "aws": "tests/infra/test_commands.py::test_every_command_runs",
}
CI = "CI runs it (.ci/run), with nothing set up before"
# The rest: the test that runs it, or why none does.
COVERED = {
    "$EDITOR autopilot.yaml": "tests/end_to_end/test_retire.py::test_leaving_takes_what_is_ours",
    "POLICY=other.yaml npx cdk deploy": "tests/infra/test_app.py::test_mistakes_are_all_that",
    "git pull": "git's own",
    "make PYTHON=python3.13 setup": "test_make_knows_it; with the interpreter of the machine, CI",
    "make bench": "ten minutes of measuring; tests/unit and tests/lab hold what it measures with",
    "make check": CI,
    "python -m bench.fleet": "measuring; tests/infra/test_fleet_cost.py holds its limits",
    "make demo": "tests/end_to_end/test_demo.py::test_the_demo_ends_with_zero",
    "make demo WORLD=aws": "as long as AWS takes; tests/lab/ec2/test_world.py holds the pace",
    "make docs": "tests/infra/test_made_pages.py::test_the_page_of_permissions_is_made",
    "make fleet": "tests/end_to_end/test_fleet.py plays its chapters, for two accounts",
    "make format": "CI checks what it writes: `ruff format --check`",
    "make help": "test_make_help_lists_every_target",
    "make lab": "tests/lab/test_lifecycle.py::test_",
    "make lock": "needs uv and the registries; tests/hygiene.py holds its files",
    "make notices": "tests/unit/notify/test_wording.py::test_the_page_for_operators_is_made",
    "make pictures": "tests/end_to_end/test_demo.py::test_the_readmes_pictures",
    "make quick": CI,
    "make retire": "tests/end_to_end/test_cli.py::test_make_retire",
    "make setup": CI,
    "make test": CI,
    "npx cdk deploy": "tests/end_to_end/test_demo.py::test_the_demo_ends_with_zero",
    "npx cdk deploy -c policy=other.yaml": "tests/infra/test_app.py::test_cdk_synth_fails",
    "npx cdk bootstrap": "the CDK's own; the first lab of a run that deploys does it",
    "npx cdk deploy EndpointAutopilot": (
        "tests/infra/test_hub.py::test_an_account_deployed_by_hand"
    ),
    "npx cdk deploy EndpointAutopilotHub": ("tests/infra/test_hub.py::test_one_wave_waits"),
    "npx cdk deploy EndpointAutopilotHub --parameters Release=0123456789abcdef": (
        "tests/infra/test_hub.py::test_going_back_is_one_parameter"
    ),
    "npx cdk deploy EndpointAutopilotHub --parameters Release=latest": (
        "tests/adapters/test_releases.py::test_what_would_reach_nobody"
    ),
    "npx cdk destroy EndpointAutopilotHub": (
        "tests/lab/stacksets/test_resource.py::test_it_is_made_changed_and_deleted_with_its_instances"
    ),
    "npx cdk destroy": "tests/end_to_end/test_last_day.py::test_destroy_ends_by_itself",
    "python -m tests.paths plan_network --steps": "tests/unit/test_paths.py::test_",
}


def commands(file: str) -> Iterator[str]:
    """The commands in a document: lines of its console blocks, and code that begins as one does."""
    text = (ROOT / file).read_text(encoding="utf-8")
    for language, block in BLOCK.findall(text):
        if language == "console":
            lines = block.replace("\\\n", " ").splitlines()
            yield from filter(None, (re.split(r" {2,}#", line)[0].strip() for line in lines))
    yield from filter(TYPED.match, QUOTED.findall(BLOCK.sub("", text)))


@pytest.mark.parametrize("file", FILES)
def test_every_command_is_covered(file: str) -> None:
    new = {
        command
        for command in commands(file)
        if command.split()[0] not in FOUND and command not in COVERED
    }
    assert new == set(), "run it in a test, and name that in COVERED"


def test_what_is_covered_is_documented() -> None:
    typed = {command for file in FILES for command in commands(file)}
    assert {command for command in COVERED if command not in typed} == set()
    assert {command.split()[0] for command in typed} >= set(FOUND)


@pytest.mark.parametrize("test", [*FOUND.values(), *COVERED.values()])
def test_the_test_that_runs_it_is_there(test: str) -> None:
    file, _, name = test.partition("::")
    if name:
        assert f"def {name}" in (ROOT / file).read_text(encoding="utf-8")


@pytest.mark.parametrize("file", FILES)
def test_a_command_in_a_block_stands_where_it_is_found(file: str) -> None:
    blocks = BLOCK.findall((ROOT / file).read_text(encoding="utf-8"))
    typed = re.compile(rf"^\$? ?(?:{PROGRAMS})", re.MULTILINE)
    others = [block for language, block in blocks if language not in ("console", "text", "yaml")]
    assert [found[0] for block in others if (found := typed.search(block))] == []


def targets() -> set[str]:
    return {command.split()[-1] for command in COVERED if command.startswith("make ")}


@pytest.mark.parametrize("command", [each for each in COVERED if each.startswith("make ")])
def test_make_knows_it(command: str) -> None:
    ran = subprocess.run([*command.split(), "--dry-run"], cwd=ROOT, capture_output=True, text=True)
    assert (ran.returncode, bool(ran.stdout)) == (0, True), ran.stderr


def test_make_help_lists_every_target() -> None:
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    shown = set(re.findall(r"^  make (\w+)", listed.stdout, re.MULTILINE))
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony
    assert shown == set(phony[1].split())
