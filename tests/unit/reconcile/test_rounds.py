"""Which findings a plan has room for."""

from __future__ import annotations

from typing import Any

import pytest
from autopilot.notify.finding import Finding
from autopilot.reconcile.rounds import tellable


def finding(kind: str, subject: str) -> Finding:
    return Finding(kind, subject, "action", {})


HELD = finding("ConnectionHeld", "vpce-svc-2/vpce-1")
NOT_ALLOWED = [finding("ConnectionNotAllowed", f"vpce-svc-1/vpce-{n}") for n in range(9)]
ROOM = 400  # bytes: three of them or four


def test_what_waits_for_a_person_goes_before_what_stands_whichever_service_has_it() -> None:
    told, looked_at = tellable(
        [*NOT_ALLOWED, HELD],
        "service_id",
        ["vpce-svc-1", "vpce-svc-2"],
        "all",
        most=ROOM,
        whole=False,
    )
    assert told[0] == HELD
    assert 1 < len(told) < 10, "a service that has more than fit tells what fits"
    assert looked_at == ("vpce-svc-2",), "and takes nothing back"


def test_a_vpc_whose_findings_do_not_all_fit_tells_none_of_them() -> None:
    first, second = [finding("B", f"vpc-1/{n}") for n in range(2)], finding("A", "vpc-2/s3")
    many = [finding("A", f"vpc-3/{n}") for n in range(9)]
    told, looked_at = tellable(
        [*many, second, *first], "vpc_id", ["vpc-1", "vpc-2", "vpc-3"], "all", most=ROOM
    )
    assert told == (*first, second), "VPC by VPC"
    assert looked_at == ("vpc-1", "vpc-2")


@pytest.mark.parametrize("looked_at", ["all", ("vpc-1",)])
def test_what_fits_is_told_as_it_was_looked_at(looked_at: Any) -> None:
    one = finding("A", "vpc-1/s3")
    assert tellable([one], "vpc_id", ["vpc-1"], looked_at) == ((one,), looked_at)
