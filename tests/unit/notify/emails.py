"""An email of each kind that ops get."""

from __future__ import annotations

from autopilot.notify.digest import Untold, welcome
from autopilot.notify.notice import Notice
from autopilot.notify.render import text
from autopilot.workflows import CATALOG

from tests.unit.connections.emails import CONNECTION_EMAILS, PLACE
from tests.unit.gateway.emails import GATEWAY_EMAILS, opened, quota
from tests.unit.interfaces.emails import INTERFACE_EMAILS, INTERFACE_PLACE
from tests.unit.notify.reports import finding, place
from tests.unit.services.emails import PLACE as SERVICES_PLACE
from tests.unit.services.emails import PUBLISH_EMAILS
from tests.unit.uninstall.emails import UNINSTALL_EMAILS
from tests.unit.withdraw.emails import WITHDRAW_EMAILS

EMAILS: dict[str, Notice] = (
    CONNECTION_EMAILS
    | PUBLISH_EMAILS
    | INTERFACE_EMAILS
    | WITHDRAW_EMAILS
    | UNINSTALL_EMAILS
    | GATEWAY_EMAILS
    | {
        "WorkflowFailed": opened(
            finding(
                "WorkflowFailed",
                "network/Plan the changes",
                "failure",
                workflow="network",
                state="Plan the changes",
                error="ServiceUnavailable",
                cause="ec2:DescribeVpcs: Unavailable: try later",
                trigger="sweep",
            )
        ),
        "Welcome": welcome(
            Untold(
                standing=(
                    finding(
                        "PlannedChange",
                        "vpc-1/s3",
                        "info",
                        action="create",
                        route_table_ids=["rtb-1", "rtb-2"],
                        reason="there is no endpoint of ours",
                    ),
                    finding("RouteTableBusy", "vpc-2/s3", route_table_ids=["rtb-3"], until=None),
                ),
                over=(quota("QuotaNear"),),
                done=(
                    {
                        "kind": "GatewayEndpointsChanged",
                        "title": "Gateway endpoints in vpc-3: 1 created",
                        "at": "2026-11-24T22:10:00+00:00",
                        "subjects": '["vpc-3/s3"]',
                        "count": 4,
                    },
                ),
                since="2026-11-24T21:00:00+00:00",
            ),
            place(),
            "audit",
            CATALOG,
        ),
    }
)


def email(name: str) -> str:
    notice = EMAILS[name]
    head = f"Subject: {notice.title}\nSeverity: {notice.severity}\n\n"
    if name in PUBLISH_EMAILS:
        return head + text(notice, SERVICES_PLACE)
    spot = PLACE if name in CONNECTION_EMAILS else place()
    return head + text(notice, INTERFACE_PLACE if name in INTERFACE_EMAILS else spot)
