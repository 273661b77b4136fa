"""Chapter 3: a load balancer with a tag becomes a service, and somebody wants it."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

from demo import deploying
from demo.privatelink import Service, balancer
from demo.stage import CONSUMER, PROVIDER, STRANGER, Stage
from demo.telling import chapter, expect, say, show_messages, show_rows

SERVED = ("use1-az1", "use1-az2")
TAG = {"Key": "endpoint-autopilot", "Value": "publish"}
SHARED = {"Key": "tier", "Value": "shared"}
PROFILE = """\
  - name: payments
    vpcs: {{tags: {{Name: service-a}}}}
    services: [{service}]
"""


def a_load_balancer_is_published(stage: Stage) -> Service:
    """Chapter 3: the service's making, its permission list and its notifications."""
    chapter("3. Service B is offered to listed accounts: its team tags the load balancer")
    arn = balancer(stage.lab, PROVIDER, "payments", SERVED)
    stage.lab.client("elbv2", PROVIDER).add_tags(ResourceArns=[arn], Tags=[TAG])
    say(f"   payments, internal, in {' and '.join(SERVED)}; endpoint-autopilot: publish")
    found = stage.wait_for(lambda: _behind(stage, arn), bool, "an endpoint service behind it")
    service = Service(stage.lab, PROVIDER, found["ServiceId"], found["ServiceName"])
    stage.wait_for(
        lambda: service.listed() and service.notified(), bool, "its list, and notifications"
    )
    show_rows(
        ("endpoint service", "acceptance", "permission list"),
        *((service.id, "required", principal) for principal in service.listed()),
    )
    wanted = [f"arn:aws:iam::{account}:root" for account in (CONSUMER, STRANGER)]
    expect(service.listed() == wanted, "the accounts of the policy may ask to connect, no others")
    expect(found["AcceptanceRequired"], "asking is not getting: each request is decided")
    expect(service.notified(), "requests will be heard of, and nobody had to set that up")
    stage.ec2.create_tags(Resources=[service.id], Tags=[SHARED])
    say(f"   the team tags it tier: shared: the policy's rule for {CONSUMER} asks for that")
    show_messages(stage.await_told("ServicesPublished", about=service.id))
    return service


def a_consumer_wants_it(stage: Stage, service: Service) -> Future[float]:
    """Still chapter 3: the other account names the service in its own policy, and deploys."""
    added = PROFILE.format(service=service.name)
    say(f"   meanwhile, in another window, {CONSUMER} adds to its policy what service A needs:")
    for line in added.splitlines():
        say(f"   + {line}")
    say("   $ npx cdk deploy")
    return deploying.begin(stage.lab, CONSUMER, added)


def _behind(stage: Stage, arn: str) -> dict[str, Any]:
    """The endpoint service that stands behind a load balancer; {} if there is none."""
    found = stage.ec2.describe_vpc_endpoint_service_configurations()["ServiceConfigurations"]
    return next((dict(each) for each in found if arn in each["NetworkLoadBalancerArns"]), {})
