"""The services of a profile: short names, full names, or a name with its Region."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import yaml
from autopilot.policy.names import GLOBAL, full_names, is_full, is_private, region_in
from autopilot.policy.partitions import partition

from infra.policy.aws_services import KNOWN, meant
from infra.policy.report import Node, Report
from infra.policy.section import Section
from infra.policy.values import region, service

SERVICES = (
    "write short names such as logs or ecr.api, full ones (com.amazonaws.vpce.…), or"
    " {name: s3, region: us-west-2}"
)
REGION = "write us-west-2 or the like"


@dataclass(frozen=True)
class Wanted:
    """A service as the policy is compiled. `region` None: its name holds it, or nobody wrote it."""

    name: str
    region: str | None
    node: Node


def wanted(section: Section, home: str | None) -> tuple[Wanted, ...]:
    """The services of a profile. `home`: the Region that this is deployed into, if it is known."""
    seen: dict[str, Wanted] = {}
    for node in section.listed("services", SERVICES) or ():
        for found in _read(section, node, home):
            if found.name in seen:
                name = f'"{found.name}" stands twice in {section.full("services")}'
                section.report.add(node, name, "keep one of them")
            seen.setdefault(found.name, found)
    return tuple(seen.values())


def regions(services: tuple[Wanted, ...]) -> Mapping[str, str]:
    """The Regions of those whose names hold none."""
    return {each.name: each.region for each in services if each.region}


def _read(section: Section, node: Node, home: str | None) -> Iterator[Wanted]:
    if not isinstance(node, yaml.MappingNode):
        called = f"an entry of {section.full('services')}"
        name = section.parsed(node, called, "", service, SERVICES)
        if name and _known(section.report, node, name) and _meant(section, node, name, home):
            yield Wanted(name, None, node)
        return
    inner = Section(section.report, node, "a service of a profile", ("name", "region"))
    for key, right in (("name", SERVICES), ("region", f"{REGION}, or the name alone")):
        if inner.node(key) is None:
            section.report.add(node, f"a service of a profile has no {key}", right)
    name = inner.value("name", "", service, SERVICES)
    where = inner.value("region", "", region, REGION)
    if name and where and _known(section.report, node, name):
        yield from _placed(section.report, node, name, where, home)


def _known(report: Report, node: Node, name: str) -> bool:
    """Complain about a short name that is probably a slip, warn of one that we don't know.

    Our list may be older than AWS's, so a full name is always taken (decision 0011).
    """
    if is_full(name) or name in KNOWN | GLOBAL:
        return True
    full = "or, if AWS has it, its full name (com.amazonaws.<region>.…)"
    if close := meant(name):
        report.add(node, f'"{name}" is no service that this version knows', f"{close}{full}")
    else:
        report.warn(
            node,
            f'"{name}" is no service that this version knows: AWS may refuse it',
            "look it up (aws ec2 describe-vpc-endpoint-services), or write its full name",
        )
    return not close


def _meant(section: Section, node: Node, name: str, home: str | None) -> bool:
    """Complain about AWS's service of another Region without a word on that: mostly a slip."""
    there = region_in(name)
    if home is None or there in (None, home) or is_private(name):
        return True
    section.report.add(
        node,
        f"{name} is a service of {there}, and this is deployed into {home}",
        f"write its short name, or {{name: {name}, region: {there}}} if you mean it",
    )
    return False


def _placed(
    report: Report, node: Node, name: str, where: str, home: str | None
) -> Iterator[Wanted]:
    """A name with its Region: a short one becomes the full one of that Region."""
    there = region_in(name)
    if there not in (None, where):
        report.add(node, f"{name} is a service of {there}, not of {where}", "let the two agree")
        return
    if home is not None and partition(home) != partition(where):
        report.add(
            node,
            f"{where} is in another partition than {home}",
            "PrivateLink reaches no further: drop the service",
        )
        return
    if there or name in GLOBAL or is_full(name):
        yield Wanted(name, None if there else where, node)
        return
    full = full_names(name, where)
    if len(full) > 1:
        report.add(
            node,
            f"the names of some services begin otherwise in {where}",
            f"write the full one, {full[0]} or {full[1]}",
        )
        return
    yield Wanted(full[0], None, node)
