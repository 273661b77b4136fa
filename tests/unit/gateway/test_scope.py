"""Where to look, as a person may write it by hand."""

from __future__ import annotations

from typing import Any

import pytest
from autopilot.reconcile.scope import WHOLE_NETWORK, NetworkScope


@pytest.mark.parametrize("written", ["everything", 7, ["vpc-1"], None])
def test_says_what_may_be_written(written: Any) -> None:
    with pytest.raises(ValueError, match='write "all" or an object of id lists'):
        NetworkScope.from_json(written)


def test_reads_all_and_lists() -> None:
    assert NetworkScope.from_json("all") == WHOLE_NETWORK
    assert NetworkScope.from_json({"vpc_ids": ["vpc-2", "vpc-1"]}) == NetworkScope(
        vpc_ids=("vpc-1", "vpc-2")
    )
