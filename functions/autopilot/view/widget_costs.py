"""The widget of costs: what interface endpoints cost a month, and what would save some of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autopilot.notify.phrases import counted, moment
from autopilot.spend.model import Costs, Line, Saving
from autopilot.spend.prices import gigabytes, usd
from autopilot.view.html import NOTHING, Html, joined, table, tag
from autopilot.view.widget_page import Asked, Block, paged, thing

MOST_SAVINGS = 20
"""On a page."""
_MOST_LINES = 8
_UNKNOWN = "price unknown"


def costs(seen: Costs, asked: Asked) -> Html:
    """The sum, the dearest by service, zone and VPC on the first page, and each saving."""
    first = asked.page <= 1
    return joined(
        (
            _unread(seen),
            _sum(seen),
            _tables(seen) if first else NOTHING,
            tag("h3", _headline(seen)),
            paged(map(_saving, seen.savings), asked, MOST_SAVINGS),
            _notes(seen),
        )
    )


def _unread(seen: Costs) -> Html:
    if not seen.unread:
        return NOTHING
    lines = (
        tag("li", tag("b", f"Couldn't read {what}: "), why) for what, why in seen.unread.items()
    )
    words = "? Not everything could be read. Nothing that needs it counts as fine."
    return tag("div", tag("b", words), tag("ul", *lines), class_="ea-note")


def _sum(seen: Costs) -> Html:
    if not seen.seen:
        return tag("p", "What interface endpoints cost isn't known.")
    what = f"{counted(seen.endpoints, 'interface endpoint')} in {seen.region}"
    amount = f"{usd(seen.micro_usd)} a month" if seen.known else _UNKNOWN
    hours = usd(seen.hours_micro_usd or 0)
    data = f"{usd(seen.data_micro_usd or 0)} for {gigabytes(seen.bytes)} of data"
    rate = f"a month, at the rate of the last {counted(seen.days, 'day')}"
    measured = rate if seen.days else "which wasn't measured"
    parts = f"{hours} for hours, {data} {measured}. " if seen.known else ""
    told = tag("p", f"{parts}{seen.prices} As of {moment(seen.at)}.", class_="ea-quiet")
    return joined((tag("p", tag("b", f"{what}: {amount}")), told))


def _headline(seen: Costs) -> str:
    sure, may = seen.saves_micro_usd, seen.may_save_micro_usd
    if not seen.savings:
        return "No saving is known" if seen.unread else "Nothing to save was found"
    if sure is None or may is None:
        return "Could be saved"
    return f"Could be saved: {usd(sure)} a month, and at most {usd(may)} more"


def _tables(seen: Costs) -> Html:
    found = (
        ("By service", "Service", seen.by_service),
        ("By zone, hours only", "Zone", seen.by_zone),
        ("By VPC", "VPC", seen.by_vpc),
    )
    return joined(_table(label, head, lines) for label, head, lines in found if lines)


def _table(label: str, head: str, lines: Sequence[Line]) -> Html:
    heads = (head, "A month", "Endpoints", "Endpoint-zones", "Data")
    rows = [_row(each) for each in lines[:_MOST_LINES]]
    left = lines[_MOST_LINES:]
    more = f"… and {len(left)} more, {usd(sum(each.micro_usd for each in left))} together"
    whole = joined((table(label, heads, rows), tag("p", more) if left else NOTHING))
    return tag("details", tag("summary", label), whole, open="") if rows else NOTHING


def _row(each: Line) -> tuple[str, ...]:
    amount = _UNKNOWN if each.hours_micro_usd is None else usd(each.micro_usd)
    data = gigabytes(each.bytes) if each.bytes else ""
    return thing(each.id, each.name), amount, str(each.endpoints), str(each.zones), data


def _saving(each: Saving) -> Block:
    amount = _UNKNOWN if each.micro_usd is None else usd(each.micro_usd)
    most = "" if each.sure else "at most "
    shape = "●" if each.sure else "◔"
    kind = tag("span", f"{shape} {each.kind}", class_="ea-state")
    title = tag("p", kind, f" {most}{amount} a month · ", thing(each.subject, each.name))
    steps = (tag("p", part, class_="ea-quiet") for part in _steps(each))
    return Block(joined((title, tag("p", f"{each.reason}."), *steps)))


def _steps(each: Saving) -> Iterator[str]:
    yield each.do
    if each.command:
        yield tag("code", each.command)


def _notes(seen: Costs) -> Html:
    if not seen.notes:
        return NOTHING
    return joined((tag("h3", "Not in it"), tag("ul", *(tag("li", each) for each in seen.notes))))
