"""Describe calls: one way to list, filter and page every kind of resource."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from . import filters, pages
from .call import Call, Handler
from .filters import Filter, Path
from .identifiers import IdKind, check_all
from .network import Network
from .world import Snapshot

Item = dict[str, Any]
TAG_FILTERS: Mapping[str, Path] = {"tag-key": ("Tags", "Key"), "tag-value": ("Tags", "Value")}


@dataclass(frozen=True)
class Kind:
    """A kind of resource: where its objects are, to which VPC one belongs, what describes show."""

    name: str
    objects: Callable[[Network], Iterable[Any]]
    vpc_of: Callable[[Any], str | None]
    view: Callable[[Network, Any, float], Item]


@dataclass(frozen=True)
class Listing:
    """A describe operation over a kind."""

    kind: Kind
    #: The answer's member that holds the items.
    result: str
    #: The request's member that names ids, and how those ids look.
    ids: str
    id_kind: IdKind
    #: The filter, if there is one, that names ids; and the one that names VPCs.
    id_filter: str
    vpc_filter: str | None
    filters: Mapping[str, Path]
    #: Whether accounts see those of VPCs that are shared with them.
    shared: bool = False
    #: Puts an item in the caller's terms (its own zone names).
    localise: Callable[[Call, Item], Item] = field(default=lambda _call, item: item)


@dataclass(frozen=True)
class _Row:
    id: str
    vpc_id: str | None
    item: Callable[[], Item]


def snapshot(kinds: Iterable[Kind], network: Network, now: float) -> Snapshot:
    """What describes of these kinds show at this moment."""
    return {
        kind.name: {
            thing.id: (kind.vpc_of(thing), kind.view(network, thing, now))
            for thing in kind.objects(network)
        }
        for kind in kinds
    }


def describe(listing: Listing) -> Handler:
    """The handler of a describe operation."""

    def handler(call: Call) -> dict[str, Any]:
        page = pages.read(call)
        wanted = filters.read(call.parameters, listing.filters)
        rows = _narrowed(call, listing, wanted)
        return _page(call, listing, rows, wanted, page)

    return handler


def _narrowed(call: Call, listing: Listing, wanted: list[Filter]) -> list[_Row]:
    identifiers = call.get(listing.ids, [])
    check_all(listing.id_kind, identifiers)
    rows = list(_rows(call, listing))
    if identifiers:
        known = {row.id for row in rows}
        unknown = [each for each in dict.fromkeys(identifiers) if each not in known]
        if unknown:
            raise listing.id_kind.unknown(*unknown)
        rows = [row for row in rows if row.id in set(identifiers)]
    for each in wanted:
        if each.exact is None:
            continue
        if each.name == listing.id_filter:
            rows = [row for row in rows if row.id in each.exact]
        elif each.name == listing.vpc_filter:
            rows = [row for row in rows if row.vpc_id in each.exact]
    return rows


def _rows(call: Call, listing: Listing) -> Iterator[_Row]:
    world, caller = call.world, call.caller
    networks = [call.network]
    if listing.shared:
        networks = world.visible_networks(caller.account, caller.region)
    for network in networks:
        for row in _rows_of(call, listing.kind, network):
            if network is call.network or caller.account in world.shares.get(row.vpc_id or "", ()):
                yield row


def _rows_of(call: Call, kind: Kind, network: Network) -> Iterator[_Row]:
    shown = call.world.shown(network)
    if shown is not None:
        for identifier, (vpc_id, item) in shown[kind.name].items():
            yield _Row(identifier, vpc_id, lambda item=item: item)  # type: ignore[misc]
        return
    now = call.world.clock()
    for thing in kind.objects(network):
        view = kind.view
        yield _Row(thing.id, kind.vpc_of(thing), lambda thing=thing: view(network, thing, now))  # type: ignore[misc]


def _page(
    call: Call, listing: Listing, rows: list[_Row], wanted: list[Filter], page: pages.Page
) -> dict[str, Any]:
    start = page.start([row.id for row in rows]) if page.after else 0
    items: list[Item] = []
    last = ""
    for offset, row in enumerate(rows[start:], start):
        item = listing.localise(call, row.item())
        if not filters.passes(item, wanted, listing.filters):
            continue
        if page.size is not None and len(items) == page.size:
            return {listing.result: items, "NextToken": page.token(last, offset)}
        items.append(item)
        last = row.id
    return {listing.result: items}
