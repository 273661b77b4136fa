"""The widget of coverage: which subnets of which VPC reach what privately, which don't, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from autopilot.notify.phrases import counted
from autopilot.policy.names import proper_name
from autopilot.view.html import Html, joined, table, tag
from autopilot.view.model import WORST_FIRST, Overview, Reach, SubnetView, VpcView
from autopilot.view.widget_page import Asked, Block, head, paged, state, thing, unknowns

MOST_VPCS = 20
"""On a page."""
_MOST_LINES, _MOST_SUBNETS, _MOST_SERVICES = 30, 12, 8


def coverage(seen: Overview, asked: Asked) -> Html:
    """Every VPC with a line for each service and reason, the worst first."""
    unread = unknowns(seen, "vpcs")
    if not seen.vpcs:
        nothing = "No VPC could be read." if unread else "There is no VPC here."
        return joined((head(seen.place), unread, tag("p", nothing)))
    blocks = (Block(_vpc(each)) for each in seen.vpcs)
    return joined((head(seen.place), unread, _summary(seen), paged(blocks, asked, MOST_VPCS)))


def _summary(seen: Overview) -> Html:
    """How many VPCs stand how, by the worst of their subnets; how many subnets, by service."""
    vpcs = Counter(vpc.worst for vpc in seen.vpcs)
    total = f"{counted(len(seen.vpcs), 'VPC')}, each by the worst of its subnets. "
    subnets: dict[str, Counter[Reach]] = {}
    for line in (line for vpc in seen.vpcs for line in vpc.subnets if line.subnet_id):
        subnets.setdefault(line.service, Counter())[line.reach] += 1
    worst = sorted(subnets.items(), key=lambda each: (-each[1]["not private"], each[0]))
    items = [
        tag("li", tag("b", f"{proper_name(service)}, subnets: "), _counts(found))
        for service, found in worst[:_MOST_SERVICES]
    ]
    if (more := len(worst) - _MOST_SERVICES) > 0:
        items.append(tag("li", f"… and {counted(more, 'other service')}"))
    return joined((tag("p", total, _counts(vpcs)), tag("ul", *items) if items else ""))


def _counts(of: Counter[Reach]) -> Html:
    parts = (joined((state(each), f": {of[each]}")) for each in WORST_FIRST if of[each])
    return joined(parts, " · ")


def _vpc(vpc: VpcView) -> Html:
    title = tag("h3", state(vpc.worst), " ", thing(vpc.id, vpc.name))
    lines = list(_lines(vpc))
    if not lines:
        words = "It has no subnet, or the policy wants nothing in it."
        return joined((title, tag("p", words, class_="ea-quiet")))
    heads = ("Service", "Reach", "Why", "Subnets")
    more = len(lines) - _MOST_LINES
    rest = tag("p", f"… and {more} more lines: ./autopilot why {vpc.id}") if more > 0 else ""
    return joined((title, table(f"How {vpc.id} is served", heads, lines[:_MOST_LINES]), rest))


def _lines(vpc: VpcView) -> Iterator[tuple[str, ...]]:
    """One for all subnets that stand alike for the same reason; the order is the view's."""
    alike: dict[tuple[str, str, str], list[SubnetView]] = {}
    for each in vpc.subnets:
        alike.setdefault((each.service, each.reach, each.reason), []).append(each)
    for subnets in alike.values():
        first = subnets[0]
        yield proper_name(first.service), state(first.reach), first.reason, _subnets(subnets)


def _subnets(subnets: list[SubnetView]) -> Html:
    known = [each for each in subnets if each.subnet_id]
    if not known:
        return tag("span", "not known")
    items = [
        tag("li", thing(each.subnet_id, each.name), f" {each.zone_id}")
        for each in known[:_MOST_SUBNETS]
    ]
    if len(known) > _MOST_SUBNETS:
        items.append(tag("li", f"… and {len(known) - _MOST_SUBNETS} more"))
    summary = tag("summary", counted(len(known), "subnet"))
    return tag("details", summary, tag("ul", *items))
