"""fleet.yaml's targets, one for each organizational unit, and what is deployed by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import yaml
from autopilot.policy.partitions import partition

from infra.fleet.keys import KEYS, home
from infra.fleet.model import Plain, Target
from infra.fleet.policies import Policies
from infra.fleet.values import region, regions_of, target, unit
from infra.policy.merge import at
from infra.policy.report import Node, is_empty, kind_of, line_of, suggestion
from infra.policy.section import Section, pairs_of
from infra.policy.values import account

EXAMPLE = "write canary: {unit: ou-ab12-11111111, regions: [us-east-1]}"
OVERLAID = 'write "222222222222": {mode: audit}'
NO_NAMESPACE = ("me-south-1", "me-central-1")
BY_HAND = "deploy its accounts by hand: name them under plain"
PLAIN = 'write "999999999999": {regions: [us-east-1]}'
TARGET = "use letters, digits and hyphens, a letter first"
UNIT = "write an id such as ou-ab12-11111111, or the root's, such as r-ab12"
ACCOUNT = "write its 12 digits in quotes: without them a leading zero gets lost"


def targets(root: Section, policies: Policies, home_region: str) -> tuple[Target, ...]:
    """Read `targets`; each with its policies. `home_region`: the hub's, "" if nobody knows."""
    found = [
        _target(root, name, node, policies, home_region)
        for name, node in entries(root, "targets", "a target", target, TARGET, EXAMPLE)
    ]
    if not found:
        root.report.add(root.line_of("targets"), "there are no targets", EXAMPLE)
    _units(root, found)
    return tuple(found)


def _target(root: Section, name: str, node: Node, policies: Policies, home_region: str) -> Target:
    section = Section(root.report, node, f"targets.{name}", KEYS["a target"], home)
    if section.node("unit") is None:
        section.report.add(section.line, f"{section.full('unit')} is missing", UNIT)
    of = section.value("unit", "", unit, UNIT)
    regions = _regions(section, home_region)
    for each in regions:
        has_namespace(section, "regions", each)
    own = policies.unit(name, section.node("overlay"), regions)
    accounts = {
        id_: policies.account(name, id_, overlay, regions, own)
        for id_, overlay in entries(section, "accounts", "an account", account, ACCOUNT, OVERLAID)
    }
    return Target(name, of, regions, own, accounts)


def plain(root: Section, policies: Policies, home_region: str) -> tuple[Plain, ...]:
    """Read `plain`: accounts that are deployed by hand."""
    made = []
    for id_, node in entries(root, "plain", "an account", account, ACCOUNT, PLAIN):
        section = Section(root.report, node, f"plain.{id_}", KEYS["an entry of plain"], home)
        regions = _regions(section, home_region)
        own = policies.unit("", section.node("overlay"), regions, id_)
        made.append(Plain(id_, regions, own))
    return tuple(made)


def entries(
    section: Section, key: str, what: str, parse: Callable[[str], str], form: str, example: str
) -> Iterator[tuple[str, Node]]:
    """A mapping with names of one kind as its keys, and whatever each holds."""
    node, full = section.node(key), section.full(key)
    if node is None or is_empty(node):
        return
    if not isinstance(node, yaml.MappingNode):
        section.report.add(node, f"{full} is {kind_of(node)}", example)
        return
    for name, value in pairs_of(section.report, node, full):
        if read := section.parsed(name, f"{what} of {full}", "", parse, form):
            yield read, value


def _regions(section: Section, home_region: str) -> tuple[str, ...]:
    """The Regions of a target or account, all in the hub's partition."""
    node = section.node("regions")
    if node is None or node.value == []:
        where = section.line if node is None else line_of(node)
        section.report.add(
            where, f"{section.full('regions')} names no Region", "write regions: [us-east-1]"
        )
    found = section.items("regions", known_region, "write Regions such as us-east-1") or ()
    for each in found if home_region else ():
        if partition(each) != partition(home_region):
            section.report.add(
                section.line_of("regions"),
                f"{each} is in another partition than the hub's {home_region}",
                "give each partition a fleet of its own",
            )
    return found


def has_namespace(section: Section, key: str, region_id: str, right: str = BY_HAND) -> None:
    """`right`: what to do otherwise.

    Spokes take their code from buckets in a namespace that is the hub account's own: nobody else
    can make one under such a name. Not every Region has any (S3 guide, "Namespaces for general
    purpose buckets").
    """
    if region_id in NO_NAMESPACE:
        section.report.add(
            section.line_of(key),
            f"{region_id} has no bucket names that are an account's own, and spokes take their code"
            " from such a bucket",
            right,
        )


def known_region(text: str) -> str:
    """A Region that there is, with the one that is probably meant if it isn't."""
    try:
        return region(text)
    except ValueError as problem:
        close = suggestion(text, regions_of("")).removesuffix(" ")
        raise ValueError(f"{problem}{f' ({close})' if close else ''}") from problem


def _units(root: Section, found: list[Target]) -> None:
    """An account under two targets would get two stacks, and both would serve it."""
    seen: dict[str, str] = {}
    for each in found:
        if each.unit in seen and each.unit:
            root.report.add(
                _line(root, each.name),
                f"{each.unit} is the unit of {seen[each.unit]} and of {each.name}",
                "keep one of them: its accounts would get two stacks",
            )
        seen.setdefault(each.unit, each.name)
    everybody = next((each for each in found if each.unit.startswith("r-")), None)
    if everybody and len(found) > 1:
        root.report.add(
            _line(root, everybody.name),
            f"{everybody.unit} is the root, which holds the units of the other targets, too",
            "name the units that are meant: their accounts would get two stacks",
        )


def _line(root: Section, name: str) -> int:
    node = at(root.node("targets"), name, "unit")
    return root.line_of("targets") if node is None else line_of(node)
