"""The table of profiles and the rules of their security groups."""

from __future__ import annotations

from dataclasses import replace

import pytest
from autopilot.interfaces.changes import ingress
from autopilot.interfaces.facts import EGRESS
from autopilot.policy.model import InterfaceProfile
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.interfaces.builders import profile, vpc

VPC = vpc(cidrs=("10.0.0.0/16", "100.64.0.0/20", "2600:1f18::/56"))
PROFILES: list[tuple[str, InterfaceProfile, set[str]]] = [
    (
        "443 from all blocks of the VPC unless the profile says otherwise",
        profile(),
        {
            "tcp 443-443 10.0.0.0/16",
            "tcp 443-443 100.64.0.0/20",
            "tcp 443-443 2600:1f18::/56",
        },
    ),
    (
        "the given blocks instead of the VPC's",
        profile(allow_from=("10.1.0.0/24",)),
        {"tcp 443-443 10.1.0.0/24"},
    ),
    (
        "the given ports, each by itself",
        profile(allow_from=("10.1.0.0/24",), ports=(443, 5432)),
        {"tcp 443-443 10.1.0.0/24", "tcp 5432-5432 10.1.0.0/24"},
    ),
    (
        "the whole Internet only where the policy writes it in full",
        profile(allow_from=("0.0.0.0/0", "::/0")),
        {"tcp 443-443 0.0.0.0/0", "tcp 443-443 ::/0"},
    ),
]


@pytest.mark.parametrize(("_what", "wanted", "rules"), PROFILES, ids=[p[0] for p in PROFILES])
def test_a_profile_comes_to_these_rules(
    _what: str, wanted: InterfaceProfile, rules: set[str]
) -> None:
    assert ingress(wanted, VPC) == rules


def test_an_endpoint_starts_nothing_so_nothing_is_let_out() -> None:
    assert frozenset() == EGRESS


blocks = st.sampled_from(["10.0.0.0/16", "172.31.0.0/16", "2600:1f18::/56", "192.168.0.0/24"])


@given(st.lists(blocks), st.none() | st.lists(blocks), st.lists(st.integers(1, 65535), min_size=1))
def test_never_opens_to_everybody_unasked(
    cidrs: list[str], given_blocks: list[str] | None, ports: list[int]
) -> None:
    wanted = profile(
        allow_from=None if given_blocks is None else tuple(given_blocks), ports=tuple(ports)
    )
    rules = ingress(wanted, replace(VPC, cidrs=tuple(cidrs)))
    assert not [rule for rule in rules if rule.endswith(("0.0.0.0/0", "::/0"))]
    assert all(rule.startswith("tcp ") for rule in rules)
