"""The view reads every row that a deployed version has left in the ledger."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from autopilot.aws.connection_memory import recall
from autopilot.connections.facts import Connection, ConnectionFacts, Service
from autopilot.notify.ledger import Key, Row
from autopilot.policy.model import Policy
from autopilot.reconcile.identity import StackIdentity
from autopilot.view.model import Overview
from autopilot.view.overview import overview
from autopilot.view.seen import PARTITIONS, Seen

from tests.unit.connections.builders import MemoryLedger

STACK = StackIdentity("EndpointAutopilot", "111111111111", "us-east-1")
COLUMNS = {"pk", "sk", "version", "told", "claimed_by", "claimed_at", "expires_at"}


def written() -> Iterator[dict[str, Any]]:
    for file in sorted((Path(__file__).parent / "as_deployed").glob("*.json")):
        for step in json.loads(file.read_text()).values():
            yield from step["writes"]


def row(item: dict[str, Any]) -> Row:
    own = {name: item.get(name) for name in ("version", "told", "claimed_by", "claimed_at")}
    body = {name: value for name, value in item.items() if name not in COLUMNS}
    return Row(Key(item["pk"], item["sk"]), **own, body=body, expires_at=item.get("expires_at"))  # type: ignore[arg-type]  # plain JSON


ROWS = [row(item) for item in written() if item["pk"] in PARTITIONS]


def shown(*rows: Row) -> Overview:
    """The view a minute after the rows were written, with a connection for each that one names."""
    ledger, subjects = MemoryLedger(), {each.key.sk for each in rows}
    ledger.table = {each.key: each for each in rows}
    found = {sk.partition("/")[2] if sk.startswith("Z") else sk for sk in subjects}
    pairs = [sk.split("/") for sk in found if sk.startswith("vpce-svc-")]
    facts = ConnectionFacts(
        services=tuple(Service(id_, zone_ids=("use1-az1",)) for id_ in {p[0] for p in pairs}),
        connections=tuple(
            Connection(endpoint, service, "222222222222", "available")
            for service, endpoint in pairs
        ),
        looked_at="all",
    )
    by_partition = {pk: ledger.rows(pk) for pk in PARTITIONS}
    now = max(datetime.fromisoformat(each.claimed_at) for each in rows) + timedelta(minutes=1)
    known = recall(facts, STACK.owner, ledger)
    return overview(Seen(STACK, Policy(), now, connections=known, rows=by_partition))


@pytest.mark.parametrize(
    "each", ROWS, ids=[f"{r.key.pk} {r.key.sk} {n}" for n, r in enumerate(ROWS)]
)
def test_a_row_of_a_deployed_version_is_shown(each: Row) -> None:
    view = shown(each)
    if each.key.pk == "finding" and each.body["change"] != "resolved" and not each.expires_at:
        assert [problem.id for problem in view.problems] == [each.key.sk]
        assert view.problems[0].headline
    if each.key.pk == "connection":
        (found,) = [c for service in view.services for c in service.connections]
        assert found.reason


def test_every_sort_of_row_that_a_deployed_version_left_is_here() -> None:
    assert {each.key.pk for each in ROWS} == set(PARTITIONS) - {"zones", "retired"}
