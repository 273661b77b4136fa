"""All workflows' looks and plans in turn, with the operator's credentials, for one policy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial

from autopilot.aws.errors import AccessDenied
from autopilot.notify.finding import Finding
from autopilot.notify.ledger import Rows
from autopilot.notify.notice import Place
from autopilot.policy.model import Policy
from autopilot.reconcile.identity import StackIdentity
from autopilot.workflows import CATALOG

from cli.foreseen import connections, interfaces, network, services
from cli.foreseen.missing import refused
from cli.foreseen.model import WORKFLOWS, Foreseen, Part, Told, Workflow
from cli.session import Here

Foresee = Callable[[Policy, StackIdentity, Rows, datetime], Part]
_SEEN: Mapping[Workflow, str] = {
    "network": "gateway endpoints",
    "interfaces": "interface endpoints",
    "services": "published services",
    "connections": "connection requests",
}


def foresee(
    here: Here,
    policy: Policy,
    policy_file: str,
    now: datetime,
    tell: Callable[[str], None] = lambda _: None,
) -> Foreseen:
    """What would be done if the mode were enforce, and what couldn't be seen. Raises AwsErrors."""
    enforced, ledger = replace(policy, mode="enforce"), here.ledger()
    parts = []
    for workflow, look in _looks(here).items():
        tell(f"Reading {_SEEN[workflow]}")
        try:
            parts.append(look(enforced, here.us, ledger, now))
        except AccessDenied as error:
            parts.append(Part(workflow, unseen=(refused(_SEEN[workflow], error),)))
    return joined(here, parts, policy_file, policy.mode, now)


def _looks(here: Here) -> Mapping[Workflow, Foresee]:
    topic = here.outputs.get("ConnectionTopicArn", "")
    found: Mapping[Workflow, Foresee] = {
        "network": network.foresee,
        "interfaces": interfaces.foresee,
        "services": services.foresee,
        "connections": partial(connections.foresee, topic=topic),
    }
    return {workflow: found[workflow] for workflow in WORKFLOWS}


def joined(here: Here, parts: list[Part], policy_file: str, mode: str, now: datetime) -> Foreseen:
    """The workflows' parts as one."""
    us = here.us
    place = Place(us.account, us.region, us.owner, "", now.isoformat(timespec="seconds"))
    return Foreseen(
        account=us.account,
        region=us.region,
        stack=us.owner,
        deployed=bool(here.outputs),
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
