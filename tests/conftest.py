"""What all tests share: time, a cache for labs, an order, and a table of faults at the end.

A test notes a row of the table with `record_property("fault", …)`.
"""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Generator, Iterable, Iterator

import pytest
from autopilot.aws.step import logger
from hypothesis import settings

from tests.side_by_side import pytest_collection_modifyitems, pytest_xdist_make_scheduler

__all__ = ["pytest_collection_modifyitems", "pytest_xdist_make_scheduler"]

# A machine that is shared is slow now and then: an example's time says nothing of the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

Row = tuple[str, ...]
CACHE = "LAB_CACHE"


def pytest_configure(config: pytest.Config) -> None:
    """Let all labs of this run share what they synthesise: nobody changes the app meanwhile."""
    # Powertools reads it when a handler is imported, whichever test does so first.
    os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "EndpointAutopilot")
    if not hasattr(config, "workerinput"):  # workers inherit it
        os.environ[CACHE] = tempfile.mkdtemp(prefix="endpoint-autopilot-tests-")
        # CDK's own linter costs more than the rest of a synthesis. It runs once, in
        # tests/infra/test_app.py; cfn-lint looks at the templates, too.
        os.environ["CDK_VALIDATION"] = "false"


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect without looking for garbage: what is made then stays, and is never looked at again.

    Thousands of tests are a sixth of the time of their collection, and of each later search.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()


@pytest.fixture(autouse=True, scope="module")
def _leaves_all_as_it_was() -> Iterator[None]:
    """Whatever runs next on this worker, in whichever order, finds what it would find alone."""
    before, level = dict(os.environ), logger.log_level
    yield
    environment = {name for name, _ in before.items() ^ os.environ.items()}
    assert not environment - {"PYTEST_CURRENT_TEST"}, f"left in os.environ: {environment}"
    assert logger.log_level == level, "the functions' logger has another level now"


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove what the labs shared."""
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ.pop(CACHE))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table, whichever worker ran the tests."""
    noted = [
        tuple(value)
        for report in terminalreporter.getreports("passed")
        for name, value in report.user_properties
        if name == "fault" and report.when == "call"
    ]
    if noted:
        terminalreporter.section("Faults, one at a time, and what became of each")
        for line in table(noted):
            terminalreporter.write_line(line)


def table(noted: Iterable[Row]) -> Iterator[str]:
    """A line for each call, with what became of it for all the ways in which it failed.

    A row holds a workflow, a step, an operation, a way to fail, and what became of it.
    """
    cells: dict[Row, dict[str, list[str]]] = {}
    for *where, how, became in noted:
        cells.setdefault(tuple(where), {}).setdefault(became, []).append(how)
    for call, ends in sorted(cells.items()):
        yield "  ".join(call)
        for became, hows in sorted(ends.items()):
            yield f"    {', '.join(sorted(hows))}: {became}"
