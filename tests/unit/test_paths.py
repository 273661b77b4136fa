"""The paths of handlers through the modules are seen as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.paths import Walk, handlers, modules

FILES = {
    "act.py": """
from autopilot.aws import survey
from autopilot.plan import Plan, made

def handler(event, *, look=survey):
    return made(Plan(look.read()))
""",
    "autopilot/plan.py": """
from dataclasses import dataclass
from autopilot.words import said

@dataclass
class Plan:
    seen: list
    @property
    def size(self): return said(self)

def made(plan: Plan):
    return said(plan)

def text(plan):
    return plan.size
""",
    "autopilot/words.py": """
from autopilot import plan as plans

def said(plan):
    return plans.text(plan)
""",
    "autopilot/aws/survey.py": """
from autopilot.aws.client import Client

def read():
    return Client().describe()

def unused():
    return Client().other()
""",
    "autopilot/aws/client.py": """
class Client:
    def describe(self): return []
    def other(self): return []
""",
}


@pytest.fixture
def walk(tmp_path: Path) -> Walk:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Walk(modules(tmp_path), "act")


def test_names_each_module_once_with_who_enters_it(walk: Walk) -> None:
    assert walk.entered() == {
        "autopilot.aws.survey": "act",
        "autopilot.aws.client": "autopilot.aws.survey",
        "autopilot.plan": "act",
        "autopilot.words": "autopilot.plan",
    }


def test_follows_calls_only(walk: Walk) -> None:
    assert walk.edges()["autopilot.aws.survey", "autopilot.aws.client"] == ["Client.describe"]
    assert len(walk.longest()) == 3


def test_sees_a_chain_that_comes_back(walk: Walk) -> None:
    assert "autopilot.plan → autopilot.words → autopilot.plan" in walk.returns()


def test_reads_every_handler() -> None:
    known = modules()
    assert [each for each in handlers() if not Walk(known, each).entered()] == []
