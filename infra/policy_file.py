"""`autopilot.yaml` → the compiled policy, with every mistake at once if there are any."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import get_args

from autopilot.policy.model import Mode, Policy

from infra.policy import effects, letting
from infra.policy.connections import connections, zones
from infra.policy.document import read_document
from infra.policy.gateway import gateway
from infra.policy.interfaces import idle, interfaces, retire
from infra.policy.keys import KEYS, home, part
from infra.policy.letter import LetterTime, letter
from infra.policy.letting import Document
from infra.policy.notify import notify
from infra.policy.organization import organization
from infra.policy.report import (
    Mistake,
    Node,
    PolicyMistakes,
    Report,
    compose,
    in_order,
    is_empty,
    line_of,
)
from infra.policy.section import Section
from infra.policy.services import services
from infra.policy.tags import KEY, PATTERNS, tags
from infra.policy.values import policy_name, sweep_minutes
from infra.policy.where import SOMEWHERE, Where

__all__ = ["Configuration", "PolicyMistakes", "compose_policy", "load", "read"]

DEFAULT_SKIP_TAGS: Mapping[str, str] = {"endpoint-autopilot": "off"}
DEFAULT_SWEEP = 6 * 60
SWEEP_FORM = "write every N minutes, hours or days, 5 minutes to 31 days"
MODES: tuple[Mode, ...] = get_args(Mode)


@dataclass(frozen=True)
class Configuration:
    """What the policy file says: `policy` for the functions, the rest for the stack alone.

    `sweep_minutes` is the time from one scheduled look to the next. `letter`: when the weekly one
    goes out, None for never. `warnings`: what of the file has no effect, or hardly the one that was
    meant.
    """

    policy: Policy = field(default_factory=lambda: Policy(skip_tags=DEFAULT_SKIP_TAGS))
    emails: tuple[str, ...] = ()
    sweep_minutes: int = DEFAULT_SWEEP
    letter: LetterTime | None = field(default_factory=LetterTime)
    warnings: tuple[Mistake, ...] = ()


def load(path: str | Path, where: Where = SOMEWHERE) -> Configuration:
    """Read a policy file; `{}` means all defaults.

    Raises PolicyMistakes with every mistake in it and in the endpoint policies that it names.
    """
    report = Report(str(path))
    return read(report, compose_policy(report, Path(path)), where)


def read(report: Report, node: Node | None, where: Where) -> Configuration:
    """What the policy says whose root is `node`, None for all defaults; its parts may come from
    several files.

    Raises PolicyMistakes, with what is in the `report` already.
    """
    root = Section(report, node, "the policy", KEYS["the policy"], home)
    documents = _documents(root)
    section = part(root, "notify")
    emails, told = notify(section)
    policy = replace(_policy(root, documents, where), notify=told)
    effects.check(root, policy, where)
    letting.check(root, policy, documents, where)
    configuration = Configuration(
        policy=policy,
        emails=emails,
        letter=letter(section),
        sweep_minutes=root.value("sweep", DEFAULT_SWEEP, sweep_minutes, SWEEP_FORM),
    )
    if root.choice(KEY, None, (PATTERNS,)) is None:
        report.mistakes += report.retold
    reports = [report, *(document.report for document in documents.values())]
    if mistakes := [mistake for each in reports for mistake in each.mistakes]:
        raise PolicyMistakes(mistakes)
    warnings = in_order(warning for each in reports for warning in each.warnings)
    return replace(configuration, warnings=warnings)


def compose_policy(report: Report, file: Path) -> Node | None:
    """The root of the file. An emptied one must not change what an account's mode is."""
    root = compose(report, file)
    if root is None or is_empty(root):
        if not report.mistakes:
            report.add(1, "the file says nothing", "write {} if all the defaults are meant")
        return None
    return root


Documents = Mapping[str, Document]


def _policy(root: Section, documents: Documents, where: Where) -> Policy:
    skip_tags = tags(part(root, "vpcs"), "skip_tags")
    known = organization(root)
    return Policy(
        mode=root.choice("mode", Policy.mode, MODES),
        skip_tags=DEFAULT_SKIP_TAGS if skip_tags is None else skip_tags,
        gateway_endpoints=gateway(part(root, "gateway_endpoints"), documents),
        interface_endpoints=interfaces(root, documents, where),
        retire_interfaces=retire(root),
        idle=idle(part(root, "idle")),
        endpoint_policies={name: each.text for name, each in documents.items()},
        endpoint_services=services(root),
        connections=connections(part(root, "connections"), known),
        organization=known.policy,
        zones=zones(part(root, "zones")),
    )


def _documents(root: Section) -> Documents:
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
        path = Path(line_of(node).path).parent / node.value
        text, report = read_document(path, str(path), root.report, node)
        documents[name] = Document(text, report)
    return documents
