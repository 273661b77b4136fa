"""An email of each kind about stepping aside."""

from __future__ import annotations

from autopilot.notify.finding import Finding
from autopilot.notify.notice import Notice
from autopilot.withdraw.messages import STEPPED_ASIDE

from tests.unit.notify.reports import about, finding, place
from tests.unit.withdraw.builders import ALICE, gone, removal

DENIED = (
    "ec2:DeleteVpcEndpoints: UnauthorizedOperation: You are not authorized to perform this"
    " operation. User: arn:aws:sts::111111111111:assumed-role/Withdraw-1A2B/withdraw is not"
    " authorized to perform: ec2:DeleteVpcEndpoints on resource:"
    " arn:aws:ec2:us-east-1:111111111111:vpc-endpoint/vpce-1 because no identity-based policy"
    " allows it"
)


def opened(*findings: Finding) -> Notice:
    return about("opened", findings, place())


WITHDRAW_EMAILS = {
    "SteppedAside-vpc": STEPPED_ASIDE.done(
        (gone(removal()), gone(removal("delete group", "sg-ours", service="")))
    ).notice(place()),
    "SteppedAside-route": STEPPED_ASIDE.done(
        (
            gone(
                removal(
                    "leave tables",
                    parts=("rtb-1",),
                    reason="somebody's own endpoint is to serve the route table",
                    remember=("rtb-1/s3",),
                    until="2026-11-20T10:31:00+00:00",
                ),
                deleted=False,
            ),
        )
    ).notice(place()),
    "StillServing": opened(
        finding(
            "StillServing",
            "vpc-1/vpce-5",
            endpoint_id="vpce-5",
            service_name="com.amazonaws.us-east-1.logs",
            subnet_id="subnet-a",
            others=3,
            by=ALICE,
        )
    ),
    "RouteContested": opened(
        finding(
            "RouteContested",
            "vpc-1/vpce-1/rtb-1",
            action="leave tables",
            thing="vpce-1",
            parts=["rtb-1"],
            service_name="com.amazonaws.us-east-1.s3",
            by=ALICE,
        )
    ),
    "WithdrawalPlanned": opened(
        finding(
            "WithdrawalPlanned",
            "vpc-1/vpce-1",
            "info",
            action="leave tables",
            thing="vpce-1",
            parts=["rtb-1"],
            reason="somebody's own endpoint is to serve the route table",
            by=ALICE,
        )
    ),
    "WithdrawalFailed": opened(
        finding(
            "WithdrawalFailed",
            "vpc-1/vpce-1",
            "failure",
            error="AccessDenied",
            message=DENIED,
            action="delete endpoint",
            thing="vpce-1",
            parts=[],
            reason="somebody deletes the VPC, and nothing but ours is left there",
        )
    ),
}
