"""Single values of fleet.yaml: text in, value out, ValueError with what is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

import botocore.session
from autopilot.policy.partitions import partition

from infra.policy.values import MINUTES
from infra.policy.values import region as a_region

STACK_SET = "EndpointAutopilot-"
# Letters, digits and hyphens, 128 (CloudFormation API reference, CreateStackSet). In an account its
# stack is called StackSet-<name>-<UUID>, and a stack's name ends there, too; what AWS makes of a
# longer one is written nowhere (believed).
LONGEST_TARGET = 128 - len("StackSet-") - len(STACK_SET) - 1 - 36
# A gate is a custom resource, whose function lives for 15 minutes.
LONGEST_WAIT = 14
# A spoke speaks each hour; a week later nobody would be told in time.
SHORTEST_SILENCE, LONGEST_SILENCE = 2 * 60, 7 * 24 * 60


def target(text: str) -> str:
    """The name of a target, which its StackSet's name holds."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", text):
        raise ValueError
    if len(text) > LONGEST_TARGET:
        raise ValueError(
            f"has {len(text)} characters, and its stacks' names room for {LONGEST_TARGET}"
        )
    return text


def unit(text: str) -> str:
    """A unit's id or the root's (Organizations API reference, "OrganizationalUnitId", "RootId")."""
    if not re.fullmatch(r"r-[a-z0-9]{4,32}|ou-[a-z0-9]{4,32}-[a-z0-9]{8,32}", text):
        raise ValueError(f'is "{text}", which is no organizational unit\'s id')
    return text


@cache
def _known() -> Mapping[str, str]:
    """The Regions that this version's SDK knows, each with its partition."""
    known = botocore.session.get_session()
    partitions = known.get_available_partitions()
    regions = (known.get_available_regions("ec2", each) for each in partitions)
    return {region: partition(region) for found in regions for region in found}


def region(text: str) -> str:
    """A Region that there is."""
    a_region(text)
    if text not in _known():
        raise ValueError(f'is "{text}", which is no Region that this version knows')
    return text


def regions_of(partition_id: str) -> list[str]:
    """The Regions of a partition; of all of them for ""."""
    return sorted(region for region, its in _known().items() if partition_id in ("", its))


def percent(text: str) -> int:
    """`10%` as a number."""
    found = re.fullmatch(r"(\d{1,3})%", text)
    if not found or int(found[1]) > 100:
        raise ValueError
    return int(found[1])


def wait(text: str) -> int:
    """`10 minutes` as a number."""
    found = re.fullmatch(r"(\d{1,2}) minutes?", text)
    if not found or int(found[1]) > LONGEST_WAIT:
        raise ValueError
    return int(found[1])


def silence(text: str) -> int:
    """`3 hours` as minutes."""
    found = re.fullmatch(r"([1-9]\d{0,5}) (minute|hour|day)s?", text)
    if not found:
        raise ValueError
    minutes = int(found[1]) * MINUTES[found[2]]
    if minutes < SHORTEST_SILENCE:
        raise ValueError(f'is "{text}", and a spoke speaks once an hour')
    if minutes > LONGEST_SILENCE:
        raise ValueError(f'is "{text}": a broken spoke would be told that late')
    return minutes


def approver(text: str) -> str:
    """A person as messages name who answered: one printable word."""
    if text == "*":
        raise ValueError('is "*"')
    if not re.fullmatch(r"[^\s\"'\\<>*]{1,128}", text) or not text.isprintable():
        raise ValueError
    return text
