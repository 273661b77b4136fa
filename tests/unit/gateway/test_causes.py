"""Why a change became needed, as far as events told."""

from __future__ import annotations

import pytest
from autopilot.gateway.plan import Cause, NetworkRequest

from tests.unit.gateway.builders import facts, ours, planned, table, vpc


@pytest.mark.parametrize(
    ("expect", "with_ours", "cause"),
    [
        (("vpc-1",), False, "new-vpc"),
        (("vpc-1", "rtb-1"), False, "new-vpc"),
        (("rtb-1",), False, "new-table"),
        (("rtb-1",), True, "new-table"),
        (("vpc-2", "rtb-9"), False, "no-endpoint"),
        ((), False, "no-endpoint"),
        ((), True, "table-without-route"),
    ],
)
def test_cause(expect: tuple[str, ...], with_ours: bool, cause: Cause) -> None:
    seen = facts(vpc(), table("rtb-1"), *([ours("vpce-1")] if with_ours else []))

    (item,) = planned(seen, request=NetworkRequest(expect=expect)).items

    assert item.cause == cause
