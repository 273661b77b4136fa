"""`fleet.yaml` → the fleet with all its policies, or every mistake at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from autopilot.fleet.roster import CHAT

from infra.fleet.keys import KEYS, home
from infra.fleet.model import Fleet, Plain, Target
from infra.fleet.policies import Policies
from infra.fleet.targets import ACCOUNT, has_namespace, known_region, plain, targets
from infra.fleet.values import approver, silence
from infra.fleet.waves import waves
from infra.policy.merge import at
from infra.policy.notify import BUTTONS_FORM, EMAIL_FORM, owners_of
from infra.policy.report import Node, PolicyMistakes, Report, compose, in_order
from infra.policy.section import Section
from infra.policy.values import account, boolean, email, organization_id

ORGANIZATION = "write an id such as o-a1b2c3d4e5"
REGION = "write a Region such as us-east-1"
SILENT = "write N hours or days, 2 hours to 7 days"
TAG = "add notify.owner_tag: KEY in autopilot.yaml, or in an overlay"
APPROVER = "write a name without blanks, such as alice@example.com, or leave approvers out"


@dataclass(frozen=True)
class Sourced:
    """The fleet, and the root of each policy, whose nodes know their files and lines: by target
    ("" for a plain deployment) and account ("" for a target's own)."""

    fleet: Fleet
    nodes: Mapping[tuple[str, str], Node | None]


def load_fleet(path: str | Path, policy_path: str | Path) -> Fleet:
    """Read fleet.yaml and what it lays over the policy file.

    Raises PolicyMistakes with every mistake in them, in overlays and in endpoint policies.
    """
    return read_fleet(path, policy_path).fleet


def read_fleet(path: str | Path, policy_path: str | Path) -> Sourced:
    """As `load_fleet`, with where each value is from. Raises PolicyMistakes."""
    report = Report(str(path))
    node = compose(report, Path(path))
    if report.mistakes:
        raise PolicyMistakes(report.mistakes)
    root = Section(report, node, "the fleet", KEYS["the fleet"], home)
    organization = _needed(root, "organization", organization_id, ORGANIZATION)
    policies = Policies(report, policy_path, organization)
    fleet = _fleet(root, policies, organization)
    if mistakes := [*report.mistakes, *policies.mistakes]:
        raise PolicyMistakes(mistakes)
    return Sourced(fleet, policies.nodes)


def _fleet(root: Section, policies: Policies, organization: str) -> Fleet:
    hub = Section(root.report, root.node("hub"), "hub", KEYS["hub"], home)
    hubs_account = _needed(hub, "account", account, ACCOUNT)
    hubs_region = _needed(hub, "region", known_region, REGION)
    has_namespace(hub, "region", hubs_region, "give the hub another Region")
    found = targets(root, policies, hubs_region)
    by_hand = plain(root, policies, hubs_region)
    _once(root, found, by_hand)
    if not (found or by_hand):
        policies.alone()
    emails = _emails(root)
    return Fleet(
        organization,
        hubs_account,
        hubs_region,
        found,
        waves(root, [each.name for each in found]),
        by_hand,
        root.items("approvers", approver, APPROVER) or (),
        emails,
        root.value("silent_after", Fleet.silent_after_minutes, silence, SILENT),
        _chat_buttons(root),
        owners_of(root, emails, "" if _tagged(found, by_hand) else TAG),
        in_order([*root.report.warnings, *policies.warnings]),
    )


def _emails(root: Section) -> tuple[str, ...]:
    emails = root.items("emails", email, EMAIL_FORM) or ()
    if not emails:
        root.report.warn(
            root.line_of("emails"),
            "emails names nobody: what the hub finds is told to nobody",
            "add an address, or subscribe a queue or a chat to the hub's topic",
        )
    return emails


def _tagged(found: tuple[Target, ...], by_hand: tuple[Plain, ...]) -> bool:
    """Whether any account's policy names the tag that says whose a thing is."""
    of_accounts = (each for target in found for each in target.accounts.values())
    every = (
        *(each.configuration for each in found),
        *(each.configuration for each in by_hand),
        *of_accounts,
    )
    return any(each.policy.notify.owner_tag for each in every)


def _chat_buttons(root: Section) -> bool:
    """A button names nobody: where only some may be named, that has to be allowed by name."""
    wanted = root.value("chat_buttons", False, boolean, BUTTONS_FORM)
    if wanted and (names := root.items("approvers", str, "")) and CHAT not in names:
        root.report.add(
            root.line_of("chat_buttons"),
            f"chat_buttons is true, and approvers doesn't name {CHAT}, as whom a button answers:"
            " each would be refused",
            f"add {CHAT} to approvers, if whoever may press it in the channel may answer",
        )
    return wanted


def _needed(section: Section, key: str, parse: Callable[[str], str], right: str) -> str:
    """A value that must be there; "" where it is wrong or missing."""
    if section.node(key) is None:
        section.report.add(section.line, f"{section.full(key)} is missing", right)
    return section.value(key, "", parse, right)


def _once(root: Section, found: tuple[Target, ...], by_hand: tuple[Plain, ...]) -> None:
    """An account belongs to one unit, and what is deployed by hand to none that is a target."""
    first: dict[str, str] = {}
    for path, id_ in _places(found, by_hand):
        place, node = ".".join(path), at(root.node(path[0]), *path[1:], id_)
        if id_ in first and node is not None:
            root.report.add(
                node,
                f"the account {id_} stands under {first[id_]} and under {place}",
                "keep one of them: an account belongs to one",
            )
        first.setdefault(id_, place)


def _places(
    found: tuple[Target, ...], by_hand: tuple[Plain, ...]
) -> Iterator[tuple[tuple[str, ...], str]]:
    for target in found:
        yield from ((("targets", target.name, "accounts"), id_) for id_ in target.accounts)
    yield from ((("plain",), each.account) for each in by_hand)
