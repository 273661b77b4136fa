"""Makes the pieces that views are tested with."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from autopilot.connections.facts import ConnectionFacts
from autopilot.gateway.desired import desired_in
from autopilot.gateway.facts import Facts as NetworkFacts
from autopilot.interfaces.facts import Facts as InterfaceFacts
from autopilot.notify.finding import Finding
from autopilot.notify.ledger import FINDINGS, Key, Row
from autopilot.policy.model import Policy
from autopilot.view.model import Overview, SubnetView
from autopilot.view.overview import overview
from autopilot.view.seen import Seen

from tests.unit.gateway.builders import NOW, STACK, policy

EARLIER = NOW - timedelta(hours=3)


def seen(
    network: NetworkFacts | None = None,
    interfaces: InterfaceFacts | None = None,
    connections: ConnectionFacts | None = None,
    wanted: Policy | None = None,
    rows: Iterable[Row] = (),
    unread: Any = None,
    now: datetime = NOW,
    limit: int | None = None,
    in_grace: Collection[str] = (),
) -> Seen:
    """An account whose policy wants S3 alone, unless `wanted` says otherwise."""
    by_partition: dict[str, tuple[Row, ...]] = {}
    for row in rows:
        by_partition[row.key.pk] = (*by_partition.get(row.key.pk, ()), row)
    decided, there = wanted or policy(), network or NetworkFacts()
    return Seen(
        stack=STACK,
        policy=decided,
        now=now,
        network=there,
        ungraced=desired_in(there, decided, STACK).without(in_grace),
        interfaces=interfaces or InterfaceFacts(),
        connections=connections or ConnectionFacts(),
        rows=by_partition,
        unread=unread or {},
        limit=limit,
    )


def told(finding: Finding, **body: Any) -> Row:
    """The ledger's row of a finding that ops know since three hours."""
    about = {
        "kind": finding.kind,
        "subject": finding.subject,
        "severity": finding.severity,
        "data": json.dumps(dict(finding.data)),
        "fingerprint": "f",
        "change": "opened",
        "first_seen": EARLIER.isoformat(),
    }
    return row(FINDINGS, finding.id, **{**about, **body})


def row(pk: str, sk: str, **body: Any) -> Row:
    return Row(Key(pk, sk), 1, True, "arn", EARLIER.isoformat(), body)


def shown(things: Seen) -> Overview:
    return overview(things)


def line(things: Seen, subnet_id: str = "subnet-1", service: str = "s3") -> SubnetView:
    """How one subnet stands towards one service."""
    (found,) = [
        each
        for vpc in overview(things).vpcs
        for each in vpc.subnets
        if (each.subnet_id, each.service) == (subnet_id, service)
    ]
    return found
