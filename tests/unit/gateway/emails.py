"""An email of each kind about gateway endpoints, by the file in `messages/` that holds it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autopilot.gateway.messages import ENDPOINTS_CHANGED
from autopilot.gateway.plan import NetworkOutcome
from autopilot.notify.finding import Finding
from autopilot.notify.notice import Notice, Place

from tests.unit.notify.reports import about, done, finding, place

DENIED = (
    "ec2:CreateVpcEndpoint: UnauthorizedOperation: You are not authorized to perform this"
    " operation. User: arn:aws:sts::111111111111:assumed-role/Apply-1A2B/apply is not authorized"
    " to perform: ec2:CreateVpcEndpoint on resource: arn:aws:ec2:us-east-1:111111111111:vpc/vpc-1"
)


def change_failed(
    error: str, message: str = "", *, subject: str = "vpc-1/s3", **data: Any
) -> Finding:
    given = {"action": "create", "endpoint_id": None, "route_table_ids": ["rtb-1", "rtb-2"]}
    return finding(
        "ChangeFailed", subject, "failure", error=error, message=message, **{**given, **data}
    )


def quota(kind: str, **data: Any) -> Finding:
    given = {"used": 16, "wanted": 2, "limit": 20, "limit_read": True, "why_not_read": None}
    return finding(kind, "us-east-1", **{**given, **data})


def opened(*findings: Finding) -> Notice:
    return about("opened", findings, place())


def made(outcomes: Sequence[NetworkOutcome], at: Place) -> Notice:
    return ENDPOINTS_CHANGED.done(outcomes).notice(at)


GATEWAY_EMAILS: dict[str, Notice] = {
    "GatewayEndpointsChanged": made(
        [
            done(
                "vpc-1/s3",
                route_table_ids=("rtb-1", "rtb-2"),
                reason="the VPC is new, 2 route tables are without a route to S3",
            ),
            done(
                "vpc-1/dynamodb",
                route_table_ids=("rtb-1", "rtb-2"),
                reason="the VPC is new, 2 route tables are without a route to DynamoDB",
            ),
            done(
                "vpc-2/s3",
                action="modify",
                set_policy=False,
                route_table_ids=("rtb-3",),
                reason="a route table is new, 1 route table is without a route to S3",
            ),
            done(
                "vpc-3/s3",
                action="modify",
                route_table_ids=(),
                reason="our endpoint is there, its policy isn't the wanted one (org-only)",
            ),
        ],
        place(),
    ),
    "RouteTableBusy-audit": opened(
        finding(
            "RouteTableBusy",
            route_table_ids=["rtb-1", "rtb-2"],
            until=None,
            endpoint_id="vpce-1",
        ),
        finding(
            "RouteTableBusy",
            "vpc-2/dynamodb",
            route_table_ids=["rtb-3"],
            until=None,
            endpoint_id=None,
        ),
    ),
    "RouteTableBusy-window": opened(
        finding(
            "RouteTableBusy",
            "vpc-1/s3",
            "info",
            route_table_ids=["rtb-1"],
            until="2026-11-28T02:00:00+01:00",
        )
    ),
    "RouteTakenAway": opened(
        finding(
            "RouteTakenAway",
            route_table_ids=["rtb-1", "rtb-2"],
            times=3,
            endpoint_id="vpce-1",
        ),
        finding(
            "RouteTakenAway",
            "vpc-2/dynamodb",
            route_table_ids=["rtb-3"],
            times=3,
            endpoint_id=None,
        ),
    ),
    "QuotaNear": opened(quota("QuotaNear")),
    "QuotaReached": opened(
        quota(
            "QuotaReached",
            used=20,
            limit_read=False,
            why_not_read="servicequotas:GetServiceQuota: AccessDeniedException: no",
            left_undone=["vpc-1/s3", "vpc-1/dynamodb"],
            left_undone_count=60,
        )
    ),
    "PlannedChange": opened(
        finding(
            "PlannedChange",
            "vpc-1/s3",
            "info",
            action="create",
            endpoint_id=None,
            route_table_ids=["rtb-1"],
            set_policy=True,
            reason="the VPC is new, 1 route table is without a route to S3",
        ),
        finding(
            "PlannedChange",
            "vpc-2/s3",
            "info",
            action="modify",
            endpoint_id="vpce-2",
            route_table_ids=[],
            set_policy=True,
            reason="our endpoint is there, its policy isn't the wanted one (org-only)",
        ),
    ),
    "EndpointFailed": opened(
        finding("EndpointFailed", "vpc-1/s3", "failure", endpoint_id="vpce-1", state="failed"),
    ),
    "ForeignEndpointPolicy": opened(
        finding(
            "ForeignEndpointPolicy",
            "vpc-1/s3",
            "info",
            endpoint_ids=["vpce-9"],
            endpoint_policy="org-only",
        ),
    ),
    "ChangeFailed-AccessDenied": opened(change_failed("AccessDenied", DENIED)),
    "ChangeFailed-PolicyRejected": opened(
        change_failed(
            "PolicyRejected",
            "ec2:ModifyVpcEndpoint: InvalidPolicyDocument: no",
            action="modify",
            endpoint_id="vpce-1",
            route_table_ids=[],
        ),
    ),
    "EventsNotArriving": opened(
        finding("EventsNotArriving", "sweep", found_by_sweep=3, sweeps_in_a_row=2)
    ),
    "Resolved": about(
        "resolved",
        [
            change_failed("AccessDenied", DENIED),
            finding("ChangeFailed", "vpc-2/s3", "failure", error="Throttled"),
        ],
        place(),
    ),
}
