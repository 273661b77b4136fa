"""The rules of `connections`: whom each names, and for which services."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from autopilot.policy.model import Rule, RuleKind, ServiceFilter

from infra.policy.organization import Known
from infra.policy.owners import Named
from infra.policy.report import Line, Node, alternatives, is_empty, line_of
from infra.policy.section import Section
from infra.policy.tags import tags
from infra.policy.values import service_id

KINDS: tuple[RuleKind, ...] = get_args(RuleKind)
OWNERS = KINDS[1:]
IDS, TAGS = "ids: [vpce-svc-0123456789abcdef0]", "tags: {key: value}"
NO_SERVICE = ServiceFilter()


@dataclass(frozen=True)
class Found:
    """A rule, and the line on which it stands."""

    rule: Rule
    line: Line


def rules(section: Section, key: str, organization: Known) -> tuple[Found, ...] | None:
    """The rules under a key, those without a mistake; None if the key isn't there."""
    nodes = section.listed(key, 'write [{account: "222222222222"}], or [] for nobody')
    if nodes is None:
        return None
    read = (_rule(section, node, f"a rule of {section.full(key)}", organization) for node in nodes)
    return tuple(found for found in read if found)


def _rule(section: Section, node: Node, name: str, organization: Known) -> Found | None:
    named = Named(section.report, node, name, KINDS, ("services",))
    if not named.kind:
        return None
    kind = next(known for known in KINDS if known == named.kind)
    services = _services(named.section)
    if kind == "allowed_principals":
        if name.endswith("deny"):
            section.report.add(
                node,
                f"{name} names allowed_principals, whom the service's own list lets in",
                f"write {alternatives(OWNERS)}",
            )
        return Found(Rule(kind, None, services), line_of(node))
    if not named.sound:
        return None
    organization.expect(section.report, node, kind, named.value)
    return Found(Rule(kind, named.value, services), line_of(node))


def _services(rule: Section) -> ServiceFilter | None:
    """The services of a rule; None: all of them. NO_SERVICE where there was a mistake."""
    node = rule.node("services")
    if node is None:
        return None
    services = rule.section("services", ("ids", "tags"))
    present = [key for key in ("ids", "tags") if services.node(key) is not None]
    if len(present) != 1:
        which = "both ids and tags" if present else "neither ids nor tags"
        services.report.add(
            node,
            f"{services.name} has {which}",
            f"write {IDS} or {TAGS}, or leave services out for all of them",
        )
        return NO_SERVICE
    return _filter(services, present[0])


def _filter(services: Section, key: str) -> ServiceFilter:
    node = services.node(key)
    if is_empty(node) or (node is not None and not node.value):
        services.report.add(
            services.line_of(key),
            f"{services.full(key)} is empty: the rule can never match",
            f"write {IDS if key == 'ids' else TAGS}, or leave services out for all of them",
        )
        return NO_SERVICE
    if key == "tags":
        return ServiceFilter(tags=tags(services, key) or {})
    return ServiceFilter(ids=services.items(key, service_id, f"write {IDS}") or ())
