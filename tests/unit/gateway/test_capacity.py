"""A plan and what goes with it fit into a state of the workflow, however large the account."""

from __future__ import annotations

import json

from autopilot.gateway.plan import NetworkRequest
from autopilot.reconcile.codec import encode
from autopilot.reconcile.quota import Limit

from tests.unit.gateway.builders import facts, ours, outcome, planned, policy, table, vpc

STATE = 256 * 1024


def wide(vpcs: int) -> list[str]:
    return [f"vpc-{n:017x}" for n in range(vpcs)]


LARGE = facts(
    *(vpc(v) for v in wide(300)),
    *(table(f"rtb-{v[-6:]}{n:011x}", v) for v in wide(300) for n in range(50)),
    *(ours(f"vpce-{v[-6:]}", vpc_id=v) for v in wide(300)),
)


def test_a_plan_of_wide_vpcs_is_cut_by_its_tables() -> None:
    made = planned(LARGE)

    assert len(made.items) == 20  # of 50 tables each: 1,000
    assert made.more == 280
    assert len(json.dumps(encode(made))) < STATE / 4


def test_the_rest_is_still_known_after_a_plan_that_its_tables_cut() -> None:
    outcomes = tuple(outcome(item) for item in planned(LARGE).items)

    made = planned(LARGE, request=NetworkRequest(round_number=2, outcomes=outcomes))

    assert made.more == 280


def test_findings_that_do_not_fit_are_left_out_with_their_vpcs() -> None:
    vpcs = wide(2000)
    seen = facts(*(vpc(v) for v in vpcs), *(table(f"rtb-{v[4:]}", v) for v in vpcs))
    wanted = policy("audit", services=("s3", "dynamodb", "s3express"))

    made = planned(seen, wanted, limit=Limit(100_000))

    told = {finding.vpc_id for finding in made.findings if finding.vpc_id}
    assert made.left["too many findings at once"] > 0
    assert made.looked_at != "all"
    assert told <= set(made.looked_at)
    assert len(json.dumps(encode(made))) < STATE


def test_a_vpc_speaks_for_itself_with_all_its_findings_or_not_at_all() -> None:
    vpcs = wide(1200)
    seen = facts(
        *(vpc(v) for v in vpcs),
        *(table(f"rtb-{v[4:]}", v, subnet_ids=("subnet-a",)) for v in vpcs),
        busy=["subnet-a"],
    )

    made = planned(seen, policy(services=("s3", "dynamodb")))

    told = [finding.vpc_id for finding in made.findings if finding.vpc_id]
    assert 0 < len(told) < 2400
    assert all(told.count(vpc_id) == 2 for vpc_id in set(told))


def test_leaves_room_for_the_outcomes() -> None:
    vpcs = wide(800)
    seen = facts(
        *(vpc(v) for v in vpcs),
        *(table(f"rtb-{v[4:]}", v, subnet_ids=("subnet-a",)) for v in vpcs),
        busy=["subnet-a"],
    )
    (item,) = planned(facts(vpc(), table())).items
    failed = tuple(
        outcome(item, id=f"vpc-f{n}/s3", result="failed", error="AccessDenied", message="x" * 550)
        for n in range(200)
    )

    made = planned(seen, request=NetworkRequest(round_number=2, outcomes=failed))

    together = [encode(made), [encode(each) for each in failed]]
    assert len(json.dumps(together)) < STATE
    assert made.left["too many findings at once"] > 0
