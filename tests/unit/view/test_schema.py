"""The published schema of the view: what it says is what is printed."""

from __future__ import annotations

import json
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # has no stubs here
import pytest
from autopilot.interfaces.facts import Facts, Subnet
from autopilot.reconcile.codec import encode
from autopilot.view.overview import overview

from tests.unit.connections.builders import connection, service
from tests.unit.connections.builders import facts as connections
from tests.unit.gateway.builders import facts, table, vpc
from tests.unit.view.builders import seen
from tests.view_schema import FILE, schema, text


def shown() -> Any:
    """A view with something in each list but the problems, as JSON."""
    network = facts(vpc(), table(subnet_ids=("subnet-1",)), busy=["subnet-1"])
    subnets = Facts(subnets=(Subnet("subnet-1", "vpc-1", "use1-az1"),))
    there = connections(connection("vpce-1"), services=(service(zone_ids=("use1-az1",)),))
    things = seen(network, subnets, there, unread={"offered services": "denied"})
    return json.loads(json.dumps(encode(overview(things))))


def test_the_file_is_what_the_types_say() -> None:
    assert FILE.read_text() == text(), "python -m tests.view_schema writes it anew"


def test_a_view_fits_the_schema() -> None:
    jsonschema.validate(shown(), schema())


@pytest.mark.parametrize("key", ["place", "vpcs"])
def test_what_is_no_view_does_not_fit(key: str) -> None:
    broken = {**shown(), key: "something else"}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, schema())
