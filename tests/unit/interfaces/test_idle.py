"""Verdicts on interface endpoints and zones that nobody seems to use."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from autopilot.interfaces.facts import Endpoint
from autopilot.interfaces.idle import WHOLE, Readings, Traffic, Verdict, Window, verdicts
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 11, 30, 18, 30, tzinfo=UTC)
MONTH = timedelta(days=30)
OLD = "2026-06-01T00:00:00+00:00"
WINDOW = Window(MONTH, NOW, "us-east-1", keep_tags={"keep": "*"})
ENDPOINT = Endpoint(
    "vpce-1", "vpc-1", "com.amazonaws.us-east-1.logs", created=OLD, subnet_ids=("sn-a", "sn-b")
)
NONE = Traffic()


def readings(**changes: Any) -> Readings:
    quiet = {("vpce-1", place): NONE for place in (WHOLE, "sn-a", "sn-b")}
    known = Readings(WINDOW.start, quiet, {"vpce-1": NONE}, published=True)
    more = changes.pop("bytes", {})
    return replace(known, bytes={**quiet, **more}, **changes)


def judged(endpoint: Endpoint = ENDPOINT, window: Window = WINDOW, **changes: Any) -> Verdict:
    (verdict,) = verdicts([endpoint], readings(**changes), window)
    return verdict


BYTES = {("vpce-1", WHOLE): Traffic(3, 1200.0), ("vpce-1", "sn-a"): Traffic(3, 1200.0)}
PARTLY = {("vpce-1", WHOLE): Traffic(0, 0, complete=False)}
ZEROS = {("vpce-1", WHOLE): Traffic(30, 0.0)}
LATELY = {"vpce-1": NOW - timedelta(days=2)}


@pytest.mark.parametrize(
    ("endpoint", "window", "changes", "word", "reason"),
    [
        (ENDPOINT, WINDOW, {}, "idle", "no bytes and no connection in 30 days"),
        (ENDPOINT, WINDOW, {"bytes": ZEROS}, "idle", "no bytes and no connection in 30 days"),
        (ENDPOINT, WINDOW, {"bytes": BYTES}, "in use", "1,200 bytes in 30 days"),
        # The smallest sign is enough: of one zone, of a part, of a connection without bytes.
        (
            ENDPOINT, WINDOW, {"bytes": {("vpce-1", "sn-b"): Traffic(1, 1.0, complete=False)}},
            "in use", "1 bytes in 30 days",
        ),
        (
            ENDPOINT, WINDOW, {"connections": {"vpce-1": Traffic(1, 1.0)}},
            "in use", "connections in 30 days, though no bytes",
        ),
        (
            ENDPOINT, WINDOW, {"elsewhere": frozenset({"vpce-1"})}, "in use",
            "CloudWatch has metrics of it under dimensions that this version doesn't know",
        ),
        # What isn't known is not idle.
        (
            ENDPOINT, WINDOW, {"bytes": PARTLY},
            "no data", "CloudWatch gave a part of its metrics only",
        ),
        (
            ENDPOINT, WINDOW, {"connections": {}},
            "no data", "CloudWatch gave a part of its metrics only",
        ),
        (
            ENDPOINT, WINDOW, {"published": False}, "no data",
            "no endpoint of the account has metrics here, so their absence shows nothing",
        ),
        (
            ENDPOINT, WINDOW, {"failure": "cloudwatch:GetMetricData: AccessDenied: no"}, "no data",
            "its metrics could not be read: cloudwatch:GetMetricData: AccessDenied: no",
        ),
        (
            replace(ENDPOINT, service_region="eu-west-1"), WINDOW, {}, "no data",
            "AWS publishes no metrics of endpoints to services of another Region",
        ),
        (
            replace(ENDPOINT, state="pendingAcceptance"), WINDOW, {}, "no data",
            "it is pendingAcceptance, so nobody could use it",
        ),
        (replace(ENDPOINT, created=""), WINDOW, {}, "no data", "AWS doesn't say when it was made"),
        # Young: by its creation, or since it was brought back; a clock that is behind, too.
        (
            replace(ENDPOINT, created="2026-10-31T18:30:01+00:00"), WINDOW, {},
            "too young", "made 2026-10-31, less than 30 days ago",
        ),
        (
            replace(ENDPOINT, created="2026-10-31T18:30:00+00:00"), WINDOW, {},
            "idle", "no bytes and no connection in 30 days",
        ),
        (
            replace(ENDPOINT, created="2026-12-24T00:00:00+00:00"), WINDOW, {},
            "too young", "made 2026-12-24, less than 30 days ago",
        ),
        (
            ENDPOINT, replace(WINDOW, anew=LATELY), {},
            "too young", "restored 2026-11-28, less than 30 days ago",
        ),
        # Kept: by a tag of its own, or of its VPC; what is used is simply used.
        (
            replace(ENDPOINT, tags={"keep": "yes"}), WINDOW, {},
            "kept", "it or its VPC bears a tag by which the policy keeps it",
        ),
        (
            ENDPOINT, replace(WINDOW, vpc_tags={"vpc-1": {"keep": "yes"}}), {},
            "kept", "it or its VPC bears a tag by which the policy keeps it",
        ),
        (
            replace(ENDPOINT, tags={"keep": "yes"}), WINDOW, {"bytes": BYTES},
            "in use", "1,200 bytes in 30 days",
        ),
        # Midnight comes when it comes in UTC: a window over a change of clocks is as long as any.
        (
            replace(ENDPOINT, created="2026-10-31T18:30:00+00:00"),
            replace(WINDOW, now=datetime.fromisoformat("2026-11-30T13:30:00-05:00")), {},
            "idle", "no bytes and no connection in 30 days",
        ),
    ],
)  # fmt: skip
def test_an_endpoint_is_idle_only_if_everything_says_so(
    endpoint: Endpoint, window: Window, changes: dict[str, Any], word: str, reason: str
) -> None:
    verdict = judged(endpoint, window, **changes)
    assert (verdict.word, verdict.reason) == (word, reason)


def words(verdict: Verdict) -> dict[str, str]:
    return {zone.subnet_id: zone.word for zone in verdict.zones}


def test_a_zone_without_bytes_is_idle_where_others_had_some() -> None:
    verdict = judged(bytes=BYTES)
    assert words(verdict) == {"sn-a": "in use", "sn-b": "idle"}
    assert verdict.zones[1].reason == (
        "no bytes in 30 days while others of the endpoint had some; without it one zone alone would"
        " serve, and whoever starts in this zone would cross into another, which costs by the"
        " gigabyte"
    )


def test_zones_of_an_unused_endpoint_stand_as_it_does() -> None:
    assert words(judged()) == {"sn-a": "idle", "sn-b": "idle"}
    assert words(judged(published=False)) == {"sn-a": "no data", "sn-b": "no data"}


def test_a_zone_is_not_idle_where_nothing_tells_them_apart() -> None:
    whole = {("vpce-1", WHOLE): Traffic(3, 5.0)}
    assert words(judged(bytes=whole)) == {"sn-a": "no data", "sn-b": "no data"}


@pytest.mark.parametrize(
    ("endpoint", "sn_b", "word"),
    [
        (ENDPOINT, Traffic(0, 0.0, complete=False), "no data"),
        (replace(ENDPOINT, created="2026-11-29T00:00:00+00:00"), NONE, "too young"),
        (replace(ENDPOINT, tags={"keep": "1"}), NONE, "kept"),
        (replace(ENDPOINT, created=""), NONE, "no data"),
    ],
)
def test_a_quiet_zone_is_not_idle_without_certainty(
    endpoint: Endpoint, sn_b: Traffic, word: str
) -> None:
    verdict = judged(endpoint, bytes={**BYTES, ("vpce-1", "sn-b"): sn_b})
    assert words(verdict)["sn-b"] == word


def test_the_metrics_are_read_from_midnight_on() -> None:
    assert WINDOW.start == datetime(2026, 10, 31, tzinfo=UTC)


traffic = st.builds(Traffic, st.integers(0, 40), st.floats(0, 1e12), complete=st.booleans())


@given(
    whole=traffic, first=traffic, second=traffic, opened=traffic,
    published=st.booleans(), elsewhere=st.booleans(),
)  # fmt: skip
def test_nothing_with_any_byte_or_connection_is_idle(
    whole: Traffic, first: Traffic, second: Traffic, opened: Traffic, published: bool,
    elsewhere: bool,
) -> None:  # fmt: skip
    found = {WHOLE: whole, "sn-a": first, "sn-b": second}
    verdict = judged(
        bytes={("vpce-1", place): each for place, each in found.items()},
        connections={"vpce-1": opened},
        published=published,
        elsewhere=frozenset({"vpce-1"} if elsewhere else ()),
    )
    signs = any(each.total > 0 for each in (*found.values(), opened)) or elsewhere
    missing = not (whole.complete and opened.complete)
    if signs or missing or not published:
        assert verdict.word != "idle"
    for zone in verdict.zones:
        if found[zone.subnet_id].total > 0:
            assert zone.word != "idle"
