"""`autopilot.yaml` → the compiled policy, with every mistake at once if there are any."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

from autopilot.core.policy import Mode, Policy

from infra.policy.connections import connections, zones
from infra.policy.document import read_document
from infra.policy.gateway import gateway
from infra.policy.interfaces import interfaces, retire
from infra.policy.keys import KEYS, home, part
from infra.policy.organization import organization
from infra.policy.report import Mistake, PolicyMistakes, Report, compose
from infra.policy.section import Section
from infra.policy.services import services
from infra.policy.tags import tags
from infra.policy.values import email, policy_name, sweep_minutes

__all__ = ["Configuration", "PolicyMistakes", "load"]

DEFAULT_SKIP_TAGS: Mapping[str, str] = {"endpoint-autopilot": "off"}
DEFAULT_SWEEP = 6 * 60
SWEEP_FORM = "write every N minutes, hours or days, 5 minutes to 31 days"
EMAIL_FORM = "write an address such as netops@example.com"
MODES: tuple[Mode, ...] = get_args(Mode)


@dataclass(frozen=True)
class Configuration:
    """What the policy file says: `policy` for the functions, the rest for the stack alone.

    `sweep_minutes` is the time from one scheduled look to the next.
    """

    policy: Policy = field(default_factory=lambda: Policy(skip_tags=DEFAULT_SKIP_TAGS))
    emails: tuple[str, ...] = ()
    sweep_minutes: int = DEFAULT_SWEEP


def load(path: str | Path) -> Configuration:
    """Read a policy file; an empty one means all defaults.

    Raises PolicyMistakes with every mistake in it and in the endpoint policies that it names.
    """
    file = Path(path)
    report = Report(str(path))
    root = Section(report, compose(report, file), "the policy", KEYS["the policy"], home)
    documents = _documents(root, file)
    configuration = Configuration(
        policy=_policy(root, documents),
        emails=part(root, "notify").items("emails", email, EMAIL_FORM) or (),
        sweep_minutes=root.value("sweep", DEFAULT_SWEEP, sweep_minutes, SWEEP_FORM),
    )
    mistakes = [*report.mistakes, *_mistakes_in(documents)]
    if mistakes:
        raise PolicyMistakes(mistakes)
    return configuration


Documents = Mapping[str, tuple[str, tuple[Mistake, ...]]]


def _policy(root: Section, documents: Documents) -> Policy:
    skip_tags = tags(part(root, "vpcs"), "skip_tags")
    known = organization(root)
    return Policy(
        mode=root.choice("mode", Policy.mode, MODES),
        skip_tags=DEFAULT_SKIP_TAGS if skip_tags is None else skip_tags,
        gateway_endpoints=gateway(part(root, "gateway_endpoints"), documents),
        interface_endpoints=interfaces(root, documents),
        retire_interfaces=retire(root),
        endpoint_policies={name: text for name, (text, _) in documents.items()},
        endpoint_services=services(root),
        connections=connections(part(root, "connections"), known),
        organization=known.policy,
        zones=zones(part(root, "zones")),
    )


def _mistakes_in(documents: Documents) -> list[Mistake]:
    # Two names may share a file: its mistakes are told once.
    return list(dict.fromkeys(m for _, mistakes in documents.values() for m in mistakes))


def _documents(root: Section, file: Path) -> Documents:
    example = "name: policies/file.json, relative to the policy file"
    documents = {}
    for name, node in (root.entries("endpoint_policies", example) or {}).items():
        try:
            policy_name(name)
        except ValueError:
            root.report.add(
                node,
                f'"{name}" is no name for an endpoint policy',
                "use small letters, digits and hyphens",
            )
        path = file.parent / node.value
        text, report = read_document(path, str(path), root.report, node)
        documents[name] = (text, tuple(report.mistakes))
    return documents
