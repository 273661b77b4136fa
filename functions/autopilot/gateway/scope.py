"""Where to look: everything, or what the events named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# More ids than this in one list: a look at everything costs less than the filters would.
MOST_IDS = 150


@dataclass(frozen=True)
class Scope:
    """VPCs to look at, named by themselves or by a route table or an endpoint in them.

    `everything` swallows the lists. The lists are sorted, so equal scopes are equal.
    """

    everything: bool = False
    vpc_ids: tuple[str, ...] = ()
    route_table_ids: tuple[str, ...] = ()
    endpoint_ids: tuple[str, ...] = ()

    def __or__(self, other: Scope) -> Scope:
        """What either of them covers."""
        return scope_of(
            self.everything or other.everything,
            {*self.vpc_ids, *other.vpc_ids},
            {*self.route_table_ids, *other.route_table_ids},
            {*self.endpoint_ids, *other.endpoint_ids},
        )

    def to_json(self) -> Any:
        """The word "all", or an object of three lists."""
        if self.everything:
            return "all"
        return {
            "vpc_ids": list(self.vpc_ids),
            "route_table_ids": list(self.route_table_ids),
            "endpoint_ids": list(self.endpoint_ids),
        }

    @staticmethod
    def from_json(data: str | Mapping[str, Any]) -> Scope:
        """Read what `to_json` wrote; a list may lack. Raises ValueError on anything else."""
        if data == "all":
            return EVERYTHING
        if not isinstance(data, Mapping):
            raise ValueError(f'scope is {data!r}; write "all" or an object of id lists')
        return scope_of(
            False,
            set(data.get("vpc_ids", ())),
            set(data.get("route_table_ids", ())),
            set(data.get("endpoint_ids", ())),
        )


EVERYTHING = Scope(everything=True)


def scope_of(
    everything: bool,
    vpc_ids: set[str],
    route_table_ids: set[str],
    endpoint_ids: set[str],
) -> Scope:
    """The scope that covers these; everything when a list is longer than `MOST_IDS`."""
    if everything or max(map(len, (vpc_ids, route_table_ids, endpoint_ids))) > MOST_IDS:
        return EVERYTHING
    return Scope(
        False, tuple(sorted(vpc_ids)), tuple(sorted(route_table_ids)), tuple(sorted(endpoint_ids))
    )
