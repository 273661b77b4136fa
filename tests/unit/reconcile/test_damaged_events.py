"""Whatever is damaged in an event, only that one message of a batch is put aside."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autopilot.reconcile.batch import Batch, sort
from autopilot.reconcile.wakeup import merge
from hypothesis import given
from hypothesis import strategies as st
from intake import READERS

HERE = Path(__file__).parents[2]
EVENTS: list[Any] = [
    json.loads(path.read_text())
    for path in sorted((HERE / "events").glob("*.json"))
    if not path.stem.startswith("notification")
] + [
    event
    for path in sorted((HERE / "events-real").glob("*.json"))
    for event in json.loads(path.read_text())["events"]
]
GOOD = (HERE / "events" / "create_vpc.json").read_text()

scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("\ud800")
) | st.sampled_from(["vpc-1", "rtb-1", "vpce-1", "sg-1", "vpce-svc-1", "subnet-1", "omitted"])
junk = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5
)


@given(st.sampled_from(EVENTS), st.data(), junk)
def test_any_value_in_any_place_harms_no_other_message(
    event: Any, data: st.DataObject, value: Any
) -> None:
    made = copy.deepcopy(event)
    node, key = data.draw(st.sampled_from(list(_places(made))))
    node[key] = value

    batch = sort(
        [{"messageId": "bad", "body": json.dumps(made)}, {"messageId": "good", "body": GOOD}],
        READERS,
    )

    assert "good" in batch.woken["network"] and "good" in batch.woken["interfaces"]
    assert [message.message_id for message in batch.unreadable] in ([], ["bad"])
    _read_by_the_workflows(batch)


def _read_by_the_workflows(batch: Batch) -> None:
    """Every look's input is text that Step Functions takes, and has a name."""
    for woken in batch.woken.values():
        if not woken:
            continue
        look = merge(woken.values())
        assert len(look.name) <= 80
        json.dumps(look.document(), allow_nan=False, ensure_ascii=False).encode()


def _places(node: Any) -> Iterator[tuple[Any, Any]]:
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        yield node, key
        if isinstance(value, dict | list):
            yield from _places(value)
