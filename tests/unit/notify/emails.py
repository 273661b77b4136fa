"""An email of each kind that ops get."""

from __future__ import annotations

from autopilot.notify.combine import combined
from autopilot.notify.notice import Notice, Place
from autopilot.notify.phrases import in_title
from autopilot.notify.render import text
from autopilot.notify.welcome import Untold, welcome
from autopilot.workflows import CATALOG

from tests.unit.connections.emails import CONNECTION_EMAILS, PLACE
from tests.unit.fleet.emails import FLEET_EMAILS, HUB_PLACE
from tests.unit.gateway.emails import DENIED, GATEWAY_EMAILS, change_failed, opened, quota
from tests.unit.interfaces.emails import INTERFACE_EMAILS, INTERFACE_PLACE
from tests.unit.notify.reports import finding, place
from tests.unit.services.emails import PLACE as SERVICES_PLACE
from tests.unit.services.emails import PUBLISH_EMAILS
from tests.unit.uninstall.emails import UNINSTALL_EMAILS
from tests.unit.withdraw.emails import WITHDRAW_EMAILS

# What somebody has called things; not everything has a name, and some take long ones.
NAMES = {
    "vpc-1": "payments",
    "vpc-2": "Warenkorb, Prüfung und Versand (Frankfurt am Main)",
    "rtb-1": "payments-private-a",
    "vpce-9": "central-logs",
    "vpce-svc-1": "ledger",
    "vpce-svc-0a": "endpoint-autopilot-orders",
}
COMBINED: dict[str, Notice] = {
    "ServicesPublished-permitted": combined(
        [PUBLISH_EMAILS["ServicesPublished"], PUBLISH_EMAILS["PrincipalsChanged"]]
    ),
    "PrivateDnsOff-created": combined(
        [INTERFACE_EMAILS["InterfaceEndpointsChanged"], INTERFACE_EMAILS["PrivateDnsOff"]]
    ),
    "RouteTableBusy-of-many": combined(
        [GATEWAY_EMAILS[each] for each in ("GatewayEndpointsChanged", "RouteTableBusy-audit")]
        + [GATEWAY_EMAILS["Resolved"]]
    ),
    "ChangeFailed-flood": combined(
        [
            opened(
                *(
                    change_failed("AccessDenied", DENIED, subject=f"vpc-{vpc}/{service}")
                    for vpc in range(1, 31)
                    for service in ("s3", "dynamodb")
                )
            ),
            *(GATEWAY_EMAILS[each] for each in ("GatewayEndpointsChanged", "RouteTableBusy-audit")),
            *(GATEWAY_EMAILS[each] for each in ("QuotaReached", "EventsNotArriving", "Resolved")),
        ]
    ),
}
EMAILS: dict[str, Notice] = (
    COMBINED
    | CONNECTION_EMAILS
    | PUBLISH_EMAILS
    | INTERFACE_EMAILS
    | WITHDRAW_EMAILS
    | UNINSTALL_EMAILS
    | GATEWAY_EMAILS
    | FLEET_EMAILS
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
                        "at": "2026-11-24T22:10:00.921905+00:00",
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


def place_of(name: str) -> Place:
    spot = place()
    if name in PUBLISH_EMAILS or name == "ServicesPublished-permitted":
        spot = SERVICES_PLACE
    elif name in INTERFACE_EMAILS or name == "PrivateDnsOff-created":
        spot = INTERFACE_PLACE
    elif name in CONNECTION_EMAILS:
        spot = PLACE
    elif name in FLEET_EMAILS:
        spot = HUB_PLACE
    return spot._replace(names=NAMES)


def email(name: str) -> str:
    notice = EMAILS[name]
    subject = in_title(notice.title, place_of(name).names)
    head = f"Subject: {subject}\nSeverity: {notice.severity}\n\n"
    return head + text(notice, place_of(name))
