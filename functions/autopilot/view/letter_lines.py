"""The sections of the weekly letter, a line each for a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from autopilot.gateway.messages import ENDPOINTS_CHANGED
from autopilot.interfaces.changes import RULES_DIFFER
from autopilot.interfaces.messages import INTERFACES_CHANGED
from autopilot.notify.history import Entry
from autopilot.notify.phrases import counted, moment
from autopilot.services.changes import SURPLUS, UNASKED
from autopilot.services.messages import CHANGED, PRINCIPALS_CHANGED
from autopilot.spend.model import Costs, Saving
from autopilot.spend.prices import gigabytes, usd
from autopilot.view.model import Overview, Problem, Waiting
from autopilot.view.waiting import REQUEST
from autopilot.view.widget_page import age
from autopilot.workflows import MESSAGES

_MOST = 5
"""Of anything: the letter is to be read in one go."""
_TITLES = {
    "gateway": "Gateway endpoints",
    "interfaces": "Interface endpoints",
    "connections": "Connections",
    "services": "Published services",
    "withdraw": "Stepping aside",
    "uninstall": "Leaving",
}
_FOLDERS: Mapping[str, str] = {
    each.kind: messages.__name__.split(".")[1]
    for messages in MESSAGES
    for each in (*messages.CHANGES, *messages.FINDINGS)
}
# By kind what an entry says of a thing that stood there and wasn't as the policy has it. A first
# one is never said so; what was deleted and came back reads like a first one.
_PUT_RIGHT: Mapping[str, re.Pattern[str]] = {
    ENDPOINTS_CHANGED.kind: re.compile("policy restored"),
    INTERFACES_CHANGED.kind: re.compile(
        rf"{RULES_DIFFER}|our endpoint differs from profile \S+: [^.;]*its policy", re.IGNORECASE
    ),
    PRINCIPALS_CHANGED.kind: re.compile(SURPLUS, re.IGNORECASE),
    CHANGED.kind: re.compile(UNASKED, re.IGNORECASE),
}


@dataclass(frozen=True)
class Section:
    """A heading, and lines below it; none: it is left out."""

    heading: str
    lines: tuple[str, ...]


def done(
    entries: Sequence[Entry], since: str, until: str, *, more: bool, forgotten: bool
) -> Section:
    """What was done, by workflow and kind, the workflows in their order."""
    acts: dict[str, list[Entry]] = {}
    for each in entries:
        if each.change == "done":
            acts.setdefault(each.kind, []).append(each)
    order = [*_TITLES]
    kinds = sorted(acts, key=lambda kind: (_place(kind, order), kind))
    lines = [_of_kind(kind, acts[kind]) for kind in kinds]
    opened = sum(each.change == "opened" for each in entries)
    over = sum(each.change == "resolved" for each in entries)
    if opened or over:
        lines.append(f"- {counted(opened, 'finding')} came up, {over} settled")
    if more:
        lines.append("- There was more: the newest is counted here; ./autopilot history has it all")
    heading = f"DONE, {since} TO {until} (UTC)"
    nothing = "- What was done isn't known" if forgotten else "- Nothing had to be done"
    return Section(heading, tuple(lines) or (nothing,))


def _place(kind: str, order: Sequence[str]) -> int:
    folder = _FOLDERS.get(kind, "")
    return order.index(folder) if folder in order else len(order)


def _of_kind(kind: str, entries: Sequence[Entry]) -> str:
    """How often it was done to how many things, and the last of it."""
    whose = _TITLES.get(_FOLDERS.get(kind, ""), "Others")
    things = sum(each.count for each in entries)
    last = entries[0]
    people = sorted({each.by for each in entries} - {"autopilot", ""})
    by = f", by {', '.join(people[:3])}" if people else ""
    return f"- {whose}: {kind} {counted(things, 'time')}{by}; last: {last.what}, {moment(last.at)}"


def waits(seen: Overview) -> Section:
    """What waits for a person, oldest first, then what waits for its time."""
    lines = [_waits(each, seen.place.at) for each in seen.waiting[:_MOST]]
    unsure = ["- Not all that waits is known"] if seen.unknown_in("waiting") else []
    return Section("WAITS", (*lines, *_rest(seen.waiting), *unsure))


def _waits(each: Waiting, at: str) -> str:
    what = "a request" if each.kind == REQUEST else each.kind
    until = f"; {each.then} {moment(each.until)}" if each.until else ""
    since = f" for {passed}" if (passed := age(each.since, at)) else ""
    return f"- {what}{since}, {each.subject}: {each.reason}{until}"


def drifts(seen: Overview, entries: Sequence[Entry]) -> Section:
    """What is open, the oldest first; then what wasn't as the policy has it and was put right."""
    problems = sorted(seen.problems, key=lambda each: (each.since, each.id))
    lines = [_open(each, seen.place.at) for each in problems[:_MOST]]
    right = [each for each in entries if _put_right(each)]
    lines += _rest(problems)
    lines += ["- Not all that is open is known"] if seen.unknown_in("problems") else []
    lines += [f"- put right: {each.what}, {moment(each.at)}" for each in right[:_MOST]]
    return Section("DRIFTS", (*lines, *_rest(right)))


def _put_right(each: Entry) -> bool:
    found = _PUT_RIGHT.get(each.kind) if each.change == "done" else None
    return bool(found and found.search(f"{each.what}\n{each.why}"))


def _open(each: Problem, at: str) -> str:
    since = f" for {passed}" if (passed := age(each.since, at)) else ""
    said = f": {each.line}" if each.line else ""
    return f"- open{since} ({each.severity}): {each.headline}, {each.subject}{said}"


def _rest(things: Sequence[object]) -> Iterator[str]:
    if (more := len(things) - _MOST) > 0:
        yield f"- and {more} more"


def money(costs: Costs) -> Section:
    """What interface endpoints cost, where most of it goes, and what would save some of it."""
    return Section("MONEY, A MONTH OF 730 HOURS", tuple(_money(costs)))


def _money(costs: Costs) -> Iterator[str]:
    yield f"- {cost_of(costs)}"
    dear = [f"{each.id} {usd(each.micro_usd)}" for each in costs.by_service[:3] if costs.known]
    if len(costs.by_service) > 1 and dear:
        yield f"- Most for {', '.join(dear)}"
    yield from _savings(costs)
    yield f"- {costs.prices}"


def cost_of(costs: Costs) -> str:
    """What it costs, a sentence without its period."""
    what = counted(costs.endpoints, "interface endpoint")
    if not costs.seen:
        return "What interface endpoints cost isn't known: they couldn't be read"
    if not costs.endpoints:
        return "There is no interface endpoint, so nothing is paid for any"
    if not costs.known:
        return f"{what}: price unknown for {costs.region}"
    hours, data = usd(costs.hours_micro_usd or 0), usd(costs.data_micro_usd or 0)
    total, size = usd(costs.micro_usd), gigabytes(costs.bytes)
    measured = "" if costs.days else ", which wasn't measured"
    cost = "costs" if costs.endpoints == 1 else "cost"
    return f"{what} {cost} {total}: {hours} for hours, {data} for {size} of data{measured}"


def _savings(costs: Costs) -> Iterator[str]:
    if not costs.savings:
        yield "- Nothing to save was found" if not costs.unread else "- No saving is known"
        return
    sure, may = costs.saves_micro_usd, costs.may_save_micro_usd
    if sure is not None and may is not None:
        yield f"- Could be saved: {usd(sure)}, and at most {usd(may)} more"
    yield from (_saving(each) for each in costs.savings[:_MOST])
    yield from _rest(costs.savings)


def _saving(each: Saving) -> str:
    most = "" if each.sure else "at most "
    price = "price unknown" if each.micro_usd is None else f"{most}{usd(each.micro_usd)}"
    where = f" in {each.vpc_id}" if each.vpc_id and each.vpc_id not in each.subject else ""
    return f"- {each.kind}, {price}: {each.subject}{where}: {each.reason}"


def unread(seen: Overview, costs: Costs, forgotten: str) -> Section:
    """What couldn't be read: nothing that needs it counts as fine."""
    known = {each.what: each.why for each in seen.unknown} | dict(costs.unread)
    if forgotten:
        known["history"] = forgotten
    lines = tuple(f"- {what}: {why}" for what, why in sorted(known.items()))
    return Section("NOT SEEN, SO NOTHING ABOVE COUNTS AS FINE WITHOUT IT", lines)
