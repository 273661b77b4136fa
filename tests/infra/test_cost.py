"""What the stack costs: at most two dollars a month idle, six when there is always something."""

from __future__ import annotations

import json
import re

import pytest
from autopilot.aws import tell
from autopilot.notify.history import writes_of
from autopilot.notify.ledger import Memory
from autopilot.workflows import CATALOG

from infra.metrics import OWN
from tests.infra.prices import HISTORY_KB, HOURS, Month, monthly
from tests.infra.synthesis import ROOT, Synthesis
from tests.unit.connections.reports import ALICE, answer, connections, held, hold_end
from tests.unit.notify.reports import NOW, compared, place

IDLE = Month()
# A look every quarter of an hour, day and night, that changes something and holds somebody.
# Each leaves four entries of history: what changed, that somebody is held, that this is over, and
# who answered; four rows each (the day, service, endpoint and account).
BUSY = Month(looks=4 * HOURS, hours=HOURS, transitions=14, calls=5, history=4 * 4)


def test_a_row_of_history_is_no_larger_than_is_paid_for() -> None:
    accepted = connections(answer("vpce-0123456789abcdef0"))
    waiting = connections(findings=[held("vpce-svc-0123456789abcdef0/vpce-0123456789abcdef0")])
    ended = hold_end("accept", answer("vpce-1", by=ALICE), by=ALICE)
    for each in (accepted, waiting, ended):
        delta, nothing = compared(each, Memory()), Memory()
        writes = writes_of(delta, nothing, place(each.execution), CATALOG, NOW)
        assert len(writes) <= 4
        sizes = [len(json.dumps(vars(write.row), default=str)) for write in writes]
        assert max(sizes) <= HISTORY_KB * 1000


@pytest.mark.parametrize(("month", "most"), [(IDLE, 2.0), (BUSY, 6.0)], ids=["idle", "busy"])
def test_a_month_costs_no_more_than_promised(stack: Synthesis, month: Month, most: float) -> None:
    parts = monthly(stack, month)
    assert sum(parts.values()) <= most, {what: round(usd, 3) for what, usd in parts.items()}


def test_the_readme_says_what_the_template_costs(stack: Synthesis) -> None:
    said = re.search(r"About ([\d.]+) USD a month idle.*?about ([\d.]+)", readme(), re.DOTALL)
    assert said
    costs = [sum(monthly(stack, month).values()) for month in (IDLE, BUSY)]
    assert [float(said[1]), float(said[2])] == [round(cost, 1) for cost in costs]
    alarms = len(stack.of_type("AWS::CloudWatch::Alarm"))
    assert f"{alarms} alarms" in readme()
    assert f"{len(OWN)} metrics" in readme()


def readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


def test_one_dashboard_leaves_two_of_an_accounts_free_ones(stack: Synthesis) -> None:
    assert len(stack.of_type("AWS::CloudWatch::Dashboard")) == 1


def test_no_function_writes_a_metric_that_nobody_counted() -> None:
    assert set(tell._UNITS) == set(OWN)
    written = [
        path.name
        for path in (ROOT / "functions").rglob("*.py")
        if re.search(r"\badd_metric\(|\bput_metric_data\(", path.read_text(encoding="utf-8"))
    ]
    assert written == ["tell.py"]
