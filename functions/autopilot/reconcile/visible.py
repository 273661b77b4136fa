"""What endpoints' states mean; whether a look shows what is known to be so, sooner or later.

An expectation is the id of something that was made; `gone` of something that was deleted; or the id
of an item ("vpc-1/s3"), whose last outcome must show.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Literal

from autopilot.reconcile.outcome import OutcomeT, last

GONE = "gone/"
# States of an endpoint as the API writes them (EC2 API reference, VpcEndpoint), in lower case.
# One that is there in part ("partial") serves, as far as anybody knows.
_BROKEN = frozenset({"failed", "rejected", "expired"})
# "deleted" is gone: `autopilot.aws.pages` leaves it out.
_GOING = frozenset({"deleting", "deleted"})
_COMING = frozenset({"pending", "pendingacceptance"})
Standing = Literal["available", "coming", "broken", "going"]


class HasState:
    """What has an endpoint's state."""

    state: str

    @property
    def standing(self) -> Standing:
        """How far it is; AWS writes the states in two ways of capitalising.

        One in a state that we don't know counts as available.
        """
        state = self.state.lower()
        if state in _BROKEN:
            return "broken"
        if state in _GOING:
            return "going"
        return "coming" if state in _COMING else "available"

    @property
    def lives(self) -> bool:
        """Whether it serves, or soon will."""
        return self.standing in ("available", "coming")


def gone(id_: str) -> str:
    """The expectation that what was deleted, of whichever workflow, serves no more."""
    return f"{GONE}{id_}"


def still_to_show(expect: Iterable[str]) -> tuple[str, ...]:
    """Expectations of several events as one, sorted: what was made and is gone need not show."""
    every = frozenset(expect)
    return tuple(sorted(e for e in every if gone(e) not in every))


def unseen(
    expect: Iterable[str],
    outcomes: Iterable[OutcomeT],
    *,
    seen: Collection[str],
    serving: Collection[str],
    shows: Callable[[OutcomeT], bool],
) -> tuple[str, ...]:
    """Those of `expect` that a look doesn't show yet.

    `seen`: the ids of all that it shows. `serving`: of those that aren't gone. `shows`: whether it
    shows what an outcome tells.
    """
    ended = last(outcomes)

    def met(expected: str) -> bool:
        if expected.startswith(GONE):
            return expected.removeprefix(GONE) not in serving
        if expected in ended:
            return shows(ended[expected])
        return expected in seen or _is_item(expected)

    return tuple(expected for expected in expect if not met(expected))


def _is_item(expected: str) -> bool:
    """Whether it names an item, not a resource; one without an outcome asks for nothing."""
    return "/" in expected and not expected.startswith("arn:")
