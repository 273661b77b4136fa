"""One lab with a small app for all tests that need a server; undisturbed at the start of each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.client import Lab

APP = Path(__file__).with_name("app")


@pytest.fixture(scope="session")
def one_lab() -> Iterator[Lab]:
    with Lab.start(env={"LAB_APP": str(APP)}) as lab:
        yield lab


@pytest.fixture
def lab(one_lab: Lab) -> Lab:
    one_lab.clear_faults()
    one_lab.delivery()
    one_lab.clear_calls()
    return one_lab
