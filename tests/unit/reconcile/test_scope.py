"""A scope covers what its parts cover, and more than a list can hold is everything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from autopilot.reconcile.codec import decode, encode
from autopilot.reconcile.request import Request
from autopilot.reconcile.scope import MOST_IDS, Scope


@dataclass(frozen=True)
class Vpcs(Scope):
    vpc_ids: tuple[str, ...] = ()
    table_ids: tuple[str, ...] = ()


EVERYTHING = Vpcs(everything=True)
MANY = [f"vpc-{i}" for i in range(MOST_IDS)]


def test_sorts_what_it_is_made_of() -> None:
    assert Vpcs.of(vpc_ids=["vpc-2", "vpc-1", "vpc-2"]) == Vpcs(vpc_ids=("vpc-1", "vpc-2"))


def test_covers_what_either_covers() -> None:
    both = Vpcs.of(vpc_ids=["vpc-2"]) | Vpcs.of(vpc_ids=["vpc-1"], table_ids=["rtb-1"])
    assert both == Vpcs(False, ("vpc-1", "vpc-2"), ("rtb-1",))


def test_everything_swallows_the_rest() -> None:
    assert Vpcs.of(vpc_ids=["vpc-1"]) | EVERYTHING == EVERYTHING
    assert EVERYTHING | Vpcs.of(vpc_ids=["vpc-1"]) == EVERYTHING


def test_becomes_everything_when_a_list_is_too_long() -> None:
    assert Vpcs.of(vpc_ids=MANY) != EVERYTHING
    assert Vpcs.of(vpc_ids=MANY) | Vpcs.of(vpc_ids=["vpc-more"]) == EVERYTHING


@pytest.mark.parametrize(
    ("scope", "somewhere"),
    [(Vpcs(), False), (EVERYTHING, True), (Vpcs.of(table_ids=["rtb-1"]), True)],
)
def test_knows_whether_there_is_anywhere_to_look(scope: Vpcs, somewhere: bool) -> None:
    assert bool(scope) is somewhere


@pytest.mark.parametrize(
    ("scope", "plain"),
    [
        (EVERYTHING, "all"),
        (Vpcs.of(vpc_ids=["vpc-1"]), {"vpc_ids": ["vpc-1"], "table_ids": []}),
    ],
)
def test_is_a_word_or_lists_in_json(scope: Vpcs, plain: object) -> None:
    assert encode(scope) == plain
    assert decode(Vpcs, plain) == scope


def test_needs_no_list_that_is_empty() -> None:
    assert decode(Vpcs, {"table_ids": ["rtb-2", "rtb-1"]}) == Vpcs.of(table_ids=["rtb-1", "rtb-2"])


@pytest.mark.parametrize("wrong", ["some", 3, ["vpc-1"]])
def test_says_what_would_be_right(wrong: object) -> None:
    with pytest.raises(ValueError, match='write "all" or an object of id lists'):
        decode(Vpcs, wrong)


def test_null_is_no_scope_even_where_everything_is_the_default() -> None:
    """A person who writes it may have lost a variable, and shall not get all VPCs changed."""

    @dataclass(frozen=True, kw_only=True)
    class Look(Request[Vpcs, Any]):
        scope: Vpcs = EVERYTHING

    assert decode(Look, {}).scope == EVERYTHING
    with pytest.raises(ValueError, match='scope is None; write "all" or an object of id lists'):
        decode(Look, {"scope": None})
