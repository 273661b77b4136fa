"""All workflows' looks and plans in turn, for one policy: what the caller's credentials let see."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from autopilot.aws.errors import AccessDenied
from autopilot.foreseen import connections, interfaces, network, services
from autopilot.foreseen.missing import refused
from autopilot.foreseen.model import WORKFLOWS, Foreseen, Part, Told, Workflow
from autopilot.notify.finding import Finding
from autopilot.notify.ledger import Rows
from autopilot.notify.notice import Place
from autopilot.policy.model import Policy
from autopilot.reconcile.identity import StackIdentity
from autopilot.workflows import CATALOG

Foresee = Callable[[Policy, StackIdentity, Rows, datetime], Part]
_SEEN: Mapping[Workflow, str] = {
    "network": "gateway endpoints",
    "interfaces": "interface endpoints",
    "services": "published services",
    "connections": "connection requests",
}


@dataclass(frozen=True)
class Account:
    """Where it is looked. `ledger`: to be read only. `topic`: the ARN of the stack's topic for
    notifications, "" while there is none. `deployed`: whether there is a stack.
    """

    us: StackIdentity
    ledger: Rows
    topic: str = ""
    deployed: bool = True


def foresee(
    here: Account,
    policy: Policy,
    policy_file: str,
    now: datetime,
    tell: Callable[[str], None] = lambda _: None,
) -> Foreseen:
    """What would be done if the mode were enforce, and what couldn't be seen. Raises AwsErrors."""
    enforced = replace(policy, mode="enforce")
    parts = []
    for workflow, look in _looks(here).items():
        tell(f"Reading {_SEEN[workflow]}")
        try:
            parts.append(look(enforced, here.us, here.ledger, now))
        except AccessDenied as error:
            parts.append(Part(workflow, unseen=(refused(_SEEN[workflow], error),)))
    return joined(here, parts, policy_file, policy.mode, now)


def _looks(here: Account) -> Mapping[Workflow, Foresee]:
    found: Mapping[Workflow, Foresee] = {
        "network": network.foresee,
        "interfaces": interfaces.foresee,
        "services": services.foresee,
        "connections": partial(connections.foresee, topic=here.topic),
    }
    return {workflow: found[workflow] for workflow in WORKFLOWS}


def joined(
    here: Account, parts: list[Part], policy_file: str, mode: str, now: datetime
) -> Foreseen:
    """The workflows' parts as one."""
    us = here.us
    place = Place(us.account, us.region, us.owner, "", now.isoformat(timespec="seconds"))
    return Foreseen(
        account=us.account,
        region=us.region,
        stack=us.owner,
        deployed=here.deployed,
        policy_file=policy_file,
        mode=mode,
        actions=tuple(action for part in parts for action in part.actions),
        told=tuple(told for part in parts for told in (*part.told, *_told(part, place))),
        unseen=tuple(unseen for part in parts for unseen in part.unseen),
        names={id_: name for part in parts for id_, name in part.names.items() if name},
        left={part.workflow: dict(part.left) for part in parts if part.left},
    )


def _told(part: Part, place: Place) -> list[Told]:
    return [_in_words(part.workflow, finding, place) for finding in part.findings]


def _in_words(workflow: Workflow, finding: Finding, place: Place) -> Told:
    words = CATALOG[finding.kind].reads([finding], place)
    return Told(
        workflow,
        id=finding.id,
        kind=finding.kind,
        severity=words.severity or finding.severity,
        place=finding.vpc_id or finding.service_id or finding.subject,
        headline=words.title,
        line=words.subjects[0].line if words.subjects else "",
        content=dict(finding.data),
    )
