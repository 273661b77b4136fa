"""Reads the network load balancers of the account."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from autopilot.aws.errors import NotFound
from autopilot.aws.pages import call, pages
from autopilot.services.facts import LoadBalancer

# The most that each call takes (ELB API reference).
_PAGE = 400
_TAGS_AT_ONCE = 20


def network_balancers() -> Iterator[LoadBalancer]:
    """All network load balancers, without their tags."""
    every = pages("DescribeLoadBalancers", service="elasticloadbalancing", PageSize=_PAGE)
    return (_balancer(each) for each in every if each.get("Type") == "network")


def tags(arns: Collection[str]) -> dict[str, Mapping[str, str]]:
    """The tags of load balancers by ARN; one that is gone has no entry."""
    every, found = sorted(arns), dict[str, Mapping[str, str]]()
    for start in range(0, len(every), _TAGS_AT_ONCE):
        found |= _tags(every[start : start + _TAGS_AT_ONCE])
    return found


def _tags(arns: Sequence[str]) -> dict[str, Mapping[str, str]]:
    """One that is gone fails the whole call: then each is asked for alone."""
    try:
        answer = call("elasticloadbalancing", "DescribeTags", ResourceArns=list(arns))
    except NotFound:
        if len(arns) == 1:
            return {}
        return {arn: each for one in arns for arn, each in _tags([one]).items()}
    return {
        described["ResourceArn"]: {t["Key"]: t.get("Value", "") for t in described["Tags"]}
        for described in answer["TagDescriptions"]
    }


def _balancer(found: Mapping[str, Any]) -> LoadBalancer:
    created = found.get("CreatedTime")
    return LoadBalancer(
        arn=found["LoadBalancerArn"],
        name=found["LoadBalancerName"],
        internal=found.get("Scheme") == "internal",
        state=found.get("State", {}).get("Code", ""),
        created=created.isoformat() if created else "",
        zones=tuple(sorted(zone["ZoneName"] for zone in found.get("AvailabilityZones", ()))),
    )
