"""What it costs and what it would save: all of it, from one look."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from autopilot.notify.phrases import counted
from autopilot.policy.names import region_in
from autopilot.spend.elsewhere import by_nat, unused_services
from autopilot.spend.facts import Facts
from autopilot.spend.model import Costs, Saving
from autopilot.spend.paid import Paid, by_service, by_vpc, by_zone
from autopilot.spend.prices import HOURS, dated, usd
from autopilot.spend.savings import savings


def costs(facts: Facts) -> Costs:
    """The same facts always give the same costs."""
    paid, region = Paid(facts), facts.stack.region
    found = sorted((*savings(paid), *by_nat(paid), *unused_services(paid)), key=_order)
    known = paid.prices is not None
    return Costs(
        region=region,
        at=facts.now.isoformat(timespec="seconds"),
        prices=dated(paid.prices, region, facts.now.date()),
        known=known,
        days=facts.days,
        hours_micro_usd=paid.hours(len(paid.units)),
        data_micro_usd=sum(paid.data.values()) if known else None,
        bytes=sum(paid.bytes.values()),
        endpoints=len(paid.endpoints),
        zones=len(paid.units),
        saves_micro_usd=_sum(found, sure=True) if known else None,
        may_save_micro_usd=_sum(found, sure=False) if known else None,
        by_service=by_service(paid),
        by_zone=by_zone(paid),
        by_vpc=by_vpc(paid),
        savings=tuple(found),
        notes=tuple(_notes(paid)),
        unread=facts.unread,
    )


def _order(each: Saving) -> tuple[bool, int, str, str]:
    return not each.sure, -(each.micro_usd or 0), each.kind, each.subject


def _sum(found: Iterable[Saving], *, sure: bool) -> int:
    return sum(each.micro_usd or 0 for each in found if each.sure == sure)


def _notes(paid: Paid) -> Iterator[str]:
    """What isn't in the amounts."""
    facts, region = paid.facts, paid.facts.stack.region
    unmeasured = len(paid.endpoints) - len(paid.bytes)
    if unmeasured:
        yield f"The data of {counted(unmeasured, 'endpoint')} isn't in it: nothing was measured."
    if others := sum(facts.interfaces.counted_too.values()):
        yield _balancers(others, paid)
    away = [e for e in paid.endpoints if _region(e.service_name, e.service_region) not in
            ("", region)]  # fmt: skip
    if away:
        what = counted(len(away), "endpoint")
        yield f"What data costs between Regions isn't in it: {what} to services of other Regions."
    made = sum(each.requester_managed for each in paid.endpoints)
    if made:
        what = counted(made, "endpoint")
        yield f"{what} made by AWS services in your name: some of them are in that service's price."
    if facts.policy.endpoint_services.supported_regions:
        yield "What it costs to offer services in other Regions isn't in it."


def _balancers(others: int, paid: Paid) -> str:
    hour = paid.prices.gwlb_hour if paid.prices else None
    amount = f"{usd(others * hour * HOURS)} a month for their hours" if hour else "price unknown"
    what = counted(others, "endpoint")
    return f"{what} of Gateway Load Balancers beside it: {amount}, their data not counted."


def _region(name: str, said: str) -> str:
    return said or region_in(name) or ""
