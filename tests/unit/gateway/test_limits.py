"""The Region's quota: asked for late, stopped at cleanly, told in time."""

from __future__ import annotations

from autopilot.gateway.facts import Endpoint, Facts, RouteTable, Vpc
from autopilot.gateway.planning import draft, limit_matters
from autopilot.reconcile.quota import Limit

from tests.unit.gateway.builders import (
    NOW,
    S3,
    endpoint,
    facts,
    looked,
    ours,
    planned,
    policy,
    table,
    vpc,
)


def region(used: int, wanting: int) -> Facts:
    """A Region with `used` endpoints, and `wanting` VPCs that have none."""
    things: list[Vpc | RouteTable | Endpoint] = [
        endpoint(f"vpce-{n:02}", vpc_id=f"vpc-{n:02}") for n in range(used)
    ]
    for n in range(wanting):
        things += [vpc(f"vpc-a{n:02}"), table(f"rtb-{n:02}", f"vpc-a{n:02}")]
    return facts(*things)


def matters(seen: Facts) -> bool:
    return limit_matters(draft(looked(seen, policy()), policy(), NOW, frozenset()), seen)


def test_asks_only_from_four_fifths_of_the_default_on() -> None:
    assert not matters(region(used=14, wanting=1))
    assert matters(region(used=15, wanting=1))
    assert matters(region(used=16, wanting=0))


def test_is_silent_below_four_fifths() -> None:
    made = planned(region(used=14, wanting=1))

    assert made.findings == ()
    assert (made.quota.used, made.quota.limit) == (14, 20)


def test_tells_ops_at_four_fifths() -> None:
    (finding,) = planned(region(used=14, wanting=2)).findings

    assert finding.id == "QuotaNear/us-east-1"
    assert finding.severity == "action"
    assert finding.data == {
        "used": 14,
        "wanted": 2,
        "limit": 20,
        "limit_read": True,
        "why_not_read": None,
    }


def test_is_silent_where_the_quota_was_raised() -> None:
    made = planned(region(used=18, wanting=2), limit=Limit(100))

    assert made.findings == ()
    assert len(made.items) == 2
    assert made.quota.limit == 100


def test_stops_at_the_limit_and_names_what_it_leaves_undone() -> None:
    made = planned(region(used=19, wanting=3))

    assert [item.id for item in made.items] == ["vpc-a00/s3"]
    (finding,) = made.findings
    assert finding.id == "QuotaReached/us-east-1"
    assert finding.data["left_undone"] == ["vpc-a01/s3", "vpc-a02/s3"]
    assert finding.data["left_undone_count"] == 2
    assert made.left["quota reached"] == 2
    assert made.more == 0


def test_names_fifty_of_those_left_undone_and_counts_the_rest() -> None:
    (finding,) = planned(region(used=20, wanting=60)).findings

    assert len(finding.data["left_undone"]) == 50
    assert finding.data["left_undone_count"] == 60


def test_says_that_the_limit_is_an_assumption() -> None:
    limit = Limit(20, why_not_read="servicequotas:GetServiceQuota: AccessDeniedException: no")

    (finding,) = planned(region(used=20, wanting=1), limit=limit).findings

    assert finding.data["limit_read"] is False
    assert finding.data["why_not_read"] == limit.why_not_read


def test_counts_beyond_the_limit_as_reached() -> None:
    made = planned(region(used=25, wanting=1))

    assert made.items == ()
    assert [finding.kind for finding in made.findings] == ["QuotaReached"]


def test_completes_a_partly_served_vpc_before_it_starts_another() -> None:
    used = region(used=18, wanting=0).endpoints
    seen = facts(
        *used,
        vpc("vpc-1"),
        table("rtb-1", "vpc-1"),
        vpc("vpc-2"),
        table("rtb-2", "vpc-2"),
        ours("vpce-2", ["rtb-2"], vpc_id="vpc-2", service_name=S3),
    )

    made = planned(seen, policy(services=("s3", "dynamodb")))

    assert [item.id for item in made.items] == ["vpc-2/dynamodb"]


def test_repairs_at_the_limit() -> None:
    seen = facts(*region(used=19, wanting=0).endpoints, vpc(), table(), ours("vpce-a"))

    made = planned(seen)

    assert [item.action for item in made.items] == ["modify"]
    assert [finding.kind for finding in made.findings] == ["QuotaNear"]


def test_does_not_count_endpoints_that_are_gone() -> None:
    gone = [endpoint(f"vpce-{n}", state="deleted") for n in range(20)]

    assert planned(facts(*gone)).quota.used == 0
