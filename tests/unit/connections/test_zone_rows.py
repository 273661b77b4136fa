"""What the zone check has found is remembered, and forgotten where nobody knows any more."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from autopilot.connections.report import ConnectionReport
from autopilot.connections.reported import view_of
from autopilot.connections.zone_rows import ZONES, compared, found
from autopilot.connections.zones import Alignment, Status, ZonesReport
from autopilot.notify.ledger import Memory, Row

from tests.unit.connections.builders import CONSUMER, ENDPOINT, EXECUTION, NOW, SERVICE

FINE = Alignment(SERVICE, ENDPOINT, CONSUMER, "aligned", shared=("use1-az1",))
APART = replace(FINE, status="partial", would_serve={"use1-az2": ("subnet-2",)})


def written(alignment: Alignment, *known: Row, now: Any = NOW) -> Any:
    return compared([alignment], known, execution=EXECUTION, now=now)


def row_of(alignment: Alignment) -> Row:
    (write,) = written(alignment)
    assert isinstance(write.row, Row)
    return write.row


@pytest.mark.parametrize("alignment", [FINE, APART])
def test_what_was_compared_is_read_back(alignment: Alignment) -> None:
    row = row_of(alignment)
    assert (row.key.pk, row.key.sk) == (ZONES, f"{SERVICE}/{ENDPOINT}")
    assert found(row) == alignment


def test_what_is_still_so_is_not_written_again_until_it_fades() -> None:
    row = row_of(FINE)
    assert written(FINE, row, now=NOW + timedelta(days=44)) == ()
    (renewed,) = written(FINE, row, now=NOW + timedelta(days=46))
    assert (renewed.replaces, renewed.row.version) == (1, 2)


def test_what_has_changed_replaces_what_was() -> None:
    (write,) = written(APART, row_of(FINE))
    assert write.replaces == 1
    assert found(write.row) == APART


@pytest.mark.parametrize("status", ["unknown", "not_applicable"])
def test_what_nobody_can_know_any_more_is_forgotten(status: Status) -> None:
    (write,) = written(replace(FINE, status=status), row_of(FINE))
    assert (write.row, write.replaces) == (None, 1)
    assert written(replace(FINE, status=status)) == ()


def test_a_report_notes_what_it_has_compared() -> None:
    report = ConnectionReport(EXECUTION, "sweep", None, zones=ZonesReport((FINE,)))
    noted = view_of(report, Memory()).noted
    assert noted is not None and noted.partition == ZONES
    assert [write.key.sk for write in noted.writes((), NOW)] == [f"{SERVICE}/{ENDPOINT}"]


def test_a_report_without_zones_notes_nothing() -> None:
    report = ConnectionReport(EXECUTION, "sweep", None, zones=ZonesReport())
    assert view_of(report, Memory()).noted is None
