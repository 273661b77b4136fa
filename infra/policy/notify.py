"""Who is told what: the section `notify`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import yaml
from autopilot.policy.model import NotifyPolicy

from infra.policy.report import Node, is_empty, kind_of
from infra.policy.section import Section
from infra.policy.values import boolean, email, owner, owner_tag

EMAIL_FORM = "write an address such as netops@example.com"
OWNER_FORM = "write what the tag has: one line of up to 100 characters, without quotes, backslashes"
_TAG_FORM = "write the key of a tag whose value says whose a thing is, such as owner"
_OWNERS_FORM = "write owners with their addresses, such as team-a: [team-a@example.com]"
BUTTONS_FORM = "write true or false"
# SNS guide, "Filter policy constraints": values in a policy, and policies at a topic.
_MOST_OWNERS, _MOST_ADDRESSES = 150, 200


def notify(section: Section) -> tuple[tuple[str, ...], NotifyPolicy]:
    """The addresses that hear everything; whose things are, and who hears of one owner's only."""
    emails = section.items("emails", email, EMAIL_FORM) or ()
    tag = section.value("owner_tag", "", owner_tag, _TAG_FORM)
    return emails, NotifyPolicy(
        owner_tag=tag,
        owners=owners_of(section, emails, "" if tag else "add owner_tag: KEY"),
        chat_buttons=section.value("chat_buttons", False, boolean, BUTTONS_FORM),
    )


def owners_of(
    section: Section, emails: tuple[str, ...], otherwise: str
) -> Mapping[str, tuple[str, ...]]:
    """Who hears of which owner's things only; `otherwise`: what to do for a tag that names them, ""
    where there is one."""
    owners, node = dict(_owners(section)), section.node("owners")
    if owners and node is not None:
        _check(section, node, emails, owners)
        if otherwise:
            name = section.full("owners")
            section.report.add(node, f"{name} has no effect: no tag names an owner", otherwise)
    return owners


def filters(owners: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """By address the owners of which it hears: SNS keeps one subscription of an address.

    An address counts as one however its letters' case is written, as where it is asked who listens.
    """
    found: dict[str, tuple[str, ...]] = {}
    written: dict[str, str] = {}
    for name, addresses in owners.items():
        for address in addresses:
            first = written.setdefault(address.lower(), address)
            found[first] = (*found.get(first, ()), name)
    return {address: tuple(dict.fromkeys(names)) for address, names in found.items()}


def _twice(heard: Mapping[str, object], emails: Iterable[str]) -> list[str]:
    """Addresses that are to hear everything, and of some owners only: nobody would be a listener
    who counts as one of those."""
    every = {address.lower() for address in emails}
    return sorted(address for address in heard if address.lower() in every)


def _owners(section: Section) -> Iterator[tuple[str, tuple[str, ...]]]:
    node, whole = section.node("owners"), section.full("owners")
    if node is None or is_empty(node):
        return
    if not isinstance(node, yaml.MappingNode):
        section.report.add(node, f"{whole} is {kind_of(node)}", _OWNERS_FORM)
        return
    keys = [key for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
    names = Section(section.report, node, whole, [key.value for key in keys])
    for name in dict.fromkeys(key.value for key in keys):
        key = next(key for key in keys if key.value == name)
        section.parsed(key, f"an owner of {whole}", "", owner, OWNER_FORM)
        yield name, names.items(name, email, EMAIL_FORM) or ()


def _check(
    section: Section,
    node: Node,
    emails: tuple[str, ...],
    owners: Mapping[str, tuple[str, ...]],
) -> None:
    """What SNS would not take, and what nobody would hear."""
    report, heard = section.report, filters(owners)
    every, some = section.full("emails"), section.full("owners")
    for address in _twice(heard, emails):
        report.add(
            node,
            f"{address} stands under {every} and {some}",
            "keep one: SNS subscribes an address once, to everything or to some",
        )
    if any(len(names) > _MOST_OWNERS for names in heard.values()):
        report.add(node, "an address has too many owners", f"SNS takes {_MOST_OWNERS} in a filter")
    if len(heard) > _MOST_ADDRESSES:
        report.add(
            node,
            f"{some} has {len(heard)} addresses",
            f"SNS takes {_MOST_ADDRESSES} filters at a topic: use lists",
        )
    if not emails:
        report.warn(
            node,
            f"{some} hear nothing until somebody hears everything",
            f"add {every}, or subscribe a queue, function or chat to the topic OpsTopicArn",
        )
