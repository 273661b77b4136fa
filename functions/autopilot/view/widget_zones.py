"""A picture of zones: their IDs across, the provider and each consumer down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autopilot.view.html import NOTHING, Html, joined, tag
from autopilot.view.model import ServiceView, ZoneRow
from autopilot.view.widget_page import SHAPES

_LABEL, _ACROSS, _DOWN = 330, 100, 22  # of a picture's units, which are pixels at full size


def zone_map(service: ServiceView, consumers: Sequence[ZoneRow]) -> Html:
    """The provider's row and these consumers'; empty if there are none, or no zones."""
    provider = [row for row in service.zone_map if not row.endpoint_id]
    rows = [*provider, *consumers]
    zones = sorted({zone for row in rows for zone in row.zones})
    if not zones or not consumers:
        return NOTHING
    width, height = _LABEL + _ACROSS * len(zones), _DOWN * (len(rows) + 1)
    parts = [_text(_LABEL + _ACROSS * place, 0, zone) for place, zone in enumerate(zones)]
    parts += [part for down, row in enumerate(rows, 1) for part in _row(down, row, zones, width)]
    words = f"Zones of {service.id}; the column Zones says the same in words."
    picture = tag(
        "svg", *parts, role="img", aria_label=words, viewBox=f"0 0 {width} {height}", width=width
    )
    legend = tag("p", "● served  ✕ missing  ? unknown  (empty: no subnet there)", class_="ea-quiet")
    return joined((picture, legend))


def _row(down: int, row: ZoneRow, zones: Sequence[str], width: int) -> list[Html]:
    who = f"{row.endpoint_id} of {row.owner}" if row.endpoint_id else f"provider {row.owner}"
    at = _DOWN * down
    parts = [tag("line", x1=0, x2=width, y1=at, y2=at), _text(0, at, who)]
    for place, zone in enumerate(zones):
        if served := row.zones.get(zone):
            told = tag("title", f"{who} in {zone}: {served}")
            parts.append(_text(_LABEL + _ACROSS * place, at, SHAPES[served], told))
    return parts


def _text(x: int, y: int, words: str, title: str = "") -> Html:
    return tag("text", title, words, x=x, y=y + 15)


def in_words(row: ZoneRow | None) -> str:
    """A consumer's zones in words: "served use1-az1; missing use1-az2"."""
    by: dict[str, list[str]] = {}
    zones: Mapping[str, str] = row.zones if row else {}
    for zone, served in sorted(zones.items()):
        by.setdefault(served, []).append(zone)
    order = ("missing", "unknown", "served")
    return "; ".join(f"{each} {', '.join(by[each])}" for each in order if each in by) or "–"
