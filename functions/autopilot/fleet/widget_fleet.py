"""The widget of all accounts and Regions: totals, then a row for each spoke, the worst first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autopilot.fleet.board import STATES, Board, Line, served_of, unserved
from autopilot.fleet.messages import CATALOG
from autopilot.fleet.wire import Heartbeat
from autopilot.notify.finding import Finding
from autopilot.notify.phrases import counted
from autopilot.view.html import NOTHING, Html, joined, table, tag
from autopilot.view.widget_page import Asked, Block, age, note, paged

MOST_SPOKES = 60
"""On a page."""
_SHAPES = {"failure": "✕", "action": "▲", "info": "–"}
_MOST_RELEASES = 5
_OF = "State, Last heard, Held, Findings, Private, Release, USD/month"
_HEADS = ("Account and Region", *_OF.split(", "))


def fleet(seen: Board, asked: Asked) -> Html:
    """The whole page."""
    if not seen.lines:
        return joined((*_hub(seen), tag("p", "No spoke has spoken yet.")))
    totals = tag("ul", *(tag("li", line) for line in _totals(seen)))
    return joined((*_hub(seen), totals, paged(_blocks(seen), asked, MOST_SPOKES)))


def _hub(seen: Board) -> Iterator[Html]:
    """What keeps the hub from knowing better."""
    for each in seen.hub:
        words = {"HubHearsNothing": "The hub hears nothing: what follows is old."}
        yield note(words.get(each.kind, f"The hub can't read {each.text('of')}."))


def _totals(seen: Board) -> Iterator[Html]:
    accounts = {line.spoke.account for line in seen.lines}
    regions = {line.spoke.region for line in seen.lines}
    beats = [line.heard.heartbeat for line in seen.lines if line.heard]
    spokes = counted(len(seen.lines), "spoke")
    where = f"{counted(len(accounts), 'account')}, {counted(len(regions), 'Region')}"
    yield joined((tag("b", spokes), f" in {where}, as of {seen.at[:16].replace('T', ' ')} UTC"))
    for kind, number in seen.states.items():
        shape = _SHAPES[CATALOG[kind].severity]
        yield tag("b", f"{shape} {counted(number, 'spoke')}: {STATES[kind]}")
    held, found = sum(b.hold_count for b in beats), sum(b.finding_count for b in beats)
    yield joined((f"◔ {counted(held, 'request')} held, {counted(found, 'finding')} open",))
    yield joined((_served(beats), "; ", _cents(beats)))
    yield _releases(seen)


def _served(beats: Sequence[Heartbeat]) -> str:
    pairs = [served_of(beat.coverage) for beat in beats]
    served, all_ = sum(each for each, _ in pairs), sum(each for _, each in pairs)
    return f"{served} of {all_} ways to services are private" if all_ else "Coverage isn't known"


def _cents(beats: Sequence[Heartbeat]) -> str:
    known = [beat.cents for beat in beats if beat.cents is not None]
    left = len(beats) - len(known)
    more = f" (of {counted(left, 'spoke')} nobody knows)" if left else ""
    return f"endpoints cost {_usd(sum(known))} USD a month{more}" if known else "cost isn't known"


def _usd(cents: int) -> str:
    return f"{cents // 100:,}.{cents % 100:02}"


def _releases(seen: Board) -> Html:
    said = [f"{name[:16] or 'unnamed'} in {n}" for name, n in seen.releases.items()]
    more = f" and {len(said) - _MOST_RELEASES} more" if len(said) > _MOST_RELEASES else ""
    return joined((f"Releases: {', '.join(said[:_MOST_RELEASES]) or 'none'}{more}",))


def _blocks(seen: Board) -> Iterator[Block]:
    """The spokes by pages, each page a table."""
    for start in range(0, len(seen.lines), MOST_SPOKES):
        some = seen.lines[start : start + MOST_SPOKES]
        rows = (_row(line, seen.at) for line in some)
        yield Block(table("Spokes, worst first", _HEADS, rows), len(some))


def _row(line: Line, at: str) -> tuple[str, ...]:
    beat = line.heard.heartbeat if line.heard else None
    name = joined((tag("b", line.name[:80]), " ")) if line.name else NOTHING
    who = joined((name, tag("code", line.spoke.account), " ", line.spoke.region))
    ago = f"{age(line.heard.at, at)} ago" if line.heard else "never"
    heard = tag("span", ago, class_="ea-age")
    if beat is None:
        return who, _state(line), heard, "", "", "", "", ""
    cents = "" if beat.cents is None else _usd(beat.cents)
    return (
        who, _state(line), heard, _number(beat.hold_count), _findings(beat), _coverage(beat),
        tag("code", beat.release[:16]), cents,
    )  # fmt: skip


def _state(line: Line) -> Html:
    if not line.wrong:
        return tag("span", "● speaks", class_="ea-state")
    lines = (
        tag("div", f"{_SHAPES[each.severity]} {STATES[each.kind]}", class_="ea-state")
        for each in line.wrong
    )
    return joined((*lines, *map(_why, line.wrong)))


def _why(finding: Finding) -> Html:
    """StackSets' own reason, or why somebody doesn't belong."""
    said = finding.text("reason") or finding.text("why")
    return tag("div", said[:200], class_="ea-quiet") if said else NOTHING


def _number(number: int) -> str:
    return f"◔ {number}" if number else "–"


def _findings(beat: Heartbeat) -> Html:
    """How many, and the most urgent one's gist."""
    if not beat.finding_count:
        return tag("span", "–", class_="ea-quiet")
    first = beat.findings[0] if beat.findings else None
    shape = _SHAPES.get(first.severity, "▲") if first else "▲"
    gist = tag("div", first.title[:120], class_="ea-quiet") if first else NOTHING
    return joined((f"{shape} {beat.finding_count}", gist))


def _coverage(beat: Heartbeat) -> Html:
    """How many ways are private; of the others how they go."""
    private, all_ = served_of(beat.coverage)
    if not all_:
        return tag("span", "?" if not beat.coverage else "–", class_="ea-quiet")
    others = unserved(beat.coverage)
    lines = (tag("div", f"{n} {how}", class_="ea-quiet") for how, n in others)
    return joined((f"{'●' if not others else '✕'} {private} of {all_} ways", *lines))
