"""Where to look for interface endpoints: everywhere, or where the events point."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from autopilot.reconcile.scope import MOST_IDS


@dataclass(frozen=True)
class InterfaceScope:
    """VPCs, named by themselves or by a subnet, an interface endpoint or a group in them.

    `everything` swallows the lists. The lists are sorted, so equal scopes are equal.
    """

    everything: bool = False
    vpc_ids: tuple[str, ...] = ()
    subnet_ids: tuple[str, ...] = ()
    endpoint_ids: tuple[str, ...] = ()
    group_ids: tuple[str, ...] = ()

    def __or__(self, other: InterfaceScope) -> InterfaceScope:
        """What either of them covers; everything when a list is longer than `MOST_IDS`."""
        both = {name: {*getattr(self, name), *getattr(other, name)} for name in LISTS}
        if self.everything or other.everything or max(map(len, both.values())) > MOST_IDS:
            return EVERYWHERE
        return InterfaceScope(False, **{name: tuple(sorted(ids)) for name, ids in both.items()})

    def __bool__(self) -> bool:
        """Whether there is anywhere to look."""
        return self.everything or any(getattr(self, name) for name in LISTS)

    def to_json(self) -> Any:
        """The word "all", or an object of lists."""
        if self.everything:
            return "all"
        return {name: list(getattr(self, name)) for name in LISTS}

    @staticmethod
    def from_json(data: str | Mapping[str, Any]) -> InterfaceScope:
        """Read what `to_json` wrote; a list may lack. Raises ValueError on anything else."""
        if data == "all":
            return EVERYWHERE
        if not isinstance(data, Mapping):
            raise ValueError(f'scope is {data!r}; write "all" or an object of id lists')
        read = {name: tuple(data.get(name, ())) for name in LISTS}
        return InterfaceScope() | InterfaceScope(False, **read)


LISTS = tuple(f.name for f in fields(InterfaceScope) if f.name != "everything")
EVERYWHERE = InterfaceScope(everything=True)
