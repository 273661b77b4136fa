"""Where to look: everything, or what the events named.

A workflow's own scope adds its lists of ids. In JSON it is "all", or an object of lists. All of
them stand here, where they cost little: intake makes them of events and needs no plans.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

MOST_IDS = 150
"""More ids than this in one list: a look at everything costs less than the filters would."""


@dataclass(frozen=True)
class Scope:
    """`everything` swallows the lists. They are sorted, so equal scopes are equal."""

    everything: bool = False

    @classmethod
    def of(cls, **ids: Iterable[str]) -> Self:
        """The scope of these lists; everything when one is longer than `MOST_IDS`."""
        lists = {name: tuple(sorted(set(each))) for name, each in ids.items()}
        if any(len(each) > MOST_IDS for each in lists.values()):
            return cls(everything=True)
        return cls(**lists)  # type: ignore[arg-type]  # the subclass's lists, by their names

    def lists(self) -> dict[str, tuple[str, ...]]:
        """The lists by their names."""
        names = [field.name for field in fields(self) if field.name != "everything"]
        return {name: getattr(self, name) for name in names}

    def __or__(self, other: Self) -> Self:
        """What either of them covers."""
        if self.everything or other.everything:
            return type(self)(everything=True)
        theirs = other.lists()
        return self.of(**{name: (*ids, *theirs[name]) for name, ids in self.lists().items()})

    def __bool__(self) -> bool:
        """Whether there is anywhere to look."""
        return self.everything or any(self.lists().values())

    def to_json(self) -> Any:
        """The word "all", or an object of lists."""
        return "all" if self.everything else {name: [*ids] for name, ids in self.lists().items()}

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read what `to_json` wrote; a list may be missing. Raises ValueError."""
        if data == "all":
            return cls(everything=True)
        if not isinstance(data, Mapping):
            raise ValueError(f'scope is {data!r}; write "all" or an object of id lists')
        return cls.of(**{name: data.get(name, ()) for name in cls().lists()})


@dataclass(frozen=True)
class NetworkScope(Scope):
    """VPCs to look at, named by themselves or by a route table or an endpoint in them."""

    vpc_ids: tuple[str, ...] = ()
    route_table_ids: tuple[str, ...] = ()
    endpoint_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class InterfaceScope(Scope):
    """VPCs, named by themselves or by a subnet, an interface endpoint or a group in them."""

    vpc_ids: tuple[str, ...] = ()
    subnet_ids: tuple[str, ...] = ()
    endpoint_ids: tuple[str, ...] = ()
    group_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class ServiceScope(Scope):
    """Endpoint services, named by their ids or by the ARN of a load balancer behind them."""

    service_ids: tuple[str, ...] = ()
    load_balancer_arns: tuple[str, ...] = ()


WHOLE_NETWORK = NetworkScope(everything=True)
ALL_INTERFACES = InterfaceScope(everything=True)
ALL_SERVICES = ServiceScope(everything=True)
