"""What a deployed version has left in the ledger and in executions is read, and still written so.

`as_deployed/` holds steps that version 59d1272 did, as they looked from outside: the event, what
AWS answered (`aws`), what the step returned, called and wrote. The ledger keeps rows for ever, a
hold its input for up to 300 days, an account what was made in it with its tags and names, and all
of this is read by whatever is deployed then. So these files are never written anew. What a later
version writes differently gets steps of its own beside them; that it reads these stays: strip the
old step of all but `after` and `writes`, and it is only what others begin with. `after` names the
step whose ledger a step begins with, `like` one whose event or answers it has but for what is
named.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from autopilot.aws import errors

from tests.upgrade.account import Account

STORIES: Mapping[str, Mapping[str, Any]] = {
    file.stem: json.loads(file.read_text())
    for file in sorted((Path(__file__).parent / "as_deployed").glob("*.json"))
}
STEPS = [
    (story, name) for story, steps in STORIES.items() for name in steps if "event" in steps[name]
]
Ledger = dict[str, dict[str, Any]]


def whole(story: str, name: str, part: str) -> dict[str, Any]:
    """The event or the answers of a step."""
    given: Mapping[str, Any] = STORIES[story][name].get(part, {})
    if "like" not in given:
        return dict(given)
    rest = {key: value for key, value in given.items() if key != "like"}
    return {**whole(story, given["like"], part), **rest}


def left(story: str, name: str | None) -> Ledger:
    """The rows that a step has left, by their keys."""
    if name is None:
        return {}
    step = STORIES[story][name]
    rows = left(story, step.get("after"))
    for key in step.get("deletes", ()):
        del rows[key]
    return rows | {f"{row['pk']} {row['sk']}": row for row in step["writes"]}


def at_least(expected: Any, found: Any) -> bool:
    """Whether all that was there is there: a definition that runs may ask for it by name."""
    if isinstance(expected, dict) and isinstance(found, dict):
        return all(key in found and at_least(each, found[key]) for key, each in expected.items())
    if isinstance(expected, list) and isinstance(found, list):
        return len(expected) == len(found) and all(map(at_least, expected, found))
    return bool(expected == found)


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    made = Account()
    yield made
    made.close()


@pytest.mark.parametrize(("story", "name"), STEPS, ids=[": ".join(step) for step in STEPS])
def test_a_step_does_what_it_did(account: Account, story: str, name: str) -> None:
    step = STORIES[story][name]
    event, aws = whole(story, name, "event"), whole(story, name, "aws")

    before = left(story, step.get("after"))

    did = account.run({**step, "event": event, "aws": aws}, before.values())

    assert {f"{row['pk']} {row['sk']}": row for row in did["ledger"]} == left(story, name)
    assert did["calls"] == step["calls"]
    assert at_least(step["returns"], did["returns"]), did["returns"]


@pytest.mark.parametrize("name", ["Throttled", "ServiceUnavailable", "OperationInProgress"])
def test_errors_that_a_waiting_hold_retries_keep_their_names(name: str) -> None:
    """Its definition is as old as itself; Step Functions matches an error by its class's name."""
    assert getattr(errors, name).__name__ == name


def test_every_sort_of_row_is_here() -> None:
    found = {row["pk"] for story, name in STEPS for row in STORIES[story][name]["writes"]}
    assert found == {
        "connection",
        "execution",
        "finding",
        "first-seen",
        "hold",
        "organization",
        "restored",
        "state",
        "untold",
        "withdrawn",
    }
