"""An email of each kind about published services, by the file in `messages/` that holds it."""

from __future__ import annotations

from autopilot.notify.finding import Finding
from autopilot.notify.notice import Notice
from autopilot.services.messages import CHANGES, change_failed
from autopilot.services.plan import ServiceOutcome

from tests.unit.notify.reports import about, finding, place
from tests.unit.services.builders import (
    CONSUMER,
    EXECUTION,
    ROOT,
    balancer,
    facts,
    outcome,
    planned,
    policy,
    private_name,
    service,
)

PLACE = place(EXECUTION)
DENIED = (
    "ec2:CreateVpcEndpointServiceConfiguration: UnauthorizedOperation: You are not authorized to"
    " perform this operation. User: arn:aws:sts::111111111111:assumed-role/Apply-1A2B/apply is not"
    " authorized to perform: ec2:CreateVpcEndpointServiceConfiguration on resource:"
    " arn:aws:ec2:us-east-1:111111111111:vpc-endpoint-service/* with an explicit deny in a service"
    " control policy"
)


def opened(*findings: Finding) -> Notice:
    return about("opened", findings, PLACE)


def done(kind: str, *outcomes: ServiceOutcome) -> Notice:
    (definition,) = (each for each in CHANGES if each.kind == kind)
    return definition.done(outcomes).notice(PLACE)


def seen(*there: object, **publish: object) -> tuple[Finding, ...]:
    return planned(facts(*there), policy(**publish)).findings  # type: ignore[arg-type]  # what a look sees


PUBLISH_EMAILS = {
    "ServicesPublished": done(
        "ServicesPublished",
        outcome(
            "publish",
            zones=("us-east-1a", "us-east-1b"),
            private_name="api.example.com",
            reason="it bears the tags to be published, and has no service",
        ),
    ),
    "ServicesChanged": done(
        "ServicesChanged",
        outcome(
            "change",
            zones=("us-east-1c",),
            add_regions=("eu-west-1",),
            require_acceptance=True,
            reason="its load balancer has gained a zone",
        ),
    ),
    "PrincipalsChanged": done(
        "PrincipalsChanged",
        outcome(
            "revoke",
            principals=("*",),
            reason="its permission list names whom the policy doesn't",
        ),
        outcome(
            "allow",
            principals=(ROOT,),
            reason="its permission list lacks whom the policy names",
        ),
    ),
    "ServicesRetired": done(
        "ServicesRetired", outcome("retire", reject=True, reason="its load balancer is gone")
    ),
    "ServiceUnwanted-report": opened(*seen(balancer(tags={}), service(), retire="report")),
    "ServiceUnwanted-waits": opened(
        finding(
            "ServiceUnwanted",
            "vpce-svc-0a",
            "info",
            retire="when_unused",
            connected=2,
            reason="load balancer orders no longer bears the tags to be published",
        )
    ),
    "AlreadyPublished": opened(*seen(balancer(), service(tags={}))),
    "PrivateNameNotVerified": opened(
        *seen(
            balancer(),
            service(private_name=private_name()),
            private_dns_names={"orders": "api.example.com"},
        )
    ),
    "PlannedServiceChange": opened(
        *seen(balancer(), service(zones=()), mode="audit", allowed_principals=(CONSUMER,))
    ),
    "ServiceChangeFailed-AccessDenied": opened(
        change_failed(
            outcome("publish", "failed", error="AccessDenied", message=DENIED, service_id="")
        )
    ),
    "ServiceChangeFailed-PrincipalRejected": opened(
        change_failed(
            outcome(
                "allow",
                "failed",
                error="PrincipalRejected",
                message="ec2:ModifyVpcEndpointServicePermissions: InvalidPrincipal: no such role",
                refused=(f"arn:aws:iam::{CONSUMER}:role/gone",),
            )
        )
    ),
    "ServiceEventsNotArriving": opened(
        finding("ServiceEventsNotArriving", "sweep", found_by_sweep=3, sweeps_in_a_row=2)
    ),
}
