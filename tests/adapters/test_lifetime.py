"""The stack's first and last moment: CloudFormation is answered on every path, nothing runs on."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
import recall_memory
import stop_executions
from autopilot.aws import custom_resource
from autopilot.aws.errors import AccessDenied, AwsError, NotFound, RefusedByAws, Throttled
from autopilot.aws.stopping import Executions
from autopilot.aws.succession import stacks_like, youngest_first
from autopilot.connections.facts import Remembered
from autopilot.connections.remembered import kept
from autopilot.notify.ledger import Key, Row, Write

TABLE = "LedgerTable9343E4AA"
PREFIX = f"EndpointAutopilot-{TABLE}-"
OWN = f"{PREFIX}NEW"
NETWORK, HOLD = "arn:machine:network", "arn:machine:hold"
SUBJECT = "vpce-svc-1/vpce-1"
KEYS = [
    {"AttributeName": "pk", "KeyType": "HASH"},
    {"AttributeName": "sk", "KeyType": "RANGE"},
]


def request(kind: str, **more: str) -> dict[str, Any]:
    return {
        "RequestType": kind,
        "ResponseURL": "https://bucket/answer",
        "StackId": "arn:stack",
        "RequestId": "request-1",
        "LogicalResourceId": "Ending",
        **more,
    }


class Heard(list[dict[str, Any]]):
    """What CloudFormation was told."""

    def __call__(self, url: str, body: bytes) -> None:
        assert url == "https://bucket/answer"
        self.append(json.loads(body))


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MACHINE_ARNS", f"{NETWORK} {HOLD}")
    monkeypatch.setenv("LEDGER_TABLE", OWN)
    monkeypatch.setenv("LEDGER_PREFIX", PREFIX)


class Running:
    """Executions, of which new ones are started while the old ones are stopped."""

    def __init__(self, *looks: Mapping[str, list[str]], refuses: AwsError | None = None) -> None:
        self.looks, self.refuses = list(looks), refuses
        self.stopped: list[str] = []

    def running(self, machine: str) -> list[str]:
        found = self.looks[0].get(machine, []) if self.looks else []
        if machine == HOLD and self.looks:
            self.looks.pop(0)
        return [each for each in found if each not in self.stopped]

    def stop(self, execution: str) -> None:
        if self.refuses:
            raise self.refuses
        self.stopped.append(execution)


def stop(
    runs: Running, heard: Heard, context: SimpleNamespace, left: float = 300_000
) -> list[float]:
    paused: list[float] = []

    def remaining() -> float:
        return left - 1000 * sum(paused)

    context.get_remaining_time_in_millis = remaining
    stop_executions.handler(
        request("Delete", PhysicalResourceId="Ending"),
        context,
        executions=lambda: runs,
        send=heard,
        pause=paused.append,
    )
    return paused


def test_all_executions_are_stopped_before_cloudformation_hears_of_it(
    heard: Heard, context: SimpleNamespace
) -> None:
    runs = Running({NETWORK: ["n"], HOLD: ["a", "b"]})
    stop(runs, heard, context)
    assert runs.stopped == ["n", "a", "b"]
    assert heard == [
        {
            "Status": "SUCCESS",
            "Reason": "done",
            "PhysicalResourceId": "Ending",
            "StackId": "arn:stack",
            "RequestId": "request-1",
            "LogicalResourceId": "Ending",
        }
    ]


def test_what_a_step_starts_meanwhile_is_stopped_too(
    heard: Heard, context: SimpleNamespace
) -> None:
    runs = Running({HOLD: ["a"]}, {}, {HOLD: ["late"]}, {}, {})
    stop(runs, heard, context)
    assert runs.stopped == ["a", "late"]
    assert heard[0]["Status"] == "SUCCESS"


def test_a_quiet_stack_waits_only_for_a_second_look(heard: Heard, context: SimpleNamespace) -> None:
    assert stop(Running(), heard, context) == [5.0]


@pytest.mark.parametrize("error", [NotFound("gone"), RefusedByAws("ended"), Throttled("slow")])
def test_an_execution_that_ended_meanwhile_is_no_failure(
    error: AwsError, heard: Heard, context: SimpleNamespace
) -> None:
    runs = Running({HOLD: ["a"]}, refuses=error)
    stop(runs, heard, context)
    assert heard[0]["Status"] == "SUCCESS"


def test_a_look_that_aws_is_too_busy_for_is_taken_again(
    heard: Heard, context: SimpleNamespace
) -> None:
    class Busy(Running):
        refusals = 2

        def running(self, machine: str) -> list[str]:
            self.refusals -= 1
            if self.refusals >= 0:
                raise Throttled("states:ListExecutions: slow")
            return super().running(machine)

    runs = Busy({NETWORK: ["n"], HOLD: ["a"]})
    stop(runs, heard, context)
    assert runs.stopped == ["n", "a"]
    assert heard[0]["Status"] == "SUCCESS"


def test_what_cannot_be_stopped_in_time_fails_the_deletion_with_a_reason(
    heard: Heard, context: SimpleNamespace
) -> None:
    runs = Running(*[{HOLD: ["a"]}] * 100, refuses=Throttled("states:StopExecution: slow"))
    paused = stop(runs, heard, context, left=60_000)
    assert sum(paused) < 60
    assert heard[0]["Status"] == "FAILED"
    assert "1 executions run, delete the stack again" in heard[0]["Reason"]
    assert "states:StopExecution: slow" in heard[0]["Reason"]


def test_a_denial_is_told_to_cloudformation_at_once(heard: Heard, context: SimpleNamespace) -> None:
    runs = Running({HOLD: ["a"]}, refuses=AccessDenied("states:StopExecution: no"))
    assert stop(runs, heard, context) == []
    assert heard[0]["Status"] == "FAILED"
    assert "AccessDenied: states:StopExecution: no" in heard[0]["Reason"]


@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_making_the_stack_stops_nothing(kind: str, heard: Heard, context: SimpleNamespace) -> None:
    runs = Running({HOLD: ["a"]})
    stop_executions.handler(request(kind), context, executions=lambda: runs, send=heard)
    assert runs.stopped == []
    assert (heard[0]["Status"], heard[0]["PhysicalResourceId"]) == ("SUCCESS", "Ending")


def test_a_setting_that_lacks_is_told_not_waited_for(
    heard: Heard, context: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MACHINE_ARNS")
    stop(Running(), heard, context)
    assert "MACHINE_ARNS" in heard[0]["Reason"]
    assert heard[0]["Status"] == "FAILED"


def test_only_what_runs_is_listed_and_a_machine_that_is_gone_has_nothing(
    stub: Callable[[str], Any],
) -> None:
    states = stub("stepfunctions")
    wanted = {"stateMachineArn": HOLD, "statusFilter": "RUNNING"}
    arn = "arn:aws:states:us-east-1:111111111111:execution:h:1"
    one = {"executionArn": arn, "stateMachineArn": HOLD, "name": "1", "status": "RUNNING"}
    states.add_response(
        "list_executions", {"executions": [{**one, "startDate": 0}], "nextToken": "t"}, wanted
    )
    states.add_response("list_executions", {"executions": []}, {**wanted, "nextToken": "t"})
    assert list(Executions().running(HOLD)) == [arn]
    states.add_client_error("list_executions", "StateMachineDoesNotExist")
    assert list(Executions().running(HOLD)) == []
    states.add_client_error("stop_execution", "ExecutionDoesNotExist")
    with pytest.raises(NotFound, match="states:StopExecution"):
        Executions().stop(arn)


# --- memory ---


def remembers(by: str) -> Row:
    row = kept(SUBJECT, Remembered("accepted", by, "a rule", "", "2026-11-30T08:00:00+00:00"), None)
    assert row.row
    return row.row


class Table:
    """A ledger in memory."""

    def __init__(self, *rows: Row) -> None:
        self.held = {row.key: row for row in rows}

    def rows(self, pk: str, prefix: str = "") -> list[Row]:
        return [row for key, row in self.held.items() if key.pk == pk]

    def write(self, writes: list[Write]) -> set[Key]:
        refused = {write.key for write in writes if write.key in self.held}
        self.held |= {w.key: w.row for w in writes if w.row and w.key not in refused}
        return refused


def recall(
    tables: Mapping[str, Any], heard: Heard, context: SimpleNamespace, kind: str = "Create"
) -> None:
    recall_memory.handler(
        request(kind),
        context,
        earlier=lambda prefix, own: [n for n in tables if n.startswith(prefix) and n != own],
        ledger=tables.__getitem__,
        send=heard,
        pause=lambda _seconds: None,
    )


def test_a_new_ledger_takes_over_who_was_let_in_and_nothing_else(
    heard: Heard, context: SimpleNamespace
) -> None:
    told = Row(Key("finding", "x"), 1, True, "e", "2026-11-30T08:00:00+00:00")
    hold = Row(Key("hold", "vpce-1"), 1, True, "e", "2026-11-30T08:00:00+00:00")
    own, old = Table(), Table(told, hold, remembers("autopilot"))
    recall({OWN: own, f"{PREFIX}OLD": old}, heard, context)
    assert own.held == {remembers("autopilot").key: remembers("autopilot")}
    assert heard[0]["Status"] == "SUCCESS"


def test_the_youngest_table_that_remembers_anything_counts(
    heard: Heard, context: SimpleNamespace
) -> None:
    tables = {
        OWN: Table(),
        f"{PREFIX}EMPTY": Table(),
        f"{PREFIX}B": Table(remembers("arn:aws:iam::111111111111:user/maria")),
        f"{PREFIX}A": Table(remembers("autopilot")),
    }
    recall(tables, heard, context)
    (row,) = tables[OWN].rows("connection")
    assert row.body["by"] == "arn:aws:iam::111111111111:user/maria"


def test_what_is_remembered_already_stays(heard: Heard, context: SimpleNamespace) -> None:
    own = Table(remembers("arn:aws:iam::111111111111:user/maria"))
    recall({OWN: own, f"{PREFIX}OLD": Table(remembers("autopilot"))}, heard, context)
    (row,) = own.rows("connection")
    assert row.body["by"] == "arn:aws:iam::111111111111:user/maria"


@pytest.mark.parametrize("kind", ["Update", "Delete"])
def test_only_a_new_stack_recalls(kind: str, heard: Heard, context: SimpleNamespace) -> None:
    own = Table()
    recall({OWN: own, f"{PREFIX}OLD": Table(remembers("autopilot"))}, heard, context, kind)
    assert own.held == {}
    assert heard[0]["Status"] == "SUCCESS"


def test_a_stack_that_may_not_remember_is_not_made(heard: Heard, context: SimpleNamespace) -> None:
    class Denied(Table):
        def rows(self, pk: str, prefix: str = "") -> list[Row]:
            raise AccessDenied("dynamodb:Query: no")

    recall({OWN: Table(), f"{PREFIX}OLD": Denied()}, heard, context)
    assert heard[0]["Status"] == "FAILED"
    assert heard[0]["Reason"] == "AccessDenied: dynamodb:Query: no"


def test_a_role_that_is_as_new_as_the_stack_is_given_a_moment(
    heard: Heard, context: SimpleNamespace
) -> None:
    class Propagating(Table):
        denied = 3

        def rows(self, pk: str, prefix: str = "") -> list[Row]:
            self.denied -= 1
            if self.denied >= 0:
                raise AccessDenied("dynamodb:Query: no")
            return super().rows(pk, prefix)

    own = Table()
    recall({OWN: own, f"{PREFIX}OLD": Propagating(remembers("autopilot"))}, heard, context)
    assert heard[0]["Status"] == "SUCCESS"
    assert own.held


def test_earlier_ledgers_are_those_of_the_stacks_name_the_youngest_first(
    stub: Callable[[str], Any],
) -> None:
    dynamodb = stub("dynamodb")
    names = ["Another-LedgerTable9343E4AA-X", f"{PREFIX}A", f"{PREFIX}B", f"{PREFIX}GONE", OWN]
    dynamodb.add_response("list_tables", {"TableNames": [*names, f"{PREFIX}GOING"]}, {})
    for name, at, status in (("A", 1, "ACTIVE"), ("B", 2, "ACTIVE")):
        table = {
            "TableName": PREFIX + name,
            "CreationDateTime": at,
            "TableStatus": status,
            "KeySchema": KEYS,
        }
        dynamodb.add_response("describe_table", {"Table": table}, {"TableName": PREFIX + name})
    dynamodb.add_client_error("describe_table", "ResourceNotFoundException")
    going = {
        "TableName": f"{PREFIX}GOING",
        "CreationDateTime": 3,
        "TableStatus": "DELETING",
        "KeySchema": KEYS,
    }
    dynamodb.add_response("describe_table", {"Table": going})
    assert list(youngest_first(PREFIX, OWN)) == [f"{PREFIX}B", f"{PREFIX}A"]


def described(name: str, at: int) -> dict[str, Any]:
    made = datetime.fromtimestamp(at, UTC)
    known = {
        "TableName": name,
        "CreationDateTime": made,
        "TableStatus": "ACTIVE",
        "KeySchema": KEYS,
    }
    return {"Table": known}


def test_a_ledger_tells_of_its_stack_which_cloudformation_knows_or_not(
    stub: Callable[[str], Any],
) -> None:
    """One that was deleted and made again under its name has two: the youngest is its own."""
    dynamodb, cloudformation = stub("dynamodb"), stub("cloudformation")
    spoke = "StackSet-EndpointAutopilot-canary-1f2e"
    gone = "StackSet-EndpointAutopilot-gone-3d4c"
    made = {f"{PREFIX}A": 1, f"{gone}-{TABLE}-B": 2, f"{PREFIX}C": 3, f"{spoke}-{TABLE}-D": 4}
    dynamodb.add_response("list_tables", {"TableNames": [*made][:3]}, {})
    names = [*made]
    for name in names:
        dynamodb.add_response("describe_table", described(name, made[name]), {"TableName": name})
    stack = "EndpointAutopilot"
    known = {"StackName": stack, "StackStatus": "DELETE_FAILED", "CreationTime": 0}
    cloudformation.add_response("describe_stacks", {"Stacks": [known]}, {"StackName": stack})
    cloudformation.add_client_error(
        "describe_stacks", "ValidationError", f"Stack with id {gone} does not exist"
    )
    found_stacks = stacks_like(f"{PREFIX} StackSet-EndpointAutopilot-*-{TABLE}-", names[3])
    assert [(each.name, each.table[-1], each.status) for each in found_stacks] == [
        (spoke, "D", ""),  # our own, of which nobody is asked
        ("EndpointAutopilot", "C", "DELETE_FAILED"),
        (gone, "B", ""),
        ("EndpointAutopilot", "A", ""),
    ]
    cloudformation.add_client_error("describe_stacks", "AccessDenied", "no")
    dynamodb.add_response("list_tables", {"TableNames": names[:1]}, {})
    for name in (names[0], names[3]):
        dynamodb.add_response("describe_table", described(name, 1), {"TableName": name})
    with pytest.raises(AccessDenied, match="cloudformation:DescribeStacks"):
        stacks_like(PREFIX, names[3])


def test_a_ledger_that_was_restored_from_a_backup_is_no_stacks(
    stub: Callable[[str], Any],
) -> None:
    """CloudFormation is asked of none: a stack by what seems its name could not even be looked at,
    and every stack of the account would fail by it."""
    dynamodb, _cloudformation = stub("dynamodb"), stub("cloudformation")
    names = [f"{PREFIX}A-restored", OWN]
    dynamodb.add_response("list_tables", {"TableNames": names}, {})
    for name in names:
        dynamodb.add_response("describe_table", described(name, 1), {"TableName": name})
    found = stacks_like(PREFIX, OWN)
    assert {each.table: each.stands for each in found} == dict.fromkeys(names, False)


def test_without_a_prefix_no_table_is_an_earlier_ledger() -> None:
    with pytest.raises(ValueError, match="every table"):
        list(youngest_first("", OWN))


# --- the answer's way ---


@pytest.fixture
def bucket() -> Iterator[tuple[str, list[tuple[str, str, bytes]], list[int]]]:
    """A server that takes answers, with the statuses that it is to give first."""
    taken: list[tuple[str, str, bytes]] = []
    statuses: list[int] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            taken.append((self.path, self.headers["Content-Type"], body))
            self.send_response(statuses.pop(0) if statuses else 200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}", taken, statuses
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_answer_is_put_where_cloudformation_waits_without_a_content_type(
    bucket: tuple[str, list[tuple[str, str, bytes]], list[int]],
) -> None:
    url, taken, statuses = bucket
    statuses += [503]
    event = {**request("Create"), "ResponseURL": f"{url}/answer?Signature=a%2Bb"}
    assert custom_resource.serve(event, "Create", lambda: None, None) == ""
    assert [(path, kind) for path, kind, _ in taken] == [("/answer?Signature=a%2Bb", "")] * 2
    assert json.loads(taken[-1][2])["Status"] == "SUCCESS"


def test_an_answer_that_nobody_takes_lets_lambda_try_again(
    bucket: tuple[str, list[tuple[str, str, bytes]], list[int]],
) -> None:
    url, _, statuses = bucket
    statuses += [403]
    event = {**request("Create"), "ResponseURL": url}
    with pytest.raises(custom_resource.NotHeard, match="403"):
        custom_resource.serve(event, "Create", lambda: None, None)
    with pytest.raises(custom_resource.NotHeard):
        custom_resource.serve(
            {**event, "ResponseURL": "http://127.0.0.1:1/"}, "Create", lambda: None, None
        )


def test_a_long_reason_fits_into_an_answer(heard: Heard) -> None:
    def fails() -> None:
        raise RefusedByAws("x" * 5000)

    assert custom_resource.serve(request("Create"), "Create", fails, heard).startswith(
        "RefusedByAws: x"
    )
    assert len(json.dumps(heard[0])) < 4096
