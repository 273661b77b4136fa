"""Describe calls: one way to list, filter and page every kind of resource."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from . import filters, pages
from .call import Call, Handler
from .filters import Filter, Path
from .identifiers import IdKind, check_all
from .network import Network
from .world import Camera, Snapshot

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
class _Live:
    """The objects of a network as they are now."""

    kind: Kind
    network: Network
    now: float

    def rows(self) -> list[_Row]:
        return [(thing.id, thing, self) for thing in self.kind.objects(self.network)]

    def vpc_of(self, thing: Any) -> str | None:
        return self.kind.vpc_of(thing)

    def item(self, thing: Any) -> Item:
        return self.kind.view(self.network, thing, self.now)


@dataclass(frozen=True)
class _Past:
    """What describes of a network go on showing for a while after a write."""

    shown: dict[str, tuple[str | None, Item]]

    def rows(self) -> list[_Row]:
        return [(identifier, thing, self) for identifier, thing in self.shown.items()]

    def vpc_of(self, thing: Any) -> str | None:
        vpc_id: str | None = thing[0]
        return vpc_id

    def item(self, thing: Any) -> Item:
        item: Item = thing[1]
        return item


#: A candidate: its id, the thing, and who makes its item once it is shown or filtered on. A plain
#: tuple, as thousands are made for a page of a hundred.
_Row = tuple[str, Any, _Live | _Past]


def _vpc_of(row: _Row) -> str | None:
    return row[2].vpc_of(row[1])


def camera(kinds: Iterable[Kind]) -> Camera:
    """A function that keeps what describes of these kinds show at a moment."""
    known = tuple(kinds)

    def take(network: Network, when: float, names: frozenset[str] | None) -> Snapshot:
        return {
            kind.name: {
                thing.id: (kind.vpc_of(thing), kind.view(network, thing, when))
                for thing in kind.objects(network)
            }
            for kind in known
            if names is None or kind.name in names
        }

    return take


def describe(listing: Listing) -> Handler:
    """The handler of a describe operation."""

    def handler(call: Call) -> dict[str, Any]:
        page = pages.read(call)
        wanted = filters.read(call.parameters, listing.filters, call.operation)
        rows = _narrowed(call, listing, wanted)
        return _page(call, listing, rows, wanted, page)

    return handler


def _narrowed(call: Call, listing: Listing, wanted: list[Filter]) -> list[_Row]:
    """The rows that ids and filters on ids leave, found without making their items."""
    rows = _named(call, listing, _rows(call, listing))
    for each in wanted:
        exact = each.exact
        if exact is not None and each.name == listing.id_filter:
            rows = [row for row in rows if row[0] in exact]
        elif exact is not None and each.name == listing.vpc_filter:
            rows = [row for row in rows if _vpc_of(row) in exact]
    return rows


def _named(call: Call, listing: Listing, rows: list[_Row]) -> list[_Row]:
    identifiers = call.get(listing.ids, [])
    if not identifiers:
        return rows
    check_all(listing.id_kind, identifiers)
    known = {row[0] for row in rows}
    unknown = [each for each in dict.fromkeys(identifiers) if each not in known]
    if unknown:
        raise listing.id_kind.unknown(*unknown)
    wanted = set(identifiers)
    return [row for row in rows if row[0] in wanted]


def _rows(call: Call, listing: Listing) -> list[_Row]:
    world, caller, own = call.world, call.caller, call.network
    rows = _rows_of(call, listing.kind, own)
    if not listing.shared:
        return rows
    for network in world.visible_networks(caller.account, caller.region)[1:]:
        rows += [
            row
            for row in _rows_of(call, listing.kind, network)
            if caller.account in world.shares.get(_vpc_of(row) or "", ())
        ]
    return rows


def shown_items(call: Call, kind: Kind, network: Network) -> list[Item]:
    """The items of a kind that describes show now of a network, whoever's it is."""
    return [source.item(thing) for _, thing, source in _rows_of(call, kind, network)]


def _rows_of(call: Call, kind: Kind, network: Network) -> list[_Row]:
    shown = call.world.shown(network, kind.name)
    if shown is not None:
        return _Past(shown).rows()
    return _Live(kind, network, call.world.clock()).rows()


def _page(
    call: Call, listing: Listing, rows: list[_Row], wanted: list[Filter], page: pages.Page
) -> dict[str, Any]:
    start = page.start([row[0] for row in rows]) if page.after else 0
    items: list[Item] = []
    last = ""
    for offset, (identifier, thing, source) in enumerate(rows[start:], start):
        item = listing.localise(call, source.item(thing))
        if not filters.passes(item, wanted, listing.filters):
            continue
        if page.size is not None and len(items) == page.size:
            return {listing.result: items, "NextToken": page.token(last, offset)}
        items.append(item)
        last = identifier
    return {listing.result: items}
