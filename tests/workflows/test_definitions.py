"""The state machines' definitions: structure first, cheapest to test; real runs are the lab's."""

from __future__ import annotations

import ast
import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jsonata import Jsonata

from infra.definitions import FOLDER, LOOPING, NAMES, blocks, definition
from infra.policy.values import LONGEST_HOLD

ROOT = Path(__file__).parents[2]
ERRORS = ROOT / "functions" / "autopilot" / "aws" / "errors.py"

State = dict[str, Any]
TELL, FAIL = "Tell ops what is new", "Fail so that it shows"


@dataclass(frozen=True)
class Machine:
    """A workflow's definition, its blocks put in."""

    name: str

    def __str__(self) -> str:
        return self.name

    @property
    def text(self) -> str:
        return json.dumps(self.definition)

    @property
    def definition(self) -> State:
        return definition(self.name)

    def levels(self, machine: State | None = None) -> Iterator[State]:
        """The machine and every machine inside its Maps."""
        level = self.definition if machine is None else machine
        yield level
        for state in level["States"].values():
            if "ItemProcessor" in state:
                yield from self.levels(state["ItemProcessor"])

    @property
    def states(self) -> dict[str, State]:
        return {name: s for level in self.levels() for name, s in level["States"].items()}


MACHINES = [Machine(name) for name in sorted(NAMES)]
NETWORK, CONNECTIONS, HOLD = Machine("network"), Machine("connections"), Machine("hold")
SERVICES = Machine("services")
INTERFACES = Machine("interfaces")
WITHDRAW, UNINSTALL = Machine("withdraw"), Machine("uninstall")
LOOPS = [NETWORK, INTERFACES, SERVICES]
LOOKING = [NETWORK, CONNECTIONS, SERVICES, INTERFACES, WITHDRAW, UNINSTALL]
TASKS = [
    pytest.param(machine, name, id=f"{machine}: {name}")
    for machine in MACHINES
    for name, state in machine.states.items()
    if state["Type"] == "Task"
]
each_machine = pytest.mark.parametrize("machine", MACHINES, ids=str)


def targets(state: State) -> Iterator[str]:
    for part in (state, *state.get("Choices", ()), *state.get("Catch", ())):
        if "Next" in part:
            yield part["Next"]
    if "Default" in state:
        yield state["Default"]


def expressions(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        found = re.fullmatch(r"\{%(.*)%\}", value, re.DOTALL)
        if found:
            yield found[1]
    for inner in (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    ):
        yield from expressions(inner)


def test_each_file_is_some_machines_and_all_are_tested() -> None:
    assert [*map(str, LOOPS)] == [*LOOPING]
    others = {str(machine) for machine in MACHINES if machine not in LOOPS}
    files = {path.name for path in FOLDER.iterdir()}
    assert files == {f"{name}.asl.json" for name in {*others, "reconcile"}} | {"blocks.json"}


def test_every_block_is_put_in_somewhere_and_all_that_is_left_are_arns() -> None:
    texts = [path.read_text(encoding="utf-8") for path in FOLDER.iterdir()]
    used = set(re.findall(r"\$\{(\w+)\}", "".join(texts)))
    known = {block for machine in MACHINES for block in blocks(machine.name)} - {"Comment"}
    assert known <= used
    left = {name for m in MACHINES for name in re.findall(r"\$\{(\w+)\}", m.text)}
    assert left == used - known
    assert all(re.fullmatch(r"Partition|\w+FunctionArn|\w+MachineArn", name) for name in left)


def test_blocks_become_values_words_and_parts_of_lists() -> None:
    change = INTERFACES.states["Make one change"]
    assert [r["ErrorEquals"][0] for r in change["Retry"]] == [
        "Throttled", "ServiceUnavailable", "InUse", "States.Timeout",
    ]  # fmt: skip
    assert "Lambda.Unknown" in change["Retry"][-1]["ErrorEquals"]
    assert "Lambda.ServiceException" in change["Retry"][1]["ErrorEquals"], "a list in a list"
    assert len(change["Catch"]) == 2
    assert len(NETWORK.states["Make one change"]["Catch"]) == 1, "an empty list is nothing"
    assert NETWORK.states[TELL]["Arguments"]["Payload"]["workflow"] == "network"
    assert "'services-rest-'" in SERVICES.states["Carry on with the rest"]["Arguments"]["Name"]


@each_machine
def test_every_target_is_there_and_every_state_is_reached(machine: Machine) -> None:
    for level in machine.levels():
        reached, waiting = set(), [level["StartAt"]]
        while waiting:
            name = waiting.pop()
            if name not in reached:
                reached.add(name)
                waiting += targets(level["States"][name])
        assert reached == set(level["States"])


@each_machine
def test_every_state_leads_on_or_ends(machine: Machine) -> None:
    for name, state in machine.states.items():
        ends = state.get("End") or state["Type"] in ("Succeed", "Fail")
        assert bool(ends) != bool(
            list(targets({k: v for k, v in state.items() if k != "Catch"}))
        ), name


@pytest.mark.parametrize("machine", LOOKING, ids=str)
def test_the_machine_cannot_run_for_ever(machine: Machine) -> None:
    assert 600 <= machine.definition["TimeoutSeconds"] <= 86400


def test_a_hold_lives_longer_than_the_longest_wait_and_less_than_step_functions_allows() -> None:
    assert LONGEST_HOLD * 60 + 3600 <= HOLD.definition["TimeoutSeconds"] < 365 * 86400


@pytest.mark.parametrize(
    ("machine", "plan", "choice"),
    [
        (NETWORK, "Plan the changes", "Anything to do?"),
        (CONNECTIONS, "Plan the answers", "Anything to do?"),
        (SERVICES, "Plan the changes", "Anything to do?"),
        (INTERFACES, "Plan the changes", "Anything to do?"),
    ],
    ids=str,
)
def test_a_quiet_look_takes_six_transitions(machine: Machine, plan: str, choice: str) -> None:
    path = ["Set out", plan, choice, TELL, "Is more left?", "Done"]
    for here, there in itertools.pairwise(path):
        assert there in targets(machine.states[here])
    assert machine.states[choice]["Default"] == TELL
    assert machine.states["Is more left?"]["Default"] == "Done"
    assert path[0] == machine.definition["StartAt"]
    assert machine.states[path[-1]]["Type"] == "Succeed"


# Where AWS takes its time: CreateVpcEndpoint's bucket makes everybody wait for a turn, a new
# service isn't ready, an endpoint's deletion takes minutes and its interfaces linger.
PATIENCE = {
    "interfaces": {"Throttled": 60, "ServiceUnavailable": 20, "InUse": 12},
    "withdraw": {"NotSettledYet": 24},
    "uninstall": {"NotSettledYet": 24},
}
WAITS, COMES_BACK = "Wait for a person", "Is anything to come back?"
LEFT = "Is more left?"


@pytest.mark.parametrize(("machine", "name"), TASKS)
def test_every_task_times_out_retries_with_full_jitter_and_catches_all(
    machine: Machine, name: str
) -> None:
    task = machine.states[name]
    if name != WAITS:
        assert 0 < task["TimeoutSeconds"] <= 300
    assert task["Retry"]
    for retrier in task["Retry"]:
        assert retrier["JitterStrategy"] == "FULL"
        most = PATIENCE.get(machine.name, {}).get(retrier["ErrorEquals"][0], 10)
        assert retrier["MaxAttempts"] <= most
        assert "States.ALL" not in retrier["ErrorEquals"], "retries name what they retry"
    assert task["Catch"][-1]["ErrorEquals"] == ["States.ALL"]


def test_a_person_has_as_long_as_the_policy_says_and_is_asked_once() -> None:
    wait = HOLD.states[WAITS]
    assert wait["Resource"].endswith(":lambda:invoke.waitForTaskToken")
    assert wait["TimeoutSeconds"] == "{% $hold.hold_for_seconds %}"
    assert "States.Timeout" not in [e for r in wait["Retry"] for e in r["ErrorEquals"]]
    expired = {"Assign": {"answer": {"answer": "expired"}}, "Next": "Anything to carry out?"}
    assert wait["Catch"][0] == {"ErrorEquals": ["States.Timeout"], **expired}


@pytest.mark.parametrize("machine", LOOKING, ids=str)
def test_maps_catch_all(machine: Machine) -> None:
    maps = [state for state in machine.states.values() if state["Type"] == "Map"]
    assert [m["Catch"][-1]["ErrorEquals"] for m in maps] == [["States.ALL"]]


def told_to_ops(catcher: State, level: State) -> bool:
    """Whether what was caught becomes a failure that ops hear of, or an outcome.

    A failure is kept in a variable on the way to the step that tells ops; all ways lead there.
    """
    if "failure" in catcher.get("Assign", {}):
        return catcher["Next"] in (TELL, FAIL, "Anything to do?", COMES_BACK, LEFT)
    made = catcher.get("Output", "") + catcher.get("Assign", {}).get("outcomes", "")
    return "'failed'" in made and catcher["Next"] in level["States"]


@each_machine
def test_whatever_is_caught_ends_in_an_outcome(machine: Machine) -> None:
    for level in machine.levels():
        for state in level["States"].values():
            for catcher in state.get("Catch", ())[-1:]:
                assert told_to_ops(catcher, level)


@each_machine
def test_a_failure_ends_the_execution_as_failed_once_ops_are_told(machine: Machine) -> None:
    after = machine.states[machine.states[TELL]["Next"]]
    if machine == WITHDRAW:  # first of all what it took away may have to come back
        after = machine.states[after["Default"]]
    # The loop first carries on with what is left, and waits for what is new.
    assert after["Choices"][-1 if machine in LOOPS else 0] == {
        "Condition": "{% $failure != null %}",
        "Next": FAIL,
    }


FAILURE = blocks("network")["Failure"]


@each_machine
def test_every_failure_is_kept_in_the_same_words(machine: Machine) -> None:
    caught = [c.get("Assign", {}) for s in machine.states.values() for c in s.get("Catch", ())]
    kept = [assigned["failure"] for assigned in caught if "failure" in assigned]
    assert kept
    assert set(kept) == {FAILURE}


def test_a_failure_names_the_state_that_failed_the_error_and_its_cause_if_it_has_one() -> None:
    context = {"State": {"Name": "Carry out"}}
    for given, cause in (({"Cause": "slow"}, "slow"), ({}, "")):
        states = {"context": context, "errorOutput": {"Error": "Throttled", **given}}
        failure = {"state": "Carry out", "error": "Throttled", "cause": cause}
        assert run(FAILURE.strip("{}%"), states=states) == failure


@pytest.mark.parametrize(
    ("machine", "plan", "error"),
    [
        (NETWORK, "Plan the changes", "NotVisibleYet"),
        (CONNECTIONS, "Plan the answers", "NotSettledYet"),
        (SERVICES, "Plan the changes", "NotVisibleYet"),
        (INTERFACES, "Plan the changes", "NotVisibleYet"),
        (WITHDRAW, "Plan what gives way", "NotSettledYet"),
        (UNINSTALL, "List what is ours", "NotSettledYet"),
    ],
    ids=str,
)
def test_what_never_shows_up_is_waited_for_once_and_then_no_more(
    machine: Machine, plan: str, error: str
) -> None:
    catcher = machine.states[plan]["Catch"][0]
    assert catcher == {"ErrorEquals": [error], "Next": "Take things as they are"}
    given_up: State = {"patient": False} if machine in (WITHDRAW, UNINSTALL) else {"expect": []}
    assert machine.states["Take things as they are"]["Assign"] == given_up


def test_each_step_of_the_connections_is_taken_once_whatever_becomes_of_it() -> None:
    """Else the hub would send it there for ever."""
    states = CONNECTIONS.states
    for choice in states["Anything to do?"]["Choices"]:
        step, once = choice["Next"], re.search(r"\$not\('(\w+)' in \$tried\)", choice["Condition"])
        if step == "Answer":
            assert once is None, "it leads to the plan, whose rounds end"
            continue
        assert once is not None
        tried = f"{{% $append($tried, '{once[1]}') %}}"
        assert states[step]["Assign"]["tried"] == tried
        assert states[step]["Catch"][-1]["Assign"]["tried"] == tried
        # Once AWS notifies us there is a new look: a request may have come before.
        looks_again = {"Plan the answers"} if step == "Have AWS notify us" else set()
        assert {*targets(states[step])} == {"Anything to do?"} | looks_again


AWS_NAMES = re.compile(r"(States|Lambda|Sandbox|StepFunctions)\.\w+")


def named_errors(machine: Machine) -> set[str]:
    """The errors that retries and catches name, without AWS's own."""
    rules = [r for s in machine.states.values() for r in (*s.get("Retry", ()), *s.get("Catch", ()))]
    return {e for rule in rules for e in rule["ErrorEquals"] if not AWS_NAMES.fullmatch(e)}


TRANSIENT = {"Throttled", "ServiceUnavailable", "OperationInProgress"}


@pytest.mark.parametrize(
    ("machine", "errors"),
    [
        (NETWORK, TRANSIENT | {"NotVisibleYet"}),
        (CONNECTIONS, TRANSIENT | {"NotSettledYet"}),
        (HOLD, TRANSIENT),
        (SERVICES, TRANSIENT | {"NotVisibleYet", "NotSettledYet"}),
        (INTERFACES, TRANSIENT | {"NotVisibleYet", "InUse"}),
        (WITHDRAW, TRANSIENT | {"NotSettledYet", "InUse"}),
        (UNINSTALL, TRANSIENT | {"NotSettledYet", "InUse"}),
    ],
    ids=["network", "connections", "hold", "services", "interfaces", "withdraw", "uninstall"],
)
def test_errors_are_named_as_the_functions_raise_them(machine: Machine, errors: set[str]) -> None:
    raised = {
        n.name for n in ast.walk(ast.parse(ERRORS.read_text())) if isinstance(n, ast.ClassDef)
    }
    assert named_errors(machine) == errors
    assert errors <= raised


def test_retried_errors_say_so_and_no_others() -> None:
    """errors.py marks what a workflow retries by the word in the docstring."""
    classes = [n for n in ast.walk(ast.parse(ERRORS.read_text())) if isinstance(n, ast.ClassDef)]
    marked = {c.name for c in classes if re.search(r"\bRetried\b", ast.get_docstring(c) or "")}
    retried = {
        e
        for machine in MACHINES
        for s in machine.states.values()
        for r in s.get("Retry", ())
        for e in r["ErrorEquals"]
    }
    assert {e for e in retried if not AWS_NAMES.fullmatch(e)} == marked


EXPRESSIONS = sorted({e for machine in MACHINES for e in expressions(machine.definition)})


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_expression_compiles(expression: str) -> None:
    Jsonata.jsonata(expression.strip())


@each_machine
def test_all_expressions_are_found(machine: Machine) -> None:
    assert len(list(expressions(machine.definition))) > 20
    assert machine.text.count("{%") == len(list(expressions(machine.definition)))


def test_a_broken_expression_does_not_compile() -> None:
    with pytest.raises(Exception, match="Expected"):
        Jsonata.jsonata("$append($outcomes, ")


FUNCTIONS = {
    "exists",
    "count",
    "append",
    "merge",
    "substring",
    "contains",
    "parse",
    "hash",
    "not",
} | {"distinct"}


@each_machine
def test_every_variable_is_assigned_before_anything_reads_it(machine: Machine) -> None:
    first = set(machine.states[machine.definition["StartAt"]]["Assign"])
    found = list(expressions(machine.definition))
    used = {name for e in found for name in re.findall(r"\$([a-z]\w*)", e)}
    local = {name for e in found for name in re.findall(r"\$(\w+) :=", e)}
    assert used - FUNCTIONS - {"states"} - local == first
    assert {name for s in machine.states.values() for name in s.get("Assign", {})} == first


@each_machine
def test_every_machine_hands_record_what_it_is_and_what_came_of_it(machine: Machine) -> None:
    payload = machine.states[TELL]["Arguments"]["Payload"]
    assert payload["workflow"] == machine.name
    assert {"execution", "outcomes", "failure"} <= set(payload)


@each_machine
def test_the_machine_and_its_odd_states_explain_themselves(machine: Machine) -> None:
    assert machine.definition["Comment"]
    odd = [name for name, s in machine.states.items() if s["Type"] in ("Pass", "Map")]
    assert all(machine.states[name].get("Comment") for name in odd)


@each_machine
def test_nothing_names_a_partition_an_account_or_a_region(machine: Machine) -> None:
    assert "arn:aws" not in machine.text
    assert not re.search(r"\d{12}|us-east-1", machine.text)


def run(expression: str, **given: Any) -> Any:
    """What an expression comes to, as JSON."""
    compiled = Jsonata.jsonata(expression.strip())
    compiled.register_lambda("parse", json.loads)  # Step Functions adds it to JSONata
    for name, value in given.items():
        compiled.assign(name, value)
    return json.loads(json.dumps(compiled.evaluate(None)))


CAUSE = json.dumps({"errorType": "AccessDenied", "errorMessage": "ec2:Reject...: no" + "!" * 600})


@pytest.mark.parametrize("answer", ["accept", "reject", "expired"])
def test_an_answer_that_cannot_be_carried_out_becomes_a_failed_outcome(answer: str) -> None:
    from autopilot.connections.plan import AnswerOutcome
    from autopilot.reconcile.codec import decode

    hold = {
        "name": "hold-vpce-1-1",
        "endpoint_id": "vpce-1",
        "service_id": "vpce-svc-1",
        "service_name": "com.amazonaws.vpce.us-east-1.vpce-svc-1",
        "owner": "222222222222",
        "reason": "no rule names it",
        "created": "",
        "hold_for_seconds": 60,
    }
    expression = HOLD.states["Carry out the answer"]["Catch"][0]["Assign"]["outcomes"]
    (made,) = run(
        expression.strip("{}%"),
        hold=hold,
        answer={"answer": answer},
        states={"errorOutput": {"Error": "AccessDenied", "Cause": CAUSE}},
    )
    outcome = decode(AnswerOutcome, made)
    assert outcome.item.verdict == ("accept" if answer == "accept" else "reject")
    assert outcome.result == "failed"
    assert outcome.item.endpoint_ids == ("vpce-1",)
    assert outcome.item.reasons["vpce-1"].owner == "222222222222"
    assert outcome.error == "AccessDenied"
    assert outcome.message is not None
    assert outcome.message.startswith("ec2:Reject...: no!")
    assert len(outcome.message) <= 600


QUIET: State = {"items": [], "register": [], "holds": [], "close_holds": [], "zones": []}


@pytest.mark.parametrize(
    ("plan", "given", "step"),
    [
        ({}, {}, TELL),
        ({"items": [1], "register": [1]}, {}, "Have AWS notify us"),
        ({"items": [1], "register": [1]}, {"tried": ["register"]}, "Answer"),
        ({"register": [1], "holds": [1]}, {}, "Have AWS notify us"),
        ({"register": [1], "close_holds": [1]}, {"tried": ["register"]}, "Hold"),
        ({"holds": [1], "zones": [1]}, {"tried": ["register"]}, "Hold"),
        ({"holds": [1], "zones": [1]}, {"tried": ["register", "hold"]}, "Compare the zones"),
        ({}, {"advice": [{"vpc_id": "vpc-1"}]}, "Compare the zones"),
        ({"zones": [1]}, {"tried": ["zones"]}, TELL),
    ],
)
def test_what_the_plan_asks_for_is_done(plan: State, given: State, step: str) -> None:
    hub = CONNECTIONS.states["Anything to do?"]
    variables = {"plan": QUIET | plan, "advice": [], "tried": []} | given
    taken = next(
        (
            choice["Next"]
            for choice in hub["Choices"]
            if run(choice["Condition"].strip("{}%"), **variables)
        ),
        hub["Default"],
    )
    assert taken == step


DONE, FAILED = ({"result": result, "action": "allow"} for result in ("done", "failed"))
FRESH: State = {
    "plan": {"items": [], "look_again": 0},
    "outcomes": [],
    "announced": 0,
    "failure": None,
}
BROKEN: State = {"failure": {"error": "E"}}


def hub(machine: Machine, **given: Any) -> str:
    """What a loop does after a look."""
    return taken(machine.states["Anything to do?"], FRESH | given)


@pytest.mark.parametrize("machine", LOOPS, ids=str)
def test_a_loop_changes_then_waits_as_the_plan_says_and_tells_ops(machine: Machine) -> None:
    waits = {"items": [], "look_again": 20}
    assert hub(machine) == TELL
    assert hub(machine, plan={"items": [1], "look_again": 20}) == "Carry out"
    assert hub(machine, plan={"items": []}) == TELL, "the network's says nothing of it"
    assert hub(machine, plan=waits) == "Wait a little"
    assert hub(machine, plan=waits, **BROKEN) == hub(machine, plan=None, **BROKEN) == TELL
    assert machine.states["Wait a little"]["Seconds"] == "{% $plan.look_again %}"
    assert machine.states["Wait a little"]["Assign"] == {"waits": "{% $waits + 1 %}"}


ANNOUNCE = "Announce what was done"


@pytest.mark.parametrize(
    ("given", "step"),
    [
        ({"plan": {"items": [1]}, "outcomes": [DONE]}, "Carry out"),
        ({"outcomes": [DONE]}, ANNOUNCE),
        ({"outcomes": [DONE], "announced": 1}, TELL),
        ({"outcomes": [FAILED, {"result": "done", "action": "verify"}]}, TELL),
        ({"plan": {"items": [], "look_again": 30}, "outcomes": [DONE, FAILED]}, ANNOUNCE),
        ({"plan": {"items": [1]}, "outcomes": [DONE], **BROKEN}, ANNOUNCE),
        ({"plan": None, "outcomes": [DONE], **BROKEN}, ANNOUNCE),
    ],
)
def test_what_was_done_to_services_is_announced_whatever_becomes_of_the_rest(
    given: State, step: str
) -> None:
    assert hub(SERVICES, **given) == step


@pytest.mark.parametrize("machine", [NETWORK, INTERFACES], ids=str)
def test_no_others_announce_anything(machine: Machine) -> None:
    assert hub(machine, outcomes=[DONE]) == TELL
    assert ANNOUNCE not in machine.states


@pytest.mark.parametrize("outcomes", [[], [FAILED], [DONE], [DONE, FAILED, DONE]])
def test_what_is_announced_is_announced_once_even_when_that_fails(outcomes: list[State]) -> None:
    task = SERVICES.states[ANNOUNCE]
    assigned = {task["Assign"]["announced"]} | {c["Assign"]["announced"] for c in task["Catch"]}
    (count,) = assigned
    assert run(count.strip("{}%"), outcomes=outcomes) == outcomes.count(DONE)


def test_the_connections_are_told_which_services_each_once() -> None:
    task = SERVICES.states[ANNOUNCE]["Arguments"]
    assert task["StateMachineArn"] == "${ConnectionsMachineArn}"
    assert task["Input"]["look"] == ["notifications", "zones"]
    (ids,) = expressions(task["Input"])
    made = [{**DONE, "service_id": id_} for id_ in ("a", "b", "a")]
    outcomes = [*made, {**FAILED, "service_id": "c"}]
    assert run(ids, outcomes=outcomes) == ["a", "b"]
    assert run(ids, outcomes=made[:1]) == ["a"], "a list, even of one"


@pytest.mark.parametrize("machine", LOOPS, ids=str)
def test_the_plan_gets_what_changes_on_the_way_and_whatever_else_the_input_holds(
    machine: Machine,
) -> None:
    payload = machine.states["Plan the changes"]["Arguments"]["Payload"].strip("{}%")
    execution = {"Id": "arn", "Input": {"made_by_stacks": ["vpc-1"], "expect": ["old"]}}
    changing = {"trigger": "event", "scope": "all", "round": 2, "waits": 1, "outcomes": [DONE]}
    known = {**changing, "expect": ["vpc-1"]}
    assert run(payload, states={"context": {"Execution": execution}}, **known) == {
        **known,
        "made_by_stacks": ["vpc-1"],
        "execution": "arn",
    }


@pytest.mark.parametrize("again", [None, {"seconds": 605, "scope": "all", "expect": ["rtb-1"]}])
def test_a_plan_may_ask_for_a_further_execution(again: State | None) -> None:
    assigned = NETWORK.states["Plan the changes"]["Assign"]["again"].strip("{}%")
    payload = {} if again is None else {"again": again}
    assert run(assigned, states={"result": {"Payload": payload}}) == (again or {"seconds": 0})


def test_what_was_withdrawn_comes_back_even_when_telling_failed() -> None:
    """A table may be without its route: that weighs more than an alarm a while later."""
    states = WITHDRAW.states
    back = "Look at the network again"
    assert states[TELL]["Next"] == states[TELL]["Catch"][-1]["Next"] == COMES_BACK
    (choice,) = states[COMES_BACK]["Choices"]
    again = {"seconds": 905, "vpc_ids": ["vpc-1"]}
    assert run(choice["Condition"].strip("{}%"), again=again)
    assert not run(choice["Condition"].strip("{}%"), again={"seconds": 0, "vpc_ids": []})
    assert states[choice["Next"]]["Seconds"] == "{% $again.seconds %}"
    assert states[choice["Next"]]["Next"] == back
    assert states[back]["Arguments"]["StateMachineArn"] == "${NetworkMachineArn}"


@pytest.mark.parametrize("machine", LOOPS, ids=str)
def test_what_is_new_is_looked_at_again_even_when_telling_failed(machine: Machine) -> None:
    """Nobody else wakes for the tables that an execution saw first."""
    states = machine.states
    assert states[TELL]["Next"] == states[TELL]["Catch"][-1]["Next"] == LEFT
    for again, failure, more, step in (
        (605, None, 0, "Wait for the others"),
        (605, BROKEN["failure"], 3, "Wait for the others"),
        (0, BROKEN["failure"], 3, FAIL),
        (605, None, 3, "Carry on with the rest"),
        (0, None, 3, "Carry on with the rest"),
        (0, None, 0, "Done"),
    ):
        known = {"again": {"seconds": again}, "failure": failure, "more": more}
        assert taken(states[LEFT], known) == step
    wait = states["Wait for the others"]
    assert (wait["Seconds"], wait["Next"]) == ("{% $again.seconds %}", "Look again")
    asked = states["Look again"]["Arguments"]["Input"]
    assert (asked["scope"], asked["expect"]) == ("{% $again.scope %}", "{% [$again.expect] %}")


@pytest.mark.parametrize("machine", LOOPS, ids=str)
def test_what_follows_an_execution_is_started_once_whatever_becomes_of_it(
    machine: Machine,
) -> None:
    """Else the hub would send it there for ever."""
    for step, over in (
        ("Carry on with the rest", {"more": 0}),
        ("Look again", {"again": {"seconds": 0}}),
    ):
        state = machine.states[step]
        assert {*targets(state)} == {LEFT}
        assert [state["Assign"], *(c["Assign"] for c in state["Catch"])] == [
            over,
            over,
            {**over, "failure": FAILURE},
        ]


def taken(choice: State, known: State) -> str:
    """Where a Choice goes on, variables being known."""
    fitting = (c for c in choice["Choices"] if run(c["Condition"].strip("{}%"), **known))
    return str(next((c["Next"] for c in fitting), choice["Default"]))


REMOVAL: State = {
    "action": "leave tables",
    "thing": "vpce-1",
    "parts": ["rtb-1"],
    "whole": True,
    "vpc_id": "vpc-1",
    "service": "com.amazonaws.us-east-1.s3",
    "reason": "",
    "by": "",
    "remember": ["rtb-1/s3"],
    "until": "2026-11-20T10:31:00+00:00",
}


@pytest.mark.parametrize(
    ("machine", "step"),
    [(WITHDRAW, "Withdraw one thing"), (UNINSTALL, "Remove one thing")],
    ids=str,
)
def test_a_removal_that_cannot_be_carried_out_becomes_a_failed_outcome(
    machine: Machine, step: str
) -> None:
    from autopilot.reconcile.codec import decode
    from autopilot.reconcile.removal import Removal, RemovalOutcome

    made = run(
        machine.states[step]["Catch"][0]["Output"].strip("{}%"),
        states={
            "input": {"item": REMOVAL, "execution": "arn"},
            "errorOutput": {"Error": "AccessDenied", "Cause": CAUSE},
        },
    )
    outcome = decode(RemovalOutcome, made)
    assert outcome.item == decode(Removal, REMOVAL)
    assert (outcome.result, outcome.error, outcome.deleted) == ("failed", "AccessDenied", False)
    assert outcome.message is not None
    assert len(outcome.message) <= 600


@pytest.mark.parametrize(
    ("outcomes", "removed", "failed"),
    [
        ([], 0, []),
        ([{"thing": "vpce-1", "result": "done", "message": None}], 1, []),
        (
            [
                {"thing": "sg-1", "result": "failed", "message": "in use"},
                {"thing": "sg-2", "result": "done", "message": None},
            ],
            1,
            ["sg-1: in use"],
        ),
    ],
)
def test_leaving_ends_with_what_is_left(
    outcomes: list[State], removed: int, failed: list[str]
) -> None:
    plan = {"things": ["vpce-9  gateway"], "count": 1, "refused": "", "more": 0}
    ended = run(UNINSTALL.states["Sum up"]["Output"].strip("{}%"), plan=plan, outcomes=outcomes)
    assert ended == {**plan, "removed": removed, "failed": failed}
