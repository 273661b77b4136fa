"""What spokes say, as the hub's queue delivers it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from autopilot.fleet.wire import HEARTBEAT, NEWS, Heartbeat, News, Spoke
from autopilot.reconcile.codec import encode

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
SPOKE = Spoke("222222222222", "eu-central-1")


def ago(**time: float) -> str:
    return (NOW - timedelta(**time)).isoformat(timespec="milliseconds")


def beat(**changes: Any) -> Heartbeat:
    known = {"at": ago(minutes=1), "release": "r1", "version": "v1", "policy": "p1"}
    return Heartbeat(**{**known, "target": "workloads", "stack": "StackSet-1", **changes})


def news(id_: str = "n-1", **changes: Any) -> News:
    known: dict[str, Any] = {
        "id": id_,
        "kinds": ("RouteTableBusy",),
        "severity": "action",
        "change": "opened",
        "title": "Route tables of 1 VPC wait for a quiet hour",
        "subject": "Route tables in vpc-1 wait for a quiet hour",
        "text": "A route table has network interfaces in its subnets.\n",
        "at": ago(minutes=1),
        "ids": ("vpc-1",),
    }
    return News(**{**known, **changes})


def event(what: Heartbeat | News, spoke: Spoke = SPOKE, **changes: Any) -> dict[str, Any]:
    return {
        "source": "endpoint-autopilot",
        "detail-type": HEARTBEAT if isinstance(what, Heartbeat) else NEWS,
        "account": spoke.account,
        "region": spoke.region,
        "time": ago(),
        "detail": encode(what),
        **changes,
    }


def records(*events: Any) -> list[dict[str, Any]]:
    """Messages m-0, m-1, …; a text is a body as it is."""
    return [
        {"messageId": f"m-{n}", "body": each if isinstance(each, str) else json.dumps(each)}
        for n, each in enumerate(events)
    ]
