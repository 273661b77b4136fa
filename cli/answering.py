"""A person's answer to a held request: given to the AnswerHold function, followed to its end."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import click

from cli.options import Asked
from cli.output import Printer, print_json, progress
from cli.problem import Problem

if TYPE_CHECKING:
    from cli.executions import Ended
    from cli.session import Here

_FUNCTION = "AnswerHoldFunctionName"
ID = click.argument("endpoint_id", metavar="ID")
BY = click.option("--by", help="Who answers, for the record; default: the ARN of your credentials.")


def answer(
    asked: Asked,
    endpoint_id: str,
    said: Literal["accept", "reject"],
    by: str | None,
    reason: str,
) -> int:
    """Give the answer and say what became of it; the exit code. Raises Problem, AwsErrors."""
    here = asked.connect()
    function = here.output(_FUNCTION)
    _execution(here, endpoint_id)
    given = {"endpoint_id": endpoint_id, "answer": said, "by": by or here.caller, "reason": reason}
    _invoke(function, given)
    # Read again: before, the hold may have been another execution's that was only opening it.
    outcome = _outcome(_followed(_execution(here, endpoint_id), asked.as_json))
    made = {**given, **outcome}
    if asked.as_json:
        print_json(made)
    else:
        _show(made)
    return 0 if made["result"] == "done" else 1


def _execution(here: Here, endpoint_id: str) -> str:
    """The ARN of the execution that waits for the answer."""
    from autopilot.aws import connection_memory

    row = connection_memory.holds(here.ledger(), endpoint_id).get(endpoint_id)
    if row is None:
        raise Problem(
            f"No request of {endpoint_id} waits. ./autopilot requests lists those that do."
        )
    return row.claimed_by


def _invoke(function: str, given: Mapping[str, str]) -> None:
    """Raises Problem with the function's own words if it refuses."""
    from autopilot.aws.pages import call

    answered = call("lambda", "Invoke", FunctionName=function, Payload=json.dumps(given).encode())
    document = json.loads(answered["Payload"].read() or "{}")
    if answered.get("FunctionError"):
        raise Problem(
            f"{document.get('errorMessage', document)}. ./autopilot requests lists what waits."
        )


def _followed(execution: str, quiet: bool) -> Ended:
    from cli.executions import wait

    with progress("The answer is being carried out", quiet=quiet):
        return wait(execution, lambda _state: None, every=0.5)


def _outcome(ended: Ended) -> dict[str, Any]:
    """What became of the request, and why if it is not what was asked for."""
    found = ended.output.get("outcomes") or []
    outcomes = found if isinstance(found, list) else [found]
    if not outcomes:
        return {"result": "stale", "message": "the request was answered or gone by then"}
    return {"result": outcomes[-1]["result"], "message": outcomes[-1].get("message") or ""}


def _show(made: Mapping[str, Any]) -> None:
    printer = Printer()
    if made["result"] == "done":
        verb = {"accept": "accepted", "reject": "rejected"}[made["answer"]]
        printer.line(f"{made['endpoint_id']} is {verb}, by {made['by']}.")
        return
    printer.line(
        (f"Not done: {made['endpoint_id']}. ", "bold red"),
        f"{made['message']}. The policy still judges an answer; ./autopilot why"
        f" {made['endpoint_id']} says how it stands.",
    )
