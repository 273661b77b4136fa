"""One lab for all stories: two accounts with the shipped policy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab.client import Lab
from tests.end_to_end.stage import Stage, allow_endpoints

ROOMY, TIGHT = "111111111111", "222222222222"


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """A lab with the unmodified stack in two accounts."""
    with Lab.start(accounts=(ROOMY, TIGHT)) as running:
        allow_endpoints(running, ROOMY, 1000)
        yield running


@pytest.fixture(scope="session")
def _roomy(lab: Lab) -> Stage:
    stage = Stage(lab, ROOMY)
    stage.sweep()  # the very first sweep finds what was there before: it counts nothing
    return stage


@pytest.fixture
def stage(_roomy: Stage) -> Iterator[Stage]:
    """An account with room for endpoints, at rest."""
    _roomy.begin()
    yield _roomy
    _roomy.lab.clear_faults()
    _roomy.lab.delivery()


@pytest.fixture(scope="session")
def tight(lab: Lab) -> Stage:
    """An account with AWS's default quota of 20 gateway endpoints."""
    stage = Stage(lab, TIGHT)
    stage.sweep()  # whoever begins to listen is welcomed with all there is: here, nothing yet
    return stage
