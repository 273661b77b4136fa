"""The paths of handlers through the modules are seen as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.paths import Walk, handlers, may_know, modules, walk_of

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


# Names that other things have too: a text's `split`, a memory's `rows`.
NAMESAKES = {
    "act.py": """
from autopilot.aws import table
from autopilot.aws.survey import read
from autopilot.gateway import limits

def handler(event, *, most=read, ledger=table):
    return ledger.write(most(limits.split(event, ledger))), limits
""",
    "autopilot/aws/survey.py": """
def read(event):
    return event["ids"].split(",")
""",
    "autopilot/aws/table.py": """
from autopilot.aws import clients
from autopilot.gateway.limits import Kept

def rows(): return clients.client()
def write(kept: Kept): return clients.client(kept.most())
""",
    "autopilot/aws/clients.py": """
def client(most): return []
""",
    "autopilot/gateway/limits.py": """
from dataclasses import dataclass
from typing import Protocol

@dataclass
class Kept:
    seen: list
    def most(self): return max(self.seen)

class Rows(Protocol):
    def rows(self): ...

def split(seen, ledger: Rows):
    return ledger.rows()
""",
}


def tree(root: Path, files: dict[str, str]) -> Walk:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Walk(modules(root), "act")


@pytest.fixture
def walk(tmp_path: Path) -> Walk:
    return tree(tmp_path, FILES)


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


def test_a_namesake_that_the_caller_may_not_know_is_not_called(tmp_path: Path) -> None:
    assert set(tree(tmp_path, NAMESAKES).edges()) == {
        ("act", "autopilot.aws.survey"),
        ("act", "autopilot.gateway.limits"),
        ("act", "autopilot.aws.table"),
        ("autopilot.aws.table", "autopilot.aws.clients"),
        ("autopilot.aws.table", "autopilot.gateway.limits"),
    }


def test_tells_the_modules_of_each_step_in_the_order_of_the_calls(tmp_path: Path) -> None:
    assert tree(tmp_path, NAMESAKES).steps() == [
        (["gateway.limits.split"], ["autopilot.gateway.limits"]),
        # Clients are plumbing, what was kept is data.
        (["aws.survey.read", "aws.table.write"], ["autopilot.aws.survey", "autopilot.aws.table"]),
    ]


@pytest.mark.parametrize(
    ("caller", "other", "may"),
    [
        ("record", "autopilot.workflows", True),
        ("autopilot.aws.tell", "autopilot.workflows", True),
        ("autopilot.workflows", "autopilot.gateway.report", True),
        ("autopilot.gateway.plan", "autopilot.gateway.facts", True),
        ("autopilot.gateway.plan", "autopilot.interfaces.facts", False),
        ("autopilot.reconcile.rounds", "autopilot.gateway.plan", False),
        ("autopilot.notify.delta", "autopilot.aws.ledger", False),
        ("autopilot.aws.tell", "record", False),
    ],
)
def test_the_layers_say_who_may_know_whom(caller: str, other: str, may: bool) -> None:
    assert may_know(caller, other) is may


def test_no_handlers_path_goes_up_the_layers() -> None:
    edges = {edge for name in handlers() for edge in walk_of(name).edges()}
    assert [edge for edge in sorted(edges) if not may_know(*edge)] == []


def test_reads_every_handler() -> None:
    assert [each for each in handlers() if not walk_of(each).entered()] == []
