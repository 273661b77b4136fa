"""What a function may do, as its table says it: actions, on what, under which condition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aws_cdk import Aws

OWNER_TAG = "endpoint-autopilot:owner"
BUS_SOURCE = "endpoint-autopilot"
Condition = Mapping[str, Any]
# Asked for beside EC2's own action when an endpoint or a service of several Regions is made,
# changed or deleted. It allows nothing alone, and knows no condition keys (Service Authorization
# Reference).
MULTI_REGION = "vpce:AllowMultiRegion"
PARAMETERS = "endpoint-autopilot"
"""Where the parameters with DNS names lie."""


@dataclass(frozen=True)
class Grant:
    """Actions on one resource; `because`: why there is a wildcard in it, if there is."""

    actions: tuple[str, ...]
    on: str
    when: Condition | None = None
    because: str = ""


def may(*actions: str, on: str, when: Condition | None = None, because: str = "") -> Grant:
    """A row of the table."""
    return Grant(actions, on, when, because)


def tagged(owner: str) -> Condition:
    """What is made gets our owner tag."""
    return {"StringEquals": {f"aws:RequestTag/{OWNER_TAG}": owner}}


def ours(owner: str) -> Condition:
    """It bears our owner tag already."""
    return {"StringEquals": {f"aws:ResourceTag/{OWNER_TAG}": owner}}


def at(create: str) -> Condition:
    """Tags are written by the EC2 call that creates what bears them, and by no other."""
    return {"StringEquals": {"ec2:CreateAction": create}}


def ec2(kind: str) -> str:
    """The ARNs of all resources of a kind in the account and Region."""
    return f"arn:{Aws.PARTITION}:ec2:{Aws.REGION}:{Aws.ACCOUNT_ID}:{kind}/*"


def parameters(rest: str, slash: str = "/") -> str:
    """The ARN of the path where the parameters with DNS names lie, and of what is below."""
    where = f"arn:{Aws.PARTITION}:ssm:{Aws.REGION}:{Aws.ACCOUNT_ID}"
    return f"{where}:parameter{slash}{PARAMETERS}{rest}"


def tags_of_parameters(action: str, when: Condition | None, because: str) -> tuple[Grant, ...]:
    """Both ARNs by which calls about tags may know a parameter: some keep its name's own slash."""
    names = (parameters("/*"), parameters("/*", slash="//"))
    return tuple(may(f"ssm:{action}", on=name, when=when, because=because) for name in names)


def events_on_the_bus() -> Grant:
    """Put our own events on the default bus."""
    return may(
        "events:PutEvents",
        on=f"arn:{Aws.PARTITION}:events:{Aws.REGION}:{Aws.ACCOUNT_ID}:event-bus/default",
        when={"StringEquals": {"events:source": BUS_SOURCE}},
    )
