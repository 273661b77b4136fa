"""What a plan from the command line holds: plain data, as `plan --json` prints it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Literal

from autopilot.notify.finding import Finding
from autopilot.notify.notice import Severity
from autopilot.policy.model import Policy

Workflow = Literal["network", "interfaces", "services", "connections"]
WORKFLOWS: tuple[Workflow, ...] = ("network", "interfaces", "services", "connections")


@dataclass(frozen=True)
class Action:
    """One change that a workflow would make.

    `place`: the VPC, endpoint service or load balancer; `service`: what it is about there ("s3",
    "logs", an endpoint that asks). `id`: the item's. `what`: the change in words; `reason`: why,
    the workflow's own words. `content`: equal for equal changes. `follows`: it can be made only
    once others are done; ids of what isn't there yet begin with "new ".
    """

    workflow: Workflow
    place: str
    service: str
    verb: str
    id: str
    what: str
    reason: str
    content: Mapping[str, Any] = field(default_factory=dict)
    follows: bool = False


@dataclass(frozen=True)
class Told:
    """What ops would be told of: what waits, or is in the way. In the words of its mail."""

    workflow: Workflow
    id: str
    kind: str
    severity: Severity
    place: str
    headline: str
    line: str
    content: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Unseen:
    """What couldn't be looked at, for want of which permission ("ec2:DescribeVpcs")."""

    what: str
    permission: str
    words: str


@dataclass(frozen=True)
class Part:
    """One workflow's. `findings`: what it would tell, `told` what else there is to know.

    `names`: Name tags by place. `left`: how many things it leaves alone, by reason.
    """

    workflow: Workflow
    actions: tuple[Action, ...] = ()
    findings: tuple[Finding, ...] = ()
    told: tuple[Told, ...] = ()
    unseen: tuple[Unseen, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    left: Mapping[Any, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Foreseen:
    """All of it, for one policy. `mode` is the policy's: in audit nothing of it is done.

    `runs`: whether what is deployed runs this policy, None if nothing is, or `why_unknown`.
    `outdated`: the deployed functions' sources that aren't as here, with which this was planned.
    """

    account: str
    region: str
    stack: str
    deployed: bool
    policy_file: str
    mode: str
    runs: bool | None = None
    why_unknown: str = ""
    outdated: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
    told: tuple[Told, ...] = ()
    unseen: tuple[Unseen, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    left: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


def document_in(policy: Policy, name: str | None) -> dict[str, str]:
    """What tells an endpoint policy from another one that a file calls by the same name."""
    text = policy.document(name) or ""
    return {"document": sha256(text.encode()).hexdigest()[:16]} if text else {}


def named(tags: Mapping[str, str]) -> str:
    """The Name tag."""
    return tags.get("Name", "")
