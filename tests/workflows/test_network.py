"""The network workflow's definition: structure first, cheapest to test; real runs are the lab's."""

from __future__ import annotations

import ast
import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonata import Jsonata

ROOT = Path(__file__).parents[2]
FILE = ROOT / "statemachines" / "network.asl.json"
ERRORS = ROOT / "functions" / "autopilot" / "aws" / "errors.py"
TEXT = FILE.read_text(encoding="utf-8")
MACHINE: dict[str, Any] = json.loads(TEXT)

State = dict[str, Any]


def levels(machine: State = MACHINE) -> Iterator[State]:
    """The machine and every machine inside its Maps."""
    yield machine
    for state in machine["States"].values():
        if "ItemProcessor" in state:
            yield from levels(state["ItemProcessor"])


def states() -> dict[str, State]:
    return {name: state for level in levels() for name, state in level["States"].items()}


def tasks() -> list[str]:
    return [name for name, state in states().items() if state["Type"] == "Task"]


def targets(state: State) -> Iterator[str]:
    for part in (state, *state.get("Choices", ()), *state.get("Catch", ())):
        if "Next" in part:
            yield part["Next"]
    if "Default" in state:
        yield state["Default"]


def expressions(value: Any = MACHINE) -> Iterator[str]:
    if isinstance(value, str):
        found = re.fullmatch(r"\{%(.*)%\}", value, re.DOTALL)
        if found:
            yield found[1]
    for inner in (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    ):
        yield from expressions(inner)


def test_every_target_is_there_and_every_state_is_reached() -> None:
    for level in levels():
        reached, waiting = set(), [level["StartAt"]]
        while waiting:
            name = waiting.pop()
            if name not in reached:
                reached.add(name)
                waiting += targets(level["States"][name])
        assert reached == set(level["States"])


def test_every_state_leads_on_or_ends() -> None:
    for name, state in states().items():
        ends = state.get("End") or state["Type"] in ("Succeed", "Fail")
        assert bool(ends) != bool(
            list(targets({k: v for k, v in state.items() if k != "Catch"}))
        ), name


def test_the_machine_cannot_run_for_ever() -> None:
    assert 600 <= MACHINE["TimeoutSeconds"] <= 86400


def test_a_quiet_look_takes_six_transitions() -> None:
    path = ["Set out", "Plan the changes", "Anything to do?", "Tell ops what is new",
            "Is more left?", "Done"]  # fmt: skip
    for here, there in itertools.pairwise(path):
        assert there in targets(states()[here])
    assert path[0] == MACHINE["StartAt"]
    assert states()[path[-1]]["Type"] == "Succeed"


@pytest.mark.parametrize("name", tasks())
def test_every_task_times_out_retries_with_full_jitter_and_catches_all(name: str) -> None:
    task = states()[name]
    assert 0 < task["TimeoutSeconds"] <= 300
    assert task["Retry"]
    for retrier in task["Retry"]:
        assert retrier["JitterStrategy"] == "FULL"
        assert retrier["MaxAttempts"] <= 10
        assert "States.ALL" not in retrier["ErrorEquals"], "retries name what they retry"
    assert task["Catch"][-1]["ErrorEquals"] == ["States.ALL"]


def test_the_map_catches_all() -> None:
    assert states()["Carry out"]["Catch"][-1]["ErrorEquals"] == ["States.ALL"]


def test_a_task_waits_longer_than_its_function_may_take() -> None:
    from infra.functions import APPLY_NETWORK, PLAN_NETWORK, RECORD

    sizes = {
        "Plan the changes": PLAN_NETWORK,
        "Change one endpoint": APPLY_NETWORK,
        "Tell ops what is new": RECORD,
    }
    for name, size in sizes.items():
        assert states()[name]["TimeoutSeconds"] > size.timeout


def told_to_ops(catcher: State, level: State) -> bool:
    """Whether what was caught becomes a failure that ops hear of, or an outcome."""
    if "failure" in catcher.get("Assign", {}):
        return catcher["Next"] in ("Tell ops what is new", "Fail so that the alarm goes off")
    return "'failed'" in catcher.get("Output", "") and catcher["Next"] in level["States"]


def test_whatever_is_caught_ends_in_an_outcome() -> None:
    for level in levels():
        for state in level["States"].values():
            for catcher in state.get("Catch", ())[-1:]:
                assert told_to_ops(catcher, level)


def test_a_failure_names_the_state_that_failed() -> None:
    for name, state in states().items():
        for catcher in state.get("Catch", ()):
            failure = catcher.get("Assign", {}).get("failure")
            assert failure is None or failure["state"] == name


def test_what_never_shows_up_is_waited_for_once_and_then_no_more() -> None:
    catcher = states()["Plan the changes"]["Catch"][0]
    assert catcher == {"ErrorEquals": ["NotVisibleYet"], "Next": "Take things as they are"}
    assert states()["Take things as they are"]["Assign"] == {"expect": []}


AWS_NAMES = re.compile(r"(States|Lambda|Sandbox|StepFunctions)\.\w+")


def named_errors() -> set[str]:
    """The errors that retries and catches name, without AWS's own."""
    rules = [r for s in states().values() for r in (*s.get("Retry", ()), *s.get("Catch", ()))]
    return {e for rule in rules for e in rule["ErrorEquals"] if not AWS_NAMES.fullmatch(e)}


def test_errors_are_named_as_the_functions_raise_them() -> None:
    raised = {
        n.name for n in ast.walk(ast.parse(ERRORS.read_text())) if isinstance(n, ast.ClassDef)
    }
    assert named_errors() <= raised
    assert named_errors() == {
        "NotVisibleYet",
        "Throttled",
        "ServiceUnavailable",
        "OperationInProgress",
    }


def test_retried_errors_say_so_and_no_others() -> None:
    """errors.py marks what the workflow retries by the word at the end of the docstring."""
    classes = [n for n in ast.walk(ast.parse(ERRORS.read_text())) if isinstance(n, ast.ClassDef)]
    marked = {c.name for c in classes if re.search(r"\bRetried\b", ast.get_docstring(c) or "")}
    retried = {e for s in states().values() for r in s.get("Retry", ()) for e in r["ErrorEquals"]}
    assert {e for e in retried if not AWS_NAMES.fullmatch(e)} == marked


@pytest.mark.parametrize("expression", sorted(set(expressions())))
def test_expression_compiles(expression: str) -> None:
    Jsonata.jsonata(expression.strip())


def test_expressions_are_found_and_a_broken_one_does_not_compile() -> None:
    assert len(list(expressions())) > 30
    assert TEXT.count("{%") == len(list(expressions()))
    with pytest.raises(Exception, match="Expected"):
        Jsonata.jsonata("$append($outcomes, ")


ASSIGNED = {"trigger", "scope", "expect", "round", "outcomes", "plan", "failure"}
FUNCTIONS = {"exists", "count", "append", "merge", "substring", "contains", "parse", "hash"}


def test_every_variable_is_assigned_before_anything_reads_it() -> None:
    assert set(MACHINE["States"][MACHINE["StartAt"]]["Assign"]) == ASSIGNED
    used = {name for e in expressions() for name in re.findall(r"\$([a-z]\w*)", e)}
    local = {name for e in expressions() for name in re.findall(r"\$(\w+) :=", e)}
    assert used - FUNCTIONS - {"states"} - local == ASSIGNED
    assigned = {name for s in states().values() for name in s.get("Assign", {})}
    assert assigned == ASSIGNED


def test_placeholders_are_what_the_stack_fills() -> None:
    source = (ROOT / "infra" / "workflows.py").read_text()
    (call,) = (
        keyword.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "definition_substitutions"
    )
    assert isinstance(call, ast.Dict)
    filled = {key.value for key in call.keys if isinstance(key, ast.Constant)}
    assert set(re.findall(r"\$\{(\w+)\}", TEXT)) == filled


def test_the_machine_and_its_odd_states_explain_themselves() -> None:
    assert MACHINE["Comment"]
    odd = [n for n, s in states().items() if s["Type"] in ("Pass", "Map")]
    assert all(states()[name].get("Comment") for name in odd)


def test_nothing_names_a_partition_an_account_or_a_region() -> None:
    assert "arn:aws" not in TEXT
    assert not re.search(r"\d{12}|us-east-1", TEXT)
