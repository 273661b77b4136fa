"""What the policy file says of connection requests and of zones."""

from __future__ import annotations

from typing import Literal, get_args

from autopilot.policy.model import (
    ConnectionPolicy,
    NoLongerAllowed,
    Otherwise,
    Peer,
    PeerKind,
    ZonePolicy,
)

from infra.policy.conflicts import check
from infra.policy.organization import Known
from infra.policy.owners import Named
from infra.policy.report import line_of
from infra.policy.rules import rules
from infra.policy.section import Section
from infra.policy.values import hold_seconds

HOLD_FOR = "write N hours or days, up to 300 days"
OTHERWISE: tuple[Otherwise, ...] = get_args(Otherwise)
NO_LONGER_ALLOWED: tuple[NoLongerAllowed, ...] = get_args(NoLongerAllowed)
PEER_KINDS: tuple[PeerKind, ...] = get_args(PeerKind)
REQUIRE: tuple[Literal["all", "any"], ...] = ("all", "any")
BEFORE: tuple[Literal["warn", "hold"], ...] = ("warn", "hold")


def connections(section: Section, organization: Known) -> ConnectionPolicy:
    """Read the section `connections`."""
    allow, deny = (rules(section, key, organization) for key in ("allow", "deny"))
    check(section.report, allow or (), deny or ())
    default = ConnectionPolicy()
    return ConnectionPolicy(
        allow=default.allow if allow is None else tuple(found.rule for found in allow),
        deny=tuple(found.rule for found in deny or ()),
        otherwise=section.choice("otherwise", default.otherwise, OTHERWISE),
        no_longer_allowed=section.choice(
            "no_longer_allowed", default.no_longer_allowed, NO_LONGER_ALLOWED
        ),
        hold_for_seconds=section.value(
            "hold_for", default.hold_for_seconds, hold_seconds, HOLD_FOR
        ),
    )


def zones(section: Section) -> ZonePolicy:
    """Read the section `zones`."""
    return ZonePolicy(
        require=section.choice("require", ZonePolicy.require, REQUIRE),
        before_accepting=section.choice("before_accepting", ZonePolicy.before_accepting, BEFORE),
        peers=_peers(section),
    )


def _peers(section: Section) -> tuple[Peer, ...]:
    seen: dict[Peer, int] = {}
    nodes = section.listed("peers", 'write [{account: "222222222222"}], or [] for none')
    for node in nodes or ():
        named = Named(section.report, node, "a peer of zones.peers", PEER_KINDS)
        if not named.sound:
            continue
        peer = Peer(next(kind for kind in PEER_KINDS if kind == named.kind), named.value)
        if peer in seen:
            section.report.add(
                node,
                f"{peer.kind} {peer.value} stands twice in zones.peers, first on line {seen[peer]}",
                "keep one of them",
            )
        seen.setdefault(peer, line_of(node))
    return tuple(seen)
