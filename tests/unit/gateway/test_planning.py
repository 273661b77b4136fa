"""What is planned: which route tables get which endpoint, and what is left alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from autopilot.gateway.facts import Facts
from autopilot.policy.document import FULL_ACCESS
from autopilot.policy.model import Policy

from tests.unit.gateway.builders import (
    DYNAMODB,
    OTHERS,
    endpoint,
    facts,
    ours,
    planned,
    policy,
    table,
    vpc,
)

DENY = json.dumps({"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "*"}]})
SKIP = {"endpoint-autopilot": "off"}

# Facts, policy, items as (id, action, endpoint, tables, set_policy, cause), what was left.
CASES: dict[str, tuple[Facts, Policy, list[tuple[Any, ...]], Mapping[str, int]]] = {
    "a VPC without an endpoint gets one for its main table": (
        facts(vpc(), table("rtb-1", main=True)),
        policy(),
        [("vpc-1/s3", "create", None, ("rtb-1",), True, "no-endpoint")],
        {},
    ),
    "one endpoint serves all tables in one call": (
        facts(vpc(), table("rtb-2"), table("rtb-1", main=True), table("rtb-3")),
        policy(),
        [("vpc-1/s3", "create", None, ("rtb-1", "rtb-2", "rtb-3"), True, "no-endpoint")],
        {},
    ),
    "each service has its own": (
        facts(vpc(), table()),
        policy(services=("s3", "dynamodb", "s3express")),
        [
            ("vpc-1/s3", "create", None, ("rtb-1",), True, "no-endpoint"),
            ("vpc-1/dynamodb", "create", None, ("rtb-1",), True, "no-endpoint"),
            ("vpc-1/s3express", "create", None, ("rtb-1",), True, "no-endpoint"),
        ],
        {},
    ),
    "a table that our endpoint lost, or never had, joins it": (
        facts(vpc(), table("rtb-1"), table("rtb-2"), ours("vpce-1", ["rtb-1"])),
        policy(),
        [("vpc-1/s3", "modify", "vpce-1", ("rtb-2",), False, "table-without-route")],
        {"already covered": 1},
    ),
    "a VPC that somebody is deleting is left while we stay away": (
        facts(vpc("vpc-1"), table(), withdrawn=frozenset({"vpc-1"})),
        policy(),
        [],
        {"stepped aside": 1},
    ),
    "a table that somebody serves himself is left for that service": (
        facts(vpc(), table("rtb-1"), table("rtb-2"), withdrawn=frozenset({"rtb-1/s3"})),
        policy(services=("s3", "dynamodb")),
        [
            ("vpc-1/s3", "create", None, ("rtb-2",), True, "no-endpoint"),
            ("vpc-1/dynamodb", "create", None, ("rtb-1", "rtb-2"), True, "no-endpoint"),
        ],
        {"stepped aside": 1},
    ),
    "a table that others' endpoint serves is left to it": (
        facts(vpc(), table(), endpoint("vpce-1", ["rtb-1"])),
        policy(),
        [],
        {"already covered": 1},
    ),
    "a table that others' endpoint leaves out gets one of ours, theirs stays as it is": (
        facts(vpc(), table("rtb-1"), table("rtb-2"), endpoint("vpce-1", ["rtb-1"])),
        policy(),
        [("vpc-1/s3", "create", None, ("rtb-2",), True, "no-endpoint")],
        {"already covered": 1},
    ),
    "an endpoint for another service covers nothing": (
        facts(vpc(), table(), endpoint("vpce-1", ["rtb-1"], service_name=DYNAMODB)),
        policy(),
        [("vpc-1/s3", "create", None, ("rtb-1",), True, "no-endpoint")],
        {},
    ),
    "an endpoint that AWS manages counts as others', whatever its tags": (
        facts(vpc(), table("rtb-1"), table("rtb-2"), ours("v", ["rtb-1"], requester_managed=True)),
        policy(),
        [("vpc-1/s3", "create", None, ("rtb-2",), True, "no-endpoint")],
        {"already covered": 1},
    ),
    "another stack's endpoint counts as others'": (
        facts(vpc(), table(), ours("vpce-1", [], tags={"endpoint-autopilot:owner": "Other"})),
        policy(),
        [("vpc-1/s3", "create", None, ("rtb-1",), True, "no-endpoint")],
        {},
    ),
    "of several of ours the oldest takes the table": (
        facts(
            vpc(),
            table("rtb-1"),
            table("rtb-2"),
            ours("vpce-1", ["rtb-1"], created="2026-11-02T00:00:00+00:00"),
            ours("vpce-2", created="2026-11-01T00:00:00+00:00"),
        ),
        policy(),
        [("vpc-1/s3", "modify", "vpce-2", ("rtb-2",), False, "table-without-route")],
        {"already covered": 1},
    ),
    "a VPC that others share with us is left alone": (
        facts(vpc(owner=OTHERS), table()),
        policy(),
        [],
        {"shared by another account": 1},
    ),
    "a VPC that is being deleted is left alone": (
        facts(vpc(state="deleting"), table()),
        policy(),
        [],
        {"VPC being deleted": 1},
    ),
    "a VPC that isn't ready yet is served": (
        facts(vpc(state="pending"), table()),
        policy(),
        [("vpc-1/s3", "create", None, ("rtb-1",), True, "no-endpoint")],
        {},
    ),
    "a VPC opted out by tag is left alone": (
        facts(vpc(tags=SKIP), table(), ours("vpce-1", [], policy=DENY)),
        policy(skip_tags=SKIP),
        [],
        {"VPC opted out by tag": 1},
    ),
    "the tag's other values opt nothing out": (
        facts(vpc(tags={"endpoint-autopilot": "on"}), table()),
        policy(skip_tags=SKIP),
        [("vpc-1/s3", "create", None, ("rtb-1",), True, "no-endpoint")],
        {},
    ),
    "a star opts out with any value": (
        facts(vpc(tags={"env": "lab"}), table()),
        policy(skip_tags={"env": "*"}),
        [],
        {"VPC opted out by tag": 1},
    ),
    "a table opted out by tag is left out": (
        facts(vpc(), table("rtb-1"), table("rtb-2", tags=SKIP)),
        policy(skip_tags=SKIP),
        [("vpc-1/s3", "create", None, ("rtb-1",), True, "no-endpoint")],
        {"table opted out by tag": 1},
    ),
    "a table opted out by tag keeps what it has": (
        facts(vpc(), table("rtb-1", tags=SKIP), ours("vpce-1", ["rtb-1"])),
        policy(skip_tags=SKIP),
        [],
        {"table opted out by tag": 1},
    ),
    "an edge table takes no endpoint": (
        facts(vpc(), table("rtb-1"), table("rtb-2", edge=True)),
        policy(),
        [("vpc-1/s3", "create", None, ("rtb-1",), True, "no-endpoint")],
        {"edge table": 1},
    ),
    "a VPC without tables wants nothing": (facts(vpc()), policy(), [], {}),
    "an endpoint that is being deleted covers nothing and takes nothing": (
        facts(vpc(), table(), ours("vpce-1", ["rtb-1"], state="Deleting")),
        policy(),
        [("vpc-1/s3", "create", None, ("rtb-1",), True, "no-endpoint")],
        {},
    ),
    "others' failed endpoint covers nothing": (
        facts(vpc(), table(), endpoint("vpce-1", ["rtb-1"], state="failed")),
        policy(),
        [("vpc-1/s3", "create", None, ("rtb-1",), True, "no-endpoint")],
        {},
    ),
    "beside a failed one of ours no second one is made": (
        facts(vpc(), table(), ours("vpce-1", ["rtb-1"], state="failed")),
        policy(),
        [],
        {"our endpoint failed": 1},
    ),
    "an endpoint in the making covers": (
        facts(vpc(), table(), ours("vpce-1", ["rtb-1"], state="Pending")),
        policy(),
        [],
        {"already covered": 1},
    ),
    "an endpoint that is there in part covers": (
        facts(vpc(), table(), ours("vpce-1", ["rtb-1"], state="partial")),
        policy(),
        [],
        {"already covered": 1},
    ),
    "our endpoint's policy is set back": (
        facts(vpc(), table(), ours("vpce-1", ["rtb-1"], policy=DENY)),
        policy(),
        [("vpc-1/s3", "modify", "vpce-1", (), True, "policy-drift")],
        {"already covered": 1},
    ),
    "tables and policy of one endpoint are one change": (
        facts(vpc(), table("rtb-1"), table("rtb-2"), ours("vpce-1", ["rtb-1"])),
        policy(endpoint_policy="deny", documents={"deny": DENY}),
        [("vpc-1/s3", "modify", "vpce-1", ("rtb-2",), True, "table-without-route")],
        {"already covered": 1},
    ),
    "each of several of ours gets its policy back": (
        facts(
            vpc(),
            table("rtb-1"),
            table("rtb-2"),
            ours("vpce-1", ["rtb-1"], policy=DENY),
            ours("vpce-2", ["rtb-2"], policy=DENY, created="2026-11-02T00:00:00+00:00"),
        ),
        policy(),
        [
            ("vpc-1/s3", "modify", "vpce-1", (), True, "policy-drift"),
            ("vpc-1/s3/vpce-2", "modify", "vpce-2", (), True, "policy-drift"),
        ],
        {"already covered": 2},
    ),
    "others' policies are theirs": (
        facts(vpc(), table(), endpoint("vpce-1", ["rtb-1"], policy=DENY)),
        policy(),
        [],
        {"already covered": 1},
    ),
    "the policy that AWS attaches by itself is full access": (
        facts(vpc(), table(), ours("vpce-1", ["rtb-1"], policy=FULL_ACCESS)),
        policy(),
        [],
        {"already covered": 1},
    ),
    "a service named twice is one": (
        facts(vpc(), table()),
        policy(services=("s3", "s3")),
        [("vpc-1/s3", "create", None, ("rtb-1",), True, "no-endpoint")],
        {},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_plans(case: str) -> None:
    seen, wanted, items, left = CASES[case]

    made = planned(seen, wanted)

    assert [
        (i.id, i.action, i.endpoint_id, i.route_table_ids, i.set_policy, i.cause)
        for i in made.items
    ] == items
    assert made.left == left


def test_names_the_policy_and_the_service_in_full() -> None:
    wanted = policy(endpoint_policy="deny", documents={"deny": DENY})

    (item,) = planned(facts(vpc(), table()), wanted).items

    assert item.endpoint_policy == "deny"
    assert item.service_name == "com.amazonaws.us-east-1.s3"


def test_repairs_before_it_creates() -> None:
    seen = facts(
        vpc("vpc-1"),
        table("rtb-1", "vpc-1"),
        vpc("vpc-2"),
        table("rtb-2", "vpc-2"),
        ours("vpce-2", vpc_id="vpc-2"),
    )

    assert [item.action for item in planned(seen).items] == ["modify", "create"]


@pytest.mark.parametrize(
    ("seen", "wanted", "reason"),
    [
        (
            facts(vpc(), table("rtb-1"), table("rtb-2")),
            policy(),
            "there is no endpoint of ours, 2 route tables are without a route to S3",
        ),
        (
            facts(vpc(), table(), ours("vpce-1")),
            policy(),
            "our endpoint is there but doesn't reach every route table, "
            "1 route table is without a route to S3",
        ),
        (
            facts(vpc(), ours("vpce-1", policy=DENY)),
            policy(),
            "our endpoint is there, its policy isn't the wanted one (full access)",
        ),
        (
            facts(vpc(), ours("vpce-1")),
            policy(endpoint_policy="deny", documents={"deny": DENY}),
            "our endpoint is there, its policy isn't the wanted one (deny)",
        ),
    ],
)
def test_gives_reasons_in_words(seen: Facts, wanted: Policy, reason: str) -> None:
    (item,) = planned(seen, wanted).items

    assert item.reason == reason


def test_reports_ours_that_failed() -> None:
    seen = facts(vpc(), table(), ours("vpce-1", ["rtb-1"], state="Failed"))

    (finding,) = planned(seen).findings

    assert finding.id == "EndpointFailed/vpc-1/s3"
    assert finding.severity == "failure"
    assert finding.data == {"endpoint_id": "vpce-1", "state": "Failed"}


@pytest.mark.parametrize(
    ("name", "borne", "differs"),
    [("deny", "", True), ("deny", FULL_ACCESS, True), ("deny", DENY, False), (None, DENY, False)],
)
def test_reports_others_that_bear_another_policy(
    name: str | None, borne: str, differs: bool
) -> None:
    theirs = endpoint("vpce-9", ["rtb-1"], policy=borne)
    documents = {"deny": DENY}

    made = planned(facts(vpc(), table(), theirs), policy(endpoint_policy=name, documents=documents))

    assert not made.items
    assert [finding.to_json() for finding in made.findings] == differs * [
        {
            "id": "ForeignEndpointPolicy/vpc-1/s3",
            "kind": "ForeignEndpointPolicy",
            "subject": "vpc-1/s3",
            "severity": "info",
            "data": {"endpoint_ids": ["vpce-9"], "endpoint_policy": "deny"},
        }
    ]


def test_serves_by_a_living_one_of_ours_although_another_failed() -> None:
    seen = facts(
        vpc(), table(), ours("vpce-1", state="failed"), ours("vpce-2", created="2026-11-02")
    )

    made = planned(seen)

    assert [item.endpoint_id for item in made.items] == ["vpce-2"]
    assert [finding.kind for finding in made.findings] == ["EndpointFailed"]
