"""Every module that changes MiniStack besides `hooks`, in the order of installing."""

from __future__ import annotations

from lab import (
    buckets,
    bus_policies,
    buses,
    closed_regions,
    conditions,
    delegation,
    forking,
    iam_hooks,
    invoking,
    machines,
    mail,
    measures,
    moves,
    owners,
    packages,
    parameters,
    roles,
    scps,
    simulation,
    stacksets,
    tables,
    topics,
    trails,
)

MODULES = (
    *(measures, owners, iam_hooks, parameters, conditions, machines, moves, tables, topics, mail),
    # What members may ask of Organizations is decided before what it then does.
    *(delegation, trails, scps, simulation),
    *(buckets, packages, stacksets, closed_regions),
    *(buses, bus_policies, invoking, roles),
    forking,
)
