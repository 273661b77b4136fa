"""Which files run on one worker, and who goes first: a lab, and a CDK app, take long to start."""

from __future__ import annotations

from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]  # it has no types

# Files that share a fixture of the session: each worker that runs one of them makes it anew.
TOGETHER = {
    "tests/end_to_end/": (
        "test_bad_world.py",
        "test_burst.py",
        "test_delivery.py",
        "test_faults.py",
        "test_grace.py",
        "test_left_alone.py",
        "test_quiet_sweep.py",
        "test_stepping_aside.py",
    ),
    "tests/browser/": ("test_stack.py", "test_widgets.py"),  # the real stack's dashboard
    "tests/lab/": (
        "test_bad_answers.py",
        "test_calls.py",
        "test_dashboard.py",
        "test_examples.py",
        "test_functions.py",
        "test_machines.py",
        "test_mail.py",
        "test_moves.py",
        "test_parameters.py",
        "test_privatelink.py",
        "test_simulation.py",
        "test_tables.py",
        "test_traffic.py",
        "test_trails.py",
    ),
    "tests/lab/stacksets/": (
        "test_automatic.py",
        "test_delegation.py",
        "test_operations.py",
        "test_requests.py",
        "test_resource.py",
    ),
    "tests/infra/": (
        "test_checks.py",
        "test_commands.py",
        "test_endpoint_service.py",
        "test_kept.py",
        "test_permissions.py",
        "test_rules.py",
        "test_stack.py",
    ),
}
_GROUP = {folder + name: folder for folder, names in TOGETHER.items() for name in names}
# What takes minutes must not begin when everything else has ended: the longest first (as
# `pytest --durations=0` says), where a folder stands for its group; then by folder.
LONGEST = (
    "tests/end_to_end/test_fleet.py",
    "tests/end_to_end/",
    "tests/end_to_end/test_cli.py",
    "tests/end_to_end/test_connections.py",
    "tests/end_to_end/test_connection_faults.py",
    "tests/end_to_end/test_connection_burst.py",
    "tests/end_to_end/test_zones.py",
    "tests/end_to_end/test_interface_faults.py",
)
_FOLDERS = ("tests/end_to_end/", "tests/browser/", "tests/lab/", "tests/infra/")


class Scheduling(LoadFileScheduling):  # type: ignore[misc]  # as above
    """A file on one worker, or a group of files; one worker begins at the other end.

    So a worker computes while the others wait for their labs.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return _GROUP.get(file, file)

    def _assign_work_unit(self, node: Any) -> None:
        if len(self.nodes) > 2 and node is self.nodes[0]:
            self.workqueue.move_to_end(next(reversed(self.workqueue)), last=False)
        super()._assign_work_unit(node)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling | None:
    """Keep groups of files together where files are kept together."""
    return Scheduling(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run what is slow first; in the order that it has otherwise."""
    items.sort(key=lambda item: _turn(item.nodeid))


def _turn(nodeid: str) -> tuple[int, int]:
    file = nodeid.partition("::")[0]
    unit = _GROUP.get(file, file)
    if unit in LONGEST:
        return 0, LONGEST.index(unit)
    folders = (i for i, folder in enumerate(_FOLDERS, 1) if file.startswith(folder))
    return next(folders, len(_FOLDERS) + 1), unit == file
