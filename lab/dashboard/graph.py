"""Metric widgets: what a widget's list of metrics means, and its lines as a picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any

WIDTH, HEIGHT, BOTTOM, LEFT, RIGHT = 688, 200, 20, 48, 48
#: Lines differ by their dashes, too: not everybody tells the colors apart.
_LOOKS = tuple(
    (color, dash)
    for dash in ("", "6 3", "2 3")
    for color in ("#0972d3", "#d45b07", "#1a7f37", "#8f3fbf", "#b0413e", "#5f6b7a")
)
Point = tuple[float, float]


@dataclass(frozen=True)
class Metric:
    """A line that a widget asks for; `expression` isn't empty for metric math, which has none."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    label: str
    stat: str
    period: int
    region: str = ""
    expression: str = ""
    visible: bool = True
    right: bool = False


@dataclass(frozen=True)
class Line:
    """A metric's points: seconds since 1970 and value, oldest first; `right`: on that axis."""

    label: str
    points: tuple[Point, ...]
    right: bool = False


def metrics_of(properties: Mapping[str, Any]) -> Iterator[Metric]:
    """Yield the metrics of a widget ("Metric Widget: Format for Each Metric in the Array").

    "." repeats what stands in that place of the metric before, "..." all that goes before the rest.
    """
    before: list[str] = []
    for entry in properties.get("metrics") or []:
        options = entry[-1] if entry and isinstance(entry[-1], dict) else {}
        words = [str(word) for word in (entry[:-1] if options else entry)]
        if words:
            before = words = _written_out(words, before)
        yield _metric(words, {**properties, **options}, options)


def _written_out(words: list[str], before: list[str]) -> list[str]:
    if words[0] == "...":
        rest = words[1:]
        return [*before[: len(before) - len(rest)], *rest]
    return [
        before[place] if word == "." and place < len(before) else word
        for place, word in enumerate(words)
    ]


def _metric(words: list[str], said: Mapping[str, Any], own: Mapping[str, Any]) -> Metric:
    namespace, name, *rest = [*words, "", ""] if len(words) < 2 else words
    pairs = tuple(zip(rest[::2], rest[1::2], strict=False))
    label = own.get("label") or own.get("expression") or name
    return Metric(
        namespace,
        name,
        () if own.get("expression") else pairs,
        str(label),
        str(said.get("stat") or "Average"),
        int(said.get("period") or 300),
        str(said.get("region") or ""),
        str(own.get("expression") or ""),
        bool(own.get("visible", True)),
        own.get("yAxis") == "right",
    )


def told_apart(metrics: Sequence[Metric]) -> list[Metric]:
    """Give metrics of one label their dimension's value in addition, as CloudWatch does."""
    often = Counter(each.label for each in metrics)
    return [
        replace(each, label=f"{each.label} {each.dimensions[-1][1]}")
        if often[each.label] > 1 and each.dimensions
        else each
        for each in metrics
    ]


@dataclass(frozen=True)
class _Axis:
    """What stands at the bottom and at the top of a picture."""

    low: float
    top: float

    @classmethod
    def of(cls, lines: Sequence[Line], limits: Sequence[float]) -> _Axis:
        values = [0.0, *limits, *(value for line in lines for _, value in line.points)]
        return cls(min(values), max(values) if max(values) > min(values) else 1.0)

    def down(self, value: float) -> float:
        """How far down a value stands."""
        return 8 + (HEIGHT - 8) * (1 - (value - self.low) / (self.top - self.low))


def drawn(
    lines: Sequence[Line],
    start: float,
    end: float,
    limits: Sequence[float] = (),
    width: int = WIDTH,
) -> str:
    """Return the lines as inline SVG with a legend that says each line's latest value.

    `limits` are thresholds, in values of the left axis; `width` in pixels: numbers keep their size.
    """
    right = [line for line in lines if line.right]
    left = [line for line in lines if not line.right]
    axis = {False: _Axis.of(left, limits), True: _Axis.of(right, ())}
    edge = width - RIGHT
    parts = [_scale(axis[False], LEFT - 6, "end", edge)]
    parts += [_scale(axis[True], edge + 6, "start", edge)] if right else []
    parts += [_limit(axis[False].down(each), edge) for each in limits]
    for line, (color, dash) in zip(lines, _cycle(len(lines)), strict=True):
        across = (edge - LEFT) / (end - start)
        places = [
            f"{LEFT + across * (at - start):.1f},{axis[line.right].down(value):.1f}"
            for at, value in line.points
        ]
        parts += _traced(places, color, dash)
    words = escape("; ".join(f"{line.label} {_latest(line)}" for line in lines))
    box = f"0 0 {width} {HEIGHT + BOTTOM}"
    svg = f'<svg class="lab-graph" role="img" aria-label="{words}" viewBox="{box}">'
    return f"{svg}{''.join(parts)}</svg>{_legend(lines)}"


def _cycle(count: int) -> Iterator[tuple[str, str]]:
    return (_LOOKS[number % len(_LOOKS)] for number in range(count))


def _scale(axis: _Axis, x: float, anchor: str, edge: int) -> str:
    return "".join(
        f'<line class="lab-axis" x1="{LEFT}" x2="{edge}" y1="{at:.1f}" y2="{at:.1f}"/>'
        f'<text class="lab-number" x="{x}" y="{at + 4:.1f}" text-anchor="{anchor}">{value:.4g}'
        f"</text>"
        for value, at in ((axis.top, axis.down(axis.top)), (axis.low, axis.down(axis.low)))
    )


def _limit(at: float, edge: int) -> str:
    return f'<line class="lab-limit" x1="{LEFT}" x2="{edge}" y1="{at:.1f}" y2="{at:.1f}"/>'


def _traced(places: list[str], color: str, dash: str) -> Iterator[str]:
    style = f'stroke="{color}" stroke-dasharray="{dash}"' if dash else f'stroke="{color}"'
    if len(places) > 1:
        yield f'<polyline fill="none" stroke-width="2" {style} points="{" ".join(places)}"/>'
    for each in places if len(places) < 2 else places[-1:]:
        x, y = each.split(",")
        yield f'<circle cx="{x}" cy="{y}" r="3" fill="{color}"/>'


def _latest(line: Line) -> str:
    return f"{line.points[-1][1]:.6g}" if line.points else "no data"


def _legend(lines: Sequence[Line]) -> str:
    items = "".join(
        f'<li><svg class="lab-swatch" aria-hidden="true" viewBox="0 0 20 8"><line x1="0" x2="20" '
        f'y1="4" y2="4" stroke="{color}" stroke-width="3" stroke-dasharray="{dash or "none"}"/>'
        f"</svg>{escape(line.label)}{' (right)' if line.right else ''} <b>{_latest(line)}</b></li>"
        for line, (color, dash) in zip(lines, _cycle(len(lines)), strict=True)
    )
    return f'<ul class="lab-legend">{items}</ul>'
