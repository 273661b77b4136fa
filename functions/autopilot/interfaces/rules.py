"""Which rules the security group of a profile has: who may reach the endpoints, on which ports."""

from __future__ import annotations

from collections.abc import Iterable

from autopilot.interfaces.facts import Vpc
from autopilot.policy.model import InterfaceProfile

EGRESS: frozenset[str] = frozenset()
"""Nothing. An endpoint answers and starts nothing, and groups are stateful: what answers a request
that was let in goes out whatever the egress rules say (VPC guide, "Security groups"). So the rule
that AWS gives each new group, everything to everywhere, is taken away."""


def rule(protocol: str, first: int, last: int, peer: str) -> str:
    """A rule in words: "tcp 443-443 10.0.0.0/16". `peer`: a CIDR block, a group, a prefix list.

    `first` and `last`: ports, -1 both where the protocol has none.
    """
    return f"{protocol} {first}-{last} {peer}"


def ingress(profile: InterfaceProfile, vpc: Vpc) -> frozenset[str]:
    """What the group of `profile` in `vpc` lets in.

    From all blocks of the VPC, IPv4 and IPv6, unless the profile names others.
    """
    peers: Iterable[str] = vpc.cidrs if profile.allow_from is None else profile.allow_from
    return frozenset(rule("tcp", port, port, peer) for port in profile.ports for peer in peers)
