"""The widget of connections: whose they are, how they stand, who decided it, why; their zones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from autopilot.notify.phrases import counted
from autopilot.view.html import Html, joined, table, tag
from autopilot.view.model import ConnectionView, Overview, ServiceView, ZoneRow
from autopilot.view.widget_page import Asked, Block, age, head, paged, thing, unknowns
from autopilot.view.widget_zones import in_words, zone_map

MOST_CONNECTIONS = 40
"""On a page."""
_HEADS = ("Endpoint", "State", "Owner", "Decided by", "Rule and reason", "Since (UTC)", "Zones")
_SHAPES = {"pendingAcceptance": "◔", "pending": "◔", "available": "●", "rejected": "✕"}


def connections(seen: Overview, asked: Asked) -> Html:
    """Every service with its connections, those first that wait."""
    unread = unknowns(seen, "services")
    if not seen.services:
        nothing = "No service could be read." if unread else "This account has no endpoint service."
        return joined((head(seen.place), unread, tag("p", nothing)))
    blocks = (block for service in seen.services for block in _blocks(service, seen.place.at))
    shown = paged(blocks, asked, MOST_CONNECTIONS)
    return joined((head(seen.place), unread, _summary(seen), shown))


def _summary(seen: Overview) -> Html:
    counts = Counter(each.state for service in seen.services for each in service.connections)
    states = " · ".join(f"{shaped(each)}: {n}" for each, n in sorted(counts.items()))
    total = f"{counted(len(seen.services), 'service')}, {counted(counts.total(), 'connection')}. "
    return tag("p", total, states)


def shaped(state: str) -> str:
    """A state by its shape and AWS's word."""
    return f"{_SHAPES.get(state[:1].lower() + state[1:], '–')} {state}"


def waits(each: ConnectionView) -> bool:
    """Whether nobody has decided it."""
    return each.state.lower().startswith("pending")


def _blocks(service: ServiceView, at: str) -> Iterator[Block]:
    """A service's connections by pages; each with the zones of its own."""
    if not service.connections:
        none = tag("p", "Nobody is connected.", class_="ea-quiet")
        yield Block(joined((_title(service), none)))
    zones = {row.endpoint_id: row for row in service.zone_map if row.endpoint_id}
    for start in range(0, len(service.connections), MOST_CONNECTIONS):
        some = service.connections[start : start + MOST_CONNECTIONS]
        yield Block(_connections(service, some, zones, at), len(some))


def _title(service: ServiceView) -> Html:
    where = f" {service.service_name} · {', '.join(service.zone_ids) or 'no zones'}"
    return tag("h3", thing(service.id, service.name), tag("span", where, class_="ea-quiet"))


def _connections(
    service: ServiceView,
    some: Sequence[ConnectionView],
    zones: Mapping[str, ZoneRow],
    at: str,
) -> Html:
    rows = [_row(each, zones.get(each.endpoint_id), at) for each in some]
    mapped = [zones[each.endpoint_id] for each in some if each.endpoint_id in zones]
    told = table(f"Connections to {service.id}", _HEADS, rows)
    return joined((_title(service), told, zone_map(service, mapped)))


def _row(each: ConnectionView, zones: ZoneRow | None, at: str) -> tuple[str, ...]:
    """A connection's cells."""
    why = joined((tag("b", each.rule), ": ", each.reason)) if each.rule else each.reason
    return (
        tag("code", each.endpoint_id),
        tag("span", shaped(each.state), class_="ea-state"),
        joined((tag("code", each.owner, class_="ea-age"), tag("div", each.region))),
        each.by or ("nobody yet" if waits(each) else "nobody knows"),
        why,
        _since(each, at),
        in_words(zones),
    )


def _since(each: ConnectionView, at: str) -> Html:
    """When it came to stand so, and how long ago."""
    passed = age(each.since, at)
    if not passed:
        return tag("span", "not known")
    since = each.since[:16].replace("T", " ")
    return tag("div", since, tag("div", f"{passed} ago", class_="ea-quiet"), class_="ea-age")
