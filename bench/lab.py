"""The lab itself: how soon it is ready, what it holds while idle, what a big world's page costs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from botocore.parsers import create_parser

from lab.client import Lab

VPCS, TABLES, CLIENTS, ROUNDS = 1000, 5, 4, 3
IDLE_SECONDS = 10
MEGABYTE = 1024  # in the kilobytes that /proc counts


@dataclass(frozen=True)
class Start:
    """Seconds until a lab with the stack in two accounts was ready; megabytes that it idles at."""

    seconds: float
    megabytes: float | None


@dataclass(frozen=True)
class Page:
    """Medians in milliseconds: a page of a describe by a plain SDK, and parsing it alone."""

    whole: float
    parsed: float


def started() -> Start:
    """Start a lab with its defaults, and leave it alone for a while."""
    began = time.monotonic()
    with Lab.start() as lab:
        took = time.monotonic() - began
        time.sleep(IDLE_SECONDS)
        return Start(took, proportional_megabytes(lab.pid))


def proportional_megabytes(pid: int) -> float | None:
    """What a process and all that it started hold, shared pages by their share; None: no /proc."""
    if not Path("/proc/self/smaps_rollup").exists():
        return None
    parents = {int(entry.name): _parent(entry) for entry in Path("/proc").glob("[0-9]*")}
    family = {pid}
    while grown := {child for child, parent in parents.items() if parent in family} - family:
        family |= grown
    return sum(_kilobytes(Path(f"/proc/{member}/smaps_rollup")) for member in family) / MEGABYTE


def _parent(entry: Path) -> int:
    try:
        return int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:  # it went away meanwhile
        return 0


def _kilobytes(rollup: Path) -> int:
    try:
        lines = rollup.read_text().splitlines()
    except OSError:  # as above
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


@contextmanager
def big_world() -> Iterator[Any]:
    """A lab with a thousand VPCs of five tables each besides the main one: its EC2 client."""
    with Lab.start(deploy=False) as lab:
        clients = [lab.session().client("ec2") for _ in range(CLIENTS)]
        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(_build, clients))
        yield lab.client("ec2")


def _build(ec2: Any) -> None:
    for number in range(VPCS // CLIENTS):
        vpc = ec2.create_vpc(CidrBlock=f"10.{number % 256}.0.0/16")["Vpc"]["VpcId"]
        for _ in range(TABLES):
            ec2.create_route_table(VpcId=vpc)


def page(ec2: Any, operation: str, name: str) -> Page:
    """Describe everything a few times, in pages of a hundred; then parse the same answers alone.

    `operation` is the client's method, `name` the API's.
    """
    bodies: list[bytes] = []

    def keep(http_response: Any, **_: Any) -> None:
        bodies.append(http_response.content)

    ec2.meta.events.register(f"after-call.ec2.{name}", keep)
    whole: list[float] = []
    for _ in range(ROUNDS):
        pages = ec2.get_paginator(operation).paginate(PaginationConfig={"PageSize": 100})
        whole += _times(partial(next, iter(pages), None))[:-1]
    shape = ec2.meta.service_model.operation_model(name).output_shape
    parser, answers = create_parser("ec2"), iter(bodies)

    def parse() -> object:
        body = next(answers, None)
        answer: dict[str, Any] = {"body": body, "headers": {}, "status_code": 200}
        return None if body is None else parser.parse(answer, shape)

    return Page(median(whole), median(_times(parse)[:-1]))


def _times(act: Callable[[], object]) -> list[float]:
    """The milliseconds of each `act` until one returns None, that one included."""
    took: list[float] = []
    while True:
        began = time.perf_counter()
        done = act()
        took.append((time.perf_counter() - began) * 1000)
        if done is None:
            return took
