"""An email of each kind on interface endpoints, by the name of the file in `messages/`."""

from __future__ import annotations

from typing import Any

from autopilot.interfaces.messages import INTERFACES_CHANGED
from autopilot.interfaces.plan import InterfaceOutcome
from autopilot.notify.finding import Finding
from autopilot.notify.notice import Notice
from autopilot.reconcile.codec import decode

from tests.unit.connections.reports import MACHINES
from tests.unit.notify.reports import about, finding, place

INTERFACE_PLACE = place(f"{MACHINES}Interfaces:interfaces-1")
LOGS = "com.amazonaws.us-east-1.logs"
QUOTA: dict[str, Any] = {"wanted": 3, "limit": 50, "limit_read": True, "why_not_read": None}


def opened(*findings: Finding) -> Notice:
    return about("opened", findings, INTERFACE_PLACE)


def outcome(id_: str, **changes: Any) -> InterfaceOutcome:
    given: dict[str, Any] = {
        "id": id_,
        "kind": "endpoint",
        "action": "create",
        "vpc_id": id_.split("/")[0],
        "profile": "workloads",
        "service_name": LOGS,
        "thing": "vpce-1",
        "content": "0123456789abcdef",
        "cause": "missing",
        "reason": "the VPC has none of ours and profile workloads wants one for logs",
        "result": "done",
    }
    return decode(InterfaceOutcome, {**given, **changes})


def failed(error: str, message: str, **changes: Any) -> Finding:
    data = {
        "what": "endpoint",
        "action": "create",
        "thing": None,
        "service_name": LOGS,
        "error": error,
        "message": message,
        "reason": "the VPC is new and profile workloads wants one for logs",
        **changes,
    }
    return finding("InterfaceChangeFailed", "vpc-1/logs", "failure", **data)


INTERFACE_EMAILS: dict[str, Notice] = {
    "InterfaceEndpointsChanged": INTERFACES_CHANGED.done(
        (
            outcome(
                "vpc-1/group/workloads",
                kind="group",
                service_name="",
                thing="sg-1",
                reason="its endpoints need a security group",
            ),
            outcome("vpc-1/logs"),
            outcome(
                "vpc-1/vpce-svc-1",
                action="modify",
                thing="vpce-2",
                cause="drift",
                reason="our endpoint differs from profile workloads: its subnets",
            ),
            outcome(
                "vpc-1/vpce-svc-1/dns",
                kind="parameter",
                action="modify",
                thing="vpce-2",
                cause="follows",
                reason="these names lead to vpce-2",
            ),
        )
    ).notice(INTERFACE_PLACE),
    "InterfaceNotPossible": opened(
        finding(
            "InterfaceNotPossible",
            "vpc-1/comprehend",
            profile="workloads",
            why="no subnet",
            service_name="com.amazonaws.us-east-1.comprehend",
            zone_ids=["use1-az1", "use1-az2"],
            subnet_zone_ids=["use1-az3"],
        ),
        finding(
            "InterfaceNotPossible",
            "vpc-1/looogs",
            profile="workloads",
            why="not offered",
            service_name="com.amazonaws.us-east-1.looogs",
            zone_ids=None,
            subnet_zone_ids=["use1-az3"],
        ),
    ),
    "ServedByOthers": opened(
        finding(
            "ServedByOthers", "vpc-1/logs", "info", endpoint_ids=["vpce-9"], profile="workloads"
        )
    ),
    "ServedByOthers-other-policy": opened(
        finding(
            "ServedByOthers",
            "vpc-1/logs",
            "info",
            endpoint_ids=["vpce-8", "vpce-9"],
            profile="workloads",
            endpoint_policy="org-only",
            other_policy=["vpce-9"],
        )
    ),
    "PrivateDnsOff": opened(
        finding(
            "PrivateDnsOff",
            "vpc-1/logs",
            profile="workloads",
            endpoint_id="vpce-1",
            why="VPC attributes",
            message=None,
            serves=True,
        )
    ),
    "PrivateDnsOff-refused": opened(
        finding(
            "PrivateDnsOff",
            "vpc-1/logs",
            profile="workloads",
            endpoint_id=None,
            why="refused",
            message="ec2:CreateVpcEndpoint: InvalidParameter: private-dns-enabled cannot be set"
            " because there is already a conflicting DNS domain",
            serves=False,
        )
    ),
    "InterfaceUnwanted": opened(
        finding(
            "InterfaceUnwanted",
            "vpc-1/kms/vpce-3",
            endpoint_id="vpce-3",
            service_name="com.amazonaws.us-east-1.kms",
            state="available",
            retire="report",
        )
    ),
    "InterfaceUnwanted-now": opened(
        finding(
            "InterfaceUnwanted",
            "vpc-1/kms/vpce-3",
            endpoint_id="vpce-3",
            service_name="com.amazonaws.us-east-1.kms",
            state="available",
            retire="now",
        )
    ),
    "InterfaceIdle": opened(
        finding(
            "InterfaceIdle",
            "vpc-1/kms",
            endpoint_id="vpce-3",
            service_name="com.amazonaws.us-east-1.kms",
            stage="announced",
            audit=False,
            reason="no bytes and no connection in 30 days",
            due=None,
            wait_days=7,
        )
    ),
    "InterfaceIdle-leaving": opened(
        finding(
            "InterfaceIdle",
            "vpc-1/kms",
            endpoint_id="vpce-3",
            service_name="com.amazonaws.us-east-1.kms",
            stage="leaving",
            audit=False,
            reason="no bytes and no connection in 30 days",
            due="2026-12-07T18:00:00+00:00",
            wait_days=7,
        )
    ),
    "InterfaceRetired": opened(
        finding(
            "InterfaceRetired",
            "vpc-1/kms",
            "info",
            endpoint_id="vpce-3",
            service_name="com.amazonaws.us-east-1.kms",
            since="2026-12-07T18:00:00+00:00",
            reason="no bytes and no connection in 30 days",
        )
    ),
    "InterfaceTrafficUnread": opened(
        finding(
            "InterfaceTrafficUnread",
            "us-east-1",
            "failure",
            message="cloudwatch:GetMetricData: AccessDenied: not authorized",
        )
    ),
    "InterfaceEndpointFailed": opened(
        finding(
            "InterfaceEndpointFailed",
            "vpc-1/vpce-svc-1",
            "failure",
            endpoint_id="vpce-2",
            state="rejected",
            service_name="com.amazonaws.vpce.us-east-1.vpce-svc-1",
        )
    ),
    "InterfaceChangeFailed": opened(
        failed("PolicyRejected", "ec2:CreateVpcEndpoint: InvalidPolicyDocument: no")
    ),
    "InterfaceChangeFailed-NotOurs": opened(
        failed(
            "NotOurs",
            "ec2:CreateSecurityGroup: sg-9 isn't tagged as EndpointAutopilot's",
            what="group",
            service_name="",
            reason="its endpoints need a security group",
        )
    ),
    "PlannedInterfaceChange": opened(
        finding(
            "PlannedInterfaceChange",
            "vpc-1/logs",
            "info",
            what="endpoint",
            action="create",
            thing=None,
            reason="the VPC is new and profile workloads wants one for logs",
            content="0123456789abcdef",
        )
    ),
    "ParameterNotOurs": opened(
        finding(
            "ParameterNotOurs",
            "vpc-1/vpce-svc-1",
            names=["/endpoint-autopilot/vpc-1/vpce-svc-1/dns"],
            endpoint_id="vpce-2",
        )
    ),
    "InterfaceQuotaNear": opened(finding("InterfaceQuotaNear", "vpc-1", used=40, **QUOTA)),
    "InterfaceQuotaReached": opened(
        finding(
            "InterfaceQuotaReached",
            "vpc-1",
            used=50,
            left_undone=["vpc-1/logs", "vpc-1/kms"],
            left_undone_count=2,
            **QUOTA,
        )
    ),
    "Resolved-interfaces": about(
        "resolved", [failed("Throttled", "ec2:CreateVpcEndpoint: slow")], INTERFACE_PLACE
    ),
}
